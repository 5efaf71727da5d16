"""The week once more, by the rules alone."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Any

from tests.simulation import acts
from tests.simulation.acts import Act
from tests.simulation.expected import Book
from tests.simulation.model.attendance import Attendance
from tests.simulation.model.families import Families
from tests.simulation.model.lessons import Lessons
from tests.simulation.model.marks import Marks
from tests.simulation.model.notices import Notices
from tests.simulation.school import School

_FRIDAY = 4


def replay(school: School, done: Sequence[Act], moments: Sequence[datetime]) -> Book:
    """What everybody must be told of what was done.

    Args:
        moments: at which people did something or time alone passed, in order, by the school's clock.
    """
    book = Book(school)
    notices = Notices(book)
    marks, attendance, lessons, families = Marks(book), Attendance(book, notices), Lessons(book), Families(book)
    handlers: dict[type[Act], Callable[[Any], None]] = {
        acts.Marked: marks.mark, acts.Asked: marks.ask, acts.Approved: marks.approve, acts.Listed: attendance.list,
        acts.Filed: notices.file, acts.Decided: notices.decide, acts.Extended: notices.extend,
        acts.Cancelled: notices.cancel, acts.Given: lessons.give, acts.Edited: lessons.edit,
        acts.TakenBack: lessons.take_back, acts.Ticked: lessons.tick, acts.LessonChanged: lessons.change,
        acts.Remarked: families.remark, acts.MeetingCalled: families.call, acts.MeetingMoved: families.move,
        acts.MeetingDropped: families.drop, acts.MeetingAnswered: families.answer, acts.Published: families.publish,
        acts.Signed: families.sign,
    }  # fmt: skip
    by_the_clock: dict[time, Callable[[datetime], None]] = {
        time(0): marks.midnight,
        time(7, 10): notices.ask,
        time(16): marks.remind,
        time(16, 40): lambda at: families.ask_for_weeks(at) if at.weekday() == _FRIDAY else None,
        time(17): lambda at: lessons.unfilled(at, attendance.checked | marks.filled),
        time(18, 30): lessons.evening,
    }
    at_moment: dict[datetime, list[Act]] = defaultdict(list)
    for act in done:
        at_moment[act.at].append(act)
    for moment in moments:
        for act in at_moment[moment]:
            handlers[type(act)](act)
        attendance.due(moment)
        families.due(moment)
        if (rule := by_the_clock.get(moment.time())) is not None:
            rule(moment)
    return book
