"""What happens in the lessons of a school day: attendance, marks, homework, remarks."""

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.simulation.acts import Work
from tests.simulation.people import Noted, People
from tests.simulation.school import LATE_FORMS, MONDAY, Child, Form, Lesson

_VALUES = "2345"
_SAVED_AT_ONCE = 10
# Of each class: absent without a notice, late, and in some classes a slip of the hand.
_LATE, _SLIP = 5, 10
_DEBTOR = 15
DOT_TERM = timedelta(days=2)


class SchoolDay:
    """One day of all classes, in the order in which it happens. Classes do things at the same moment.

    Args:
        absent: children with a notice, who are not there.
    """

    def __init__(self, people: People, day: date, absent: set[Child]) -> None:
        self._people, self.day, self._absent = people, day, absent
        self._forms = people.school.forms
        self._number = (day - MONDAY).days
        self._works: dict[Form, Work] = {}
        self._homework: dict[Form, UUID] = {}
        self._dots: dict[Form, Work] = {}
        self._late: dict[Form, Work] = {}
        self._late_homework: UUID | None = None
        self.cancelled: set[UUID] = set()

    async def first_lessons(self) -> None:
        await _each(self._people.take_attendance(self._first(form), self._noted(form)) for form in self._forms)

    async def put_right(self) -> None:
        """Within the delay: the slip was there all the time, or comes in late."""
        for form in self._some(5, 1):
            noted = self._noted(form)
            del noted[form.children[_SLIP]]
            await self._people.take_attendance(self._first(form), noted)
        form = self._forms[4]
        noted = self._noted(form) | {form.children[self._number]: ("late", 3)}
        await self._people.take_attendance(self._first(form), noted)

    async def corrected(self) -> None:
        """After parents were told: was there, or has come."""
        for form in self._some(5, 2):
            noted = self._noted(form)
            del noted[form.children[self._number]]
            await self._people.take_attendance(self._first(form), noted)
        for form in self._some(5, 3):
            noted = self._noted(form) | {form.children[self._number]: ("late", 20)}
            await self._people.take_attendance(self._first(form), noted)

    async def morning_marks(self) -> None:
        async def save(form: Form) -> None:
            self._works[form], _ = await self._people.save_lesson(self._lesson(form, 2), self._marks(form, 0))

        await _each(save(form) for form in self._forms)

    async def noon_marks(self) -> None:
        async def save(form: Form) -> None:
            work = await self._people.give_work(self._lesson(form, 3))
            await self._people.set_marks(work, self._marks(form, 1))

        await _each(save(form) for form in self._forms)

    async def last_marks(self) -> None:
        """With homework for the next school day."""

        async def save(form: Form) -> None:
            _, given = await self._people.save_lesson(self._lesson(form, 4), self._marks(form, 2), self.next_day)
            assert given is not None
            self._homework[form] = given

        await _each(save(form) for form in self._forms)

    async def second_thoughts(self) -> None:
        """Marks of the morning corrected, removed, or saved once more as they are; homework for single students."""
        for form in self._some(3, 0):
            child = form.children[3]
            await self._people.set_marks(self._works[form], {child: self._other(3)})
        for form in self._some(3, 1):
            await self._people.set_marks(self._works[form], dict(self._marks(form, 0)))
        await self._people.set_marks(self._works[self._forms[8]], {self._forms[8].children[2]: None})
        for form in self._some(6, 0):
            children = (form.children[3], form.children[4])
            await self._people.give_homework(self._lesson(form, 5), self.next_day, children)

    async def homework_changed(self) -> None:
        for form in self._some(7, 0):
            await self._people.edit_homework(self._lesson(form, 4), self._homework[form], text="№ 413")
        for form in self._some(7, 1):
            await self._people.edit_homework(self._lesson(form, 4), self._homework[form], minutes=30)
        form = self._forms[5]
        await self._people.take_homework_back(self._lesson(form, 4), self._homework.pop(form))

    async def remarks(self) -> None:
        for form in self._some(4, self._number % 4):
            await self._people.remark_on(self._lesson(form, 4), form.children[8])
        for form in self._some(4, (self._number + 1) % 4):
            await self._people.praise(form, form.children[9])

    async def dots_set(self) -> None:
        for form in self._some(8, 0):
            work = await self._people.give_work(self._lesson(form, 4))
            await self._people.set_marks(work, {form.children[_DEBTOR]: "dot"}, self.day + DOT_TERM)
            self._dots[form] = work

    async def dot_paid(self) -> None:
        """The debt of one class, on its last day."""
        form = self._forms[8]
        await self._people.set_marks(self._dots[form], {form.children[_DEBTOR]: "4"})

    async def afternoon_at_home(self) -> None:
        """Two children of some classes have done what is due."""
        await _each(
            self._people.tick(form.children[place], given)
            for form, given in self._homework.items()
            if form.place % 4 == 1
            for place in (1, 2)
        )

    async def late_evening(self) -> None:
        for form in [self._forms[place] for place in LATE_FORMS[:2]]:
            self._late[form] = await self._people.give_work(self._lesson(form, 5))
            await self._people.set_marks(self._late[form], dict(self._marks(form, 0)))
        late = self._lesson(self._forms[LATE_FORMS[2]], 5)
        self._late_homework = await self._people.give_homework(late, self.next_day)

    async def later_that_evening(self) -> None:
        """Before the morning, when families hear of it: a mark is another, homework is taken back."""
        form = self._forms[LATE_FORMS[0]]
        await self._people.set_marks(self._late[form], {form.children[0]: self._other(0)})
        assert self._late_homework is not None
        if self._number % 2:
            late = self._lesson(self._forms[LATE_FORMS[2]], 5)
            await self._people.take_homework_back(late, self._late_homework)

    def morning_work(self, form: Form) -> Work:
        return self._works[form]

    @property
    def next_day(self) -> date:
        return self.day + timedelta(days=3 if self.day.weekday() == 4 else 1)

    def _lesson(self, form: Form, number: int) -> Lesson:
        return self._people.school.lesson(form, self.day, number)

    def _first(self, form: Form) -> Lesson:
        return next(one for one in self._people.school.day_of(form, self.day) if one.id not in self.cancelled)

    def _some(self, of: int, rest: int) -> list[Form]:
        return [form for form in self._forms if form.place % of == rest]

    def _noted(self, form: Form) -> dict[Child, Noted]:
        noted: dict[Child, Noted] = {child: ("absent", None) for child in form.children if child in self._absent}
        noted |= {form.children[self._number]: ("absent", None), form.children[_LATE + self._number]: ("late", 7)}
        if form.place % 5 == 1:
            noted[form.children[_SLIP]] = ("absent", None)
        return noted

    def _marks(self, form: Form, save: int) -> dict[Child, str]:
        children = form.children[save * _SAVED_AT_ONCE : (save + 1) * _SAVED_AT_ONCE]
        return {child: _VALUES[(place + self._number) % 4] for place, child in enumerate(children)}

    def _other(self, place: int) -> str:
        return _VALUES[(place + self._number + 1) % 4]


async def _each(doings: Iterable[Coroutine[Any, Any, object]]) -> None:
    """At the same moment, as the connections allow."""
    await asyncio.gather(*doings)
