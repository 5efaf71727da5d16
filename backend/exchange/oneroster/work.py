"""One OneRoster import under way: what its steps hand on to each other."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.exchange.links import Links
from backend.exchange.oneroster.bundle import BULK, Bundle
from backend.exchange.oneroster.tables import ROLES, USERS
from backend.exchange.problems import Problems
from backend.exchange.report import ImportReport, Progress


@dataclass(frozen=True, slots=True)
class Year:
    id: UUID
    starts: date
    ends: date


@dataclass(frozen=True, slots=True)
class Group:
    """What a class of the file became: a study group, of a whole class where it is a homeroom."""

    id: UUID
    school: str
    class_id: UUID | None
    subject: UUID | None
    year: Year


@dataclass(frozen=True, slots=True)
class Pupil:
    id: UUID
    school: str


@dataclass(slots=True)
class Work:
    """Maps from the file's sourcedIds to ours; filled step by step.

    `years` and `subjects` are by (session or course, school): a district's rows serve many schools.
    `staff` is by user: the schools at which they have a role. `gone` are students who left with this
    import; `dismissed` is by our school: accounts that have no role left there. `touched_classes` are in
    the report already.
    """

    session: AsyncSession
    bundle: Bundle
    links: Links
    problems: Problems
    report: ImportReport
    progress: Progress
    now: datetime
    today: date
    timezone: str
    schools: dict[str, UUID] = field(default_factory=dict)
    years: dict[tuple[str, str], Year] = field(default_factory=dict)
    subjects: dict[tuple[str, str], UUID] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)
    pupils: dict[str, Pupil] = field(default_factory=dict)
    staff: dict[str, set[str]] = field(default_factory=dict)

    gone: set[UUID] = field(default_factory=set)
    dismissed: dict[UUID, set[UUID]] = field(default_factory=dict)
    touched_classes: set[UUID] = field(default_factory=set)
    roles_named: set[str] = field(default_factory=set)

    def judges_user(self, external: str) -> bool:
        """Whether the file decides about a user: it names the user or one of the roles, or all users."""
        return self.bundle[USERS].judges(external) or self.bundle[ROLES].mode == BULK or external in self.roles_named

    @property
    def school_ids(self) -> list[UUID]:
        return list(self.schools.values())
