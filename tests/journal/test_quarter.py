"""A worked example: a full quarter of one class, written lesson by lesson as its teachers do, comes out equal to what
was computed by hand (tests/journal/quarter.py), to the last digit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from tests.journal import quarter
from tests.push.fixtures import run_as_owner
from tests.timetable.scenes import planned, set_bells, set_plan
from tests.world import Someone, World

VALUES = {"з": "pass", "осв": "exempt"}
CELL = re.compile(r"(\d|з|осв|н|\.)(?:оп(\d+))?")


@dataclass
class Row:
    """One line of a journal."""

    day: date
    kind: str
    counted: bool
    cells: list[tuple[str, str | None]]


def rows(journal: str) -> Iterator[Row]:
    for line in filter(None, map(str.split, journal.splitlines())):
        day, month = map(int, line[0].split("."))
        cells = [(match[1], match[2]) for cell in line[2:] if (match := CELL.fullmatch(cell))]
        assert len(cells) == len(quarter.STUDENTS), line
        yield Row(date(2026, month, day), line[1].rstrip("*"), not line[1].endswith("*"), cells)


class Quarter:
    """The class and its journal."""

    def __init__(self, world: World, students: dict[str, UUID]) -> None:
        self.world = world
        self.students = students
        self.works: dict[tuple[str, date], str] = {}

    @classmethod
    async def begin(cls, world: World) -> "Quarter":
        """1 November: the timetable of the quarter is there, with its day off and its holidays."""
        await run_as_owner(world, "DELETE FROM lesson")
        students = [world.ivan, world.pyotr, *await world.classmates(4)]
        this = cls(world, dict(zip(quarter.STUDENTS, students, strict=True)))
        await this.go_to(date(2026, 11, 1))
        await set_bells(world)
        russian = {"subjectId": str(world.school.russian), "teacherId": str(world.other_teacher.id)}
        lessons = [planned(world, day) if day % 2 else planned(world, day) | russian for day in range(1, 6)]
        await set_plan(world, *lessons)
        for name, first, last in (("Праздник", "2026-11-04", "2026-11-04"), ("Каникулы", "2026-12-28", "2026-12-31")):
            span = {"kind": "holidays", "name": name, "starts": first, "ends": last}
            await world.deputy.post(f"/v1/schools/{world.school.id}/calendar", span)
        return this

    async def go_to(self, day: date) -> None:
        self.world.clock.now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        await self.world.reissue()

    async def write(self, teacher: Someone, row: Row) -> None:
        """A lesson's page, as its teacher saves it."""
        day = (await teacher.get(f"/v1/teacher/day?day={row.day}")).json()
        assert len(day["lessons"]) == 1, row.day
        marks: list[dict[str, Any]] = []
        attendance: list[dict[str, Any]] = []
        for student, (cell, late) in zip(self.students.values(), row.cells, strict=True):
            if cell == "н":
                attendance.append({"studentId": str(student), "symbol": "Н"})
            elif late:
                attendance.append({"studentId": str(student), "symbol": "ОП", "minutes": int(late)})
            if cell not in ".н":
                marks.append({"studentId": str(student), "value": VALUES.get(cell, cell)})
        body = {
            "attendance": attendance, "works": [{"kind": row.kind, "counted": row.counted, "marks": marks}],
            "topic": "Тема",
        }  # fmt: skip
        saved = await teacher.put(f"/v1/lessons/{day['lessons'][0]['id']}", body)
        assert saved.status_code == 200, saved.text
        self.works[str(teacher.id), row.day] = saved.json()["page"]["works"][0]["id"]

    async def set_one(self, day: date, student: str, value: str, **more: Any) -> None:
        """A single mark of mathematics, in the work of a day."""
        world = self.world
        work = self.works[str(world.teacher.id), day]
        marks = [{"studentId": str(self.students[student]), "value": value} | more]
        answer = await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})
        assert answer.status_code == 200, answer.text

    async def excuse(self, student: str, first: str, last: str, state: str) -> None:
        wish = {"firstDay": first, "lastDay": last, "state": state}
        path = f"/v1/children/{self.students[student]}/excuses"
        assert (await self.world.class_teacher.put(path, wish)).status_code == 200

    async def live_through(self) -> None:
        """Two months, day by day."""
        world = self.world
        written = [(row, world.teacher) for row in rows(quarter.MATHEMATICS)]
        written += [(row, world.other_teacher) for row in rows(quarter.RUSSIAN)]
        for row, teacher in sorted(written, key=lambda item: item[0].day):
            await self.go_to(row.day)
            await self.write(teacher, row)
            if row.day == date(2026, 11, 18):
                await self.excuse("Е", "2026-11-09", "2026-11-10", "unexcused")
                await self.excuse("Е", "2026-11-16", "2026-11-18", "excused")
            if row.day == date(2026, 11, 27):
                await self.set_one(date(2026, 11, 25), "Е", "dot", dueOn="2026-12-09")
            if row.day == date(2026, 11, 30):
                notice = {"firstDay": "2026-12-01", "lastDay": "2026-12-04", "reason": "illness"}
                await world.father.post(f"/v1/children/{self.students['А']}/absence-notices", notice)
            if row.day == date(2026, 12, 4):
                await self.set_one(date(2026, 11, 25), "Е", "3")
            if row.day == date(2026, 12, 23):
                await self.set_one(date(2026, 12, 23), "Б", "dot", dueOn="2026-12-30")
        await self.go_to(date(2026, 12, 28))

    async def read(self, student: str, what: str) -> Any:
        """As the deputy, who sees every child."""
        answer = await self.world.deputy.get(f"/v1/children/{self.students[student]}/{what}")
        assert answer.status_code == 200, answer.text
        return answer.json()


