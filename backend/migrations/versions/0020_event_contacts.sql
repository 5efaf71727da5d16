-- Whom a child's family may write to about the events of the school and of its class, until seven days after them
-- (DOMAIN.md section 10), and since when. They answer, and begin nothing themselves.
CREATE FUNCTION event_contacts(child uuid, moment timestamptz) RETURNS TABLE (account_id uuid, since timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT v.contact_id, v.created_at
      FROM student st
      JOIN school s ON s.id = st.school_id
      CROSS JOIN LATERAL (SELECT (moment AT TIME ZONE s.timezone)::date AS today) AS day
      JOIN school_event v ON v.school_id = st.school_id AND v.last_day >= day.today - 7
     WHERE st.id = child AND st.left_on IS NULL AND works_at(v.contact_id, st.school_id, day.today)
       AND (NOT EXISTS (SELECT FROM school_event_class n WHERE n.event_id = v.id)
            OR EXISTS (SELECT FROM school_event_class n
                         JOIN enrolment e ON e.class_id = n.class_id AND e.student_id = st.id
                          AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')
                        WHERE n.event_id = v.id))
$$;
