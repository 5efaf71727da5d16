"""The API's process."""

import uvicorn

from backend.app import build_app
from backend.core.clock import system_clock
from backend.core.middleware import RequestLog
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.processes import app_database


def run_api(settings: Settings) -> None:
    """Serves the API until it is told to stop; requests in flight are finished."""
    database = app_database(settings, "diary-api")
    app = build_app(settings, database, connect_redis(settings.redis_url), system_clock)
    uvicorn.run(
        RequestLog(app),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Whose word about a client's address counts is CLIENT_ADDRESS_HEADER's to say.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
