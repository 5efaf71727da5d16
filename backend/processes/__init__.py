"""The processes of an installation, each composed from settings: API, push worker, scheduler.

A module each, so that none carries what only another needs: the worker's memory knows no HTTP, the API's no Firebase.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import NoReturn

from backend.core.db import Database
from backend.core.redis import Announcer, connect_redis
from backend.core.settings import Settings


def process_name() -> str:
    """Unique among all processes that run: host, process id and a random part."""
    return f"{socket.gethostname()}-{os.getpid()}-{os.urandom(3).hex()}"


def app_database(settings: Settings, name: str) -> Database:
    """The pool of the role `diary_app`; after a commit it wakes the push worker and the screens concerned."""
    announcer = Announcer(connect_redis(settings.redis_url))
    return Database(settings.database_url, pool=settings.database_pool, name=name, after_commit=announcer)


def leave(code: int) -> NoReturn:
    """Ends a process that has spoken to FCM. The HTTP client's own threads outlast its `close` by a moment, and one
    that asks for Python while the interpreter shuts down aborts the process, whatever it had to say."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def on_stop(call: Callable[[], None]) -> None:
    """Calls when the process is asked to end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, call)
