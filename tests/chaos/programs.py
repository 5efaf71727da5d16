"""The processes under test: push workers and APIs, each started again whenever it was killed."""

import asyncio
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.chaos.options import Options
from tests.chaos.report import Report
from tests.chaos.servers import Box

Role = Literal["worker", "api"]
_READY_WITHIN = 60.0
# A worker waits for what is in flight, at most as long as FCM may take for an answer; an API for its requests.
_LEAVES_WITHIN = 25.0
_STARTED = b"push_worker_started"


@dataclass
class Program:
    """One process and all that followed it in its place.

    Attributes:
        port: where an API listens.
        entered: set whenever a request of ours goes there.
        leaving: it was asked to stop, and is not to be killed meanwhile.
    """

    role: Role
    name: str
    words: list[str]
    environment: dict[str, str]
    log: Path
    port: int = 0
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    began_at: int = 0
    pids: list[int] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.began_at = log.tell()
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "backend.cli", *self.words],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.pids.append(self.process.pid)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether it is at work, not still starting."""
        if not self.alive:
            return False
        if self.role == "worker":
            with self.log.open("rb") as log:
                log.seek(self.began_at)
                return _STARTED in log.read()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """kill -9, and at once the next one."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)
        self.start()

    async def stop(self) -> int | None:
        """SIGTERM; its exit code, or None where it had to be killed."""
        assert self.process is not None
        self.process.terminate()
        try:
            return await asyncio.to_thread(self.process.wait, _LEAVES_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait, 10)
            return None


@dataclass
class Fleet:
    """All programs."""

    programs: list[Program]

    def of(self, role: Role) -> list[Program]:
        return [program for program in self.programs if program.role == role]

    def victims(self, role: Role) -> list[Program]:
        """Those that are at work and not on their way out."""
        return [program for program in self.of(role) if not program.leaving and program.ready]

    async def ready(self) -> None:
        """Returns when all are at work."""
        deadline = time.monotonic() + _READY_WITHIN
        while not all(program.ready for program in self.programs):
            for program in self.programs:
                if not program.alive or time.monotonic() > deadline:
                    raise RuntimeError(f"{program.name} did not start: {program.log.read_text()[-500:]}")
            await asyncio.sleep(0.05)

    async def stop(self, report: Report) -> None:
        """SIGTERM to all; whoever does not follow it in time is a violation. What is still starting after a kill would
        end by the signal itself, so it is waited for."""
        async with asyncio.timeout(_READY_WITHIN):
            while any(program.alive and not program.ready for program in self.programs):
                await asyncio.sleep(0.05)
        codes = await asyncio.gather(*(program.stop() for program in self.programs if program.alive))
        for program, code in zip(self.programs, codes, strict=False):
            check_exit(program, code, report)

    def check_alive(self, report: Report) -> None:
        """Nothing ends by itself."""
        for program in self.programs:
            if not program.alive:
                report.wrong("stopping", f"{program.name} ended by itself")

    def dead_pids(self) -> set[int]:
        living = {program.process.pid for program in self.programs if program.process is not None and program.alive}
        return {pid for program in self.programs for pid in program.pids} - living


def check_exit(program: Program, code: int | None, report: Report) -> None:
    """A process that is asked to stop does so in time, and says that all is well."""
    # uvicorn ends by the signal that it was sent.
    if code not in ((0,) if program.role == "worker" else (0, -15)):
        report.wrong("stopping", f"{program.name} ended with {code} after SIGTERM")


@asynccontextmanager
async def running_fleet(
    folder: Path, box: Box, fcm: dict[str, str], options: Options, chance: random.Random
) -> AsyncIterator[Fleet]:
    """Workers and APIs, ready; whatever is left of them at the end is killed."""
    base = {**os.environ, **box.environment, **fcm, "LOG_LEVEL": "info", "HOST": "127.0.0.1"}
    ports = free_ports(options.apis, chance)
    programs = [
        Program("worker", f"worker-{number}", ["push", "worker"], base, folder / f"worker-{number}.log")
        for number in range(options.workers)
    ]
    programs += [
        Program("api", f"api-{number}", ["api"], {**base, "PORT": str(port)}, folder / f"api-{number}.log", port)
        for number, port in enumerate(ports)
    ]
    fleet = Fleet(programs)
    try:
        for program in programs:
            program.start()
        await fleet.ready()
        yield fleet
    finally:
        for program in programs:
            if program.process is not None and program.process.poll() is None:
                program.process.kill()
                program.process.wait(10)


def free_ports(number: int, chance: random.Random) -> list[int]:
    """Ports below those that the system gives to connections, so that a killed API finds its own again."""
    found: list[int] = []
    while len(found) < number:
        port = chance.randrange(20_000, 30_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found
