"""All SQL over external_id."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.exchange.models import ExternalId
from backend.identity.roster import add_rows, among

Found = list[tuple[str, UUID, dict[str, Any]]]
"""What another system calls an entity, the entity, and what is kept aside."""

_COLUMNS = (col(ExternalId.external), col(ExternalId.entity_id), col(ExternalId.kept))


async def by_external(session: AsyncSession, source: str, kind: str, externals: Collection[str]) -> Found:
    return await _find(session, source, kind, among(col(ExternalId.external), externals))


async def by_entity(session: AsyncSession, source: str, kind: str, entities: Collection[UUID]) -> Found:
    # Source and kind are compared here: in the statement they tempt the planner, before the table's
    # first ANALYZE, to walk all links of the source once per entity (measured: 90 s instead of 3).
    columns = (*_COLUMNS, col(ExternalId.source), col(ExternalId.kind))
    rows = await session.execute(select(*columns).where(among(col(ExternalId.entity_id), entities)))
    return [(row[0], row[1], row[2]) for row in rows if row[3] == source and row[4] == kind]


async def all_of(session: AsyncSession, source: str, kind: str) -> Found:
    return await _find(session, source, kind)


async def _find(session: AsyncSession, source: str, kind: str, *further: ColumnElement[bool]) -> Found:
    mine = (col(ExternalId.source) == source, col(ExternalId.kind) == kind)
    statement = select(*_COLUMNS).where(*mine, *further)
    return [(row[0], row[1], row[2]) for row in await session.execute(statement)]


async def save(session: AsyncSession, rows: Iterable[dict[str, Any]]) -> None:
    """Adds links, or points existing ones elsewhere. Each row has all columns."""
    change = "(entity_id, kept) = (excluded.entity_id, excluded.kept)"
    conflict = f"ON CONFLICT (source, kind, external) DO UPDATE SET {change}"
    await add_rows(session, ExternalId, rows, conflict)


async def remove(session: AsyncSession, source: str, gone: Collection[tuple[str, str]]) -> None:
    """Removes links by (kind, external)."""
    if gone:
        key = tuple_(col(ExternalId.kind), col(ExternalId.external))
        await session.execute(delete(ExternalId).where(col(ExternalId.source) == source, key.in_(sorted(gone))))
