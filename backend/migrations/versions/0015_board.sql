-- What a school tells its families (announcements, events, its own page), the weeks that parents sign, and what they
-- answer to remarks (DOMAIN.md sections 6 and 10).

-- ---------------------------------------------------------------- who belongs to a school

-- What ties a person to schools and classes today: a parent and a student through the class, who works there as such
-- (without a class) and through the classes led or taught.
CREATE FUNCTION school_ties(person uuid, moment timestamptz) RETURNS TABLE (school_id uuid, class_id uuid, who text)
LANGUAGE sql STABLE AS $$
    WITH day AS (SELECT s.id AS school_id, (moment AT TIME ZONE s.timezone)::date AS today FROM school s),
    works AS (SELECT r.school_id, day.today FROM school_role r JOIN day ON day.school_id = r.school_id
               WHERE r.account_id = person AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity'))
    SELECT st.school_id, e.class_id, 'parent'
      FROM guardianship g
      JOIN student st ON st.id = g.student_id AND st.left_on IS NULL
      JOIN day ON day.school_id = st.school_id
      LEFT JOIN enrolment e ON e.student_id = st.id AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')
     WHERE g.account_id = person AND g.may_view AND day.today BETWEEN g.starts AND coalesce(g.ends, 'infinity')
    UNION
    SELECT st.school_id, e.class_id, 'student'
      FROM student st
      JOIN day ON day.school_id = st.school_id
      LEFT JOIN enrolment e ON e.student_id = st.id AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')
     WHERE st.account_id = person AND st.left_on IS NULL
    UNION
    SELECT works.school_id, NULL, 'staff' FROM works
    UNION
    SELECT works.school_id, c.id, 'staff'
      FROM works JOIN school_class c ON c.school_id = works.school_id AND c.class_teacher_id = person
    UNION
    SELECT works.school_id, e.class_id, 'staff'
      FROM works
      JOIN teaching_load l ON l.school_id = works.school_id AND l.teacher_id = person
       AND works.today BETWEEN l.starts AND coalesce(l.ends, 'infinity')
      JOIN membership m ON m.group_id = l.group_id AND works.today BETWEEN m.starts AND coalesce(m.ends, 'infinity')
      JOIN enrolment e ON e.student_id = m.student_id
       AND works.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')
$$;

-- ---------------------------------------------------------------- announcements and news

-- Without rows in announcement_class it is for the whole school. `expires_on`: the last day on which it is shown.
CREATE TABLE announcement (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    kind text NOT NULL CHECK (kind IN ('announcement', 'news')),
    title text NOT NULL,
    body text NOT NULL,
    to_parents boolean NOT NULL,
    to_students boolean NOT NULL,
    to_staff boolean NOT NULL,
    publish_at timestamptz NOT NULL,
    expires_on date,
    author_id uuid NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL,
    changed_at timestamptz,
    taken_back_by uuid REFERENCES account,
    taken_back_at timestamptz,
    CHECK (to_parents OR to_students OR to_staff),
    CHECK ((taken_back_by IS NULL) = (taken_back_at IS NULL))
);
CREATE INDEX announcement_school ON announcement (school_id, publish_at DESC, id DESC) WHERE taken_back_at IS NULL;

CREATE TABLE announcement_class (
    announcement_id uuid REFERENCES announcement,
    class_id uuid REFERENCES school_class,
    PRIMARY KEY (announcement_id, class_id)
);
CREATE INDEX announcement_class_class ON announcement_class (class_id);

-- Announcements that nobody has been told of yet.
CREATE TABLE announcement_due (
    announcement_id uuid PRIMARY KEY REFERENCES announcement,
    school_id uuid NOT NULL,
    due_at timestamptz NOT NULL
);
CREATE INDEX announcement_due_at ON announcement_due (due_at);

-- How many people were told in each of some threads, and how many of them have read it: numbers and no names, because
-- an inbox is its owner's alone.
CREATE FUNCTION alerts_read(threads text[]) RETURNS TABLE (thread text, told bigint, has_read bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH newest AS (
        SELECT DISTINCT ON (a.thread, a.account_id) a.thread, a.account_id, r.alert_id IS NOT NULL AS has_read
          FROM public.alert a
          LEFT JOIN public.alert_read r ON r.account_id = a.account_id AND r.alert_id = a.id
         WHERE a.thread = ANY (threads)
         ORDER BY a.thread, a.account_id, a.id DESC),
    everybody AS (
        SELECT n.thread, n.account_id, n.has_read FROM newest n
        UNION ALL
        SELECT b.thread, waiting.account_id, false
          FROM public.broadcast b CROSS JOIN unnest(b.accounts[b.done + 1:]) AS waiting (account_id)
         WHERE b.thread = ANY (threads))
    SELECT e.thread, count(DISTINCT e.account_id), count(*) FILTER (WHERE e.has_read) FROM everybody e GROUP BY 1
$$;
REVOKE ALL ON FUNCTION alerts_read(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION alerts_read(text[]) TO diary_app;

-- ---------------------------------------------------------------- the event ribbon

-- Without rows in school_event_class it is the whole school's.
CREATE TABLE school_event (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    kind text NOT NULL CHECK (kind IN ('competition', 'olympiad', 'conference', 'seminar', 'excursion', 'other')),
    first_day date NOT NULL,
    last_day date NOT NULL,
    title text NOT NULL,
    body text,
    place text,
    subject_id uuid REFERENCES subject,
    contact_id uuid REFERENCES account,
    created_by uuid NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL,
    CHECK (first_day <= last_day)
);
CREATE INDEX school_event_day ON school_event (school_id, first_day);

CREATE TABLE school_event_class (
    event_id uuid REFERENCES school_event ON DELETE CASCADE,
    class_id uuid REFERENCES school_class,
    PRIMARY KEY (event_id, class_id)
);
CREATE INDEX school_event_class_class ON school_event_class (class_id);

-- ---------------------------------------------------------------- the school's own page

-- `phone` is the first of its phones.
ALTER TABLE school
    ADD COLUMN further_phones text[] NOT NULL DEFAULT '{}',
    ADD COLUMN email text,
    ADD COLUMN site text,
    ADD COLUMN hours text;

CREATE TABLE school_contact (
    school_id uuid REFERENCES school,
    position smallint,
    name text NOT NULL,
    role text NOT NULL,
    phone text,
    PRIMARY KEY (school_id, position)
);

-- ---------------------------------------------------------------- signed weeks

-- That a guardian has looked through a child's week: each signs for themselves, once.
CREATE TABLE week_signature (
    student_id uuid REFERENCES student,
    week date CHECK (extract(isodow FROM week) = 1),
    account_id uuid REFERENCES account,
    school_id uuid NOT NULL REFERENCES school,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (student_id, week, account_id)
);

-- ---------------------------------------------------------------- answers to remarks

-- That a guardian has seen a remark, and what they answered, which is said once.
CREATE TABLE remark_answer (
    remark_id uuid REFERENCES remark,
    account_id uuid REFERENCES account,
    school_id uuid NOT NULL REFERENCES school,
    acknowledged_at timestamptz NOT NULL,
    body text,
    answered_at timestamptz,
    PRIMARY KEY (remark_id, account_id),
    CHECK ((body IS NULL) = (answered_at IS NULL))
);

-- ---------------------------------------------------------------- who may do what

GRANT SELECT, INSERT ON announcement, announcement_class TO diary_app;
GRANT UPDATE (title, body, expires_on, changed_at, taken_back_by, taken_back_at) ON announcement TO diary_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON announcement_due, school_event, school_event_class, school_contact TO diary_app;
GRANT SELECT, INSERT ON week_signature, remark_answer TO diary_app;
GRANT UPDATE (body, answered_at) ON remark_answer TO diary_app;
GRANT SELECT, DELETE ON week_signature, remark_answer TO diary_eraser;
