# Alerts as people read them. A kind's message is one item of the text; `.title` is its title.

neutral-title = My Diary
neutral-body = New entry in the diary
more = and { $count } more
summary-title = Your diary: { $count ->
    [one] { $count } item
   *[other] { $count } items
}

channel-marks = Marks
channel-attendance = Attendance
channel-remarks = Remarks and praise
channel-timetable = Timetable
channel-homework = Homework
channel-tomorrow = Tomorrow
channel-notices = Absence notices
channel-meetings = Meetings
channel-announcements = Announcements
channel-weeks = The week
channel-messages = Messages
channel-urgent-messages = Urgent messages of the school
channel-summary = Summary
channel-access = Access to the diary
channel-journal = Journal
channel-support = Support

mark-value = { $value ->
    [pass] pass
    [fail] fail
    [not-attested] not attested
    [exempt] exempt
    [removed] no mark
    [dot] a dot
   *[other] { $value }
}

mark-set = { $subject }: { $value }
    .title = { $child }: { $count ->
        [one] new mark
       *[other] new marks
    }

mark-corrected = { $subject }: corrected, was { $old }, now { $value }
    .title = { $child }: a mark was corrected

dot-set = { $subject }: to hand in by { $dueOn }
    .title = { $child }: a dot, work is due

dot-due = { $subject }: to hand in by { $dueOn }
    .title = { $child }: the term is near

dot-resolved = { $subject }
    .title = { $child }: a dot is gone

finals-published = { $period }
    .title = { $child }: final marks

correction-asked = { $subject }, { $groupName }
    .title = A mark is asked to be corrected

correction-decided = { $subject }, { $groupName }: { $approved ->
    [yes] corrected
   *[no] declined
}
    .title = Decision on a mark's correction

absent-without-notice = lesson { $number }: { $subject }
    .title = { $child } is not in class

remark-given = { $subject ->
    [none] { $day }
   *[other] { $subject }, { $day }
}
    .title = { $child }: a remark

praise-given = { $subject ->
    [none] { $day }
   *[other] { $subject }, { $day }
}
    .title = { $child }: praise

absence-corrected = lesson { $number }: { $subject }{ $minutes ->
    [0] { "" }
   *[other] , { $minutes } min late
}
    .title = { $child } is at the lesson

came-late = lesson { $number }: { $subject }{ $minutes ->
    [0] { "" }
   *[other] , by { $minutes } min
}
    .title = { $child }: late

timetable-changed = lesson { $number }, { $subject }: { $change ->
    [cancelled] cancelled
    [restored] takes place after all
    [teacher] another teacher
    [subject] another subject
    [room] { $room ->
        [none] no room
       *[other] room { $room }
    }
    [moved] moved to { $toDay }, lesson { $toNumber }
    [remote] remote
    [in-person] at school again
    [added] added
   *[other] changed
}
    .title = { $child }: timetable for { $day }

first-lesson-changed = { timetable-changed }
    .title = { $child }: today's first lesson has changed

homework-set = { $subject } for { $dueOn }
    .title = { $child }: homework

homework-changed = { $subject } for { $dueOn }
    .title = { $child }: homework changed

tomorrow = { $first ->
    [none] No lessons
   *[other] First lesson at { $first }: { $subject }
}{ $changes ->
    [0] { "" }
    [one] . { $changes } change of the timetable
   *[other] . { $changes } changes of the timetable
}{ $undone ->
    [none] { "" }
   *[other] . Not ticked: { $undone }
}
    .title = Tomorrow, { $day }

absence-notice-filed = { $firstDay ->
    [same] { $lastDay }
   *[other] { $firstDay } – { $lastDay }
}{ $lessons ->
    [none] { "" }
   *[other] , lessons: { $lessons }
}
    .title = { $child }, { $className }: will not be at school

absence-notice-changed = { absence-notice-filed }
    .title = { $child }, { $className }: the days of absence have changed

absence-notice-cancelled = { absence-notice-filed }
    .title = { $child }, { $className }: will be at school after all

absence-notice-decided = { $firstDay ->
    [same] { $lastDay }
   *[other] { $firstDay } – { $lastDay }
}: { $accepted ->
    [yes] accepted
   *[no] declined
}
    .title = { $child }: absence notice

expected-back = If not, extend the absence notice
    .title = Is { $child } at school today?

meeting-called = { $startsAt }, { $place ->
    [none] online
   *[other] { $place }
}. { $title }
    .title = { $className ->
        [none] Parents' meeting
       *[other] Parents' meeting, { $className }
    }

meeting-moved = { $change ->
    [time] moved from { $oldStartsAt } to { $startsAt }, { $place ->
        [none] online
       *[other] { $place }
    }
    [both] moved from { $oldStartsAt } to { $startsAt }, new place: { $place ->
        [none] online
       *[other] { $place }
    }
    [link] { $startsAt }, new link
   *[place] { $startsAt }, new place: { $place ->
        [none] online
       *[other] { $place }
    }
}. { $title }
    .title = { $className ->
        [none] Meeting changed
       *[other] Meeting changed, { $className }
    }

meeting-cancelled = { $startsAt }. { $title }
    .title = { $className ->
        [none] Meeting cancelled
       *[other] Meeting cancelled, { $className }
    }

meeting-soon = { $startsAt }, { $place ->
    [none] online
   *[other] { $place }
}. { $title }
    .title = { $className ->
        [none] Meeting soon
       *[other] Meeting soon, { $className }
    }

announcement-published = { $title }
    .title = { $className ->
        [none] Announcement
       *[other] Announcement, { $className }
    }

week-to-acknowledge = { $firstDay } – { $lastDay }
    .title = { $child }: look through the week and sign it

remark-answered = { $day }
    .title = { $child }: the parents have answered a remark

message-received = { $writer ->
    [class-teacher] class teacher
    [deputy] deputy director
    [staff] school staff
    [teacher] { $subject ->
        [none] teacher
       *[other] teacher: { $subject }
    }
    [student] student
   *[parent] parent
}
    .title = { $child }{ $className ->
        [none] { "" }
       *[other] , { $className }
    }: { $count ->
        [one] new message
       *[other] new messages
    }

urgent-message = { message-received }
    .title = { $child }{ $className ->
        [none] { "" }
       *[other] , { $className }
    }: urgent message of the school

guardianship-changed = { $change ->
    [added] the child is in your diary now
   *[other] what you may do has changed
}
    .title = { $child }: access to the diary

lessons-unfilled = { $lessons ->
    [one] { $lessons } lesson without attendance
   *[other] { $lessons } lessons without attendance
}
    .title = The journal of { $day } is not filled

support-answered = { $status ->
    [in-progress] Somebody is at work on it
    [waiting] Support has a question
    [answered] There is an answer
    [closed] Closed
   *[other] Changed
}
    .title = Support: request { $number }
