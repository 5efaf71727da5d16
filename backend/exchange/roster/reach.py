"""How far a class teacher's own list reaches. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.core.values import ClassName
from backend.exchange.problems import Problems
from backend.exchange.roster.columns import CLASS, FAMILY, TEACHER
from backend.exchange.roster.entries import Entry
from backend.exchange.roster.snapshot import Snapshot
from backend.school.models import Student


@dataclass(frozen=True, slots=True)
class OwnClasses:
    """The classes that a class teacher leads: their list may speak of nothing else.

    A list moves whom it names into its class, and who leads a class sees its children's diaries. So a
    child of another class, or one who has left, is for the administrator and the deputy to move.
    """

    account_id: UUID
    classes: frozenset[UUID]

    def check(
        self,
        entries: list[Entry],
        matched: dict[int, Student | None],
        teachers: dict[ClassName, UUID],
        owners: Sequence[tuple[int, str, UUID]],
        school: Snapshot,
        file: str,
        problems: Problems,
    ) -> None:
        """Whatever lies beyond the own classes becomes a problem of its row.

        Args:
            owners: (row, column, account) of parents who are known already by their SNILS. Whoever is no parent of an
                own class yet may have children elsewhere, and who leads the class issues its parents' passwords.
        """
        own = {name for name, row in school.classes.items() if row.id in self.classes}
        parents = {
            account.id
            for student_id, guardians in school.guardians.items()
            if school.class_of.get(student_id) in own
            for account in guardians
        }
        for row, column, account in owners:
            if account not in parents:
                message = "This parent has an account already: the administrator or the deputy links the child."
                problems.add(file, row, column, "not-yours-to-link", message)
        for entry in entries:
            student = matched[entry.row]
            if entry.class_name not in own:
                message = f"You do not lead the class {entry.class_name}: the administrator or the deputy imports it."
                problems.add(file, entry.row, CLASS, "not-your-class", message)
            elif student and (student.left_on or school.class_of.get(student.id, entry.class_name) not in own):
                message = "The student is in another class or has left: the administrator or the deputy moves them."
                problems.add(file, entry.row, FAMILY, "student-of-another-class", message)
            if entry.teacher and teachers.get(entry.class_name, self.account_id) != self.account_id:
                message = "Another class teacher is appointed by the administrator or the deputy."
                problems.add(file, entry.row, TEACHER, "not-yours-to-appoint", message)
