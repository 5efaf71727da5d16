-- The first slice. Rooms in the order in which they stand on each other (docs/architecture.md).
-- Runs as diary_owner. The application serves as diary_app, the push worker as diary_push.

CREATE TYPE uuidrange AS RANGE (subtype = uuid);

CREATE FUNCTION acting_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.account', true), '')::uuid $$;

-- The smallest UUIDv7 of a moment: tables partitioned by their key are partitioned by time.
CREATE FUNCTION uuid7_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid $$;

-- ---------------------------------------------------------------- core

CREATE TABLE lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    until timestamptz NOT NULL
);

CREATE TABLE job_run (
    job text,
    scheduled_for timestamptz,
    finished_at timestamptz NOT NULL,
    PRIMARY KEY (job, scheduled_for)
);

CREATE TABLE idempotent_answer (
    account_id uuid,
    operation text,
    key text CHECK (length(key) BETWEEN 1 AND 200),
    request_hash bytea NOT NULL,
    answer bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, operation, key)
);
CREATE INDEX idempotent_answer_age ON idempotent_answer (created_at);

-- ---------------------------------------------------------------- push

CREATE TABLE recipient (
    account_id uuid PRIMARY KEY,
    language text NOT NULL CHECK (language IN ('ru', 'en'))
);

CREATE TABLE installation (
    id uuid PRIMARY KEY,
    platform text NOT NULL CHECK (platform IN ('android', 'ios', 'web')),
    app_version text NOT NULL,
    locale text NOT NULL,
    timezone text NOT NULL,
    permission text NOT NULL CHECK (permission IN ('granted', 'denied', 'unknown')),
    target_kind text CHECK (target_kind IN ('token', 'fid')),
    target text,
    registered_at timestamptz NOT NULL,
    target_lost text CHECK (target_lost IN ('gone', 'mismatch', 'malformed', 'moved')),
    key_id text,
    key_wrapped bytea,
    key_expires_at timestamptz,
    CHECK ((target IS NULL) = (target_kind IS NULL)),
    CHECK ((key_id IS NULL) = (key_wrapped IS NULL) AND (key_id IS NULL) = (key_expires_at IS NULL))
);
CREATE UNIQUE INDEX installation_target ON installation (target) WHERE target IS NOT NULL;

CREATE TABLE installation_account (
    account_id uuid,
    installation_id uuid REFERENCES installation ON DELETE CASCADE,
    session_id uuid NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, installation_id)
);
CREATE INDEX installation_account_session ON installation_account (session_id);
CREATE INDEX installation_account_installation ON installation_account (installation_id);

CREATE TABLE alert (
    id uuid,
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    child_id uuid,
    kind text NOT NULL,
    entity text NOT NULL,
    body jsonb NOT NULL,
    target jsonb NOT NULL,
    thread text NOT NULL,
    lane text NOT NULL CHECK (lane IN ('urgent', 'normal', 'bulk')),
    occurred_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX alert_feed ON alert (account_id, id DESC);
CREATE INDEX alert_thread ON alert (thread, account_id);

CREATE TABLE alert_read (
    account_id uuid,
    alert_id uuid,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, alert_id)
);

CREATE TABLE alert_withdrawn (
    alert_id uuid PRIMARY KEY,
    withdrawn_at timestamptz NOT NULL
);

CREATE TABLE fanout (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid,
    account_id uuid NOT NULL,
    thread text NOT NULL,
    lane text NOT NULL
);

CREATE TABLE tray (
    installation_id uuid REFERENCES installation ON DELETE CASCADE,
    account_id uuid,
    thread text,
    lane text NOT NULL,
    wanted integer NOT NULL,
    sent integer NOT NULL DEFAULT 0,
    pending uuid[] NOT NULL,
    digest bytea,
    due_at timestamptz,
    waiting_since timestamptz,
    attempt integer NOT NULL DEFAULT 0,
    loud_at timestamptz,
    lease_by text,
    lease_until timestamptz,
    PRIMARY KEY (installation_id, account_id, thread),
    CHECK (sent <= wanted)
);
CREATE INDEX tray_due ON tray (lane, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE delivery (
    alert_id uuid,
    installation_id uuid,
    account_id uuid NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('accepted', 'superseded', 'read', 'withdrawn', 'suppressed',
                                             'gone', 'refused', 'expired', 'dead')),
    revision integer NOT NULL,
    message_name text,
    code text,
    settled_at timestamptz NOT NULL,
    PRIMARY KEY (alert_id, installation_id)
) PARTITION BY RANGE (alert_id);

