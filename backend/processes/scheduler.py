"""The scheduler's process."""

import asyncio
from functools import partial

from backend.core.clock import system_clock
from backend.core.settings import Settings
from backend.files.jobs import remove_files
from backend.files.opening import open_storage
from backend.mail.jobs import send_mail
from backend.mail.opening import open_mail
from backend.processes import app_database, on_stop, process_name
from backend.scheduler import Errand, Scheduler


async def run_scheduler(settings: Settings) -> None:
    """Runs the timed jobs until it is told to stop."""
    database = app_database(settings, "diary-scheduler")
    stop = asyncio.Event()
    on_stop(stop.set)
    errands: dict[str, Errand] = {"remove-files": partial(remove_files, database, open_storage(settings))}
    if (mail := open_mail(settings)) is not None:
        errands["send-mail"] = partial(send_mail, database, mail)
    await Scheduler(process_name(), database, system_clock, errands).run(stop)
    await database.close()
