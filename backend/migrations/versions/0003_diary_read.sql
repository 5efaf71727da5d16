-- What a diary read needs: the right to a child as one function, and a number that changes with what is shown.

-- Everything that somebody may do with a child at a moment; no row where there is no such child. Rights are
-- columns, so that each asker decides by those that it needs (DOMAIN.md section 1).
CREATE FUNCTION child_access(person uuid, child uuid, moment timestamptz)
RETURNS TABLE (school_id uuid, timezone text, given_name text, today date, is_self boolean, may_view boolean,
               may_file_absence boolean, leads boolean, directs boolean)
LANGUAGE sql STABLE AS $$
    SELECT st.school_id, s.timezone, st.given_name, day.today, coalesce(st.account_id = person, false),
           coalesce(g.may_view, false), coalesce(g.may_view AND g.may_file_absence, false),
           EXISTS (SELECT FROM enrolment e JOIN school_class c ON c.id = e.class_id
                    WHERE e.student_id = st.id AND c.class_teacher_id = person
                      AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')
                      -- works_at, spelled out: a call would cost as much as all the rest.
                      AND EXISTS (SELECT FROM school_role r
                                   WHERE r.account_id = person AND r.school_id = st.school_id
                                     AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity')))
        OR EXISTS (SELECT FROM school_role r
                    WHERE r.account_id = person AND r.school_id = st.school_id AND r.role = 'deputy'
                      AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity')),
           EXISTS (SELECT FROM school_role r
                    WHERE r.account_id = person AND r.school_id = st.school_id AND r.role = 'director'
                      AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity'))
      FROM student st
      JOIN school s ON s.id = st.school_id
      CROSS JOIN LATERAL (SELECT (moment AT TIME ZONE s.timezone)::date AS today) AS day
      LEFT JOIN guardianship g ON g.student_id = st.id AND g.account_id = person
            AND day.today BETWEEN g.starts AND coalesce(g.ends, 'infinity')
     WHERE st.id = child AND st.left_on IS NULL
$$;

-- How often what is shown of a child, a group or a school has changed. A counter of its own and no column of
-- theirs: a mark must not lock a student's row.
CREATE TABLE version (
    entity uuid PRIMARY KEY,
    number bigint NOT NULL
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON version TO diary_app;

-- A child's marks of some days, without looking at those of the whole year.
ALTER TABLE mark_version ADD COLUMN day date;
UPDATE mark_version m SET day = w.day FROM work w WHERE w.id = m.work_id;
ALTER TABLE mark_version ALTER COLUMN day SET NOT NULL;
DROP INDEX mark_version_student;
CREATE INDEX mark_version_student ON mark_version (student_id, day);

-- A child's class; the exclusion constraint's own index is of ranges, and of no use here.
CREATE INDEX enrolment_student ON enrolment (student_id);
