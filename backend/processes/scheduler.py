"""The scheduler's process."""

import asyncio

from backend.core.clock import system_clock
from backend.core.settings import Settings
from backend.processes import app_database, on_stop, process_name
from backend.scheduler import Scheduler


async def run_scheduler(settings: Settings) -> None:
    """Runs the timed jobs until it is told to stop."""
    database = app_database(settings, "diary-scheduler")
    stop = asyncio.Event()
    on_stop(stop.set)
    await Scheduler(process_name(), database, system_clock).run(stop)
    await database.close()
