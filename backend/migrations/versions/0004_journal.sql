-- The journal in depth: weights of a school, dots, publication, late corrections, closed periods, finals, and a chain
-- that shows whether anything that was written has been touched.

-- How a school keeps its journal; without a row it is kept by the defaults (backend/journal/rules.py).
CREATE TABLE journal_setting (
    school_id uuid PRIMARY KEY REFERENCES school,
    mark_delay_minutes smallint NOT NULL CHECK (mark_delay_minutes BETWEEN 0 AND 15),
    rating_shown boolean NOT NULL
);
CREATE TABLE work_weight (
    school_id uuid REFERENCES school,
    kind text,
    weight numeric(4, 2) NOT NULL CHECK (weight > 0),
    PRIMARY KEY (school_id, kind)
);

ALTER TABLE work ADD COLUMN publish_at timestamptz;

-- A dot is a debt with a term. `visible_from`: families see and hear of it from then on. No author: the system.
ALTER TABLE mark_version
    ADD COLUMN due_on date,
    ADD COLUMN visible_from timestamptz,
    ADD COLUMN salt bytea,
    ADD COLUMN digest bytea,
    ADD COLUMN link bigint,
    ALTER COLUMN set_by DROP NOT NULL,
    DROP CONSTRAINT mark_version_value_check,
    ADD CHECK (value IN ('1', '2', '3', '4', '5', 'pass', 'fail', 'not-attested', 'exempt', 'dot')),
    ADD CHECK ((due_on IS NOT NULL) = coalesce(value = 'dot', false));
UPDATE mark_version SET visible_from = set_at;
ALTER TABLE mark_version ALTER COLUMN visible_from SET NOT NULL;

-- Dots whose term nears or is over are looked for every day.
CREATE INDEX mark_version_dots ON mark_version (school_id, due_on) WHERE value = 'dot';

-- Marks that families have not been told of yet, with what they were told before.
CREATE TABLE mark_due (
    work_id uuid,
    student_id uuid,
    slot smallint,
    school_id uuid NOT NULL,
    told text,
    told_due_on date,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (work_id, student_id, slot)
);
CREATE INDEX mark_due_at ON mark_due (due_at);

-- A correction after the window: the deputy decides. `version` is the one that stood when it was asked for.
CREATE TABLE correction_request (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    work_id uuid NOT NULL REFERENCES work,
    student_id uuid NOT NULL REFERENCES student,
    slot smallint NOT NULL,
    version integer NOT NULL,
    value text,
    comment text,
    due_on date,
    reason text NOT NULL,
    asked_by uuid NOT NULL REFERENCES account,
    asked_at timestamptz NOT NULL,
    decided_by uuid REFERENCES account,
    decided_at timestamptz,
    approved boolean,
    answer text,
    CHECK ((decided_at IS NULL) = (approved IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL))
);
CREATE UNIQUE INDEX correction_pending ON correction_request (work_id, student_id, slot) WHERE decided_at IS NULL;
CREATE INDEX correction_school ON correction_request (school_id, id) WHERE decided_at IS NULL;

-- Closing and reopening of a period for a class; the newest one counts.
CREATE TABLE period_closing (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    period_id uuid NOT NULL REFERENCES period,
    class_id uuid NOT NULL REFERENCES school_class,
    closed boolean NOT NULL,
    reason text,
    made_by uuid NOT NULL REFERENCES account,
    made_at timestamptz NOT NULL,
    CHECK (closed OR reason IS NOT NULL)
);
CREATE INDEX period_closing_newest ON period_closing (class_id, period_id, id DESC);

-- Finals of a period or of a year, as append-only versions. `scope_id`: the period, or the year.
CREATE TABLE final_version (
    student_id uuid REFERENCES student,
    subject_id uuid REFERENCES subject,
    scope_id uuid,
    kind text CHECK (kind IN ('period', 'year', 'exam', 'certificate')),
    version integer CHECK (version >= 1),
    school_id uuid NOT NULL REFERENCES school,
    value text CHECK (value IN ('1', '2', '3', '4', '5', 'pass', 'fail', 'not-attested', 'exempt')),
    comment text,
    reason text,
    set_by uuid NOT NULL REFERENCES account,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (student_id, subject_id, scope_id, kind, version)
);

-- ---------------------------------------------------------------- the chain

