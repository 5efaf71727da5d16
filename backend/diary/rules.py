"""What a page of the diary is called, and averages from their sums. Pure."""

import hashlib
from collections.abc import Iterable
from datetime import date

from backend.core.build import BUILD
from backend.diary.repository import SumRow
from backend.journal.averages import Sums
from schemas.diary import SubjectAverage


def tag_of(rights: str | None, version: str | None, today: date, first: date | None, language: str) -> str:
    """The ETag of a page. It holds for who may do the same with the child, in one language, on one day of the
    school, of one release, as long as nothing that is shown has changed (DESIGN.md section 4)."""
    parts = f"{BUILD}|{rights}|{version}|{today}|{first}|{language}"
    # Weak: what is compressed on the way differs in its bytes (RFC 9110 section 8.8.1).
    return f'W/"{hashlib.sha256(parts.encode()).hexdigest()[:32]}"'


def averages(sums: Iterable[SumRow]) -> list[SubjectAverage]:
    """The average of each subject that has a mark, by the subject's name."""
    return [
        SubjectAverage(
            subject_id=row.subject_id, subject=row.subject, average=Sums(row.total, row.weight).average, marks=row.marks
        )
        for row in sorted(sums, key=lambda row: (row.subject, row.subject_id))
    ]
