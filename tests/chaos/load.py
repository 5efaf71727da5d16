"""The school day: one thing after another, at a steady pace."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from tests.chaos.apps import Apps
from tests.chaos.journal import Journal

# More under way at once would only wait while a server is down.
_AT_ONCE = 40


class Load:
    """Runs until it is stopped; what has begun is finished.

    Args:
        rate: things a second.
    """

    def __init__(self, journal: Journal, apps: Apps, rate: float, chance: random.Random) -> None:
        self._rate = rate
        self._chance = chance
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._things: dict[Callable[[], Awaitable[None]], float] = {
            journal.mark: 20,
            journal.correct: 20,
            journal.attend: 15,
            journal.refused: 1,
            journal.homework: 0.8,
            journal.meeting: 0.3,
            apps.read: 14,
            apps.read_all: 4,
            apps.acknowledge: 8,
            apps.register_again: 3,
            apps.share: 1.5,
        }

    async def run(self, stopping: asyncio.Event) -> None:
        things, weights = list(self._things), list(self._things.values())
        async with asyncio.TaskGroup() as group:
            while not stopping.is_set():
                await self._room.acquire()
                thing = self._chance.choices(things, weights)[0]
                group.create_task(self._do(thing))
                # The pace: nothing is waited for.
                await _sleep_unless(stopping, 1 / self._rate)

    async def _do(self, thing: Callable[[], Awaitable[None]]) -> None:
        try:
            await thing()
        finally:
            self._room.release()


async def _sleep_unless(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
