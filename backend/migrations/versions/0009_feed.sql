-- The feed from another journal: credentials of a school, and facts whose author we do not know.

CREATE TABLE feed_credential (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The source under which the school's roster was imported: its ids may be named.
    roster_source text NOT NULL,
    -- A keyed hash of the secret, which is told once and kept nowhere.
    digest bytea NOT NULL,
    made_by uuid NOT NULL REFERENCES account,
    made_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_by uuid REFERENCES account,
    revoked_at timestamptz,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX feed_credential_school ON feed_credential (school_id, id);

-- Where a row of the feed names no teacher, the system is the author, as it is of marks already.
ALTER TABLE work ALTER COLUMN created_by DROP NOT NULL;
ALTER TABLE attendance_check ALTER COLUMN checked_by DROP NOT NULL;
ALTER TABLE attendance_version ALTER COLUMN set_by DROP NOT NULL;
ALTER TABLE homework ALTER COLUMN set_by DROP NOT NULL;

-- Another journal may say who was missing without having gone through the whole list, so a code alone is a fact too.
-- A topic is the lesson's own: no plan removes it, but whoever wrote it may.
CREATE FUNCTION lesson_has_facts(lesson uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM work w WHERE w.lesson_id = lesson)
        OR EXISTS (SELECT FROM attendance_check c WHERE c.lesson_id = lesson)
        OR EXISTS (SELECT FROM attendance_version v WHERE v.lesson_id = lesson)
        OR EXISTS (SELECT FROM homework h WHERE h.lesson_id = lesson)
$$;
CREATE OR REPLACE FUNCTION lesson_in_use(lesson uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT lesson_has_facts(lesson) OR EXISTS (SELECT FROM lesson l WHERE l.id = lesson AND l.topic IS NOT NULL)
$$;

-- A credential is revoked, never deleted and never pointed elsewhere.
GRANT SELECT, INSERT ON feed_credential TO diary_app;
GRANT UPDATE (last_used_at, revoked_by, revoked_at) ON feed_credential TO diary_app;
