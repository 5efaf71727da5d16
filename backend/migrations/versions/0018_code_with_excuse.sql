-- What the teacher's fact comes to with the class teacher's word and the parents' notice (docs/decisions/0019-attendance.md).
-- A table of one row: joined in, PostgreSQL plans it as a part of the query. A scalar function with queries of its own
-- is called for each absence instead, 80 microseconds each.
CREATE FUNCTION code_with_excuse(fact text, child uuid, on_day date, lesson_number smallint) RETURNS TABLE (code text)
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN fact NOT IN ('absent', 'excused', 'unexcused', 'ill') THEN fact ELSE coalesce(
        (SELECT CASE WHEN e.lessons IS NULL OR lesson_number = ANY (e.lessons) THEN e.state END
           FROM excuse_version e WHERE e.student_id = child AND e.day = on_day ORDER BY e.version DESC LIMIT 1),
        CASE WHEN fact = 'absent' AND EXISTS (
            SELECT FROM absence_notice_day n WHERE n.student_id = child AND n.day = on_day
               AND (n.lessons IS NULL OR lesson_number = ANY (n.lessons))) THEN 'excused' END,
        fact) END
$$;

-- Still asked by processes of the release before, until they have been replaced.
CREATE OR REPLACE FUNCTION excused_code(fact text, child uuid, on_day date, lesson_number smallint) RETURNS text
LANGUAGE sql STABLE AS 'SELECT code FROM code_with_excuse(fact, child, on_day, lesson_number)';
