-- The lesson that was moved to here, for what the evening counts.
CREATE INDEX lesson_moved ON lesson (moved_to) WHERE moved_to IS NOT NULL;
