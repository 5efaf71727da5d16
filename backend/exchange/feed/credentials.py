"""Who may feed a school: credentials that its administrator makes and revokes, and whose a request is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.errors import NotFound, Unauthenticated
from backend.core.ids import new_id
from backend.core.settings import Keys
from backend.exchange.feed import tokens
from backend.exchange.feed.models import FeedCredential
from backend.exchange.feed.tokens import Presented
from backend.identity import repository as identity
from backend.identity.acting import Acting
from backend.school import rights
from backend.school.models import School
from schemas import feed as wire


@dataclass(frozen=True)
class Feeder:
    """Another journal, by a credential that holds in this transaction.

    Attributes:
        source: under which it names its own things.
        roster_source: under which the people and classes that it names were imported.
    """

    credential_id: UUID
    school_id: UUID
    timezone: str
    source: str
    roster_source: str


async def create(
    session: AsyncSession, acting: Acting, keys: Keys, school_id: UUID, wish: wire.CreateFeedCredential, now: datetime
) -> wire.NewFeedCredential:
    """A new credential; its token is told here and never again. Raises NotFound for who is no administrator there."""
    await _require_administrator(session, acting, school_id, now)
    secret = tokens.new_secret()
    credential = FeedCredential(
        id=new_id(),
        school_id=school_id,
        name=wish.name,
        roster_source=wish.roster_source,
        digest=tokens.digest_of(keys.index, secret),
        made_by=acting.account_id,
        made_at=now,
    )
    session.add(credential)
    await session.flush()
    (told,) = await _as_wire(session, [credential])
    return wire.NewFeedCredential(credential=told, token=tokens.token_of(credential.id, secret))


async def listed(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.FeedCredentials:
    """All credentials of a school, revoked ones too. Raises NotFound for who is no administrator there."""
    await _require_administrator(session, acting, school_id, now)
    statement = select(FeedCredential).where(col(FeedCredential.school_id) == school_id)
    found = (await session.execute(statement.order_by(col(FeedCredential.id)))).scalars()
    return wire.FeedCredentials(items=await _as_wire(session, list(found)))


async def revoke(
    session: AsyncSession, acting: Acting, school_id: UUID, credential_id: UUID, now: datetime
) -> wire.FeedCredential:
    """From now on it opens nothing; a request that is under way saves nothing. Revoked again, the first word holds.

    Raises:
        NotFound: no such credential, or not of a school where the caller is administrator.
    """
    await _require_administrator(session, acting, school_id, now)
    mine = (col(FeedCredential.id) == credential_id, col(FeedCredential.school_id) == school_id)
    values = {"revoked_at": now, "revoked_by": acting.account_id}
    await session.execute(update(FeedCredential).where(*mine, col(FeedCredential.revoked_at).is_(None)).values(values))
    credential = (await session.execute(select(FeedCredential).where(*mine))).scalar_one_or_none()
    if credential is None:
        raise NotFound
    (told,) = await _as_wire(session, [credential])
    return told


async def confirm(session: AsyncSession, keys: Keys, presented: Presented) -> Feeder:
    """Whose request it is. Raises Unauthenticated where the credential is unknown or revoked."""
    statement = (
        select(FeedCredential, col(School.timezone))
        .join(School, col(School.id) == col(FeedCredential.school_id))
        .where(col(FeedCredential.id) == presented.credential_id, col(FeedCredential.revoked_at).is_(None))
    )
    row = (await session.execute(statement)).first()
    if row is None or not tokens.matches(keys.index, presented.secret, row[0].digest):
        raise refused()
    credential, timezone = row
    return Feeder(
        credential_id=credential.id,
        school_id=credential.school_id,
        timezone=timezone,
        source=f"feed:{credential.school_id}",
        roster_source=credential.roster_source,
    )


async def note_use(session: AsyncSession, feeder: Feeder, now: datetime) -> None:
    """The last thing of a request, so that revoking does not wait for it.

    Raises:
        Unauthenticated: the credential was revoked meanwhile.
    """
    statement = update(FeedCredential).where(
        col(FeedCredential.id) == feeder.credential_id, col(FeedCredential.revoked_at).is_(None)
    )
    used = await session.execute(statement.values(last_used_at=now).returning(col(FeedCredential.id)))
    if used.scalar() is None:
        raise refused()


def refused() -> Unauthenticated:
    """What who has no credential that holds is told."""
    return Unauthenticated(code="feed-credential-unknown", headers={"WWW-Authenticate": "Bearer"})


async def _require_administrator(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> None:
    if school_id not in await rights.schools_with_role(session, acting.account_id, "administrator", now):
        raise NotFound


async def _as_wire(session: AsyncSession, found: list[FeedCredential]) -> list[wire.FeedCredential]:
    names = await identity.names(session, {credential.made_by for credential in found})
    return [
        wire.FeedCredential(
            id=credential.id,
            name=credential.name,
            prefix=tokens.prefix_of(credential.id),
            roster_source=credential.roster_source,
            made_at=credential.made_at,
            made_by=credential.made_by,
            made_by_name=names[credential.made_by],
            last_used_at=credential.last_used_at,
            revoked_at=credential.revoked_at,
        )
        for credential in found
    ]
