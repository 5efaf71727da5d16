-- Remarks and praise, which can be taken back but not rewritten, and the behaviour of each week (DOMAIN.md section 6).

CREATE TABLE remark (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    student_id uuid NOT NULL REFERENCES student,
    lesson_id uuid REFERENCES lesson,
    day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('remark', 'praise')),
    body text NOT NULL,
    author_id uuid NOT NULL REFERENCES account,
    given_at timestamptz NOT NULL,
    taken_back_by uuid REFERENCES account,
    taken_back_at timestamptz,
    CHECK ((taken_back_by IS NULL) = (taken_back_at IS NULL))
);
CREATE INDEX remark_student ON remark (student_id, day);

CREATE TABLE behaviour_version (
    student_id uuid REFERENCES student,
    week date CHECK (extract(isodow FROM week) = 1),
    version integer CHECK (version >= 1),
    school_id uuid NOT NULL REFERENCES school,
    value text CHECK (value IN ('exemplary', 'good', 'satisfactory', 'unsatisfactory')),
    comment text,
    set_by uuid NOT NULL REFERENCES account,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (student_id, week, version)
);
CREATE TRIGGER keep_behaviour BEFORE UPDATE OR DELETE ON behaviour_version
    FOR EACH ROW EXECUTE FUNCTION keep_recorded();

GRANT SELECT, INSERT ON remark, behaviour_version TO diary_app;
GRANT UPDATE (taken_back_by, taken_back_at) ON remark TO diary_app;
GRANT SELECT, DELETE ON remark, behaviour_version TO diary_eraser;
