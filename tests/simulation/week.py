"""The week, Monday to Sunday: who does what when. The clock is moved from one moment to the next."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from tests.simulation import gatherings
from tests.simulation.acts import Asked
from tests.simulation.lessons import SchoolDay
from tests.simulation.load import read_lessons
from tests.simulation.people import People
from tests.simulation.school import MONDAY, Child, on

_MON, _TUE, _WED, _THU, _FRI, _SAT, _SUN = (MONDAY + timedelta(days=number) for number in range(7))
# Of the day before: lessons of the week are made then.
FIRST_NIGHT = on(MONDAY - timedelta(days=1), time(0))
_SICK, _AWAY = 20, 21

Doing = Callable[[], Any]


class Week:
    """What is usual and what is special about each day."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._forms = people.school.forms
        self._notices: dict[int, UUID] = {}
        self._absent: dict[date, set[Child]] = {}
        self._meetings: dict[str, UUID] = {}
        self._days: dict[date, SchoolDay] = {}

    async def play(self) -> None:
        """From the night before to the last evening."""
        people = self._people
        await people.stage.at(FIRST_NIGHT)
        await read_lessons(people.settings, people.school)
        for day in (_MON, _TUE, _WED, _THU, _FRI):
            await self._school_day(day)
        await self._weekend()

    async def _school_day(self, day: date) -> None:
        lessons = SchoolDay(self._people, day, self._absent.setdefault(day, set()))
        self._days[day] = lessons
        usual: dict[time, Doing | None] = {
            time(0): None, time(7): self._notices_filed, time(7, 10): None, time(7, 12): None, time(7, 40): None,
            time(8, 5): None, time(8, 40): lessons.first_lessons, time(8, 43): lessons.put_right, time(8, 45): None,
            time(9): lessons.corrected, time(9, 30): lessons.morning_marks, time(11): lessons.noon_marks,
            time(12): None, time(14, 30): lessons.last_marks, time(14, 35): lessons.second_thoughts,
            time(14, 40): lessons.homework_changed, time(15): lessons.remarks, time(15, 5): lessons.dots_set,
            time(16): None, time(16, 40): None, time(17): None, time(18): lessons.afternoon_at_home,
            time(18, 30): None, time(20): None, time(22): lessons.late_evening,
            time(22, 30): lessons.later_that_evening,
        }  # fmt: skip
        special = self._special(day)
        for at, doing in usual.items():
            doings = [one for one in (doing, special.get(at)) if one is not None]
            await self._people.stage.at(on(day, at), *doings)

    def _special(self, day: date) -> dict[time, Doing]:
        """What happens on this day only."""
        of_days: dict[date, dict[time, Doing]] = {
            _MON: {time(8, 5): self._decided, time(12): self._monday_noon, time(15): self._announced},
            _TUE: {
                time(7, 12): self._extended, time(7, 40): self._first_lesson_cancelled, time(12): self._tuesday_noon,
                time(15): self._tuesday_afternoon,
            },
            _WED: {time(12): self._meetings_changed, time(15, 5): self._dot_paid, time(20): self._answered},
            _THU: {time(15): self._class_announced},
            _FRI: {time(15): self._signed},
        }  # fmt: skip
        return of_days[day]

    async def _weekend(self) -> None:
        """Facts of Monday, five days on, and what time brings."""
        stage = self._people.stage
        for day, times in ((_SAT, (0, 7, 7.25, 10, 10.25, 16, 17, 18.5)), (_SUN, (0, 7, 7.25, 16, 17, 18.5, 19.5))):
            for hours in times:
                doings = [self._old_facts] if (day, hours) == (_SAT, 10) else []
                await stage.at(on(day, time()) + timedelta(hours=hours), *doings)

    async def _notices_filed(self) -> None:
        day = self._people.now.date()
        number = (day - MONDAY).days
        if day < _FRI:
            await self._file(30 + number % 4, _AWAY, day, day)
        if day == _MON:
            days = [(_MON, _MON), (_MON, _WED), (_MON, _MON), (_MON, _MON), (_TUE, _WED), (_MON, _MON)]
            for place, (first, last) in enumerate(days):
                lessons = (1, 2) if place == 2 else ()
                self._notices[place] = await self._file(place, _SICK, first, last, lessons)

    async def _file(self, place: int, child: int, first: date, last: date, lessons: tuple[int, ...] = ()) -> UUID:
        form = self._forms[place]
        for number in range((last - first).days + 1):
            self._absent.setdefault(first + timedelta(days=number), set()).add(form.children[child])
        return await self._people.file_notice(form, form.children[child], first, last, lessons)

    async def _decided(self) -> None:
        await self._people.decide_notice(self._forms[0], self._notices[0], accept=True)
        await self._people.decide_notice(self._forms[3], self._notices[3], accept=False)

    async def _monday_noon(self) -> None:
        child = self._forms[4].children[_SICK]
        await self._people.cancel_notice(child, self._notices[4])
        for day in (_TUE, _WED):
            self._absent[day].discard(child)
        self._meetings["dropped"] = await gatherings.call_meeting(self._people, self._forms[7], on(_FRI, time(18)))

    async def _announced(self) -> None:
        await gatherings.announce(self._people, "Фотографирование", students=True)

    async def _extended(self) -> None:
        """After the question of 07:10: not back yet."""
        child = self._forms[0].children[_SICK]
        await self._people.extend_notice(child, self._notices[0], _TUE)
        self._absent[_TUE].add(child)

    async def _first_lesson_cancelled(self) -> None:
        lesson = self._people.school.lesson(self._forms[6], _TUE, 1)
        await self._people.change_lesson(lesson)
        self._days[_TUE].cancelled.add(lesson.id)

    async def _tuesday_noon(self) -> None:
        """Changes for tomorrow and for next week; a mark of yesterday was wrong."""
        school = self._people.school
        await self._people.change_lesson(school.lesson(self._forms[8], _WED, 2), room="31")
        await self._people.change_lesson(school.lesson(self._forms[9], _TUE + timedelta(days=7), 2), room="31")
        child, work = self._forms[20].children[6], self._days[_MON].morning_work(self._forms[20])
        await self._people.ask_to_correct(work, child, "5")

    async def _tuesday_afternoon(self) -> None:
        [asked] = [act for act in self._people.done if isinstance(act, Asked)]
        await self._people.approve(asked, self._forms[20].children[6], "5")
        self._meetings["moved"] = await gatherings.call_meeting(self._people, self._forms[10], on(_THU, time(18)))
        await gatherings.announce(self._people, "Субботник", out=on(_WED, time(8, 5)))

    async def _meetings_changed(self) -> None:
        await gatherings.move_meeting(self._people, self._forms[10], self._meetings["moved"], on(_FRI, time(18)))
        await gatherings.cancel_meeting(self._people, self._forms[7], self._meetings["dropped"])

    async def _dot_paid(self) -> None:
        await self._days[_MON].dot_paid()

    async def _answered(self) -> None:
        for child, coming in zip(self._forms[10].children[:3], (False, True, True), strict=True):
            await gatherings.answer_meeting(self._people, child, self._meetings["moved"], coming=coming)

    async def _class_announced(self) -> None:
        await gatherings.announce(self._people, "Экскурсия", form=self._forms[15], students=True)

    async def _signed(self) -> None:
        for form in self._forms:
            await self._people.sign_week(form.children[0])

    async def _old_facts(self) -> None:
        for form in self._forms[14:20]:
            lesson = self._people.school.lesson(form, _MON, 5)
            work = await self._people.give_work(lesson)
            await self._people.set_marks(work, dict.fromkeys(form.children[:5], "4"))
            absent, late = form.children[25:27]
            await self._people.take_attendance(lesson, {absent: ("absent", None), late: ("late", 5)})
