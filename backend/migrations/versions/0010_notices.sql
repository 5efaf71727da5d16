-- Absence notices whole: lessons or days, the school's decision, changes with their history (DOMAIN.md section 8).

ALTER TABLE absence_notice
    -- The lessons that were wished for, by number; without them whole days.
    ADD COLUMN lessons smallint[],
    ADD COLUMN state text NOT NULL DEFAULT 'filed' CHECK (state IN ('filed', 'accepted', 'declined', 'cancelled')),
    ADD COLUMN answer text,
    ADD COLUMN decided_by uuid REFERENCES account,
    ADD COLUMN decided_at timestamptz,
    ADD CHECK ((decided_by IS NULL) = (decided_at IS NULL));
CREATE INDEX absence_notice_school ON absence_notice (school_id, last_day);

CREATE FUNCTION lesson_numbers(lessons smallint[]) RETURNS int4multirange LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN lessons IS NULL THEN '{(,)}'::int4multirange
                ELSE (SELECT range_agg(int4range(number, number, '[]')) FROM unnest(lessons) AS number) END
$$;

-- A notice covers a whole day or some of its lessons, and no lesson is covered twice.
ALTER TABLE absence_notice_day
    ADD COLUMN lessons smallint[] CHECK (cardinality(lessons) > 0),
    DROP CONSTRAINT absence_notice_day_pkey,
    ADD PRIMARY KEY (student_id, day, notice_id),
    ADD CONSTRAINT notices_apart EXCLUDE USING gist (
        uuidrange(student_id, student_id, '[]') WITH &&, daterange(day, day, '[]') WITH &&,
        lesson_numbers(lessons) WITH &&);
CREATE INDEX absence_notice_day_notice ON absence_notice_day (notice_id, day);

-- What became of a notice, step by step; appended.
CREATE TABLE absence_notice_change (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    notice_id uuid NOT NULL REFERENCES absence_notice,
    change text NOT NULL CHECK (change IN (
        'filed', 'extended', 'shortened', 'commented', 'documented', 'cancelled', 'accepted', 'declined')),
    last_day date NOT NULL,
    made_by uuid NOT NULL REFERENCES account,
    made_at timestamptz NOT NULL
);
CREATE INDEX absence_notice_change_notice ON absence_notice_change (notice_id, id);
CREATE TRIGGER keep_notice_changes BEFORE UPDATE OR DELETE ON absence_notice_change
    FOR EACH ROW EXECUTE FUNCTION keep_recorded();

-- How far back and ahead a notice may begin.
ALTER TABLE attendance_setting
    ADD COLUMN notice_days_back smallint NOT NULL DEFAULT 3 CHECK (notice_days_back BETWEEN 0 AND 30),
    ADD COLUMN notice_days_ahead smallint NOT NULL DEFAULT 60 CHECK (notice_days_ahead BETWEEN 1 AND 365);

-- As before, now by lesson.
CREATE OR REPLACE FUNCTION excused_code(fact text, child uuid, on_day date, lesson_number smallint) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN fact NOT IN ('absent', 'excused', 'unexcused', 'ill') THEN fact ELSE coalesce(
        (SELECT CASE WHEN e.lessons IS NULL OR lesson_number = ANY (e.lessons) THEN e.state END
           FROM excuse_version e WHERE e.student_id = child AND e.day = on_day ORDER BY e.version DESC LIMIT 1),
        CASE WHEN fact = 'absent' AND EXISTS (
            SELECT FROM absence_notice_day n WHERE n.student_id = child AND n.day = on_day
               AND (n.lessons IS NULL OR lesson_number = ANY (n.lessons))) THEN 'excused' END,
        fact) END
$$;

-- Who sees absences with their reasons, whoever the child is (DOMAIN.md section 1).
ALTER TABLE school_role DROP CONSTRAINT school_role_role_check, ADD CONSTRAINT school_role_role_check
    CHECK (role IN ('teacher', 'deputy', 'administrator', 'director', 'health-worker'));

-- A notice stays on the record: it is cancelled or declined, never deleted.
REVOKE DELETE ON absence_notice FROM diary_app;
GRANT SELECT, INSERT ON absence_notice_change TO diary_app;
GRANT SELECT, DELETE ON absence_notice_change TO diary_eraser;