async def proposals(quarter_: Quarter, teacher: Someone, subject: UUID) -> dict[str, tuple[Any, ...]]:
    """(average; average and rounded of each part; what is proposed, or what it lies between) by student."""
    world = quarter_.world
    page = (await teacher.get(finals_of(world, subject))).json()
    names = {str(student): name for name, student in quarter_.students.items()}
    return {
        names[item["studentId"]]: (
            item["average"],
            *((part["average"], part["rounded"]) for part in item["proposal"]["parts"]),
            item["proposal"]["value"] or item["proposal"]["between"],
        )
        for item in page["items"]
    }


def finals_of(world: World, subject: UUID) -> str:
    return f"/v1/groups/{world.school.group_id}/subjects/{subject}/periods/{world.school.period_id}/finals"


async def test_a_full_quarter_comes_out_as_computed_by_hand(world: World) -> None:
    lived = await Quarter.begin(world)
    await lived.live_through()

    mathematics, russian = world.school.mathematics, world.school.russian
    assert await proposals(lived, world.teacher, mathematics) == quarter.MATHEMATICS_SUMS
    assert await proposals(lived, world.other_teacher, russian) == quarter.RUSSIAN_SUMS

    for teacher, subject, sums in (
        (world.teacher, mathematics, quarter.MATHEMATICS_SUMS),
        (world.other_teacher, russian, quarter.RUSSIAN_SUMS),
    ):
        decided = [
            {"studentId": str(student), "value": sums[name][-1] if isinstance(sums[name][-1], str) else "4"}
            for name, student in lived.students.items()
        ]
        assert (await teacher.put(finals_of(world, subject), {"finals": decided})).status_code == 200
    path = f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"
    closed = await world.deputy.put(path, {"closed": True})
    assert closed.json()["resolvedDots"] == 1

    for name, (average, place) in quarter.RATING.items():
        rating = await lived.read(name, "rating")
        assert (name, rating["average"], rating["place"], rating["students"]) == (name, average, place, 6)
        assert rating["classAverage"] == quarter.CLASS_AVERAGE
    for name, wanted in quarter.COUNTERS.items():
        counters = (await lived.read(name, "attendance"))["counters"]
        assert (name, *counters.values()) == (name, *wanted)

    table = await lived.read("А", "progress")
    assert [(row["subject"], row["average"], row["finals"][0]["value"]) for row in table["subjects"]] == [
        ("Математика", "4.46", "4"),
        ("Русский язык", "4.11", "4"),
    ]
    statistics = await lived.read("А", "statistics")
    assert (statistics["average"], statistics["counts"]) == ("4.28", {"2": 1, "3": 1, "4": 14, "5": 11})
    assert [(item["kind"], item["average"], item["marks"]) for item in statistics["kinds"]] == [
        ("answer", "4.50", 6), ("classwork", "4.50", 2), ("control-work", "4.25", 4), ("homework", "4.50", 9),
        ("laboratory", "5.00", 1), ("practice", "4.00", 1), ("test", "4.00", 4),
    ]  # fmt: skip
    # 140/34, 127/28, 267/62
    points = (await lived.read("А", "dynamics?step=month"))["lines"][0]["points"]
    assert [(point["average"], point["running"]) for point in points] == [("4.12", "4.12"), ("4.54", "4.31")]
    b_mathematics = (await lived.read("Б", "progress"))["subjects"][0]["marks"]
    assert "dot" not in {mark["value"] for mark in b_mathematics}
