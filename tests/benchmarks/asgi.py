"""The API as an ASGI factory, for servers that are told a name to import."""

from litestar.types import ASGIApp

from backend.app import build_app
from backend.core.clock import system_clock
from backend.core.logging import configure_logging
from backend.core.middleware import RequestLog
from backend.core.redis import connect_redis
from backend.core.settings import read_settings
from backend.parts import Parts
from backend.processes import app_database


def build() -> ASGIApp:
    settings = read_settings("DATABASE_URL", "REDIS_URL", "DIARY_SECRET", "FILES_URL")
    configure_logging("warning")
    database = app_database(settings, "bench-api")
    return RequestLog(build_app(Parts(settings, database, connect_redis(settings.redis_url), system_clock)))
