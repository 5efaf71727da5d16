"""The demo's days: lessons around now, and five weeks of past marks, absences and homework."""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.core.ids import new_id
from backend.demo.accounts import SCHOOL_ID
from backend.demo.school import TIMEZONE, Taught
from backend.journal.rules import WEIGHTS
from schemas.journal import WorkKind

PAST = timedelta(days=35)
AHEAD = timedelta(days=14)
LESSON = timedelta(minutes=45)
STEP = timedelta(minutes=55)
PER_DAY = 6
_FIRST_BELL = time(8, 30)
_TOPICS = ("Повторение", "Новая тема", "Решение задач", "Самостоятельная работа", "Обобщение", "Практикум")
_HOMEWORK = (
    "§ {n}, вопросы 1–4",
    "№ {n} и № {m}",
    "Выучить правило на с. {n}",
    "Прочитать с. {n}–{m}",
    "Подготовить сообщение",
)
_MARKS = ("5", "5", "5", "4", "4", "4", "4", "3", "3", "2")


def is_school_day(day: date, today: date) -> bool:
    """Monday to Friday, and always today: the demo works on a Sunday too."""
    return day.weekday() < 5 or day == today


def bells(day: date, now: datetime) -> list[tuple[datetime, datetime]]:
    """When lessons are. Today they are laid so that the third is under way now, whatever the hour."""
    zone = ZoneInfo(TIMEZONE)
    first = datetime.combine(day, _FIRST_BELL, zone)
    local = now.astimezone(zone)
    if day == local.date():
        earliest = datetime.combine(day, time(0, 1), zone)
        latest = datetime.combine(day, time(23, 58), zone) - STEP * (PER_DAY - 1) - LESSON
        first = max(earliest, min(local - STEP * 2 - timedelta(minutes=20), latest)).replace(second=0, microsecond=0)
    return [(first + STEP * number, first + STEP * number + LESSON) for number in range(PER_DAY)]


def lessons_of(taught: Sequence[Taught], day: date, now: datetime) -> list[dict[str, Any]]:
    """A class's lessons of a day: mathematics is always the third, the rest goes round."""
    mathematics = next(item for item in taught if item.subject == "Математика")
    others = [item for item in taught if item is not mathematics]
    turn = day.toordinal() * (PER_DAY - 1)
    day_plan = [others[(turn + number) % len(others)] for number in range(PER_DAY - 1)]
    day_plan.insert(2, mathematics)
    times = bells(day, now)
    return [
        {
            "id": new_id(), "school_id": SCHOOL_ID, "group_id": group, "subject_id": item.subject_id,
            "teacher_id": teacher, "day": day, "number": number, "starts_at": times[number - 1][0],
            "ends_at": times[number - 1][1], "room": str(100 + (item.subject_id.int % 40)), "topic": None,
        }
        for number, item in enumerate(day_plan, 1)
        for group, teacher in item.groups
    ]  # fmt: skip


class Past:
    """Marks, absences and homework of lessons that are over."""

    def __init__(self, members: dict[UUID, list[UUID]]) -> None:
        self._members = members
        self._chance = random.Random(7)
        self._absent: dict[tuple[UUID, date], str | None] = {}
        self.works: list[dict[str, Any]] = []
        self.marks: list[dict[str, Any]] = []
        self.checks: list[dict[str, Any]] = []
        self.codes: list[dict[str, Any]] = []
        self.homework: list[dict[str, Any]] = []

    def tell(self, lesson: dict[str, Any], next_day: date) -> None:
        """Makes up what happened in a lesson."""
        chance = self._chance
        lesson["topic"] = chance.choice(_TOPICS)
        present = self._attendance(lesson)
        if chance.random() < 0.35:
            self._work(lesson, present)
        if chance.random() < 0.5:
            text = chance.choice(_HOMEWORK).format(n=chance.randint(10, 60), m=chance.randint(61, 120))
            self.homework.append(
                {
                    "id": new_id(), "school_id": SCHOOL_ID, "lesson_id": lesson["id"], "group_id": lesson["group_id"],
                    "subject_id": lesson["subject_id"], "due_on": next_day, "body": text, "mandatory": True,
                    "minutes": chance.choice((15, 20, 30)), "set_by": lesson["teacher_id"],
                    "created_at": lesson["ends_at"],
                }
            )  # fmt: skip

    def _attendance(self, lesson: dict[str, Any]) -> list[UUID]:
        at = lesson["ends_at"]
        self.checks.append(
            {
                "lesson_id": lesson["id"],
                "school_id": SCHOOL_ID,
                "checked_by": lesson["teacher_id"],
                "checked_at": at,
            }
        )
        present = []
        for student in self._members[lesson["group_id"]]:
            code = self._code(student, lesson["day"])
            if code is None:
                present.append(student)
                continue
            self.codes.append(
                {
                    "lesson_id": lesson["id"], "student_id": student, "version": 1, "school_id": SCHOOL_ID,
                    "code": code, "minutes": None, "set_by": lesson["teacher_id"], "set_at": at,
                }
            )  # fmt: skip
        return present

    def _code(self, student: UUID, day: date) -> str | None:
        key = (student, day)
        if key not in self._absent:
            ill = self._chance.random() < 0.04
            self._absent[key] = self._chance.choice(("ill", "ill", "excused", "absent")) if ill else None
        return self._absent[key]

    def _work(self, lesson: dict[str, Any], present: list[UUID]) -> None:
        kind: WorkKind = self._chance.choice(("answer", "classwork", "classwork", "test", "control-work", "homework"))
        work_id = new_id()
        at = lesson["ends_at"]
        self.works.append(
            {
                "id": work_id, "school_id": SCHOOL_ID, "lesson_id": lesson["id"], "group_id": lesson["group_id"],
                "subject_id": lesson["subject_id"], "kind": kind, "topic": lesson["topic"], "weight": WEIGHTS[kind],
                "counted": True, "day": lesson["day"], "created_by": lesson["teacher_id"], "created_at": at,
            }
        )  # fmt: skip
        share = 0.95 if kind in {"test", "control-work"} else 0.3
        self.marks.extend(
            {
                "work_id": work_id, "student_id": student, "slot": 1, "version": 1, "school_id": SCHOOL_ID,
                "day": lesson["day"], "value": self._chance.choice(_MARKS), "comment": None, "reason": None,
                "set_by": lesson["teacher_id"], "set_at": at, "visible_from": at,
            }
            for student in present
            if self._chance.random() < share
        )  # fmt: skip