-- Every statement that appends marks adds one link to its school's chain. A leaf is a salted hash of a row: once row
-- and salt are destroyed it tells nothing any more, and the chain still holds.
CREATE TABLE journal_head (
    school_id uuid PRIMARY KEY REFERENCES school,
    link bigint NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE journal_link (
    school_id uuid REFERENCES school,
    link bigint,
    hash bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (school_id, link)
);
CREATE TABLE journal_leaf (
    school_id uuid REFERENCES school,
    link bigint,
    digest bytea,
    destroyed_at timestamptz,
    PRIMARY KEY (school_id, link, digest)
);

CREATE FUNCTION mark_digest(m mark_version) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(m.salt || convert_to(jsonb_build_array(
        m.work_id, m.student_id, m.slot, m.version, m.school_id, m.day, m.value, m.comment, m.reason, m.due_on, m.set_by,
        (extract(epoch FROM m.set_at) * 1000000)::bigint, (extract(epoch FROM m.visible_from) * 1000000)::bigint
    )::text, 'UTF8'))
$$;

CREATE FUNCTION link_hash(previous bytea, leaves bytea) RETURNS bytea LANGUAGE sql IMMUTABLE
    AS $$ SELECT sha256(previous || leaves) $$;

CREATE FUNCTION seal_mark() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    next bigint;
BEGIN
    SELECT h.link + 1 INTO next FROM public.journal_head h WHERE h.school_id = NEW.school_id FOR UPDATE;
    IF next IS NULL THEN
        INSERT INTO public.journal_head VALUES (NEW.school_id, 0, '') ON CONFLICT DO NOTHING;
        SELECT h.link + 1 INTO next FROM public.journal_head h WHERE h.school_id = NEW.school_id FOR UPDATE;
    END IF;
    NEW.salt := uuid_send(gen_random_uuid());
    NEW.link := next;
    NEW.digest := public.mark_digest(NEW);
    RETURN NEW;
END $$;

CREATE FUNCTION link_marks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO public.journal_leaf (school_id, link, digest) SELECT school_id, link, digest FROM fresh;
    WITH added AS (
        SELECT school_id, link, string_agg(digest, '' ORDER BY digest) AS leaves FROM fresh GROUP BY 1, 2),
    moved AS (
        UPDATE public.journal_head h SET link = a.link, hash = public.link_hash(h.hash, a.leaves)
          FROM added a WHERE a.school_id = h.school_id RETURNING h.school_id, h.link, h.hash)
    INSERT INTO public.journal_link (school_id, link, hash) SELECT school_id, link, hash FROM moved;
    RETURN NULL;
END $$;

-- What stands already gets its link before the triggers are there: one for each school.
INSERT INTO journal_head SELECT DISTINCT school_id, 0, ''::bytea FROM mark_version;
UPDATE mark_version SET salt = uuid_send(gen_random_uuid()), link = 1;
UPDATE mark_version m SET digest = mark_digest(m);
INSERT INTO journal_leaf SELECT school_id, link, digest FROM mark_version;
UPDATE journal_head h SET link = 1, hash = link_hash(h.hash, leaves)
  FROM (SELECT school_id, string_agg(digest, '' ORDER BY digest) AS leaves FROM mark_version GROUP BY 1) AS a
 WHERE a.school_id = h.school_id;
INSERT INTO journal_link (school_id, link, hash) SELECT school_id, link, hash FROM journal_head;
ALTER TABLE mark_version ALTER COLUMN salt SET NOT NULL, ALTER COLUMN digest SET NOT NULL, ALTER COLUMN link SET NOT NULL;

CREATE TRIGGER seal BEFORE INSERT ON mark_version FOR EACH ROW EXECUTE FUNCTION seal_mark();
CREATE TRIGGER link AFTER INSERT ON mark_version REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION link_marks();

-- Nobody rewrites what was recorded, not even who owns the table. Only the eraser removes it, when a consent was
-- withdrawn (DOMAIN.md section 3), and then the leaf says so.
CREATE FUNCTION keep_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_user = 'diary_eraser' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep_marks BEFORE UPDATE OR DELETE ON mark_version FOR EACH ROW EXECUTE FUNCTION keep_recorded();
CREATE TRIGGER keep_all_marks BEFORE TRUNCATE ON mark_version FOR EACH STATEMENT EXECUTE FUNCTION keep_recorded();
CREATE TRIGGER keep_attendance BEFORE UPDATE OR DELETE ON attendance_version
    FOR EACH ROW EXECUTE FUNCTION keep_recorded();
CREATE TRIGGER keep_finals BEFORE UPDATE OR DELETE ON final_version FOR EACH ROW EXECUTE FUNCTION keep_recorded();

CREATE FUNCTION mark_destroyed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE public.journal_leaf SET destroyed_at = now()
     WHERE (school_id, link, digest) = (OLD.school_id, OLD.link, OLD.digest);
    DELETE FROM public.mark_due
     WHERE (work_id, student_id, slot) = (OLD.work_id, OLD.student_id, OLD.slot);
    RETURN NULL;
END $$;
CREATE TRIGGER destroyed AFTER DELETE ON mark_version FOR EACH ROW EXECUTE FUNCTION mark_destroyed();

-- ---------------------------------------------------------------- who may do what

GRANT SELECT, INSERT, UPDATE, DELETE ON journal_setting, work_weight, mark_due TO diary_app;
GRANT SELECT, INSERT ON correction_request, period_closing, final_version TO diary_app;
GRANT UPDATE (decided_by, decided_at, approved, answer) ON correction_request TO diary_app;
GRANT SELECT ON journal_head, journal_link, journal_leaf TO diary_app;

GRANT USAGE ON SCHEMA public TO diary_eraser;
GRANT SELECT, DELETE ON mark_version, attendance_version, final_version TO diary_eraser;
