"""What may be given, and what an edit is worth telling. Pure (DOMAIN.md section 9)."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

_FURTHEST = timedelta(days=120)
# An edit of anything else is no event.
_TOLD = frozenset({"due_on", "body", "links", "files"})


def due_problem(day: date, due_on: date) -> str | None:
    """What is wrong with the date until which homework of a lesson is due."""
    if due_on < day:
        return "before-the-lesson"
    return "too-far" if due_on > day + _FURTHEST else None


def is_told(changed: Mapping[str, Any] | Collection[str]) -> bool:
    """Whether families hear of an edit of these fields: only of another text, date, link or file."""
    return not _TOLD.isdisjoint(changed)
