"""The API's process."""

from types import FrameType

import uvicorn

from backend.app import build_app
from backend.core.clock import system_clock
from backend.core.middleware import RequestLog
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.live.hub import Hub
from backend.parts import Parts
from backend.processes import app_database


def run_api(settings: Settings) -> None:
    """Serves the API until it is told to stop; requests in flight are finished."""
    database = app_database(settings, "diary-api")
    parts = Parts(settings, database, connect_redis(settings.redis_url), system_clock)
    config = uvicorn.Config(
        RequestLog(build_app(parts)),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Whose word about a client's address counts is CLIENT_ADDRESS_HEADER's to say.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    _Server(config, parts.hub).run()


class _Server(uvicorn.Server):
    """Ends the streams when it is told to stop: they would keep it until they are cut off."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Between two steps of the loop, in its own thread.
        self._hub.end()
        super().handle_exit(sig, frame)
