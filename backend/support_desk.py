"""`diary support`: those who run the server answer what no school answers (DOMAIN.md section 10)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.core.errors import Conflict, Invalid, SetupError
from backend.core.redis import Announcer, connect_redis
from backend.core.settings import Settings
from backend.files.opening import open_storage
from backend.support import repository, service
from backend.support.letters import Letters
from backend.support.models import SupportRequest
from schemas.base import LongText
from schemas.support import SupportRequest as Shown

T = TypeVar("T")
STATES = ("in-progress", "waiting", "answered", "closed")


async def list_requests(settings: Settings, now: datetime, *, closed: bool) -> list[str]:
    """A line for each request that no school handles, oldest first."""
    async with _session(settings) as session:
        found = await repository.operators_requests(session, now, closed=closed)
    return [
        f"{one.number:<14}{one.state:<13}{one.kind:<12}{_moment(one.created_at)}  {one.subject}" for one in found
    ]  # fmt: skip


async def show_request(settings: Settings, number: str, now: datetime) -> list[str]:
    """All of a request. Raises SetupError where no school's administrator is missing for it."""

    async def look(session: AsyncSession, request: SupportRequest) -> list[str]:
        shown = await service.as_wire(session, request, Letters(settings), named=True)
        lines = list(_lines(shown))
        files = [file for change in shown.changes for file in change.files]
        if files:
            storage = open_storage(settings)
            lines += [f"file: {file.name}  {await storage.link(file.id, now)}" for file in files]
        return lines

    return await _with(settings, number, now, look)


async def go_on(settings: Settings, number: str, state: str, text: str | None, now: datetime) -> str:
    """Answers, asks back, takes up or closes. Raises SetupError, with what is wrong."""
    if state not in STATES:
        raise SetupError(f"{state} is no state to set: take one of {', '.join(STATES)}")
    try:
        msgspec.convert(text or None, LongText | None)
    except msgspec.ValidationError:
        raise SetupError("the text is too long, or has control characters in it") from None

    async def work(session: AsyncSession, request: SupportRequest) -> str:
        letters = Letters(settings)
        try:
            await service.go_on(session, request, state, text or None, None, letters, now)
        except Conflict as error:
            raise SetupError(f"{number} is closed") from error
        except Invalid as error:
            raise SetupError(f"{state} needs a text") from error
        return f"{number} is {request.state}; e-mail: {letters.state(request)}"

    return await _with(settings, number, now, work)


async def _with(
    settings: Settings, number: str, now: datetime, work: Callable[[AsyncSession, SupportRequest], Awaitable[T]]
) -> T:
    async with _session(settings) as session:
        request = await repository.by_number(session, number)
        if request is None or not await repository.is_for_operators(session, request.id, now):
            raise SetupError(f"there is no request {number} that no school answers (`diary support list`)")
        return await work(session, request)


@asynccontextmanager
async def _session(settings: Settings) -> AsyncIterator[AsyncSession]:
    redis = connect_redis(settings.redis_url)
    database = Database(settings.database_url, pool=1, name="diary-support", after_commit=Announcer(redis))
    try:
        async with database.transaction() as session:
            yield session
    finally:
        await database.close()
        await redis.aclose()


def _lines(shown: Shown) -> Iterator[str]:
    yield f"{shown.number}  {shown.state}  {shown.kind}  {shown.subject}"
    yield f"from: {shown.person or 'somebody who is not signed in'}"
    yield f"e-mail: {shown.email or '-'} ({shown.answers_by_mail}), phone: {shown.phone or '-'}"
    yield f"app: {shown.platform or '-'} {shown.app_version or ''}".rstrip()
    for change in shown.changes:
        yield ""
        yield f"{_moment(change.made_at)}  {change.by or change.side}: {change.state}"
        if change.text:
            yield change.text


def _moment(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
