"""What stands in a calendar: rows of the rooms -> entries with their texts. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from msgspec import Struct

from push.wording import Texts

texts = Texts(Path(__file__).parent / "texts")

# Works that a family plans by (DOMAIN.md section 6).
ANNOUNCED = ("control-work", "test")

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# What turns the direction of what follows, and what no text may hold: control characters, noncharacters.
_HARMFUL = re.compile(
    "[\x00-\x09\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)


class Entry(Struct, frozen=True, kw_only=True):
    """One event. `starts` and `ends` are moments, or the same day twice. `busy`: who has the calendar is taken up.

    `changed_at` is known of meetings only. A program that finds an old moment there keeps what it has, so it is never
    guessed: lessons say nothing, and are taken as they come.
    """

    uid: str
    starts: datetime | date
    ends: datetime | date
    summary: str
    place: str = ""
    text: str = ""
    link: str = ""
    cancelled: bool = False
    busy: bool = False
    revision: int = 0
    changed_at: datetime | None = None


Row = Mapping[str, Any]


class Writer:
    """Writes entries in a person's language.

    Args:
        names: child -> how its entries begin; empty where the calendar is of one child.
    """

    def __init__(self, language: str, names: Mapping[UUID, str]) -> None:
        self._language, self._names = language, names

    def lesson(self, row: Row, changes: int) -> Entry:
        """A child's lesson; a cancelled or moved one stays where it was and says so: some programs hide the status."""
        return self._lesson(row, f"lesson-{row['id']}-{row['child_id']}", self._of(row), changes, busy=False)

    def taught(self, row: Row, changes: int) -> Entry:
        """A lesson that the person gives."""
        summary = f"{row['subject']}, {row['group_name']}"
        return self._lesson(row, f"taught-{row['id']}", summary, changes, busy=True)

    def work(self, row: Row) -> Entry:
        summary = self._say("work", kind=row["kind"], subject=row["subject"])
        return Entry(
            uid=f"work-{row['id']}-{row['child_id']}", starts=row["day"], ends=row["day"],
            summary=self._line(self._named(row, summary)), text=plain(row["topic"] or ""),
        )  # fmt: skip

    def homework(self, row: Row) -> Entry:
        summary = self._say("homework", subject=row["subject"])
        return Entry(
            uid=f"homework-{row['id']}-{row['child_id']}", starts=row["due_on"], ends=row["due_on"],
            summary=self._line(self._named(row, summary)), text=plain(row["text"]),
        )  # fmt: skip

    def meeting(self, row: Row) -> Entry:
        cancelled = row["state"] == "cancelled"
        summary = self._say("meeting", title=row["title"])
        link = row["link"] or ""
        return Entry(
            uid=f"meeting-{row['id']}", starts=row["starts_at"], ends=row["ends_at"],
            summary=self._line(self._say("cancelled", what=summary) if cancelled else summary),
            place=self._line(row["place"] or link), text=plain(row["agenda"] or ""), link=link, cancelled=cancelled,
            busy=not cancelled and row["coming"] is not False, revision=row["version"] - 1,
            changed_at=row["changed_at"],
        )  # fmt: skip

    def title(self, child: str | None) -> str:
        """What the calendar is called: of a child, or the person's own."""
        return self._line(self._say("title-of-child", child=child) if child else self._say("title"))

    def _lesson(self, row: Row, uid: str, summary: str, changes: int, *, busy: bool) -> Entry:
        cancelled = row["state"] == "cancelled"
        if cancelled:
            summary = self._say("moved" if row["moved_to"] else "cancelled", what=summary)
        place = self._say("remote") if row["remote"] else self._room(row["room"])
        return Entry(
            uid=uid, starts=row["starts_at"], ends=row["ends_at"], summary=self._line(summary),
            place=self._line(place), text=self._say("substitution") if row["substitution"] else "",
            cancelled=cancelled, busy=busy and not cancelled, revision=changes,
        )  # fmt: skip

    def _room(self, room: str | None) -> str:
        return self._say("room", room=room) if room else ""

    def _of(self, row: Row) -> str:
        return self._named(row, row["subject"])

    def _named(self, row: Row, summary: str) -> str:
        name = self._names.get(row["child_id"])
        return f"{name}: {summary}" if name else summary

    def _say(self, message: str, **values: Any) -> str:
        return texts.format(self._language, message, values)

    @staticmethod
    def _line(value: str) -> str:
        return plain(value).replace("\n", " ")


def plain(value: str) -> str:
    """A text that no program reads as anything else: lines end in one way, nothing in it commands or turns around."""
    # A backslash before a capital N the library takes for the end of a line.
    left = _LINE_ENDS.sub("\n", value).replace("\t", " ")
    return _HARMFUL.sub("", left).replace("\\N", "\\n")
