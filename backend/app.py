"""The composition root: settings and ports in, the Litestar application out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import ResponseHeader
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins.prometheus import PrometheusConfig
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts.routes import router as alerts
from backend.attendance.notice_routes import router as notices
from backend.attendance.routes import router as attendance
from backend.board.routes import router as board
from backend.calendar.routes import router as calendar
from backend.control.routes import router as control
from backend.core import health
from backend.core.access import access_of
from backend.core.errors import DiaryError, SetupError
from backend.core.http import DiaryRequest
from backend.core.openapi import ExactStructs, swagger_file, swagger_page
from backend.core.problems import on_diary_error, on_exception, on_http_exception
from backend.diary.routes import router as diary
from backend.exchange.feed.routes import router as feed
from backend.exchange.routes import router as exchange
from backend.files.routes import router as files
from backend.homework.routes import router as homework
from backend.identity.acting import Acting, Bearer, confirm, read_bearer
from backend.identity.routes import router as identity
from backend.info import API_VERSION, get_app
from backend.journal.routes import router as journal
from backend.live.routes import UNCOMPRESSED
from backend.live.routes import router as live
from backend.meetings.routes import router as meetings
from backend.messages.routes import router as messages
from backend.parts import Parts
from backend.register.routes import router as register
from backend.school.page_routes import router as school_page
from backend.school.routes import router as school
from backend.school.setup_routes import router as setup
from backend.school.student_routes import router as students
from backend.support.routes import router as support
from backend.timetable.routes import router as timetable
from backend.weeks.routes import router as weeks

ROOMS = [
    identity, school, setup, students, timetable, journal, attendance, notices, homework, meetings, messages, register,
    diary, control, alerts, live, calendar, exchange, feed, files, board, weeks, school_page, support,
]  # fmt: skip

# Tokens, passwords and children's data: nobody between the server and the app keeps a copy.
_PRIVATE = [ResponseHeader(name="Cache-Control", value="no-store", documentation_only=False)]


def build_app(parts: Parts) -> Litestar:
    """The API over the given parts. Raises SetupError where a route does not declare who may call it."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        listening = asyncio.create_task(parts.hub.listen())
        yield
        listening.cancel()
        await asyncio.wait([listening])
        await parts.close()

    metrics = PrometheusConfig(app_name="api", prefix="diary", group_path=True, exclude=["/health", "/metrics"])
    app = Litestar(
        route_handlers=[
            Router("/v1", route_handlers=[get_app, *ROOMS], security=[{"bearer": []}], response_headers=_PRIVATE),
            health.router,
            health.Metrics,
            swagger_file,
        ],
        dependencies=_dependencies(parts),
        exception_handlers={
            DiaryError: on_diary_error,
            HTTPException: on_http_exception,
            Exception: on_exception,
        },
        lifespan=[lifespan],
        middleware=[metrics.middleware],
        plugins=[ExactStructs()],
        request_class=DiaryRequest,
        request_max_body_size=parts.settings.max_body_bytes,
        compression_config=CompressionConfig(backend="gzip", minimum_size=800, exclude_opt_key=UNCOMPRESSED),
        openapi_config=_openapi(),
        logging_config=None,
    )
    _require_declared_access(app)
    return app


def _dependencies(parts: Parts) -> dict[str, Provide]:
    """What handlers may ask for by name: the parts, and what belongs to the request."""

    def now() -> datetime:
        return parts.clock()

    def bearer(request: DiaryRequest, now: datetime) -> Bearer:
        return read_bearer(request, parts.settings.keys.tokens, now)

    async def tx(bearer: Bearer) -> AsyncIterator[AsyncSession]:
        """The request's transaction. It commits before the answer is sent."""
        async with parts.database.transaction(bearer.account_id) as session:
            yield session

    async def acting(request: DiaryRequest, bearer: Bearer, tx: AsyncSession) -> Acting:
        return await confirm(tx, bearer, request.route_handler)

    return {name: Provide(_part(parts, name), sync_to_thread=False) for name in vars(parts)} | {
        "now": Provide(now, sync_to_thread=False),
        "bearer": Provide(bearer, sync_to_thread=False),
        "tx": Provide(tx),
        "acting": Provide(acting),
    }


def _part(parts: Parts, name: str) -> Callable[[], Any]:
    return lambda: getattr(parts, name)


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
