-- Attendance in depth: a school's own codes, a delay, and excuses apart from facts (DOMAIN.md section 7).

CREATE TABLE attendance_setting (
    school_id uuid PRIMARY KEY REFERENCES school,
    delay_minutes smallint NOT NULL CHECK (delay_minutes BETWEEN 0 AND 10)
);

-- How a school writes what happened; `code` is what it means, `counts` whether it counts as a missed lesson.
CREATE TABLE attendance_symbol (
    school_id uuid REFERENCES school,
    symbol text CHECK (length(symbol) BETWEEN 1 AND 5),
    code text NOT NULL CHECK (code IN ('absent', 'excused', 'unexcused', 'ill', 'late', 'exempt')),
    name text NOT NULL,
    counts boolean NOT NULL,
    position smallint NOT NULL,
    PRIMARY KEY (school_id, symbol)
);

-- `visible_from`: families see and hear of it from then on. What stands already may be seen; no row is rewritten.
ALTER TABLE attendance_version
    ADD COLUMN symbol text,
    ADD COLUMN counts boolean NOT NULL DEFAULT true,
    ADD COLUMN visible_from timestamptz NOT NULL DEFAULT '2000-01-01 00:00:00+00';

-- Codes that families have not been told of yet, with what they were told before.
CREATE TABLE attendance_due (
    lesson_id uuid,
    student_id uuid,
    school_id uuid NOT NULL,
    told text,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (lesson_id, student_id)
);
CREATE INDEX attendance_due_at ON attendance_due (due_at);

-- Why a child was not there, apart from the fact that it was not: the class teacher's, as append-only versions, for a
-- whole day or some of its lessons. The newest of a day counts; a null state takes it back.
CREATE TABLE excuse_version (
    student_id uuid REFERENCES student,
    day date,
    version integer CHECK (version >= 1),
    school_id uuid NOT NULL REFERENCES school,
    state text CHECK (state IN ('excused', 'unexcused')),
    lessons smallint[],
    reason text CHECK (reason IN ('illness', 'family', 'doctor', 'competition', 'other')),
    comment text,
    set_by uuid NOT NULL REFERENCES account,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (student_id, day, version)
);
CREATE TRIGGER keep_excuses BEFORE UPDATE OR DELETE ON excuse_version FOR EACH ROW EXECUTE FUNCTION keep_recorded();

-- What a fact comes to when the excuse is known: the teacher's "absent" becomes excused or unexcused, by the class
-- teacher's word, else excused by a parent's notice. The reason of a notice stays in the school, so it is never "ill".
CREATE FUNCTION excused_code(fact text, child uuid, on_day date, lesson_number smallint) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN fact NOT IN ('absent', 'excused', 'unexcused', 'ill') THEN fact ELSE coalesce(
        (SELECT CASE WHEN e.lessons IS NULL OR lesson_number = ANY (e.lessons) THEN e.state END
           FROM excuse_version e WHERE e.student_id = child AND e.day = on_day ORDER BY e.version DESC LIMIT 1),
        CASE WHEN fact = 'absent' AND EXISTS (SELECT FROM absence_notice_day n
                                               WHERE n.student_id = child AND n.day = on_day) THEN 'excused' END,
        fact) END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON attendance_setting, attendance_symbol, attendance_due TO diary_app;
GRANT SELECT, INSERT ON excuse_version TO diary_app;
GRANT SELECT, DELETE ON excuse_version TO diary_eraser;
