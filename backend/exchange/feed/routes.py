"""The feed from another journal, and the credentials of it.

A feed's token is no person's: its requests have a transaction and a confirmation of their own.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import Router, delete, get, post
from litestar.di import Provide
from litestar.openapi.spec import Operation
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.db import Database
from backend.core.http import DiaryRequest
from backend.core.openapi import problems
from backend.core.settings import Settings
from backend.exchange.feed import credentials, service, tokens
from backend.exchange.feed.credentials import Feeder
from backend.exchange.feed.tokens import Presented
from backend.identity.acting import Acting
from schemas.feed import CreateFeedCredential, Feed, FeedCredential, FeedCredentials, FeedTaken, NewFeedCredential

LARGEST_BODY = 5_000_000


@dataclass
class FeedOperation(Operation):
    """An operation that a person's token does not open, also in the description."""

    def __post_init__(self) -> None:
        self.security = [{"feedCredential": []}]


@post(
    "/schools/{school_id:uuid}/feed-credentials",
    operation_id="createFeedCredential",
    summary="A credential by which another journal writes for the school",
    access=Access.ADMINISTRATOR,
    responses=problems(401, 403, 404, 422),
)
async def create_credential(
    school_id: UUID, data: CreateFeedCredential, tx: AsyncSession, acting: Acting, settings: Settings, now: datetime
) -> NewFeedCredential:
    # No Idempotency-Key: a remembered answer would keep the token.
    return await credentials.create(tx, acting, settings.keys, school_id, data, now)


@get(
    "/schools/{school_id:uuid}/feed-credentials",
    operation_id="listFeedCredentials",
    summary="The credentials of a school, revoked ones too",
    access=Access.ADMINISTRATOR,
    responses=problems(401, 403, 404),
)
async def list_credentials(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> FeedCredentials:
    return await credentials.listed(tx, acting, school_id, now)


@delete(
    "/schools/{school_id:uuid}/feed-credentials/{credential_id:uuid}",
    operation_id="revokeFeedCredential",
    summary="Revoke a credential, at once",
    access=Access.ADMINISTRATOR,
    status_code=200,
    responses=problems(401, 403, 404),
)
async def revoke_credential(
    school_id: UUID, credential_id: UUID, tx: AsyncSession, acting: Acting, now: datetime
) -> FeedCredential:
    return await credentials.revoke(tx, acting, school_id, credential_id, now)


def presented(request: DiaryRequest) -> Presented:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = tokens.parse(token) if scheme.lower() == "bearer" else None
    if found is None:
        raise credentials.refused()
    return found


async def transaction(presented: Presented, database: Database) -> AsyncIterator[AsyncSession]:
    """Acts as the credential, which is nobody's account: row security shows it no inbox."""
    async with database.transaction(presented.credential_id) as session:
        yield session


async def feeder(presented: Presented, tx: AsyncSession, settings: Settings) -> Feeder:
    return await credentials.confirm(tx, settings.keys, presented)


@post(
    "/feed",
    operation_id="feedJournal",
    summary="Lessons, works, marks, absences and homework of another journal, by its ids",
    access=Access.FEED,
    status_code=200,
    request_max_body_size=LARGEST_BODY,
    operation_class=FeedOperation,
    responses=problems(401, 409, 422),
    dependencies={
        "presented": Provide(presented, sync_to_thread=False),
        "tx": Provide(transaction),
        "feeder": Provide(feeder),
    },
)
async def feed_journal(data: Feed, tx: AsyncSession, feeder: Feeder, now: datetime) -> FeedTaken:
    return await service.take(tx, feeder, data, now)


router = Router(
    "/", route_handlers=[create_credential, list_credentials, revoke_credential, feed_journal], tags=["feed"]
)
