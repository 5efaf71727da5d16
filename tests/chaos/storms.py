"""Ways in which FCM fails, for a while. Only such as let a run end in bounded time: FCM's rules ask for 10 s before any
retry, and for 60 s after a 429 that names no time."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from push.standin.faults import Fault
from tests.chaos.phones import Phones
from tests.chaos.report import Report

_LONGEST = 3.0
_MOST_LOST = 6
_MAX_STREAMS = 100

_ANSWERS: dict[str, Callable[[], Fault]] = {
    "503 for a third": lambda: Fault(code="UNAVAILABLE", times=0, probability=0.3),
    "503 for twenty": lambda: Fault(code="UNAVAILABLE", times=20),
    "503 with Retry-After": lambda: Fault(code="UNAVAILABLE", times=5, retry_after="12"),
    "500": lambda: Fault(code="INTERNAL", times=10),
    "a quota of a device": lambda: Fault(code="QUOTA_EXCEEDED", quota="device", retry_after="10", times=5),
    "garbage": lambda: Fault(status=200, body="<html>", times=8),
    "garbage after acceptance": lambda: Fault(status=502, body="<html>", times=8, accept=True),
    "slow": lambda: Fault(delay=2, times=40),
    "slow after acceptance": lambda: Fault(delay=2, times=40, accept=True),
    "reset": lambda: Fault(wire="reset", times=10),
    "reset after acceptance": lambda: Fault(wire="reset", times=10, accept=True),
    "refused": lambda: Fault(wire="refused", times=10),
    "goaway": lambda: Fault(wire="goaway", times=2),
    "connections dropped": lambda: Fault(wire="drop", times=2),
    "connections dropped after acceptance": lambda: Fault(wire="drop", times=2, accept=True),
}
# Everybody pauses after these, so they are not for a run of half a minute.
_LONG_ANSWERS: dict[str, Callable[[], Fault]] = {
    "503 for all": lambda: Fault(code="UNAVAILABLE", times=0),
    "the project's quota": lambda: Fault(code="QUOTA_EXCEEDED", quota="project", retry_after="10", times=1),
}


@dataclass
class Storms:
    """The stand-in's bad moods."""

    phones: Phones
    report: Report
    chance: random.Random
    brief: bool

    def plan(self, number: int) -> list[str]:
        """Every kind about equally often, in any order."""
        kinds = [*_ANSWERS, "few streams", "expired tokens", "a target gone"]
        kinds += [] if self.brief else list(_LONG_ANSWERS)
        self.chance.shuffle(kinds)
        return [kinds[place % len(kinds)] for place in range(number)]

    async def blow(self, kind: str) -> None:
        """One storm, from its beginning to its end."""
        self.report.count(f"storm: {kind}")
        standin = self.phones.standin
        seconds = self.chance.uniform(0.5, _LONGEST)
        if kind == "expired tokens":
            standin.endpoints.expire_tokens()
        elif kind == "a target gone":
            self._lose_a_target()
        elif kind == "few streams":
            standin.listener.max_streams = self.chance.randint(2, 10)
            await asyncio.sleep(seconds)
            standin.listener.max_streams = _MAX_STREAMS
        else:
            fault = (_ANSWERS | _LONG_ANSWERS)[kind]()
            standin.faults.waiting.append(fault)
            await asyncio.sleep(seconds)
            # By identity: two faults may be equal.
            standin.faults.waiting[:] = [other for other in standin.faults.waiting if other is not fault]

    def clear(self) -> None:
        self.phones.standin.faults.waiting.clear()
        self.phones.standin.listener.max_streams = _MAX_STREAMS

    def _lose_a_target(self) -> None:
        able = [device for device in self.phones.devices if not device.lost and len(device.people) == 1]
        if len([device for device in self.phones.devices if device.lost]) < _MOST_LOST:
            device = self.chance.choice(able)
            device.lost = True
            self.phones.standin.faults.waiting.append(Fault(code="UNREGISTERED", target=device.tokens[-1]))
