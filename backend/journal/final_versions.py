"""Finals as append-only versions: of a period, a year, an exam, a certificate."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Stale
from backend.core.versions import touch
from backend.journal.models import FinalVersion
from schemas import finals as wire

_STANDING = text("""
    SELECT DISTINCT ON (student_id) student_id, version, value, comment FROM final_version
     WHERE student_id = ANY (:students) AND subject_id = :subject AND scope_id = :scope AND kind = :kind
     ORDER BY student_id, version DESC
""")
_WITH_FINALS = text("""
    SELECT DISTINCT student_id FROM (
        SELECT DISTINCT ON (student_id, subject_id, scope_id, kind) student_id, value, set_at FROM final_version
         WHERE student_id = ANY (:students) AND scope_id = ANY (:scopes) AND kind IN ('period', 'year')
         ORDER BY student_id, subject_id, scope_id, kind, version DESC) AS newest
     WHERE value IS NOT NULL AND (set_at > :since OR cast(:since AS timestamptz) IS NULL)
""")
_LOCK_FINALS = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


@dataclass(frozen=True)
class Standing:
    """A final as it stands: version 0 means that there has been none."""

    version: int = 0
    value: wire.FinalValue | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Scope:
    """Which finals are set, by whom, when. `scope_id`: the period, or the year."""

    school_id: UUID
    subject_id: UUID
    scope_id: UUID
    kind: str
    author: UUID
    now: datetime


NOTHING = Standing()


async def lock(session: AsyncSession, subject_id: UUID, scope_id: UUID) -> None:
    """One after another: whoever sets finals of a subject for a period or a year."""
    await session.execute(_LOCK_FINALS, {"key": f"{subject_id}:{scope_id}"})


async def standing(
    session: AsyncSession, students: Sequence[UUID], subject_id: UUID, scope_id: UUID, kind: str
) -> dict[UUID, Standing]:
    """The finals as they stand, by student; missing where there has been none."""
    values = {"students": list(students), "subject": subject_id, "scope": scope_id, "kind": kind}
    rows = await session.execute(_STANDING, values)
    return {student: Standing(version, value, comment) for student, version, value, comment in rows}


async def with_finals(
    session: AsyncSession, students: Sequence[UUID], scopes: Sequence[UUID], since: datetime | None
) -> list[UUID]:
    """Of these students, those who have a final of one of these periods or years, set after a moment."""
    values = {"students": list(students), "scopes": list(scopes), "since": since}
    rows = await session.execute(_WITH_FINALS, values)
    return list(rows.scalars())


async def append(
    session: AsyncSession, scope: Scope, wish: wire.SetFinals, before: Mapping[UUID, Standing]
) -> list[UUID]:
    """Appends a version for each final that differs. Returns whose they are.

    Raises:
        Stale: somebody changed a final after the caller saw it.
    """
    rows: list[dict[str, Any]] = []
    for final in wish.finals:
        stands = before.get(final.student_id, NOTHING)
        if (stands.value, stands.comment) == (final.value, final.comment):
            continue
        if final.version is not None and final.version != stands.version:
            raise Stale(current=stands.value or "—")
        rows.append(
            {
                "student_id": final.student_id, "subject_id": scope.subject_id, "scope_id": scope.scope_id,
                "kind": scope.kind, "version": stands.version + 1, "school_id": scope.school_id, "value": final.value,
                "comment": final.comment, "reason": final.reason, "set_by": scope.author, "set_at": scope.now,
            }
        )  # fmt: skip
    if rows:
        await session.execute(insert(FinalVersion), rows)
    changed = [row["student_id"] for row in rows]
    touch(session, changed)
    return changed


def member_problems(wish: wire.SetFinals, members: set[UUID]) -> dict[str, str]:
    """Students that are named twice, or are not in the group, by JSON pointer."""
    seen = Counter(final.student_id for final in wish.finals)
    wrong: dict[str, str] = {}
    for number, final in enumerate(wish.finals):
        if seen[final.student_id] > 1:
            wrong[f"/finals/{number}/studentId"] = "repeated"
        elif final.student_id not in members:
            wrong[f"/finals/{number}/studentId"] = "not-in-group"
    return wrong
