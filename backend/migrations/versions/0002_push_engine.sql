-- The push engine whole: preferences, summaries, clearing, pacing, broadcasts, acknowledgements, the ledger.
-- Runs as diary_owner.

-- ---------------------------------------------------------------- what a person wishes

-- Quiet hours are none where both ends are equal. `rules`: [{"child": uuid?, "kind": text?, "mode": text}].
ALTER TABLE recipient
    ADD quiet_from time NOT NULL DEFAULT '21:00',
    ADD quiet_until time NOT NULL DEFAULT '07:00',
    ADD summary_at time NOT NULL DEFAULT '18:00',
    ADD rules jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(rules) = 'array');

-- ---------------------------------------------------------------- alerts

-- The default is for the code of the release before, which does not name it.
ALTER TABLE alert
    ADD timezone text NOT NULL DEFAULT 'Europe/Moscow',
    ADD silent_until timestamptz,
    ADD feed_only boolean NOT NULL DEFAULT false;

ALTER TABLE alert_read ADD recorded_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX alert_read_recorded ON alert_read (account_id, recorded_at);

ALTER TABLE alert_withdrawn
    ADD account_id uuid,
    ADD recorded_at timestamptz NOT NULL DEFAULT clock_timestamp();
UPDATE alert_withdrawn w SET account_id = a.account_id FROM alert a WHERE a.id = w.alert_id;
ALTER TABLE alert_withdrawn ALTER account_id SET NOT NULL;
CREATE INDEX alert_withdrawn_recorded ON alert_withdrawn (account_id, recorded_at);

-- What the app says of an alert on one device. `opened_at`: the person touched it.
CREATE TABLE alert_seen (
    alert_id uuid,
    installation_id uuid,
    account_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    opened_at timestamptz,
    PRIMARY KEY (alert_id, installation_id)
) PARTITION BY RANGE (alert_id);

-- One alert for more people than one transaction should write, expanded by the worker in chunks.
CREATE TABLE broadcast (
    id uuid PRIMARY KEY,
    alert jsonb NOT NULL,
    thread text NOT NULL,
    entity text NOT NULL,
    accounts uuid[] NOT NULL,
    children uuid[] NOT NULL CHECK (cardinality(children) = cardinality(accounts)),
    done integer NOT NULL DEFAULT 0
);

-- ---------------------------------------------------------------- delivery

-- The other side of the ledger: how many devices an alert was fanned out to.
CREATE TABLE dispatch (
    alert_id uuid PRIMARY KEY,
    devices integer NOT NULL,
    dispatched_at timestamptz NOT NULL
) PARTITION BY RANGE (alert_id);

-- `maybe_shown`: a message was sent of which nobody knows whether it arrived.
ALTER TABLE tray ADD sent_at timestamptz, ADD maybe_shown boolean NOT NULL DEFAULT false;

CREATE INDEX fanout_lane ON fanout (lane, id);
CREATE INDEX fanout_look ON fanout (lane) WHERE alert_id IS NULL;

-- Alerts that a device hears of in a summary instead of in their own thread.
CREATE TABLE summary_item (
    installation_id uuid REFERENCES installation ON DELETE CASCADE,
    account_id uuid,
    alert_id uuid,
    thread text NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (installation_id, account_id, alert_id)
);
CREATE INDEX summary_item_thread ON summary_item (account_id, thread);

-- Items that hang on a screen and should not: rows leave when a message has carried the news.
CREATE TABLE clearing (
    installation_id uuid REFERENCES installation ON DELETE CASCADE,
    account_id uuid,
    thread text,
    revision integer NOT NULL,
    PRIMARY KEY (installation_id, account_id, thread)
);

-- ---------------------------------------------------------------- pacing