-- ---------------------------------------------------------------- identity

CREATE TABLE account (
    id uuid PRIMARY KEY,
    login text NOT NULL CHECK (length(login) BETWEEN 3 AND 100),
    family_name text NOT NULL,
    given_name text NOT NULL,
    patronymic text,
    language text NOT NULL DEFAULT 'ru' CHECK (language IN ('ru', 'en')),
    email text,
    phone text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    snils_sealed bytea,
    snils_index bytea UNIQUE,
    password_hash text,
    password_state text NOT NULL DEFAULT 'none' CHECK (password_state IN ('none', 'one_time', 'set')),
    one_time_until timestamptz,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    CHECK ((password_hash IS NULL) = (password_state = 'none')),
    CHECK ((one_time_until IS NULL) = (password_state <> 'one_time'))
);
CREATE UNIQUE INDEX account_login ON account (lower(login));

CREATE TABLE auth_session (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    seed bytea NOT NULL,
    generation integer NOT NULL,
    rotated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    device_name text NOT NULL,
    installation_id uuid,
    ended_at timestamptz,
    end_reason text CHECK (end_reason IN ('logout', 'ended', 'reuse', 'idle', 'password')),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX auth_session_account ON auth_session (account_id) WHERE ended_at IS NULL;

CREATE TABLE sign_in_lock (
    subject bytea PRIMARY KEY,
    failures integer NOT NULL,
    counting_since timestamptz NOT NULL,
    locked_until timestamptz NOT NULL
);

-- ---------------------------------------------------------------- school

CREATE TABLE school (
    id uuid PRIMARY KEY,
    short_name text NOT NULL,
    full_name text NOT NULL,
    timezone text NOT NULL,
    address text,
    phone text,
    created_at timestamptz NOT NULL
);

CREATE TABLE school_role (
    account_id uuid REFERENCES account ON DELETE CASCADE,
    school_id uuid REFERENCES school,
    role text CHECK (role IN ('teacher', 'deputy', 'administrator', 'director')),
    starts date NOT NULL,
    ends date,
    PRIMARY KEY (account_id, school_id, role),
    CHECK (starts <= ends)
);
CREATE INDEX school_role_school ON school_role (school_id, role);

-- Whoever no longer works at a school has no right there, whatever else still names them.
CREATE FUNCTION works_at(person uuid, at_school uuid, on_day date) RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT EXISTS (SELECT FROM school_role r
                          WHERE r.account_id = person AND r.school_id = at_school
                            AND on_day BETWEEN r.starts AND coalesce(r.ends, 'infinity')) $$;

CREATE TABLE school_year (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    name text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    CHECK (starts < ends),
    CONSTRAINT school_years_apart EXCLUDE USING gist (
        uuidrange(school_id, school_id, '[]') WITH &&, daterange(starts, ends, '[]') WITH &&)
);

CREATE TABLE period (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    year_id uuid NOT NULL REFERENCES school_year,
    name text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    CHECK (starts <= ends),
    CONSTRAINT periods_apart EXCLUDE USING gist (
        uuidrange(year_id, year_id, '[]') WITH &&, daterange(starts, ends, '[]') WITH &&)
);

CREATE TABLE subject (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    name text NOT NULL
);
CREATE UNIQUE INDEX subject_name ON subject (school_id, lower(name));

CREATE TABLE school_class (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    year_id uuid NOT NULL REFERENCES school_year,
    grade smallint NOT NULL CHECK (grade BETWEEN 1 AND 11),
    letter text NOT NULL,
    class_teacher_id uuid REFERENCES account,
    UNIQUE (year_id, grade, letter)
);
CREATE INDEX school_class_teacher ON school_class (class_teacher_id);

CREATE TABLE study_group (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    year_id uuid NOT NULL REFERENCES school_year,
    class_id uuid REFERENCES school_class,
    whole_class boolean NOT NULL,
    name text NOT NULL,
    CHECK (NOT whole_class OR class_id IS NOT NULL)
);
CREATE UNIQUE INDEX study_group_whole ON study_group (class_id) WHERE whole_class;

CREATE TABLE student (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    account_id uuid UNIQUE REFERENCES account,
    family_name text NOT NULL,
    given_name text NOT NULL,
    patronymic text,
    birth_date date,
    sex text CHECK (sex IN ('male', 'female')),
    grade smallint CHECK (grade BETWEEN 0 AND 12),
    attach_code bytea UNIQUE,
    attach_code_until timestamptz,
    left_on date,
    CHECK ((attach_code IS NULL) = (attach_code_until IS NULL))
);
CREATE INDEX student_name ON student (school_id, lower(family_name), lower(given_name));

CREATE TABLE enrolment (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    student_id uuid NOT NULL REFERENCES student,
    class_id uuid NOT NULL REFERENCES school_class,
    starts date NOT NULL,
    ends date,
    CHECK (starts <= ends),
    CONSTRAINT one_class_at_a_time EXCLUDE USING gist (
        uuidrange(student_id, student_id, '[]') WITH &&, daterange(starts, ends, '[]') WITH &&)
);
CREATE INDEX enrolment_class ON enrolment (class_id);

CREATE TABLE group_member (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    student_id uuid NOT NULL REFERENCES student,
    group_id uuid NOT NULL REFERENCES study_group,
    starts date NOT NULL,
    ends date,
    CHECK (starts <= ends),
    CONSTRAINT one_membership_at_a_time EXCLUDE USING gist (
        uuidrange(student_id, student_id, '[]') WITH &&, uuidrange(group_id, group_id, '[]') WITH &&,
        daterange(starts, ends, '[]') WITH &&)
);
CREATE INDEX group_member_group ON group_member (group_id);
CREATE INDEX group_member_student ON group_member (student_id);

-- Who belongs to which group when: a whole-class group has the class's students, others name theirs.
CREATE VIEW membership WITH (security_invoker = true) AS
    SELECT g.id AS group_id, e.student_id, e.starts, e.ends, e.school_id
      FROM enrolment e JOIN study_group g ON g.class_id = e.class_id AND g.whole_class
    UNION ALL
    SELECT group_id, student_id, starts, ends, school_id FROM group_member;

CREATE TABLE teaching_load (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    teacher_id uuid NOT NULL REFERENCES account,
    subject_id uuid NOT NULL REFERENCES subject,
    group_id uuid NOT NULL REFERENCES study_group,
    starts date NOT NULL,
    ends date,
    CHECK (starts <= ends),
    CONSTRAINT one_load_at_a_time EXCLUDE USING gist (
        uuidrange(teacher_id, teacher_id, '[]') WITH &&, uuidrange(group_id, group_id, '[]') WITH &&,
        uuidrange(subject_id, subject_id, '[]') WITH &&, daterange(starts, ends, '[]') WITH &&)
);
CREATE INDEX teaching_load_group ON teaching_load (group_id);

CREATE TABLE guardianship (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    student_id uuid NOT NULL REFERENCES student,
    account_id uuid NOT NULL REFERENCES account,
    kind text NOT NULL CHECK (kind IN ('mother', 'father', 'guardian', 'parent', 'other')),
    may_view boolean NOT NULL,
    may_file_absence boolean NOT NULL,
    receives_push boolean NOT NULL,
    contact_order smallint NOT NULL,
    starts date NOT NULL,
    ends date,
    CHECK (starts <= ends),
    CONSTRAINT one_link_at_a_time EXCLUDE USING gist (
        uuidrange(student_id, student_id, '[]') WITH &&, uuidrange(account_id, account_id, '[]') WITH &&,
        daterange(starts, ends, '[]') WITH &&)
);
CREATE INDEX guardianship_account ON guardianship (account_id);
CREATE INDEX guardianship_student ON guardianship (student_id);

-- ---------------------------------------------------------------- timetable

CREATE TABLE lesson (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    group_id uuid NOT NULL REFERENCES study_group,
    subject_id uuid NOT NULL REFERENCES subject,
    teacher_id uuid NOT NULL REFERENCES account,
    day date NOT NULL,
    number smallint NOT NULL CHECK (number BETWEEN 0 AND 20),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    room text,
    topic text,
    CHECK (starts_at < ends_at),
    UNIQUE (group_id, day, number)
);
CREATE INDEX lesson_group_day ON lesson (group_id, day);
CREATE INDEX lesson_teacher_day ON lesson (teacher_id, day);
CREATE INDEX lesson_school_day ON lesson (school_id, day);

-- ---------------------------------------------------------------- journal

CREATE TABLE work (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    lesson_id uuid NOT NULL REFERENCES lesson,
    group_id uuid NOT NULL REFERENCES study_group,
    subject_id uuid NOT NULL REFERENCES subject,
    kind text NOT NULL,
    topic text,
    weight numeric(4, 2) NOT NULL CHECK (weight > 0),
    counted boolean NOT NULL,
    day date NOT NULL,
    created_by uuid NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL
);
CREATE INDEX work_lesson ON work (lesson_id);
CREATE INDEX work_group_day ON work (group_id, day);

-- Append-only: a correction is a new version, and no role of the application can update or delete one.
CREATE TABLE mark_version (
    work_id uuid REFERENCES work,
    student_id uuid REFERENCES student,
    slot smallint,
    version integer CHECK (version >= 1),
    school_id uuid NOT NULL,
    value text CHECK (value IN ('1', '2', '3', '4', '5', 'pass', 'fail', 'not-attested', 'exempt')),
    comment text,
    reason text,
    set_by uuid NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (work_id, student_id, slot, version)
) PARTITION BY RANGE (work_id);
CREATE INDEX mark_version_student ON mark_version (student_id, work_id);

-- ---------------------------------------------------------------- attendance

CREATE TABLE attendance_check (
    lesson_id uuid PRIMARY KEY REFERENCES lesson,
    school_id uuid NOT NULL,
    checked_by uuid NOT NULL REFERENCES account,
    checked_at timestamptz NOT NULL
);

CREATE TABLE attendance_version (
    lesson_id uuid REFERENCES lesson,
    student_id uuid REFERENCES student,
    version integer CHECK (version >= 1),
    school_id uuid NOT NULL,
    code text NOT NULL CHECK (code IN ('present', 'absent', 'excused', 'unexcused', 'ill', 'late', 'exempt')),
    minutes smallint CHECK (minutes BETWEEN 1 AND 240),
    set_by uuid NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (lesson_id, student_id, version),
    CHECK (minutes IS NULL OR code = 'late')
);
CREATE INDEX attendance_version_student ON attendance_version (student_id, lesson_id);

CREATE TABLE absence_notice (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    student_id uuid NOT NULL REFERENCES student,
    filed_by uuid NOT NULL REFERENCES account,
    first_day date NOT NULL,
    last_day date NOT NULL,
    reason text NOT NULL CHECK (reason IN ('illness', 'family', 'doctor', 'competition', 'other')),
    comment text,
    created_at timestamptz NOT NULL,
    CHECK (first_day <= last_day)
);
CREATE INDEX absence_notice_student ON absence_notice (student_id, first_day);

-- The days that a notice really covers. A day is covered by one notice at the most.
CREATE TABLE absence_notice_day (
    student_id uuid REFERENCES student,
    day date,
    notice_id uuid NOT NULL REFERENCES absence_notice,
    school_id uuid NOT NULL,
    PRIMARY KEY (student_id, day)
);

-- ---------------------------------------------------------------- homework

CREATE TABLE homework (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    lesson_id uuid NOT NULL REFERENCES lesson,
    group_id uuid NOT NULL REFERENCES study_group,
    subject_id uuid NOT NULL REFERENCES subject,
    due_on date NOT NULL,
    body text NOT NULL,
    mandatory boolean NOT NULL,
    minutes smallint CHECK (minutes BETWEEN 1 AND 600),
    set_by uuid NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL
);
CREATE INDEX homework_group_due ON homework (group_id, due_on);
CREATE INDEX homework_lesson ON homework (lesson_id);

-- ---------------------------------------------------------------- meetings

CREATE TABLE meeting (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    class_id uuid NOT NULL REFERENCES school_class,
    called_by uuid NOT NULL REFERENCES account,
    title text NOT NULL,
    agenda text,
    place text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CHECK (starts_at < ends_at)
);
CREATE INDEX meeting_class ON meeting (class_id, starts_at);

-- ---------------------------------------------------------------- exchange

CREATE TABLE external_id (
    source text,
    kind text,
    external text,
    entity_id uuid NOT NULL,
    kept jsonb NOT NULL,
    PRIMARY KEY (source, kind, external)
);
CREATE INDEX external_id_entity ON external_id (entity_id);

-- ---------------------------------------------------------------- partitions

-- Makes the monthly partitions up to a day; run twice it does nothing. A scheduled job keeps them ahead.
CREATE FUNCTION ensure_partitions(first date, last date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    parent text;
    month date;
BEGIN
    FOREACH parent IN ARRAY ARRAY['alert', 'delivery', 'mark_version'] LOOP
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
REVOKE ALL ON FUNCTION ensure_partitions(date, date) FROM PUBLIC;

-- Asked by the push worker at the last moment before a send: a right that ended a second ago counts. The
-- worker knows nothing of the school, so the school answers here.
CREATE FUNCTION may_be_told(person uuid, child uuid, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT child IS NULL OR EXISTS (
        SELECT FROM public.student st
          JOIN public.school s ON s.id = st.school_id
          CROSS JOIN LATERAL (SELECT (moment AT TIME ZONE s.timezone)::date AS today) AS day
         WHERE st.id = child AND st.left_on IS NULL
           AND (st.account_id = person
                OR EXISTS (SELECT FROM public.guardianship g
                            WHERE g.student_id = st.id AND g.account_id = person AND g.may_view
                              AND day.today BETWEEN g.starts AND coalesce(g.ends, 'infinity'))
                OR EXISTS (SELECT FROM public.school_role r
                            WHERE r.account_id = person AND r.school_id = st.school_id
                              AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity'))))
$$;
REVOKE ALL ON FUNCTION may_be_told(uuid, uuid, timestamptz) FROM PUBLIC;
-- ---------------------------------------------------------------- who may do what

GRANT USAGE ON SCHEMA public TO diary_app, diary_push;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO diary_app;
REVOKE ALL ON alembic_version FROM diary_app;
REVOKE UPDATE, DELETE ON mark_version, attendance_version, alert, alert_withdrawn, delivery FROM diary_app;
REVOKE ALL ON delivery FROM diary_app;
GRANT SELECT ON delivery TO diary_app;
GRANT EXECUTE ON FUNCTION ensure_partitions(date, date) TO diary_app;

GRANT SELECT ON recipient, installation_account, alert, alert_read, alert_withdrawn TO diary_push;
GRANT SELECT, UPDATE ON installation TO diary_push;
GRANT SELECT, INSERT, UPDATE, DELETE ON fanout, tray TO diary_push;
GRANT SELECT, INSERT ON delivery TO diary_push;
GRANT EXECUTE ON FUNCTION may_be_told(uuid, uuid, timestamptz) TO diary_push;

-- Withdrawing reaches the alerts of all recipients, so it stands outside the wall below, and does only this.
CREATE FUNCTION withdraw_alerts(in_thread text, about text, moment timestamptz)
RETURNS TABLE (account_id uuid, thread text, lane text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH withdrawn AS (
        INSERT INTO public.alert_withdrawn (alert_id, withdrawn_at)
        SELECT a.id, moment FROM public.alert a WHERE a.thread = in_thread AND a.entity = about
        ON CONFLICT DO NOTHING RETURNING alert_id)
    SELECT DISTINCT a.account_id, a.thread, a.lane FROM public.alert a JOIN withdrawn w ON w.alert_id = a.id
$$;
REVOKE ALL ON FUNCTION withdraw_alerts(text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION withdraw_alerts(text, text, timestamptz) TO diary_app;
REVOKE INSERT ON alert_withdrawn FROM diary_app;

-- The inbox behind a second wall: whatever a query asks, an account reads its own alerts only.
ALTER TABLE alert ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_alerts ON alert FOR SELECT TO diary_app USING (account_id = acting_account());
CREATE POLICY append_alerts ON alert FOR INSERT TO diary_app WITH CHECK (true);
CREATE POLICY deliver_alerts ON alert FOR SELECT TO diary_push USING (true);
ALTER TABLE alert_read ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_reads ON alert_read FOR ALL TO diary_app
    USING (account_id = acting_account()) WITH CHECK (account_id = acting_account());
CREATE POLICY deliver_reads ON alert_read FOR SELECT TO diary_push USING (true);

-- After the grants: a partition is reached through its parent only, never by its own name, where neither
-- the parent's row policies nor its missing UPDATE would hold.
SELECT ensure_partitions((now() - interval '1 month')::date, (now() + interval '4 months')::date);
