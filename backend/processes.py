"""The processes of an installation, each composed from settings: API, push worker, scheduler."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable

import uvicorn

from backend.app import build_app
from backend.core.clock import system_clock
from backend.core.db import Database
from backend.core.errors import SetupError
from backend.core.middleware import RequestLog
from backend.core.redis import Wakeups, connect_redis
from backend.core.settings import Settings
from backend.scheduler import Scheduler
from push import outbox


def process_name() -> str:
    """Unique among all processes that run: host, process id and a random part."""
    return f"{socket.gethostname()}-{os.getpid()}-{os.urandom(3).hex()}"


def app_database(settings: Settings, name: str) -> Database:
    """The pool of the role `diary_app`; after a commit with alerts it wakes the push worker."""
    wakeups = Wakeups(connect_redis(settings.redis_url), outbox.CHANNEL)
    return Database(
        settings.database_url,
        pool=settings.database_pool,
        name=name,
        after_commit={outbox.WAKE: wakeups.wake},
    )


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


async def run_push_worker(settings: Settings) -> None:
    """Delivers alerts until it is told to stop. Raises SetupError where its set-up is incomplete."""
    # Imported here: firebase-admin stays out of the API's memory.
    from prometheus_client import start_http_server

    from push.catalogue import Lane
    from push.devices import DeviceKeys
    from push.envelope import Envelopes
    from push.fcm import BadCredentials, Fcm, ServiceAccount
    from push.revision import Composer
    from push.wording import push_texts
    from push.worker import Worker

    if settings.firebase_credentials is None:
        raise SetupError("FIREBASE_CREDENTIALS is missing from the environment (docs/firebase.md)")
    database = Database(settings.push_database_url, pool=settings.database_pool, name="diary-push")
    try:
        account = ServiceAccount(settings.firebase_credentials, clock=system_clock, ca=settings.fcm_ca)
    except BadCredentials as error:
        raise SetupError(str(error)) from error
    # The normal lane carries the day; the others must not wait for it, but need less.
    few = max(settings.fcm_connections // 6, 1)
    connections: dict[Lane, int] = {"urgent": few, "normal": settings.fcm_connections, "bulk": few}
    senders = {
        lane: Fcm(account, base_url=settings.fcm_base_url, clock=system_clock, ca=settings.fcm_ca, connections=number)
        for lane, number in connections.items()
    }
    redis = connect_redis(settings.redis_url, blocking=True)
    worker = Worker(
        process_name(),
        transaction=database.transaction,
        redis=redis,
        senders=senders,
        clock=system_clock,
        composer=Composer(
            push_texts(),
            DeviceKeys(settings.keys.device_keys),
            Envelopes(settings.keys.tags, system_clock),
            system_clock,
        ),
        quota=settings.fcm_quota,
    )
    _on_stop(worker.stop)
    if settings.push_metrics_port:
        start_http_server(settings.push_metrics_port, settings.host)
    # What start-up made stays for good: the collector need not look at it after every few thousand messages.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    await worker.run()
    for sender in senders.values():
        await sender.close()
    await redis.aclose()
    await database.close()


async def run_scheduler(settings: Settings) -> None:
    """Runs the timed jobs until it is told to stop."""
    database = app_database(settings, "diary-scheduler")
    stop = asyncio.Event()
    _on_stop(stop.set)
    await Scheduler(process_name(), database, system_clock).run(stop)
    await database.close()


def _on_stop(call: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, call)
