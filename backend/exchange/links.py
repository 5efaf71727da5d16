"""The import's memory: which entity of ours another system means, and what of its rows is kept aside."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.exchange import repository


@dataclass(frozen=True, slots=True)
class Link:
    entity_id: UUID
    kept: dict[str, Any]


class Links:
    """The external ids of one source, as far as they were loaded; changes are saved together at the end."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._links: dict[tuple[str, str], Link] = {}
        self._dirty: set[tuple[str, str]] = set()
        self._gone: set[tuple[str, str]] = set()

    async def load(self, session: AsyncSession, kind: str, externals: Collection[str]) -> None:
        self._take(kind, await repository.by_external(session, self._source, kind, externals))

    async def load_of(self, session: AsyncSession, kind: str, entities: Collection[UUID]) -> dict[str, Link]:
        """Loads, and answers, what the source calls these entities."""
        rows = await repository.by_entity(session, self._source, kind, entities)
        self._take(kind, rows)
        return {external: Link(entity_id, kept) for external, entity_id, kept in rows}

    async def load_all(self, session: AsyncSession, kind: str) -> dict[str, Link]:
        rows = await repository.all_of(session, self._source, kind)
        self._take(kind, rows)
        return {external: Link(entity_id, kept) for external, entity_id, kept in rows}

    def find(self, kind: str, external: str) -> Link | None:
        return self._links.get((kind, external))

    def put(self, kind: str, external: str, entity_id: UUID, kept: dict[str, Any]) -> None:
        """Remembers the link; nothing is written for one that is the same as before."""
        link = Link(entity_id, kept)
        if self._links.get((kind, external)) != link:
            self._links[kind, external] = link
            self._gone.discard((kind, external))
            self._dirty.add((kind, external))

    def drop(self, kind: str, external: str) -> None:
        """Forgets the link: what it meant is gone."""
        self._links.pop((kind, external), None)
        self._dirty.discard((kind, external))
        self._gone.add((kind, external))

    async def save(self, session: AsyncSession) -> None:
        """Writes what changed since it was loaded."""
        await repository.save(
            session,
            [
                {
                    "source": self._source,
                    "kind": kind,
                    "external": external,
                    "entity_id": self._links[kind, external].entity_id,
                    "kept": self._links[kind, external].kept,
                }
                for kind, external in sorted(self._dirty)
            ],
        )
        self._dirty.clear()
        await repository.remove(session, self._source, self._gone)
        self._gone.clear()

    def _take(self, kind: str, rows: repository.Found) -> None:
        for external, entity_id, kept in rows:
            # What this import already changed is newer than what the database says.
            self._links.setdefault((kind, external), Link(entity_id, kept))
