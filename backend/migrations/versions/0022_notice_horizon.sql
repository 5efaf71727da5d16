-- Lessons are laid down 70 days ahead (docs/decisions/0018-timetable.md): a notice further ahead would cover none.
UPDATE attendance_setting SET notice_days_ahead = 70 WHERE notice_days_ahead > 70;
ALTER TABLE attendance_setting
    DROP CONSTRAINT attendance_setting_notice_days_ahead_check,
    ADD CHECK (notice_days_ahead BETWEEN 1 AND 70);
