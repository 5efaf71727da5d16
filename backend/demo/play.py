"""A lively school day over HTTP, as apps would make it: for `diary demo say` and `diary demo play`."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

from backend.core.errors import SetupError
from backend.core.settings import Settings, reachable
from backend.demo import family_events as family
from backend.demo import school_events as school
from backend.demo.accounts import demo_password
from backend.demo.rounds import EARLY, run_early
from backend.demo.stage import Stage

Event = Callable[[Stage], Awaitable[str]]

# By the word of `diary demo say`, with how often it happens in `diary demo play`.
EVENTS: dict[str, tuple[Event, int]] = {
    "mark": (school.mark, 6),
    "correction": (school.correction, 2),
    "homework": (school.homework, 3),
    "done": (family.done, 2),
    "absence": (school.absence, 2),
    "remark": (school.remark, 1),
    "notice": (family.notice, 2),
    "decision": (school.decision, 1),
    "timetable": (school.timetable, 1),
    "meeting": (school.meeting, 1),
    "moved": (school.moved, 1),
    "cancelled": (school.cancelled, 1),
    "message": (family.message, 2),
    "letter": (school.letter, 2),
    "urgent": (school.urgent, 1),
    "announcement": (school.announcement, 1),
}
# A play shows the rounds once, at its end.
WORDS = (*EVENTS, *EARLY)


async def say(settings: Settings, what: str) -> str:
    """Makes one thing happen. Raises SetupError for an unknown one, or where nothing runs."""
    if what not in WORDS:
        raise SetupError(f"`{what}` is not one of {', '.join(WORDS)}")
    if what in EARLY:
        return await run_early(settings, what)
    async with _client(settings) as client:
        return await _act(Stage(client, demo_password(settings.keys)), what)


async def play(settings: Settings, seconds: int, pace: float) -> None:
    """One thing after another, for so many seconds; then what the evening and Friday bring."""
    until = time.monotonic() + seconds
    async with _client(settings) as client:
        stage = Stage(client, demo_password(settings.keys))
        # Each thing once, then as it comes.
        coming = list(EVENTS)
        while time.monotonic() < until:
            what = coming.pop(0) if coming else _any_of(stage)
            print(await _act(stage, what), flush=True)  # noqa: T201
            await asyncio.sleep(pace)
    for what in EARLY:
        print(await run_early(settings, what), flush=True)  # noqa: T201


def _any_of(stage: Stage) -> str:
    return stage.chance.choices(list(EVENTS), weights=[often for _, often in EVENTS.values()])[0]


async def _act(stage: Stage, what: str) -> str:
    try:
        return await EVENTS[what][0](stage)
    except httpx.ConnectError as error:
        raise SetupError("nothing answers: start it with `make run` in another terminal") from error
    except httpx.HTTPStatusError as error:
        raise SetupError(f"the server answered {error.response.status_code}: {error.response.text}") from error


def _client(settings: Settings) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://{reachable(settings.host)}:{settings.port}", timeout=20, trust_env=False)
