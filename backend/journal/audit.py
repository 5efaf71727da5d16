"""Proof that nothing of a journal was rewritten or taken out: the chain of migration 0004, walked from its beginning.

A link's hash covers the one before and the leaves of one statement; a leaf is a salted hash of a row. Where row and
salt have been destroyed (DOMAIN.md section 3) the leaf stays, and says so. Whoever rules the server could compute the
whole chain anew; a head that was noted elsewhere shows that.
"""

import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_AT_ONCE = 1_000
_SCHOOLS = text("SELECT school_id, link, hash FROM journal_head ORDER BY school_id")
_LINKS = text("""
    SELECT l.link, l.hash, (SELECT string_agg(f.digest, '' ORDER BY f.digest) FROM journal_leaf f
                             WHERE (f.school_id, f.link) = (l.school_id, l.link)) AS leaves
      FROM journal_link l WHERE l.school_id = :school AND l.link > :after ORDER BY l.link LIMIT :limit
""")
# Rows that are not what was sealed, rows without a leaf, leaves without a row that nobody destroyed.
_ROWS = text("""
    SELECT count(*) FILTER (WHERE m.digest IS NOT NULL AND mark_digest(m) <> m.digest) AS rewritten,
           count(*) FILTER (WHERE m.work_id IS NOT NULL AND f.digest IS NULL) AS unlinked,
           count(*) FILTER (WHERE m.work_id IS NULL AND f.destroyed_at IS NULL) AS missing,
           count(*) FILTER (WHERE m.work_id IS NULL AND f.destroyed_at IS NOT NULL) AS destroyed,
           count(*) FILTER (WHERE m.work_id IS NOT NULL AND f.destroyed_at IS NOT NULL) AS returned,
           count(m.work_id) AS marks
      FROM (SELECT * FROM mark_version WHERE school_id = :school) AS m
      FULL JOIN (SELECT * FROM journal_leaf WHERE school_id = :school) AS f
        ON f.link = m.link AND f.digest = m.digest
""")


class Finding(msgspec.Struct, frozen=True):
    """What a school's chain says.

    Attributes:
        head: the newest link's hash, in hex; worth noting elsewhere.
        broken_at: the first link that does not follow from the one before, or None.
        rewritten, unlinked, missing, returned: rows that were changed, slipped in, taken out, or put back after their
            destruction.
    """

    school_id: UUID
    links: int
    head: str
    broken_at: int | None
    marks: int
    destroyed: int
    rewritten: int
    unlinked: int
    missing: int
    returned: int

    @property
    def holds(self) -> bool:
        return self.broken_at is None and not (self.rewritten or self.unlinked or self.missing or self.returned)

    def line(self) -> str:
        state = "holds" if self.holds else "BROKEN"
        where = "" if self.broken_at is None else f", breaks at link {self.broken_at}"
        wrong = {name: getattr(self, name) for name in ("rewritten", "unlinked", "missing", "returned")}
        told = "".join(f", {count} {name}" for name, count in wrong.items() if count)
        return (
            f"{state:<6} school {self.school_id}: {self.marks} marks, {self.destroyed} destroyed, "
            f"{self.links} links, head {self.head[:16]}{where}{told}"
        )


async def verify(session: AsyncSession) -> AsyncIterator[Finding]:
    """Walks the chain of every school."""
    for school, links, head in (await session.execute(_SCHOOLS)).all():
        rows = (await session.execute(_ROWS, {"school": school})).mappings().one()
        broken = await _first_break(session, school, links, head)
        yield Finding(school_id=school, links=links, head=head.hex(), broken_at=broken, **rows)


async def _first_break(session: AsyncSession, school: UUID, links: int, head: bytes) -> int | None:
    previous, expected = b"", 1
    while True:
        values = {"school": school, "after": expected - 1, "limit": _AT_ONCE}
        rows = (await session.execute(_LINKS, values)).all()
        for link, found, leaves in rows:
            if link != expected or leaves is None or hashlib.sha256(previous + leaves).digest() != found:
                return expected
            previous, expected = found, expected + 1
        if len(rows) < _AT_ONCE:
            return None if (expected - 1, previous) == (links, head) else expected
