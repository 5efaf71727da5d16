"""What may be given, and what an edit is worth telling. Pure (DOMAIN.md section 9)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

_FURTHEST = timedelta(days=120)
# An edit of anything else is no event.
_TOLD = frozenset({"due_on", "body", "links", "files"})


def due_problem(day: date, due_on: date) -> str | None:
    """What is wrong with the date until which homework of a lesson is due."""
    if due_on < day:
        return "before-the-lesson"
    return "too-far" if due_on > day + _FURTHEST else None


def student_problems(students: Sequence[UUID], members: Collection[UUID], pointer: str) -> dict[str, str]:
    """What is wrong with those to whom it is given, by JSON pointer: each once, and all of the lesson's group."""
    wrong: dict[str, str] = {}
    for number, student in enumerate(students):
        if student not in members:
            wrong[f"{pointer}/students/{number}"] = "not-in-group"
        elif students.index(student) != number:
            wrong[f"{pointer}/students/{number}"] = "repeated"
    return wrong


def is_told(changed: Mapping[str, Any] | Collection[str]) -> bool:
    """Whether families hear of an edit of these fields: only of another text, date, link or file."""
    return not _TOLD.isdisjoint(changed)
