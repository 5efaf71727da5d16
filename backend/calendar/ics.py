"""Entries -> iCalendar (RFC 5545). Pure.

Moments are written in UTC, not in the school's zone with a VTIMEZONE: nothing here repeats, so a zone's rules are not
needed, every program understands a Z, and a calendar of two children may be of two zones. Days have no zone.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event, vDuration, vText

from backend.calendar.entries import Entry

# How often a program should ask again; most have a mind of their own.
_EVERY = timedelta(hours=1)


def draw(title: str, entries: Iterable[Entry], stamp: datetime) -> bytes:
    """The file.

    Args:
        stamp: of all entries (DTSTAMP): since when they stand as they do, as far as the calendar knows.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//My Diary//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", vText(title))
    calendar.add("x-wr-calname", vText(title))
    calendar.add("refresh-interval", vDuration(_EVERY), parameters={"VALUE": "DURATION"})
    # The same as Outlook and Google call it.
    calendar.add("x-published-ttl", vText("PT1H"))
    for entry in entries:
        calendar.add_component(_event(entry, stamp))
    drawn: bytes = calendar.to_ical()
    return drawn


def _event(entry: Entry, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@my-diary")
    event.add("dtstamp", stamp.astimezone(UTC))
    if isinstance(entry.starts, datetime) and isinstance(entry.ends, datetime):
        event.add("dtstart", entry.starts.astimezone(UTC))
        event.add("dtend", entry.ends.astimezone(UTC))
    else:
        event.add("dtstart", entry.starts)
        event.add("dtend", _after(entry.ends))
    event.add("summary", entry.summary)
    for name, value in (("location", entry.place), ("description", entry.text), ("url", entry.link)):
        if value:
            event.add(name, value)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    event.add("sequence", entry.revision)
    if entry.changed_at is not None:
        event.add("last-modified", entry.changed_at.astimezone(UTC))
    return event


def _after(day: date) -> date:
    """The end of a whole day is the next one (RFC 5545 section 3.6.1)."""
    return day + timedelta(days=1)
