"""The composition root: settings and ports in, the Litestar application out."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import ResponseHeader, State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins.prometheus import PrometheusConfig
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts.routes import router as alerts
from backend.attendance.notice_routes import router as notices
from backend.attendance.notices import FILES as NOTICE_FILES
from backend.attendance.notices import may_read_files as may_read_notice
from backend.attendance.routes import router as attendance
from backend.board.routes import router as board
from backend.board.service import FILES as ANNOUNCEMENT_FILES
from backend.board.service import may_read as may_read_announcement
from backend.calendar.routes import router as calendar
from backend.calendar.service import CalendarDesk
from backend.control.routes import router as control
from backend.core import health
from backend.core.access import access_of
from backend.core.clock import Clock
from backend.core.db import Database
from backend.core.errors import DiaryError, SetupError
from backend.core.http import DiaryRequest
from backend.core.openapi import ExactStructs, swagger_file, swagger_page
from backend.core.problems import on_diary_error, on_exception, on_http_exception
from backend.core.ratelimit import AddressLimit
from backend.core.reading import Readers
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.diary.routes import router as diary
from backend.diary.service import DiaryDesk
from backend.exchange.class_lists import ClassListDesk
from backend.exchange.desk import FileDesk
from backend.exchange.feed.routes import router as feed
from backend.exchange.routes import router as exchange
from backend.exchange.timetables import TimetableDesk
from backend.files.downloads import FileRights, MayRead
from backend.files.opening import open_storage
from backend.files.routes import router as files
from backend.files.uploads import UploadDesk
from backend.homework.child_service import may_read_files as may_read_homework
from backend.homework.repository import FILES as HOMEWORK_FILES
from backend.homework.routes import router as homework
from backend.identity.acting import Acting, Bearer, confirm, read_bearer
from backend.identity.passwords import Passwords
from backend.identity.routes import router as identity
from backend.identity.service import SignInDesk
from backend.info import API_VERSION, get_app
from backend.journal.routes import router as journal
from backend.live.hub import Hub
from backend.live.routes import UNCOMPRESSED
from backend.live.routes import router as live
from backend.live.service import LiveDesk
from backend.meetings.listing import MINUTES, may_read_minutes
from backend.meetings.routes import router as meetings
from backend.messages.reports import may_read_file as may_read_message_file
from backend.messages.routes import router as messages
from backend.messages.showing import FILES as MESSAGE_FILES
from backend.register.recorded import RecordedInJournals
from backend.register.routes import router as register
from backend.school.page_routes import router as school_page
from backend.school.routes import router as school
from backend.school.service import is_staff
from backend.school.setup_routes import router as setup
from backend.school.student_routes import router as students
from backend.support.asking import FILES as SUPPORT_FILES
from backend.support.letters import Letters
from backend.support.routes import router as support
from backend.support.service import may_read_files as may_read_support
from backend.timetable.routes import router as timetable
from backend.weeks.routes import router as weeks
from push.devices import DeviceKeys
from push.wording import push_texts

ROOMS = [
    identity, school, setup, students, timetable, journal, attendance, notices, homework, meetings, messages, register,
    diary, control, alerts, live, calendar, exchange, feed, files, board, weeks, school_page, support,
]  # fmt: skip

# Who may read what is attached to a thing: the room of its kind answers (backend/files/downloads.py).
FILE_OWNERS: Mapping[str, MayRead] = {
    HOMEWORK_FILES: may_read_homework,
    NOTICE_FILES: may_read_notice,
    MINUTES: may_read_minutes,
    ANNOUNCEMENT_FILES: may_read_announcement,
    MESSAGE_FILES: may_read_message_file,
    SUPPORT_FILES: may_read_support,
}

# Tokens, passwords and children's data: nobody between the server and the app keeps a copy.
_PRIVATE = [ResponseHeader(name="Cache-Control", value="no-store", documentation_only=False)]


def build_app(
    settings: Settings, database: Database, redis: Redis, clock: Clock, file_owners: Mapping[str, MayRead] = FILE_OWNERS
) -> Litestar:
    """The API over the given database, Redis and clock.

    Raises:
        SetupError: a route does not declare who may call it, or FILES_URL names no storage.
    """

    readers = Readers(settings.database_url, pool=settings.database_pool, name="diary-read")
    ear = connect_redis(settings.redis_url, blocking=True)
    hub = Hub(ear)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        listening = asyncio.create_task(hub.listen())
        yield
        listening.cancel()
        await asyncio.wait([listening])
        await ear.aclose()
        await readers.close()
        await database.close()
        await redis.aclose()

    metrics = PrometheusConfig(app_name="api", prefix="diary", group_path=True, exclude=["/health", "/metrics"])
    app = Litestar(
        route_handlers=[
            Router("/v1", route_handlers=[get_app, *ROOMS], security=[{"bearer": []}], response_headers=_PRIVATE),
            health.router,
            health.Metrics,
            swagger_file,
        ],
        dependencies=_dependencies(settings, database, readers, redis, hub, clock, FileRights(file_owners)),
        exception_handlers={
            DiaryError: on_diary_error,
            HTTPException: on_http_exception,
            Exception: on_exception,
        },
        lifespan=[lifespan],
        middleware=[metrics.middleware],
        plugins=[ExactStructs()],
        request_class=DiaryRequest,
        request_max_body_size=settings.max_body_bytes,
        compression_config=CompressionConfig(backend="gzip", minimum_size=800, exclude_opt_key=UNCOMPRESSED),
        openapi_config=_openapi(),
        logging_config=None,
        state=State({"hub": hub}),
    )
    _require_declared_access(app)
    return app


def _dependencies(
    settings: Settings, database: Database, readers: Readers, redis: Redis, hub: Hub, clock: Clock, rights: FileRights
) -> dict[str, Provide]:
    """What handlers may ask for by name."""
    passwords = Passwords()
    texts = push_texts()
    device_keys = DeviceKeys(settings.keys.device_keys)
    desk = SignInDesk(database, settings.keys, passwords)
    files = FileDesk(database)
    storage = open_storage(settings)

    def now() -> datetime:
        return clock()

    def bearer(request: DiaryRequest, now: datetime) -> Bearer:
        return read_bearer(request, settings.keys.tokens, now)

    async def tx(bearer: Bearer) -> AsyncIterator[AsyncSession]:
        """The request's transaction. It commits before the answer is sent."""
        async with database.transaction(bearer.account_id) as session:
            yield session

    async def acting(request: DiaryRequest, bearer: Bearer, tx: AsyncSession) -> Acting:
        return await confirm(tx, bearer, request.route_handler)

    given = {
        "settings": settings, "database": database, "redis": redis, "passwords": passwords, "texts": texts,
        "device_keys": device_keys, "desk": desk, "is_staff": is_staff,
        "class_lists": ClassListDesk(files, settings.keys), "timetables": TimetableDesk(files),
        "diary": DiaryDesk(readers, settings.keys.tokens, clock), "recorded": RecordedInJournals(),
        "live": LiveDesk(hub, readers, texts, clock), "calendars": CalendarDesk(database, settings.keys),
        "storage": storage, "uploads": UploadDesk(database, storage), "file_rights": rights,
        "letters": Letters(settings), "limits": AddressLimit(redis, settings.keys.index),
    }  # fmt: skip
    dependencies = {
        name: Provide(_constant(value), use_cache=True, sync_to_thread=False) for name, value in given.items()
    }
    return dependencies | {
        "now": Provide(now, sync_to_thread=False),
        "bearer": Provide(bearer, sync_to_thread=False),
        "tx": Provide(tx),
        "acting": Provide(acting),
    }


def _constant(value: Any) -> Any:
    return lambda: value


def _openapi() -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT", description="`accessToken` of signIn")
    feed_credential = SecurityScheme(type="http", scheme="bearer", description="`token` of createFeedCredential")
    return OpenAPIConfig(
        title="My Diary",
        version=API_VERSION,
        description="A school diary: marks, absences, homework and meetings. Errors are RFC 9457 problem+json.",
        components=Components(security_schemes={"bearer": bearer, "feedCredential": feed_credential}),
        render_plugins=[swagger_page()],
        path="/schema",
    )


def _require_declared_access(app: Litestar) -> None:
    silent = [
        f"{'/'.join(sorted(handler.http_methods))} {route.path}"
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler)
        and handler.http_methods != {"OPTIONS"}
        and not route.path.startswith("/schema")
        and access_of(handler) is None
    ]
    if silent:
        raise SetupError(f"these routes do not declare who may call them: {', '.join(silent)}")
