-- Meetings of classes, of the school and of single families: answers, changes, reminders, minutes (DOMAIN.md section 10).

ALTER TABLE meeting ALTER COLUMN class_id DROP NOT NULL;
ALTER TABLE meeting
    ADD COLUMN audience text NOT NULL DEFAULT 'class' CHECK (audience IN ('class', 'classes', 'school', 'families')),
    ADD COLUMN link text,
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    ADD COLUMN changed_at timestamptz,
    ADD COLUMN cancelled_at timestamptz,
    ADD COLUMN cancelled_by uuid REFERENCES account,
    ADD COLUMN cancel_reason text,
    ADD COLUMN minutes text,
    ADD COLUMN minutes_by uuid REFERENCES account,
    ADD COLUMN minutes_at timestamptz,
    ADD CHECK (audience <> 'class' OR class_id IS NOT NULL),
    ADD CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancel_reason IS NULL)),
    ADD CHECK ((minutes_at IS NULL) = (minutes_by IS NULL) AND (minutes_at IS NULL) = (minutes IS NULL)),
    ADD CHECK (place <> '' OR link IS NOT NULL);
ALTER INDEX meeting_class RENAME TO meeting_of_class;
CREATE INDEX meeting_school ON meeting (school_id, starts_at);
CREATE INDEX meeting_caller ON meeting (called_by, starts_at);

-- Whom it was called for, where that is neither one class nor the whole school.
CREATE TABLE meeting_class (
    meeting_id uuid REFERENCES meeting,
    class_id uuid REFERENCES school_class,
    school_id uuid NOT NULL REFERENCES school,
    PRIMARY KEY (meeting_id, class_id)
);
CREATE INDEX meeting_class_class ON meeting_class (class_id);

CREATE TABLE meeting_student (
    meeting_id uuid REFERENCES meeting,
    student_id uuid REFERENCES student,
    school_id uuid NOT NULL REFERENCES school,
    PRIMARY KEY (meeting_id, student_id)
);
CREATE INDEX meeting_student_student ON meeting_student (student_id);

CREATE TABLE meeting_staff (
    meeting_id uuid REFERENCES meeting,
    account_id uuid REFERENCES account,
    school_id uuid NOT NULL REFERENCES school,
    PRIMARY KEY (meeting_id, account_id)
);
CREATE INDEX meeting_staff_account ON meeting_staff (account_id);

CREATE TABLE meeting_answer (
    meeting_id uuid REFERENCES meeting,
    account_id uuid REFERENCES account,
    school_id uuid NOT NULL REFERENCES school,
    coming boolean NOT NULL,
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (meeting_id, account_id)
);

-- Reminders to come; each leaves when it was told, or when there is nothing to remind of any more.
CREATE TABLE meeting_reminder (
    meeting_id uuid REFERENCES meeting,
    hours_before smallint CHECK (hours_before IN (24, 2)),
    school_id uuid NOT NULL REFERENCES school,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (meeting_id, hours_before)
);
CREATE INDEX meeting_reminder_due ON meeting_reminder (due_at);

-- Meetings that were called before there were reminders are reminded of, too.
INSERT INTO meeting_reminder (meeting_id, hours_before, school_id, due_at)
SELECT m.id, h.hours, m.school_id, m.starts_at - make_interval(hours => h.hours)
  FROM meeting m CROSS JOIN (VALUES (24), (2)) AS h (hours)
 WHERE m.starts_at - make_interval(hours => h.hours) > now();

-- Whose families are invited, from when to when: read by meeting and by student. What counts is the day of the meeting,
-- and before it today: who joins a class is invited, too, who has left it no more.
CREATE VIEW meeting_guest AS
    SELECT m.id AS meeting_id, e.student_id, e.starts, coalesce(e.ends, 'infinity'::date) AS ends
      FROM meeting m JOIN enrolment e ON e.class_id = m.class_id WHERE m.audience = 'class'
    UNION ALL
    SELECT c.meeting_id, e.student_id, e.starts, coalesce(e.ends, 'infinity'::date)
      FROM meeting_class c JOIN enrolment e ON e.class_id = c.class_id
    UNION ALL
    SELECT s.meeting_id, s.student_id, '-infinity'::date, 'infinity'::date FROM meeting_student s
    UNION ALL
    SELECT m.id, e.student_id, e.starts, coalesce(e.ends, 'infinity'::date)
      FROM meeting m JOIN enrolment e ON e.school_id = m.school_id WHERE m.audience = 'school';

-- What somebody may do with a meeting now. `asked`: whose answer is waited for.
CREATE FUNCTION meeting_access(person uuid, meeting_id uuid, moment timestamptz)
RETURNS TABLE (leads boolean, asked boolean, sees boolean)
LANGUAGE sql STABLE AS $$
    SELECT led.yes, invited.yes,
           led.yes OR invited.yes
           OR EXISTS (SELECT FROM meeting_guest q JOIN student st ON st.id = q.student_id AND st.left_on IS NULL
                       WHERE q.meeting_id = m.id AND day.counts BETWEEN q.starts AND q.ends
                         AND (st.account_id = person
                              OR EXISTS (SELECT FROM enrolment e JOIN school_class c ON c.id = e.class_id
                                          WHERE e.student_id = st.id AND c.class_teacher_id = person
                                            AND works.yes
                                            AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity'))))
      FROM meeting m
      JOIN school s ON s.id = m.school_id
      CROSS JOIN LATERAL (SELECT (moment AT TIME ZONE s.timezone)::date AS today,
                                 least(moment AT TIME ZONE s.timezone, m.starts_at AT TIME ZONE s.timezone)::date
                                     AS counts) AS day
      CROSS JOIN LATERAL (SELECT works_at(person, m.school_id, day.today) AS yes) AS works
      CROSS JOIN LATERAL (SELECT works.yes AND (
                 m.called_by = person
                 OR EXISTS (SELECT FROM school_class c WHERE c.id = m.class_id AND c.class_teacher_id = person)
                 OR EXISTS (SELECT FROM school_role r
                             WHERE r.account_id = person AND r.school_id = m.school_id
                               AND r.role IN ('deputy', 'director', 'administrator')
                               AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity'))) AS yes) AS led
      CROSS JOIN LATERAL (SELECT
                 (works.yes AND EXISTS (SELECT FROM meeting_staff t
                                         WHERE t.meeting_id = m.id AND t.account_id = person))
                 OR EXISTS (SELECT FROM guardianship g
                              JOIN student st ON st.id = g.student_id AND st.left_on IS NULL
                              JOIN meeting_guest q ON q.student_id = st.id AND q.meeting_id = m.id
                             WHERE g.account_id = person AND g.may_view
                               AND day.today BETWEEN g.starts AND coalesce(g.ends, 'infinity')
                               AND day.counts BETWEEN q.starts AND q.ends) AS yes) AS invited
     WHERE m.id = meeting_access.meeting_id
$$;

-- A meeting stays on the record: it is cancelled, never deleted.
REVOKE DELETE ON meeting FROM diary_app;
GRANT SELECT, INSERT ON meeting_class, meeting_student, meeting_staff TO diary_app;
GRANT SELECT, INSERT, UPDATE ON meeting_answer TO diary_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON meeting_reminder TO diary_app;
GRANT SELECT ON meeting_guest TO diary_app;
GRANT SELECT, DELETE ON meeting_student, meeting_answer TO diary_eraser;
