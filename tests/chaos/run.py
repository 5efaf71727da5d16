"""One run from beginning to end: a school at work, trouble, quiet, and the reckoning."""

import asyncio
import random
import shutil
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from backend.core.db import Database
from push import ledger
from push.standin.server import Standin, start_standin
from tests.chaos.apps import Apps
from tests.chaos.book import Book
from tests.chaos.client import running_client
from tests.chaos.drain import drain
from tests.chaos.facts import check_facts, check_received, read_alerts
from tests.chaos.journal import Journal
from tests.chaos.load import Load
from tests.chaos.logs import check_logs
from tests.chaos.options import Options
from tests.chaos.phones import Phones, give_devices, recording
from tests.chaos.programs import Fleet, running_fleet
from tests.chaos.report import Report
from tests.chaos.school import build_school
from tests.chaos.screens import check_device, read_told, standing
from tests.chaos.servers import Box, running_box
from tests.chaos.storms import Storms
from tests.chaos.trouble import Trouble
from tests.grounds import server_folder

# Pacing is not what is tested: bursts after a pause need not wait for the ramp.
_QUOTA = 3_000_000
_REGISTERING_AT_ONCE = 8


@dataclass
class Stage:
    """What one run consists of."""

    options: Options
    report: Report
    box: Box
    fleet: Fleet
    phones: Phones
    book: Book


async def run(options: Options, keep: Path | None = None) -> Report:
    """Makes trouble for a school, and reports what was lost or told twice.

    Args:
        keep: a folder for the logs of all processes.

    Raises:
        TimeoutError: it took longer than the options allow.
    """
    report, began = Report(), time.monotonic()
    with server_folder("chaos") as folder:
        try:
            async with asyncio.timeout(options.seconds), AsyncExitStack() as stack:
                await _run(stack, options, report, folder)
        finally:
            if keep is not None:
                _keep_logs(folder, keep)
    report.count("seconds in all", round(time.monotonic() - began))
    return report


async def _run(stack: AsyncExitStack, options: Options, report: Report, folder: Path) -> None:
    chance = random.Random(options.seed)
    box = await stack.enter_async_context(running_box(folder / "data"))
    standin = await start_standin(folder / "fcm")
    stack.push_async_callback(standin.close)
    standin.faults.random = random.Random(chance.random())
    fcm = _fcm(standin)
    fleet = await stack.enter_async_context(running_fleet(folder, box, fcm, options, random.Random(chance.random())))
    school = await build_school(box.settings, options)
    phones = give_devices(standin, school, random.Random(chance.random()))
    await stack.enter_async_context(recording(phones))
    stage = Stage(options, report, box, fleet, phones, Book())
    client = await stack.enter_async_context(
        running_client(fleet.of("api"), box.settings, report, random.Random(chance.random()))
    )
    apps = Apps(school, phones, client, stage.book, report, random.Random(chance.random()))
    journal = Journal(school, client, stage.book, report, random.Random(chance.random()))
    await _register(apps, phones)
    storms = Storms(phones, report, random.Random(chance.random()), brief=options.impatient)
    trouble = Trouble(options, box, fleet, phones, storms, report, random.Random(chance.random()))
    await _live(Load(journal, apps, options.rate, random.Random(chance.random())), trouble)
    storms.clear()
    await drain(box, fleet, report, options.draining, impatient=options.impatient)
    await _reckon(stage)
    fleet.check_alive(report)
    await fleet.stop(report)
    check_logs([program.log for program in fleet.programs], phones.devices, report)


async def _live(load: Load, trouble: Trouble) -> None:
    """The school works until the trouble is over, and finishes what it has begun."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(stopping))
        try:
            await trouble.run()
        finally:
            stopping.set()


async def _register(apps: Apps, phones: Phones) -> None:
    room = asyncio.Semaphore(_REGISTERING_AT_ONCE)

    async def one(place: int) -> None:
        device = phones.devices[place]
        async with room:
            for person in device.people:
                await apps.register(device, person)

    await asyncio.gather(*(one(place) for place in range(len(phones.devices))))


async def _reckon(stage: Stage) -> None:
    """All checks, on the tables and on what the stand-in accepted."""
    report, phones = stage.report, stage.phones
    async with asyncio.timeout(10):
        while phones.received < phones.standin.endpoints.sent:
            await phones.next_message(0.1)
    connection = await stage.box.owner()
    try:
        alerts = await read_alerts(connection, report)
        await check_facts(connection, stage.book, alerts, report)
        await check_received(connection, stage.book, report)
        told = await read_told(connection)
    finally:
        await connection.close()
    should = standing(alerts)
    for device in phones.devices:
        check_device(device, told[device.id], alerts, should, report)
    await _check_ledger(stage)
    report.count("facts committed", sum(fact.state == "committed" for fact in stage.book.facts))
    report.count("alerts", len(alerts))
    report.count("messages accepted", phones.standin.endpoints.sent)
    report.count("faults struck", phones.standin.faults.struck)


async def _check_ledger(stage: Stage) -> None:
    database = Database(stage.box.settings.push_database_url, pool=1, name="chaos")
    try:
        async with database.transaction() as session:
            balance = await ledger.balance(session)
    finally:
        await database.close()
    stage.report.ledger = balance.lines()
    if not balance.balances or balance.open or balance.queued:
        stage.report.wrong("ledger", "; ".join(balance.lines()))


def _fcm(standin: Standin) -> dict[str, str]:
    return {
        "FIREBASE_CREDENTIALS": str(standin.identity.service_account),
        "FCM_BASE_URL": standin.base_url,
        "FCM_CA": str(standin.identity.ca),
        "FCM_CONNECTIONS": "2",
        "FCM_QUOTA": str(_QUOTA),
    }


def _keep_logs(folder: Path, keep: Path) -> None:
    keep.mkdir(parents=True, exist_ok=True)
    for log in [*folder.glob("*.log"), *folder.glob("data/*.log")]:
        shutil.copy(log, keep)
