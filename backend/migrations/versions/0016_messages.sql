-- Messages between a family's account and a member of the staff about a child (DOMAIN.md section 10).

-- Who of a child's school may write with its family at a moment: the class teacher, the deputies, who teaches a group of
-- the child today, and who stands in for a teacher, until seven days after the lesson (backend/timetable/service.py).
CREATE FUNCTION child_staff(child uuid, moment timestamptz)
RETURNS TABLE (account_id uuid, capacity text, subject_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT found.account_id, found.capacity, found.subject_id
      FROM student st
      JOIN school s ON s.id = st.school_id
      CROSS JOIN LATERAL (SELECT (moment AT TIME ZONE s.timezone)::date AS today) AS day
      CROSS JOIN LATERAL (
          SELECT c.class_teacher_id, 'class-teacher', NULL::uuid
            FROM enrolment e JOIN school_class c ON c.id = e.class_id
           WHERE e.student_id = st.id AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')
          UNION ALL
          SELECT r.account_id, 'deputy', NULL
            FROM school_role r
           WHERE r.school_id = st.school_id AND r.role = 'deputy'
             AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity')
          UNION ALL
          SELECT l.teacher_id, 'teacher', l.subject_id
            FROM membership m JOIN teaching_load l ON l.group_id = m.group_id
           WHERE m.student_id = st.id AND day.today BETWEEN m.starts AND coalesce(m.ends, 'infinity')
             AND day.today BETWEEN l.starts AND coalesce(l.ends, 'infinity')
          UNION ALL
          SELECT l.teacher_id, 'teacher', l.subject_id
            FROM membership m JOIN lesson l ON l.group_id = m.group_id
           WHERE m.student_id = st.id AND l.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')
             AND l.day >= day.today - 7 AND l.replaces_teacher_id IS NOT NULL AND l.state = 'planned'
      ) AS found (account_id, capacity, subject_id)
     WHERE st.id = child AND st.left_on IS NULL AND works_at(found.account_id, st.school_id, day.today)
$$;

-- Who of a child's family may write and read at a moment: the student, and guardians who may view.
CREATE FUNCTION child_family(child uuid, moment timestamptz)
RETURNS TABLE (account_id uuid, kind text, receives_push boolean)
LANGUAGE sql STABLE AS $$
    SELECT st.account_id, 'student', true
      FROM student st WHERE st.id = child AND st.left_on IS NULL AND st.account_id IS NOT NULL
    UNION ALL
    SELECT g.account_id, g.kind, g.receives_push
      FROM student st
      JOIN school s ON s.id = st.school_id
      JOIN guardianship g ON g.student_id = st.id
     WHERE st.id = child AND st.left_on IS NULL AND g.may_view
       AND (moment AT TIME ZONE s.timezone)::date BETWEEN g.starts AND coalesce(g.ends, 'infinity')
$$;

-- One for each child, account of its family, and member of the staff: a guardian never sees another's.
CREATE TABLE message_thread (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    student_id uuid NOT NULL REFERENCES student,
    family_id uuid NOT NULL REFERENCES account,
    staff_id uuid NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL,
    -- The newest message; its number is the thread's lock.
    last_number integer NOT NULL DEFAULT 0,
    last_message_id uuid,
    -- Up to which number each side has read.
    family_read integer NOT NULL DEFAULT 0,
    staff_read integer NOT NULL DEFAULT 0,
    CONSTRAINT message_thread_people UNIQUE (student_id, family_id, staff_id),
    CHECK (family_id <> staff_id)
);
CREATE INDEX message_thread_family ON message_thread (family_id, last_message_id DESC);
CREATE INDEX message_thread_staff ON message_thread (staff_id, last_message_id DESC);

CREATE TABLE message (
    id uuid PRIMARY KEY,
    thread_id uuid NOT NULL REFERENCES message_thread,
    number integer NOT NULL CHECK (number >= 1),
    school_id uuid NOT NULL REFERENCES school,
    author_id uuid NOT NULL REFERENCES account,
    body text CHECK (length(body) BETWEEN 1 AND 4000),
    urgent boolean NOT NULL,
    -- When the person wrote it, perhaps offline; and when it came to us.
    written_at timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    taken_back_at timestamptz,
    CONSTRAINT message_number UNIQUE (thread_id, number),
    CHECK ((body IS NULL) = (taken_back_at IS NOT NULL))
);

-- Nobody rewrites what was written; it may be taken back, once.
CREATE FUNCTION keep_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.taken_back_at IS NOT NULL OR NEW.taken_back_at IS NULL THEN
        RAISE EXCEPTION 'a message is never rewritten';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_message BEFORE UPDATE ON message FOR EACH ROW EXECUTE FUNCTION keep_message();

-- How many messages somebody has sent in the hour that began with the first of them.
CREATE TABLE message_pace (
    account_id uuid PRIMARY KEY REFERENCES account,
    since timestamptz NOT NULL,
    sent integer NOT NULL
);

-- Whose messages a person wants in the inbox only. The other does not learn it.
CREATE TABLE message_mute (
    account_id uuid REFERENCES account,
    muted_id uuid REFERENCES account,
    muted_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, muted_id)
);

