"""The SQL of files: what is attached to what, and whose bytes must go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.files.models import FileRemoval, StoredFile

# Locked in the order of ids: two requests that name the same files wait for each other, not both ways. Whoever comes
# second finds them taken.
_TAKE = text("""
    WITH loose AS (
        SELECT id FROM stored_file
         WHERE id = ANY (:ids) AND uploaded_by = :account AND owner_id IS NULL
         ORDER BY id FOR UPDATE
    )
    UPDATE stored_file f SET school_id = :school, owner_kind = :kind, owner_id = :owner,
           position = array_position(cast(:ids AS uuid[]), f.id) - 1
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
        RETURNING id, size, uploaded_at
    )
    INSERT INTO file_removal (file_id, size, due_at) SELECT id, size, uploaded_at FROM gone
""")
_REMOVE = text("""
    WITH gone AS (
        DELETE FROM stored_file WHERE id = :file AND uploaded_by = :account AND owner_id IS NULL
        RETURNING id, size, uploaded_at
    )
    INSERT INTO file_removal (file_id, size, due_at) SELECT id, size, uploaded_at FROM gone RETURNING file_id
""")
_EXPIRE = text("""
    WITH old AS (
        SELECT id FROM stored_file WHERE owner_id IS NULL AND uploaded_at < :before
         ORDER BY uploaded_at FOR UPDATE SKIP LOCKED LIMIT :limit
    ), gone AS (
        DELETE FROM stored_file f USING old WHERE f.id = old.id RETURNING f.id, f.size, f.uploaded_at
    )
    INSERT INTO file_removal (file_id, size, due_at) SELECT id, size, uploaded_at FROM gone
""")
_HELD = text("""
    SELECT (SELECT count(*) FROM stored_file WHERE uploaded_by = :account AND owner_id IS NULL)
         + (SELECT count(*) FROM file_removal WHERE uploaded_by = :account) AS waiting,
           (SELECT coalesce(sum(size), 0) FROM stored_file WHERE uploaded_by = :account AND uploaded_at > :since)
         + (SELECT coalesce(sum(size), 0) FROM file_removal WHERE uploaded_by = :account) AS volume
""")
# One upload of an account after another is counted.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('upload:' || :account, 0))")
_TAKE_DUE = text("""
    WITH due AS (
        SELECT file_id FROM file_removal WHERE due_at <= :now ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT :limit
    )
    UPDATE file_removal r SET uploaded_by = NULL, due_at = :again FROM due WHERE r.file_id = due.file_id
    RETURNING r.file_id
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
    """Gives the account's unattached files to an owner, in this order; returns those that could be given."""
    values = {"ids": list(ids), "account": account_id, "school": school_id, "kind": kind, "owner": owner}
    return set((await session.execute(_TAKE, values)).scalars())


async def arrange(session: AsyncSession, kind: str, owner: UUID, ids: Sequence[UUID]) -> None:
    await session.execute(_ARRANGE, {"ids": list(ids), "kind": kind, "owner": owner})


async def release(session: AsyncSession, kind: str, owners: Sequence[UUID], keep: Sequence[UUID] = ()) -> None:
    """Takes the files of some owners away, but for those to keep; their bytes go soon after the commit."""
    values: dict[str, Any] = {"kind": kind, "owners": list(owners), "keep": list(keep)}
    await session.execute(_RELEASE, values)


async def file(session: AsyncSession, file_id: UUID) -> StoredFile | None:
    return await session.get(StoredFile, file_id)


async def remove(session: AsyncSession, account_id: UUID, file_id: UUID) -> bool:
    """Removes an unattached file of the account; whether it was one."""
    return (await session.execute(_REMOVE, {"file": file_id, "account": account_id})).scalar() is not None


async def held(session: AsyncSession, account_id: UUID, since: datetime) -> tuple[int, int]:
    """How many files of an account wait to be attached, and how much it has uploaded since some moment; what is under
    way counts. Others of the account wait here until this transaction ends."""
    await session.execute(_LOCK, {"account": str(account_id)})
    row = (await session.execute(_HELD, {"account": account_id, "since": since})).one()
    return int(row.waiting), int(row.volume)


async def announce(session: AsyncSession, file_id: UUID, account_id: UUID, size: int, due_at: datetime) -> None:
    """Notes an upload before its first byte: whatever happens, its bytes go."""
    session.add(FileRemoval(file_id=file_id, uploaded_by=account_id, size=size, due_at=due_at))
    await session.flush()


async def keep(session: AsyncSession, file: StoredFile) -> bool:
    """Turns an upload into a file. False where its bytes are being removed already."""
    mine = (col(FileRemoval.file_id) == file.id) & (col(FileRemoval.uploaded_by) == file.uploaded_by)
    kept = await session.execute(delete(FileRemoval).where(mine).returning(col(FileRemoval.file_id)))
    if kept.scalar() is None:
        return False
    session.add(file)
    await session.flush()
    return True


async def give_up(session: AsyncSession, file_id: UUID, now: datetime) -> None:
    """An upload comes to nothing: its bytes are due."""
    statement = update(FileRemoval).where(col(FileRemoval.file_id) == file_id)
    await session.execute(statement.values(uploaded_by=None, due_at=now))


async def expire(session: AsyncSession, before: datetime, limit: int) -> None:
    """Removes files that were uploaded before some moment and never attached."""
    await session.execute(_EXPIRE, {"before": before, "limit": limit})


async def take_due(session: AsyncSession, now: datetime, again: datetime, limit: int) -> list[UUID]:
    """Whose bytes are to be removed now. No upload can keep them any more; each is due again, in case it fails."""
    return list((await session.execute(_TAKE_DUE, {"now": now, "again": again, "limit": limit})).scalars())


async def removed(session: AsyncSession, file_ids: Sequence[UUID]) -> None:
    """Their bytes are gone."""
    await session.execute(delete(FileRemoval).where(col(FileRemoval.file_id).in_(file_ids)))
