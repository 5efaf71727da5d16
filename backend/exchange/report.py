"""What an import did, or would do: counts, new accounts for the credential sheets, warnings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what): how far the named step is. The total is known from the start."""

WARNINGS_SHOWN = 1000


@dataclass(slots=True)
class Counts:
    created: int = 0
    updated: int = 0
    ended: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that the import made. It has no password: the school issues a one-time one."""

    account_id: UUID
    login: str
    display_name: str
    role: str


@dataclass(slots=True)
class ImportReport:
    """The outcome of one import.

    Attributes:
        dry_run: everything was worked out and rolled back.
        counts: per kind of entity: school, school_year, period, subject, school_class, study_group,
            account, school_role, student, guardianship, enrolment, group_member, teaching_load.
        accounts: made by this import, in the order of the file.
        warnings: what was understood but not taken over, or not as written.
    """

    dry_run: bool = False
    counts: dict[str, Counts] = field(default_factory=dict)
    accounts: list[NewAccount] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    warnings_total: int = 0

    def of(self, kind: str) -> Counts:
        return self.counts.setdefault(kind, Counts())

    def warn(self, message: str) -> None:
        self.warnings_total += 1
        if len(self.warnings) < WARNINGS_SHOWN:
            self.warnings.append(message)

    @property
    def changed(self) -> bool:
        """Whether anything in the database is, or would be, different."""
        return any(count.created or count.updated or count.ended for count in self.counts.values())


def silent(done: int, total: int, what: str) -> None:
    """A progress that shows nothing."""