CREATE TABLE push_worker (
    name text PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE push_pause (
    scope text PRIMARY KEY CHECK (scope IN ('project', 'android', 'ios', 'web')),
    until timestamptz NOT NULL,
    code text NOT NULL
);

CREATE TABLE device_pace (
    installation_id uuid PRIMARY KEY REFERENCES installation ON DELETE CASCADE,
    short_start timestamptz NOT NULL,
    short_count integer NOT NULL,
    long_start timestamptz NOT NULL,
    long_count integer NOT NULL,
    paused_until timestamptz
) WITH (fillfactor = 70);

-- ---------------------------------------------------------------- devices

ALTER TABLE installation ADD key_print bytea;
CREATE UNIQUE INDEX installation_key_print ON installation (key_print) WHERE key_print IS NOT NULL;
ALTER TABLE installation DROP CONSTRAINT installation_target_lost_check;
ALTER TABLE installation ADD CONSTRAINT installation_target_lost_check
    CHECK (target_lost IN ('gone', 'mismatch', 'malformed', 'moved', 'stale'));
CREATE INDEX installation_registered ON installation (registered_at) WHERE target IS NOT NULL;

-- ---------------------------------------------------------------- functions

CREATE OR REPLACE FUNCTION ensure_partitions(first date, last date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    parent text;
    month date;
BEGIN
    FOREACH parent IN ARRAY ARRAY['alert', 'delivery', 'dispatch', 'alert_seen', 'mark_version'] LOOP
        month := date_trunc('month', first);
        WHILE month <= last LOOP
            EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
                           parent || '_' || to_char(month, 'YYYYMM'), parent,
                           public.uuid7_floor(month::timestamp AT TIME ZONE 'UTC'),
                           public.uuid7_floor((month + interval '1 month') AT TIME ZONE 'UTC'));
            month := month + interval '1 month';
        END LOOP;
    END LOOP;
END $$;

-- What of a broadcast is not written yet is not written at all; then what is, is taken back. Two statements:
-- the second sees the chunk for whose commit the first has waited.
DROP FUNCTION withdraw_alerts(text, text, timestamptz);
CREATE FUNCTION withdraw_alerts(in_thread text, about text, moment timestamptz)
RETURNS TABLE (account_id uuid, thread text, lane text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM public.broadcast b WHERE b.thread = in_thread AND b.entity = about;
    RETURN QUERY
    WITH withdrawn AS (
        INSERT INTO public.alert_withdrawn AS w (alert_id, account_id, withdrawn_at)
        SELECT a.id, a.account_id, moment FROM public.alert a WHERE a.thread = in_thread AND a.entity = about
        ON CONFLICT DO NOTHING RETURNING w.alert_id)
    SELECT DISTINCT a.account_id, a.thread, a.lane FROM public.alert a JOIN withdrawn w ON w.alert_id = a.id;
END $$;
REVOKE ALL ON FUNCTION withdraw_alerts(text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION withdraw_alerts(text, text, timestamptz) TO diary_app;

-- Who may be told of whom: the child itself, guardians who may see it and want pushes, its class teacher while
-- he is that. Other staff are not told about single children. For many at once: one plan and one pass instead of
-- a call for every alert. The release before still asks may_be_told.
CREATE FUNCTION all_that_may_be_told(persons uuid[], children uuid[], moment timestamptz)
RETURNS TABLE (person uuid, child uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT DISTINCT pair.person, pair.child
      FROM unnest(persons, children) AS pair (person, child)
      JOIN public.student st ON st.id = pair.child AND st.left_on IS NULL
      JOIN public.school s ON s.id = st.school_id
      CROSS JOIN LATERAL (SELECT (moment AT TIME ZONE s.timezone)::date AS today) AS day
     WHERE st.account_id = pair.person
        OR EXISTS (SELECT FROM public.guardianship g
                    WHERE g.student_id = st.id AND g.account_id = pair.person AND g.may_view AND g.receives_push
                      AND day.today BETWEEN g.starts AND coalesce(g.ends, 'infinity'))
        OR EXISTS (SELECT FROM public.enrolment e JOIN public.school_class c ON c.id = e.class_id
                    WHERE e.student_id = st.id AND c.class_teacher_id = pair.person
                      AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')
                      AND public.works_at(pair.person, st.school_id, day.today))
$$;
REVOKE ALL ON FUNCTION all_that_may_be_told(uuid[], uuid[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION all_that_may_be_told(uuid[], uuid[], timestamptz) TO diary_push;

-- Every thread that a person's screens may show about a child is looked at again: the worker asks
-- all_that_may_be_told before each send, and what may not be told any more leaves the screens.
CREATE FUNCTION recheck_alerts(person uuid, child uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO public.fanout (alert_id, account_id, thread, lane)
    SELECT DISTINCT ON (a.thread) NULL::uuid, a.account_id, a.thread, a.lane
      FROM public.alert a
     WHERE a.account_id = person AND a.child_id = child
       AND a.id >= public.uuid7_floor(now() - interval '29 days')
$$;
REVOKE ALL ON FUNCTION recheck_alerts(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION recheck_alerts(uuid, uuid) TO diary_app;

-- Whoever ends a right, an import, a person or a hand on the database: the screens hear of it in the same
-- transaction (PUSH.md section 3, "End states").
CREATE FUNCTION guardianship_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM public.recheck_alerts(OLD.account_id, OLD.student_id);
    RETURN NULL;
END $$;
CREATE TRIGGER guardianship_ended AFTER UPDATE OF ends, may_view, receives_push ON guardianship
    FOR EACH ROW WHEN ((NEW.ends, NEW.may_view, NEW.receives_push)
                       IS DISTINCT FROM (OLD.ends, OLD.may_view, OLD.receives_push))
    EXECUTE FUNCTION guardianship_changed();
CREATE TRIGGER guardianship_removed AFTER DELETE ON guardianship
    FOR EACH ROW EXECUTE FUNCTION guardianship_changed();

CREATE FUNCTION student_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO public.fanout (alert_id, account_id, thread, lane)
    SELECT DISTINCT ON (a.account_id, a.thread) NULL::uuid, a.account_id, a.thread, a.lane
      FROM public.alert a
     WHERE a.child_id = OLD.id AND a.id >= public.uuid7_floor(now() - interval '29 days');
    RETURN NULL;
END $$;
CREATE TRIGGER student_left AFTER UPDATE OF left_on, account_id ON student
    FOR EACH ROW WHEN (NEW.left_on IS DISTINCT FROM OLD.left_on OR NEW.account_id IS DISTINCT FROM OLD.account_id)
    EXECUTE FUNCTION student_changed();

-- All that a person of the staff may have been told at a school.
CREATE FUNCTION recheck_staff(person uuid, at_school uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO public.fanout (alert_id, account_id, thread, lane)
    SELECT DISTINCT ON (a.thread) NULL::uuid, a.account_id, a.thread, a.lane
      FROM public.alert a
     WHERE a.account_id = person AND a.school_id = at_school
       AND a.id >= public.uuid7_floor(now() - interval '29 days')
$$;
REVOKE ALL ON FUNCTION recheck_staff(uuid, uuid) FROM PUBLIC;

CREATE FUNCTION school_role_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM public.recheck_staff(OLD.account_id, OLD.school_id);
    RETURN NULL;
END $$;
CREATE TRIGGER school_role_ended AFTER UPDATE OF ends ON school_role
    FOR EACH ROW WHEN (NEW.ends IS DISTINCT FROM OLD.ends) EXECUTE FUNCTION school_role_changed();
CREATE TRIGGER school_role_removed AFTER DELETE ON school_role
    FOR EACH ROW EXECUTE FUNCTION school_role_changed();

CREATE FUNCTION class_teacher_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM public.recheck_staff(OLD.class_teacher_id, OLD.school_id);
    RETURN NULL;
END $$;
CREATE TRIGGER class_teacher_left AFTER UPDATE OF class_teacher_id ON school_class
    FOR EACH ROW WHEN (NEW.class_teacher_id IS DISTINCT FROM OLD.class_teacher_id AND OLD.class_teacher_id IS NOT NULL)
    EXECUTE FUNCTION class_teacher_changed();

CREATE FUNCTION enrolment_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM public.recheck_alerts(c.class_teacher_id, OLD.student_id)
       FROM public.school_class c WHERE c.id = OLD.class_id AND c.class_teacher_id IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER enrolment_ended AFTER UPDATE OF ends, class_id ON enrolment
    FOR EACH ROW WHEN ((NEW.ends, NEW.class_id) IS DISTINCT FROM (OLD.ends, OLD.class_id))
    EXECUTE FUNCTION enrolment_changed();
CREATE TRIGGER enrolment_removed AFTER DELETE ON enrolment
    FOR EACH ROW EXECUTE FUNCTION enrolment_changed();

-- A closed account receives nothing any more, and what its screens show is taken down.
CREATE FUNCTION account_disabled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    WITH parted AS (DELETE FROM public.installation_account WHERE account_id = NEW.id RETURNING installation_id)
    INSERT INTO public.fanout (alert_id, account_id, thread, lane)
    SELECT DISTINCT ON (t.thread) NULL::uuid, t.account_id, t.thread, t.lane
      FROM public.tray t JOIN parted USING (installation_id) WHERE t.account_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER account_closed AFTER UPDATE OF disabled_at ON account
    FOR EACH ROW WHEN (NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL) EXECUTE FUNCTION account_disabled();

-- A right may also end by its date, with nobody there to end it: asked once a day for the day that is over.
CREATE FUNCTION recheck_lapsed(school uuid, last_day date) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT public.recheck_alerts(g.account_id, g.student_id)
      FROM public.guardianship g WHERE g.school_id = school AND g.ends = last_day;
    SELECT public.recheck_staff(r.account_id, school)
      FROM public.school_role r WHERE r.school_id = school AND r.ends = last_day;
    SELECT public.recheck_alerts(c.class_teacher_id, e.student_id)
      FROM public.enrolment e JOIN public.school_class c ON c.id = e.class_id
     WHERE e.school_id = school AND e.ends = last_day AND c.class_teacher_id IS NOT NULL;
$$;
REVOKE ALL ON FUNCTION recheck_lapsed(uuid, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION recheck_lapsed(uuid, date) TO diary_app;

CREATE INDEX alert_child ON alert (child_id, id);

-- ---------------------------------------------------------------- who may do what

GRANT SELECT, INSERT, UPDATE ON alert_seen TO diary_app;
GRANT INSERT, SELECT ON broadcast TO diary_app;
GRANT SELECT ON dispatch, push_worker TO diary_app;
GRANT SELECT, DELETE ON summary_item, clearing, push_pause TO diary_app;

GRANT INSERT ON alert TO diary_push;
GRANT SELECT, INSERT ON dispatch TO diary_push;
GRANT SELECT ON alert_seen TO diary_push;
GRANT SELECT, UPDATE, DELETE ON broadcast TO diary_push;
GRANT SELECT, INSERT, UPDATE, DELETE ON summary_item, clearing, push_worker, push_pause, device_pace TO diary_push;

ALTER TABLE alert_seen ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_seen ON alert_seen FOR ALL TO diary_app
    USING (account_id = acting_account()) WITH CHECK (account_id = acting_account());
CREATE POLICY deliver_seen ON alert_seen FOR SELECT TO diary_push USING (true);
CREATE POLICY expand_broadcasts ON alert FOR INSERT TO diary_push WITH CHECK (true);
ALTER TABLE broadcast ENABLE ROW LEVEL SECURITY;
CREATE POLICY append_broadcasts ON broadcast FOR INSERT TO diary_app WITH CHECK (true);
CREATE POLICY deliver_broadcasts ON broadcast FOR ALL TO diary_push USING (true);

SELECT ensure_partitions((now() - interval '1 month')::date, (now() + interval '4 months')::date);

-- The ledger begins with what stands: each alert's devices are those that it has ended or is open on.
INSERT INTO dispatch (alert_id, devices, dispatched_at)
SELECT alert_id, count(*), now()
  FROM (SELECT alert_id, installation_id FROM delivery
        UNION ALL
        SELECT unnest(pending), installation_id FROM tray) AS pairs
 WHERE alert_id >= uuid7_floor(date_trunc('month', now() - interval '1 month'))
 GROUP BY alert_id;
-- What was never fanned out was for the feed only.
UPDATE alert a SET feed_only = true
 WHERE NOT EXISTS (SELECT FROM dispatch d WHERE d.alert_id = a.id)
   AND NOT EXISTS (SELECT FROM fanout f WHERE f.alert_id = a.id);
