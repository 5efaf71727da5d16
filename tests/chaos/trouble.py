"""What is killed, and when. Three timelines: processes, servers, and the stand-in's storms."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from push.standin.faults import Fault
from tests.chaos.options import Options
from tests.chaos.phones import Phones
from tests.chaos.programs import Fleet, Program, Role, check_exit
from tests.chaos.report import Report
from tests.chaos.servers import Box
from tests.chaos.storms import Storms

# How a process is killed -9: at any moment; a worker when messages of its kind were accepted and not answered yet;
# an API while a request is under way there.
_KILLS = {"worker": 7, "worker while it sends": 7, "api": 2, "api while it works": 4}
_VICTIM_WITHIN = 4.0
_STEP = 0.02
_REQUEST_TAKES = 0.03
_SENDING_FOR = 0.3


@dataclass
class Trouble:
    """Makes it, for as long as the options say."""

    options: Options
    box: Box
    fleet: Fleet
    phones: Phones
    storms: Storms
    report: Report
    chance: random.Random
    _leaving: list[asyncio.Task[None]] = field(default_factory=list)

    async def run(self) -> None:
        """Returns when the time is up and every server and process is back."""
        actions: list[Sequence[Callable[[], Awaitable[None]]]] = [self._processes(), self._servers(), self._weather()]
        async with asyncio.TaskGroup() as group:
            for timeline in actions:
                group.create_task(self._along(timeline))
        await asyncio.gather(*self._leaving)

    async def _along(self, actions: Sequence[Callable[[], Awaitable[None]]]) -> None:
        """Spreads the actions evenly over the time, each at a random moment of its own share."""
        loop = asyncio.get_running_loop()
        began, share = loop.time(), self.options.trouble_seconds / max(len(actions), 1)
        for place, action in enumerate(actions):
            moment = began + (place + self.chance.uniform(0, 0.9)) * share
            await asyncio.sleep(max(moment - loop.time(), 0))
            await action()

    def _processes(self) -> list[Callable[[], Awaitable[None]]]:
        kinds = self.chance.choices(list(_KILLS), list(_KILLS.values()), k=self.options.kills)
        kinds += ["SIGTERM to a worker"] * max(1, self.options.kills // 10)
        kinds += ["SIGTERM to an api"] * (self.options.kills // 25)
        self.chance.shuffle(kinds)
        return [lambda kind=kind: self._strike(kind) for kind in kinds]  # type: ignore[misc]

    def _servers(self) -> list[Callable[[], Awaitable[None]]]:
        """PostgreSQL is killed, stopped at once and restarted in turn."""
        ways = {
            "PostgreSQL killed -9": lambda: self.box.crash_postgres(signal.SIGKILL),
            "PostgreSQL stopped at once": lambda: self.box.crash_postgres(signal.SIGQUIT),
            "PostgreSQL restarted": self.box.restart_postgres,
        }
        kinds = [list(ways)[place % len(ways)] for place in range(self.options.postgres)]
        more: dict[str, Callable[[], Awaitable[None]]] = {
            "Valkey killed -9": lambda: self.box.restart_valkey(kill=True),
            "Valkey restarted": lambda: self.box.restart_valkey(kill=False),
            "FLUSHALL": self.box.flush_valkey,
        }
        kinds += [("Valkey killed -9", "Valkey restarted")[place % 2] for place in range(self.options.valkey)]
        kinds += ["FLUSHALL"] * self.options.flushes
        self.chance.shuffle(kinds)
        every = ways | more
        return [lambda kind=kind: self._counted(kind, every[kind]) for kind in kinds]  # type: ignore[misc]

    def _weather(self) -> list[Callable[[], Awaitable[None]]]:
        return [lambda kind=kind: self.storms.blow(kind) for kind in self.storms.plan(self.options.storms)]  # type: ignore[misc]

    async def _counted(self, kind: str, action: Callable[[], Awaitable[None]]) -> None:
        await action()
        self.report.count(kind)

    async def _strike(self, kind: str) -> None:
        """One process is killed, or asked to stop."""
        role: Role = "worker" if "worker" in kind else "api"
        program = await self._victim(role)
        if kind.startswith("SIGTERM"):
            program.leaving = True
            self._leaving.append(asyncio.create_task(self._leave(program)))
        elif kind == "worker while it sends":
            await self._kill_sending(program)
        else:
            if kind == "api while it works":
                await self._request_at(program)
            program.kill()
        self.report.count(kind if kind.startswith("SIGTERM") else f"kill -9: {kind}")

    async def _victim(self, role: Role) -> Program:
        """One that is at work, if that can be had soon."""
        await _until(lambda: bool(self.fleet.victims(role)))
        able = self.fleet.victims(role) or [program for program in self.fleet.of(role) if not program.leaving]
        return self.chance.choice(able or self.fleet.of(role))

    async def _kill_sending(self, program: Program) -> None:
        """The stand-in accepts, and keeps its answers back: what was sent cannot have been settled."""
        held = Fault(delay=1, accept=True, times=30)
        self.phones.standin.faults.waiting.insert(0, held)
        await self.phones.next_message(2)
        await asyncio.sleep(self.chance.uniform(0, _SENDING_FOR))
        program.kill()
        waiting = self.phones.standin.faults.waiting
        waiting[:] = [other for other in waiting if other is not held]

    async def _request_at(self, program: Program) -> None:
        """Returns a moment after a request has gone to an API: before, in or after its transaction."""
        program.entered.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(program.entered.wait(), _VICTIM_WITHIN)
        await asyncio.sleep(self.chance.uniform(0, _REQUEST_TAKES))

    async def _leave(self, program: Program) -> None:
        check_exit(program, await program.stop(), self.report)
        program.start()
        program.leaving = False


async def _until(condition: Callable[[], bool]) -> None:
    """Waits for what no event tells of, for a few seconds at most."""
    deadline = asyncio.get_running_loop().time() + _VICTIM_WITHIN
    while not condition() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(_STEP)


def kills(counts: Counter[str]) -> int:
    return sum(number for name, number in counts.items() if name.startswith("kill -9"))
