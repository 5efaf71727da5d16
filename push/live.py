"""What apps in the foreground are told after a commit: whose inbox has changed, and of which children, groups and
schools something else is shown now. Only ids travel, through Redis, and may be lost (DESIGN.md section 1)."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

CHANNEL = "my-diary:live"
NEWS = "live_news"


class News(msgspec.Struct, array_like=True):
    """What a transaction changed.

    Attributes:
        accounts: people whose inbox or sessions are not what they were.
        entities: children, groups and schools of which a diary shows something else.
    """

    accounts: set[UUID] = msgspec.field(default_factory=set)
    entities: set[UUID] = msgspec.field(default_factory=set)

    def written(self) -> bytes:
        return msgspec.msgpack.encode(self)

    @classmethod
    def read(cls, written: bytes) -> "News":
        """Raises msgspec.DecodeError for what is no news."""
        return msgspec.msgpack.decode(written, type=cls)


def note(session: AsyncSession, *, accounts: Iterable[UUID] = (), entities: Iterable[UUID] = ()) -> None:
    """Notes what changes with this transaction, to be told once it is committed."""
    news: News = session.info.setdefault(NEWS, News())
    news.accounts.update(accounts)
    news.entities.update(entities)