-- What the leaders of a school see of messages: those that were reported, as they were then. They decide by it whether
-- the author may write to the reporter, until a day.
CREATE TABLE message_report (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    student_id uuid NOT NULL REFERENCES student,
    message_id uuid NOT NULL REFERENCES message,
    author_id uuid NOT NULL REFERENCES account,
    body text NOT NULL,
    sent_at timestamptz NOT NULL,
    reported_by uuid NOT NULL REFERENCES account,
    reported_at timestamptz NOT NULL,
    reason text NOT NULL,
    decision text CHECK (decision IN ('dismissed', 'blocked')),
    answer text,
    blocked_until date,
    decided_by uuid REFERENCES account,
    decided_at timestamptz,
    CONSTRAINT message_report_once UNIQUE (message_id),
    CHECK (num_nulls(decision, answer, decided_by, decided_at) IN (0, 4)),
    CHECK ((blocked_until IS NOT NULL) = (decision IS NOT DISTINCT FROM 'blocked'))
);
CREATE INDEX message_report_school ON message_report (school_id, id DESC);
CREATE INDEX message_report_block ON message_report (author_id, reported_by) WHERE blocked_until IS NOT NULL;

-- When somebody of the staff wants to hear of messages: `[{"weekday": 1, "opens": "14:00:00", "closes": "16:00:00"}]`.
CREATE TABLE office_hours (
    account_id uuid REFERENCES account,
    school_id uuid REFERENCES school,
    hours jsonb NOT NULL,
    PRIMARY KEY (account_id, school_id)
);

GRANT SELECT, INSERT ON message_thread, message, message_report TO diary_app;
GRANT SELECT, INSERT, UPDATE ON message_pace, office_hours TO diary_app;
GRANT SELECT, INSERT, DELETE ON message_mute TO diary_app;
GRANT UPDATE (last_number, last_message_id, family_read, staff_read) ON message_thread TO diary_app;
GRANT UPDATE (body, taken_back_at) ON message TO diary_app;
GRANT UPDATE (decision, answer, blocked_until, decided_by, decided_at) ON message_report TO diary_app;
GRANT SELECT, DELETE ON message_thread, message, message_report TO diary_eraser;

-- Whatever a query asks, it finds the threads of the acting account only, and their messages.
ALTER TABLE message_thread ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_threads ON message_thread TO diary_app USING (acting_account() IN (family_id, staff_id));
ALTER TABLE message ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_messages ON message TO diary_app
    USING (EXISTS (SELECT FROM message_thread t WHERE t.id = thread_id));
CREATE POLICY erase_threads ON message_thread TO diary_eraser USING (true);
CREATE POLICY erase_messages ON message TO diary_eraser USING (true);
