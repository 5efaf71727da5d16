"""The push engine for an operator's eyes: its ledger, and its figures with the schools' names."""

from uuid import UUID

from backend.core.clock import system_clock
from backend.core.db import one_transaction
from backend.core.settings import Settings
from backend.setup_school import list_schools
from push import ledger
from push.ledger import Balance
from push.overview import Overview, SchoolFigures, overview

_COLUMNS = ("accepted", "late", "failed", "received", "opened", "reached", "unreached", "dead_targets")
_HEADINGS = ("sent", "late", "failed", "received", "opened", "reached", "not reached", "dead targets")


async def read_ledger(settings: Settings) -> Balance:
    async with one_transaction(settings.push_database_url, "diary-report") as session:
        return await ledger.balance(session)


async def read_status(settings: Settings, days: int) -> str:
    """The overview as text: counts of alert x device, and of people. No names but the schools'."""
    async with one_transaction(settings.push_database_url, "diary-report") as session:
        found = await overview(session, system_clock(), days)
    names = dict(await list_schools(settings))
    return "\n".join([*_engine_lines(found), "", *_school_lines(found.schools, names, days)])


def _engine_lines(found: Overview) -> list[str]:
    lines = [f"workers alive: {len(found.workers)}"]
    lines += [f"PAUSED by FCM: {scope} until {until:%H:%M:%S} UTC ({code})" for scope, until, code in found.pauses]
    lines += [f"waiting in {queue.lane}: {queue.waiting:,}, the oldest for {queue.age:.0f} s" for queue in found.queues]
    return lines


def _school_lines(schools: list[SchoolFigures], names: dict[UUID, str], days: int) -> list[str]:
    width = max([len(names.get(school.school_id, "?")) for school in schools] + [10])
    head = f"{f'last {days} days':<{width}}" + "".join(f"{heading:>14}" for heading in _HEADINGS)
    rows = [
        f"{names.get(school.school_id, '?'):<{width}}"
        + "".join(f"{getattr(school, column):>14,}" for column in _COLUMNS)
        for school in schools
    ]
    return [head, *rows]
