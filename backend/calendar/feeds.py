"""Making, listing and revoking the addresses of one's own calendars."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.calendar import addresses, repository
from backend.calendar.models import CalendarFeed
from backend.core.errors import Conflict, NotFound
from backend.core.ids import new_id
from backend.core.settings import Keys
from backend.identity import repository as identity
from backend.identity.acting import Acting
from backend.school import rights
from schemas import calendar as wire

MOST = 20


async def create(
    session: AsyncSession, acting: Acting, keys: Keys, base: str, child_id: UUID | None, now: datetime
) -> wire.NewCalendarFeed:
    """A new address of a calendar; it is told here and never again.

    Args:
        base: where the API is reached.

    Raises:
        NotFound: no right to the child.
        Conflict: the account has as many as it may (`too-many-calendars`).
    """
    if child_id is not None:
        await rights.child_to_view(session, acting.account_id, child_id, now)
    # One after another, so that two at once do not both become the last one.
    await identity.account_for_update(session, acting.account_id)
    if len(await repository.live(session, acting.account_id)) >= MOST:
        raise Conflict(code="too-many-calendars", limit=MOST)
    secret = addresses.new_secret()
    feed = CalendarFeed(
        id=new_id(), account_id=acting.account_id, child_id=child_id,
        digest=addresses.digest_of(keys.index, secret), made_at=now,
    )  # fmt: skip
    session.add(feed)
    await session.flush()
    return wire.NewCalendarFeed(feed=_as_wire(feed), address=addresses.address_of(base, secret))


async def listed(session: AsyncSession, acting: Acting) -> wire.CalendarFeeds:
    """The calendars whose addresses open something."""
    return wire.CalendarFeeds(items=[_as_wire(feed) for feed in await repository.live(session, acting.account_id)])


async def revoke(session: AsyncSession, acting: Acting, feed_id: UUID, now: datetime) -> None:
    """From now on the address opens nothing. Raises NotFound for who has no such calendar."""
    if not await repository.revoke(session, acting.account_id, feed_id, now):
        raise NotFound


def _as_wire(feed: CalendarFeed) -> wire.CalendarFeed:
    return wire.CalendarFeed(id=feed.id, child_id=feed.child_id, made_at=feed.made_at, last_read_at=feed.last_read_at)
