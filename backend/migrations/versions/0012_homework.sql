-- Homework whole: for single students, with links, edits, removals and ticks (DOMAIN.md section 9).

ALTER TABLE homework
    ADD COLUMN links text[] NOT NULL DEFAULT '{}',
    -- For those who stand in homework_student, not for the whole group.
    ADD COLUMN individual boolean NOT NULL DEFAULT false,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN edited_at timestamptz,
    ADD COLUMN removed_at timestamptz;

CREATE TABLE homework_student (
    homework_id uuid REFERENCES homework ON DELETE CASCADE,
    student_id uuid REFERENCES student,
    school_id uuid NOT NULL REFERENCES school,
    PRIMARY KEY (homework_id, student_id)
);
CREATE INDEX homework_student_student ON homework_student (student_id);

-- What a student has ticked as done: a help for themselves, not a grade.
CREATE TABLE homework_done (
    homework_id uuid REFERENCES homework ON DELETE CASCADE,
    student_id uuid REFERENCES student,
    school_id uuid NOT NULL REFERENCES school,
    done_at timestamptz NOT NULL,
    PRIMARY KEY (homework_id, student_id)
);
CREATE INDEX homework_done_student ON homework_done (student_id);

-- What a homework was before each edit; appended.
CREATE TABLE homework_edit (
    homework_id uuid REFERENCES homework ON DELETE CASCADE,
    version integer,
    school_id uuid NOT NULL REFERENCES school,
    old jsonb NOT NULL,
    edited_by uuid NOT NULL REFERENCES account,
    edited_at timestamptz NOT NULL,
    PRIMARY KEY (homework_id, version)
);

-- What was removed keeps no lesson from moving.
CREATE OR REPLACE FUNCTION lesson_has_facts(lesson uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM work w WHERE w.lesson_id = lesson)
        OR EXISTS (SELECT FROM attendance_check c WHERE c.lesson_id = lesson)
        OR EXISTS (SELECT FROM attendance_version v WHERE v.lesson_id = lesson)
        OR EXISTS (SELECT FROM homework h WHERE h.lesson_id = lesson AND h.removed_at IS NULL)
$$;

-- A quiet day changes no lesson: nothing is said of homework on it.
ALTER TABLE calendar_span DROP CONSTRAINT calendar_span_kind_check, ADD CONSTRAINT calendar_span_kind_check
    CHECK (kind IN ('holidays', 'day-off', 'working', 'quarantine', 'quiet'));

-- Homework stays on the record, with what it was before its edits: it is taken back, never deleted.
REVOKE DELETE ON homework FROM diary_app;
GRANT SELECT, INSERT ON homework_student, homework_edit TO diary_app;
GRANT SELECT, INSERT, DELETE ON homework_done TO diary_app;
GRANT SELECT, DELETE ON homework_student, homework_done, homework_edit TO diary_eraser;
