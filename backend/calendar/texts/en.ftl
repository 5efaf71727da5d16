# What stands in calendars.

title = My diary
title-of-child = Diary: { $child }
room = room { $room }
remote = remote
substitution = Substitution
cancelled = Cancelled: { $what }
moved = Moved: { $what }
homework = Homework: { $subject }
meeting = Meeting: { $title }
work = { $kind ->
    [control-work] Control work
   *[test] Test
}: { $subject }
