"""The SQL of files: what is attached to what, and whose bytes must go."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.files.models import StoredFile

# Locked in the order of ids: two requests that name the same files wait for each other, not both ways. Whoever comes
# second finds them taken.
_TAKE = text("""
    WITH loose AS (
        SELECT id FROM stored_file
         WHERE id = ANY (:ids) AND uploaded_by = :account AND owner_id IS NULL
         ORDER BY id FOR UPDATE
    )
    UPDATE stored_file f SET school_id = :school, owner_kind = :kind, owner_id = :owner, position = 0
      FROM loose WHERE f.id = loose.id
    RETURNING f.id
""")
_ARRANGE = text("""
    UPDATE stored_file SET position = array_position(:ids, id) - 1
     WHERE owner_kind = :kind AND owner_id = :owner AND id = ANY (:ids)
""")
# Due at once, which the moment of the upload is: it is over.
_RELEASE = text("""
    WITH gone AS (
        DELETE FROM stored_file
         WHERE owner_kind = :kind AND owner_id = ANY (:owners) AND id <> ALL (:keep)
        RETURNING id, uploaded_by, size, uploaded_at
    )
    INSERT INTO file_removal (file_id, uploaded_by, size, uploaded_at, due_at)
    SELECT id, uploaded_by, size, uploaded_at, uploaded_at FROM gone
""")


async def attached(session: AsyncSession, kind: str, owners: Sequence[UUID]) -> Sequence[StoredFile]:
    """The files of some owners, each owner's in their order."""
    statement = (
        select(StoredFile)
        .where(col(StoredFile.owner_kind) == kind, col(StoredFile.owner_id).in_(owners))
        .order_by(col(StoredFile.owner_id), col(StoredFile.position))
    )
    return (await session.execute(statement)).scalars().all()


async def take(
    session: AsyncSession, account_id: UUID, school_id: UUID, kind: str, owner: UUID, ids: Sequence[UUID]
) -> set[UUID]:
    """Gives the account's unattached files to an owner; returns those that could be given."""
    values = {"ids": list(ids), "account": account_id, "school": school_id, "kind": kind, "owner": owner}
    return set((await session.execute(_TAKE, values)).scalars())


async def arrange(session: AsyncSession, kind: str, owner: UUID, ids: Sequence[UUID]) -> None:
    await session.execute(_ARRANGE, {"ids": list(ids), "kind": kind, "owner": owner})


async def release(session: AsyncSession, kind: str, owners: Sequence[UUID], keep: Sequence[UUID] = ()) -> None:
    """Takes the files of some owners away, but for those to keep; their bytes go soon after the commit."""
    values: dict[str, Any] = {"kind": kind, "owners": list(owners), "keep": list(keep)}
    await session.execute(_RELEASE, values)
