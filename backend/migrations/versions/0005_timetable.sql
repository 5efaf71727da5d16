-- The timetable: bells, lessons per week, the school's calendar, and changes by date (DOMAIN.md section 5).

ALTER TABLE school_class
    ADD COLUMN shift smallint NOT NULL DEFAULT 1 CHECK (shift IN (1, 2)),
    ADD COLUMN days_a_week smallint NOT NULL DEFAULT 5 CHECK (days_a_week IN (5, 6)),
    ADD COLUMN profile text;

-- When lessons are; weekday 0 stands for all that have no bells of their own.
CREATE TABLE bell (
    school_id uuid REFERENCES school,
    shift smallint CHECK (shift IN (1, 2)),
    weekday smallint CHECK (weekday BETWEEN 0 AND 6),
    number smallint CHECK (number BETWEEN 0 AND 12),
    starts time NOT NULL,
    ends time NOT NULL,
    PRIMARY KEY (school_id, shift, weekday, number),
    CHECK (starts < ends)
);

CREATE TABLE weekly_lesson (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    group_id uuid NOT NULL REFERENCES study_group,
    subject_id uuid NOT NULL REFERENCES subject,
    teacher_id uuid NOT NULL REFERENCES account,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 6),
    number smallint NOT NULL CHECK (number BETWEEN 0 AND 12),
    room text,
    starts date NOT NULL,
    ends date,
    CHECK (starts <= ends),
    CONSTRAINT one_lesson_a_place EXCLUDE USING gist (
        uuidrange(group_id, group_id, '[]') WITH &&, int4range(weekday, weekday, '[]') WITH &&,
        int4range(number, number, '[]') WITH &&, daterange(starts, ends, '[]') WITH &&)
);
CREATE INDEX weekly_lesson_group ON weekly_lesson (group_id);
CREATE INDEX weekly_lesson_school ON weekly_lesson (school_id);

-- Days that are not as the week says. `as_weekday`: a working day that follows another day's plan.
CREATE TABLE calendar_span (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    class_id uuid REFERENCES school_class,
    kind text NOT NULL CHECK (kind IN ('holidays', 'day-off', 'working', 'quarantine')),
    name text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    as_weekday smallint CHECK (as_weekday BETWEEN 1 AND 6),
    CHECK (starts <= ends),
    CHECK (as_weekday IS NULL OR kind = 'working')
);
CREATE INDEX calendar_span_school ON calendar_span (school_id, starts);

-- `changed`: by date, so that the weekly plan leaves it alone. A moved lesson stays, cancelled, where it was.
ALTER TABLE lesson
    ADD COLUMN state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'cancelled')),
    ADD COLUMN changed boolean NOT NULL DEFAULT false,
    ADD COLUMN remote boolean NOT NULL DEFAULT false,
    -- No reference: a lesson outlives the plan that it came from.
    ADD COLUMN weekly_id uuid,
    ADD COLUMN replaces_teacher_id uuid REFERENCES account,
    ADD COLUMN replaces_subject_id uuid REFERENCES subject,
    ADD COLUMN moved_to uuid REFERENCES lesson,
    ADD COLUMN note text,
    DROP CONSTRAINT lesson_group_id_day_number_key;
CREATE UNIQUE INDEX lesson_place ON lesson (group_id, day, number) WHERE state = 'planned';

-- What was changed by date: who, when, old, new, why.
CREATE TABLE lesson_change (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    lesson_id uuid NOT NULL,
    change text NOT NULL,
    old jsonb NOT NULL,
    new jsonb NOT NULL,
    reason text,
    made_by uuid NOT NULL REFERENCES account,
    made_at timestamptz NOT NULL
);
CREATE INDEX lesson_change_lesson ON lesson_change (lesson_id, id);
CREATE TRIGGER keep_changes BEFORE UPDATE OR DELETE ON lesson_change FOR EACH ROW EXECUTE FUNCTION keep_recorded();

-- Whether something is written about a lesson: then no edit of the plan removes it. Here and not in the rooms above,
-- which the timetable does not know.
CREATE FUNCTION lesson_in_use(lesson uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM work w WHERE w.lesson_id = lesson)
        OR EXISTS (SELECT FROM attendance_check c WHERE c.lesson_id = lesson)
        OR EXISTS (SELECT FROM homework h WHERE h.lesson_id = lesson)
        OR EXISTS (SELECT FROM lesson l WHERE l.id = lesson AND l.topic IS NOT NULL)
$$;

-- What a day holds beside lessons; weekday 0 stands for every school day.
CREATE TABLE stay_item (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    class_id uuid NOT NULL REFERENCES school_class,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    kind text NOT NULL
        CHECK (kind IN ('extracurricular', 'additional', 'exercise', 'meal', 'break', 'walk')),
    name text NOT NULL,
    starts time NOT NULL,
    ends time NOT NULL,
    CHECK (starts < ends)
);
CREATE INDEX stay_item_class ON stay_item (class_id);

CREATE TABLE curriculum_item (
    class_id uuid REFERENCES school_class,
    subject_id uuid REFERENCES subject,
    school_id uuid NOT NULL REFERENCES school,
    hours_a_week numeric(4, 2) NOT NULL CHECK (hours_a_week > 0),
    advanced boolean NOT NULL,
    PRIMARY KEY (class_id, subject_id)
);
CREATE TABLE curriculum_topic (
    class_id uuid,
    subject_id uuid,
    position smallint,
    school_id uuid NOT NULL REFERENCES school,
    title text NOT NULL,
    hours smallint NOT NULL CHECK (hours > 0),
    PRIMARY KEY (class_id, subject_id, position),
    FOREIGN KEY (class_id, subject_id) REFERENCES curriculum_item ON DELETE CASCADE
);

-- What a subject needs in the backpack, by grade.
CREATE TABLE textbook (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    subject_id uuid NOT NULL REFERENCES subject,
    grade smallint NOT NULL CHECK (grade BETWEEN 1 AND 11),
    title text NOT NULL,
    grams smallint NOT NULL CHECK (grams BETWEEN 1 AND 5000)
);
CREATE INDEX textbook_school ON textbook (school_id, grade);

GRANT SELECT, INSERT, UPDATE, DELETE ON bell, weekly_lesson, calendar_span, stay_item, curriculum_item,
    curriculum_topic, textbook, lesson TO diary_app;
GRANT UPDATE (shift, days_a_week, profile) ON school_class TO diary_app;
GRANT SELECT, INSERT ON lesson_change TO diary_app;
