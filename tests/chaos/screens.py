"""Checks 2 and 4 of docs/chaos.md: every screen shows what stands, and each alert was introduced once."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from tests.chaos.facts import Alerts
from tests.chaos.phones import Device, Message
from tests.chaos.report import Report
from tests.push.screen import Screen

_DELIVERIES = "SELECT installation_id, alert_id, account_id, outcome, message_name FROM delivery"
_CLEARINGS = "SELECT installation_id, account_id, thread FROM clearing"
# How a pair may end whose person was signed in all the time and whose target lived.
_GOOD_ENDS = frozenset({"accepted", "superseded", "read", "withdrawn"})
# A message that has no room for all ids names the newest ten.
_NAMED = 10

Thread = tuple[UUID, str]


@dataclass
class Told:
    """What the database says of one device.

    Attributes:
        ends: (person, alert) -> outcome and FCM's name of the message that carried it.
        clearings: items that are to leave the screen as soon as the platform lets them.
    """

    ends: dict[tuple[UUID, UUID], tuple[str, str | None]] = field(default_factory=dict)
    clearings: set[Thread] = field(default_factory=set)

    @property
    def settled(self) -> set[str]:
        """The messages of whose acceptance the workers know."""
        return {name for _, name in self.ends.values() if name is not None}


async def read_told(connection: "asyncpg.Connection[Any]") -> dict[UUID, Told]:
    told: dict[UUID, Told] = defaultdict(Told)
    for installation, alert, account, outcome, name in await connection.fetch(_DELIVERIES):
        told[installation].ends[account, alert] = (outcome, name)
    for installation, account, thread in await connection.fetch(_CLEARINGS):
        told[installation].clearings.add((account, thread))
    return told


def standing(alerts: Alerts) -> dict[Thread, list[UUID]]:
    """What every person should see: thread -> alerts, oldest first.

    Of each entity the newest alert that was not taken back, unless it was read or its time is over.
    """
    newest: dict[tuple[UUID, str, str], UUID] = {}
    for alert in alerts.values():
        if not alert.withdrawn:
            newest[alert.account, alert.thread, alert.entity] = alert.id
    should: dict[Thread, list[UUID]] = defaultdict(list)
    for (account, thread, _), alert_id in newest.items():
        if not (alerts[alert_id].read or alerts[alert_id].expired):
            should[account, thread].append(alert_id)
    return {thread: sorted(ids) for thread, ids in should.items()}


def check_device(device: Device, told: Told, alerts: Alerts, should: dict[Thread, list[UUID]], report: Report) -> None:
    """Everything about one device."""
    screen = _replay(device, told, report)
    _check_truth(device, told, report)
    shown: dict[Thread, list[UUID]] = {}
    for content in screen.items.values():
        ids = [UUID(alert) for alert in content["alertIds"]]
        of = {(alerts[alert].account, alerts[alert].thread) for alert in ids}
        if len(of) != 1 or next(iter(of)) in shown:
            report.wrong("screens", f"{device.id} shows one thread twice, or several in one item: {of}")
        else:
            shown[next(iter(of))] = ids
    for person in device.people:
        if not device.lost and person.id not in device.left:
            _check_ends(device, person.id, told, alerts, report)
            _check_screen(device, person.id, told, alerts, shown, should, report)
        elif not device.lost and person.id in device.out:
            _check_gone(device, person.id, told, alerts, shown, report)


def _check_ends(device: Device, person: UUID, told: Told, alerts: Alerts, report: Report) -> None:
    for alert in alerts.values():
        if alert.account == person:
            end = told.ends.get((person, alert.id))
            report.count("alerts on devices")
            if end is None or end[0] not in _GOOD_ENDS:
                report.wrong("ends", f"alert {alert.id} on {device.id} ended as {end and end[0]}")


def _check_screen(
    device: Device, person: UUID, told: Told, alerts: Alerts, shown: dict[Thread, list[UUID]],
    should: dict[Thread, list[UUID]], report: Report,
) -> None:  # fmt: skip
    """Item by item. What should go may hang on where the platform allows no message of its own yet."""
    report.count("screens compared")
    for thread in {thread for thread in (*shown, *should) if thread[0] == person}:
        wanted, has = should.get(thread, []), shown.get(thread, [])
        hanging = not wanted and device.platform != "android" and thread in told.clearings
        if not hanging and has not in (wanted, wanted[-_NAMED:]):
            where = f"{device.platform} {device.id} {thread[1]}"
            history = _history(device, told, thread[0], {*has, *wanted}, alerts)
            report.wrong("screens", f"{where} shows {_short(has)}, and should show {_short(wanted)}\n{history}")
        report.count("items compared")
        report.count("items that wait for a clearing", int(bool(hanging and has)))


def _check_gone(
    device: Device, person: UUID, told: Told, alerts: Alerts, shown: dict[Thread, list[UUID]], report: Report
) -> None:
    """Nothing is left on the screen of who has signed out."""
    for thread, has in shown.items():
        if thread[0] == person and (device.platform == "android" or thread not in told.clearings):
            history = _history(device, told, person, set(has), alerts)
            report.wrong("screens", f"{device.id} shows {thread} of who has signed out\n{history}")


def _check_truth(device: Device, told: Told, report: Report) -> None:
    """What is written down as accepted was accepted, for this device, and carried the alert."""
    by_name = {message.name: message for message in device.messages}
    for (_, alert), (_, name) in told.ends.items():
        message = by_name.get(name) if name is not None else None
        if name is not None and (message is None or (alert not in message.ids and len(message.ids) != _NAMED)):
            report.wrong("truth", f"alert {alert} on {device.id}: no accepted message {name} carried it")


def _replay(device: Device, told: Told, report: Report) -> Screen:
    """What hangs on the screen in the end. On the way: whether anything was told twice."""
    screen, settled = Screen(), told.settled
    carriers: dict[UUID, list[Message]] = defaultdict(list)
    tags: dict[UUID, str] = {}
    newest: dict[str, int] = {}
    for message in device.messages:
        if message.ids:
            _count_again(message, newest, device, report)
        for alert in message.ids:
            if tags.setdefault(alert, message.tag) != message.tag:
                report.wrong("twice", f"alert {alert} came under two tags on {device.id}")
        rung = screen.rung
        screen.receive(message.tag, message.content)
        if screen.rung > rung:
            _check_sound(device, message, carriers, settled, report)
        for alert in message.ids:
            carriers[alert].append(message)
    report.count("sounds", screen.rung)
    return screen


def _count_again(message: Message, newest: dict[str, int], device: Device, report: Report) -> None:
    """A later message of a tag has the same revision, which is a resend, or a higher one."""
    before = newest.get(message.tag, 0)
    if message.revision < before:
        report.wrong("twice", f"revision {message.revision} came after {before} on {device.id}")
    report.count("resends with the same revision", int(message.revision == before))
    newest[message.tag] = max(before, message.revision)


def _check_sound(
    device: Device, message: Message, carriers: dict[UUID, list[Message]], settled: set[str], report: Report
) -> None:
    """A sound is for an alert that came for the first time.

    Or for one that came before in messages of which no worker ever learned that they were accepted: it could not
    know whether the phone had made its sound.
    """
    if any(not carriers[alert] for alert in message.ids):
        return
    if any(all(earlier.name not in settled for earlier in carriers[alert]) for alert in message.ids):
        report.count("sounds again after a lost answer")
    else:
        report.wrong("twice", f"{device.id} sounded at revision {message.revision} for nothing new")


def _history(device: Device, told: Told, person: UUID, ids: set[UUID], alerts: Alerts) -> str:
    """What came for these alerts, how they ended, and how they stand: to find out what went wrong."""
    lines = [
        f"    {alert} {told.ends.get((person, alert))} read={alerts[alert].read} withdrawn={alerts[alert].withdrawn}"
        for alert in sorted(ids)
    ]
    tags = {message.tag for message in device.messages if ids & set(message.ids)}
    for message in device.messages:
        cleared = [pair for pair in message.content.get("cleared", []) if pair[0] in tags]
        if message.tag in tags or cleared:
            ids_shown = _short(list(message.ids))
            lines.append(
                f"    {message.name[-8:]} r{message.revision} loud={message.loud} {ids_shown} clears {cleared}"
            )
    return "\n".join(lines)


def _short(ids: list[UUID]) -> str:
    return "[" + ", ".join(str(alert)[9:18] for alert in ids) + "]"
