"""Plays the week in a database and compares."""

import gc
from pathlib import Path
from time import perf_counter

from backend.core.settings import Settings
from tests.benchmarks.push.server import fast_fcm
from tests.conftest import MovableClock
from tests.simulation.checks import Outcome, differences, find
from tests.simulation.load import load
from tests.simulation.model.replay import replay
from tests.simulation.people import People
from tests.simulation.school import make_school
from tests.simulation.stage import open_stage
from tests.simulation.week import FIRST_NIGHT, Week


async def simulate(settings: Settings, folder: Path) -> Outcome:
    """A whole week in a migrated, empty database.

    Args:
        folder: for FCM's certificates and log.
    """
    began = perf_counter()
    school = make_school()
    await load(settings, school)
    loaded = perf_counter()
    clock = MovableClock(FIRST_NIGHT)
    with fast_fcm(folder) as fcm:
        async with open_stage(settings, fcm, clock) as stage:
            people = People(school, stage, settings)
            # As the processes do: what start-up made stays for good.
            gc.collect()
            gc.freeze()
            gc.set_threshold(5_000, 20, 50)
            await Week(people).play()
            played = perf_counter()
            found = await find(settings, school, stage, fcm)
    book = replay(school, people.done, stage.moments)
    wrong = differences(book, stage, found)
    compared = perf_counter()
    return Outcome(
        wrong=wrong,
        facts=len(people.done),
        alerts=len(found.inbox),
        feed_only=found.ledger.feed_only,
        messages=found.counted,
        clearings=sum(not message.alerts for message in found.messages),
        ends=found.ledger.ends,
        seconds=compared - began,
        spent={"school": loaded - began, **stage.spent, "comparison": compared - played},
    )
