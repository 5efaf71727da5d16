"""Class lists brought over HTTP, and credentials to be printed."""

from typing import Literal

from msgspec import field

from schemas.base import Input, Output
from schemas.timetable import Replanned


class ImportCount(Output):
    """What becomes of one kind of entity. `ended`: from the day before on it holds no more."""

    kind: str
    created: int
    updated: int
    ended: int
    unchanged: int


class ImportedAccount(Output):
    """An account that the list made. It has no password yet: `issueCredentials` prints one."""

    login: str
    role: Literal["student", "parent"]
    name: str


class ClassListImported(Output):
    """What the list did, or would do in a dry run. `warnings` are the first of `warningsTotal`, in English."""

    dry_run: bool
    changed: bool
    counts: list[ImportCount]
    accounts: list[ImportedAccount]
    warnings: list[str]
    warnings_total: int


class TimetableImported(Output):
    """What the file did, or would do in a dry run. `classes`: how many classes, and groups across classes, were set
    whole; `loads`: who teaches what, added where it was missing."""

    dry_run: bool
    classes: int
    weekly_lessons: int
    loads: int
    lessons: Replanned


class IssueCredentials(Input):
    """For whom of a class. `renew`: also those who have a password of their own lose it, and are signed out."""

    whom: Literal["students", "parents", "both"] = field(default="both", name="for")
    renew: bool = False
