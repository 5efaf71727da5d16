"""Reads calendars with a parser that is not the one they are written by, and makes them."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event

from tests.world import Someone, World


async def subscribe(who: Someone, child: UUID | None = None) -> str:
    """A new calendar; returns its address."""
    answer = await who.post("/v1/me/calendar-feeds", {"childId": str(child) if child else None})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["address"])


async def read(world: World, address: str, **headers: str) -> Any:
    """As a calendar program: without a token."""
    return await world.client.get(address, headers=headers)


async def events(world: World, address: str) -> dict[str, Event]:
    """What stands in it, by the summary."""
    answer = await read(world, address)
    assert answer.status_code == 200, answer.text
    return {str(event.summary): event for event in parsed(answer.content).events}


def parsed(content: bytes) -> Calendar:
    """Parsed strictly: CRLF, lines of 75 octets, no character cut in two, no control characters."""
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", line.decode())
    found = IcsCalendarStream.calendar_from_ics(content.decode())
    assert len({event.uid for event in found.events}) == len(found.events)
    return found


def moment(value: Any) -> datetime:
    assert isinstance(value, datetime)
    return value.astimezone(UTC)
