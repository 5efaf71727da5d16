"""The push worker's process."""

import gc
import sys

import uvloop
from prometheus_client import start_http_server

from backend.core.clock import system_clock
from backend.core.db import Database
from backend.core.errors import SetupError
from backend.core.logging import configure_logging
from backend.core.redis import Announcer, connect_redis
from backend.core.settings import WORKER_NEEDS, Settings, read_settings
from backend.processes import leave, on_stop, process_name
from push.catalogue import Lane
from push.devices import DeviceKeys
from push.envelope import Envelopes
from push.fcm import BadCredentials, Fcm, ServiceAccount
from push.revision import Composer
from push.statements import PLANNER
from push.wording import PUSH_WORDING, push_texts
from push.wording.check import WordingBroken, check_wording
from push.worker import Worker


async def run_push_worker(settings: Settings) -> None:
    """Delivers alerts until it is told to stop. Raises SetupError where its set-up is incomplete."""
    if settings.firebase_credentials is None:
        raise SetupError("FIREBASE_CREDENTIALS is missing from the environment (docs/firebase.md)")
    announcer = Announcer(connect_redis(settings.redis_url))
    database = Database(
        settings.push_database_url,
        pool=settings.database_pool,
        name="diary-push",
        after_commit=announcer,
        planner=PLANNER,
    )
    try:
        account = ServiceAccount(settings.firebase_credentials, clock=system_clock, ca=settings.fcm_ca)
    except BadCredentials as error:
        raise SetupError(str(error)) from error
    try:
        check_wording(PUSH_WORDING)
    except WordingBroken as error:
        raise SetupError(str(error)) from error
    senders = _senders(account, settings)
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
    on_stop(worker.stop)
    if settings.push_metrics_port:
        start_http_server(settings.push_metrics_port, settings.host)
    # What start-up made stays for good: the collector need not look at it after every few thousand messages.
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 50)
    await worker.run()
    for sender in senders.values():
        await sender.close()
    await redis.aclose()
    await database.close()


def _senders(account: ServiceAccount, settings: Settings) -> dict[Lane, Fcm]:
    """The normal lane carries the day; the others must not wait for it, but need less."""
    few = max(settings.fcm_connections // 6, 1)
    connections: dict[Lane, int] = {"urgent": few, "normal": settings.fcm_connections, "bulk": few}
    return {
        lane: Fcm(account, base_url=settings.fcm_base_url, clock=system_clock, ca=settings.fcm_ca, connections=number)
        for lane, number in connections.items()
    }


def main() -> None:
    """`python -m backend.processes.worker`, what `diary push worker` becomes."""
    try:
        settings = read_settings(*WORKER_NEEDS)
        configure_logging(settings.log_level)
        uvloop.run(run_push_worker(settings))
    except (SetupError, OSError) as error:
        sys.exit(f"diary: {error}")
    leave(0)


if __name__ == "__main__":
    main()
