"""What a tray shows, when, and what becomes of its alerts. Pure: rows in, decision out (PUSH.md section 3)."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from push.catalogue import RINGING, RINGING_LATER
from schemas.alerts import AlertBody

LOUD_AGAIN_AFTER = timedelta(seconds=60)

_NEVER = datetime.max.replace(tzinfo=UTC)

Mode = Literal["instant", "summary", "feed"]


class Rule(Struct, frozen=True):
    """A preference: how alerts of a kind about a child come. None stands for every child or kind."""

    child: UUID | None
    kind: str | None
    mode: Mode


class Wishes(Struct, frozen=True):
    """How a person wants to be told. Quiet hours are in the school's time zone; equal ends mean none."""

    quiet_from: time = time(21)
    quiet_until: time = time(7)
    summary_at: time = time(18)
    rules: tuple[Rule, ...] = ()


class ThreadAlert(Struct, frozen=True):
    """An alert as it stands now.

    Attributes:
        body: None for a kind that only a newer version knows.
        timezone: of the school, IANA.
        silent_until: it makes no sound before (a student's lessons, a teacher's office hours).
        summary_due: set where this device hears of it in its summary: when that is due.
    """

    id: UUID
    thread: str
    entity: str
    kind: str
    child_id: UUID | None
    body: AlertBody | None
    target: dict[str, object]
    urgent: bool
    occurred_at: datetime
    expires_at: datetime
    timezone: str
    silent_until: datetime | None
    read: bool
    withdrawn: bool
    summary_due: datetime | None = None


class Decision(Struct, frozen=True):
    """What a tray does now.

    Attributes:
        shown: what the item on the screen says, oldest first.
        ended: how other pending alerts end.
        held: pending alerts that go to the summary, and when it is due.
        waits_until: when the tray's turn comes again by itself.
        later: pending alerts that wait for a newer version of us.
    """

    shown: tuple[ThreadAlert, ...]
    ended: dict[UUID, str] = {}
    held: dict[UUID, datetime] = {}
    waits_until: datetime | None = None
    later: frozenset[UUID] = frozenset()


def decide(
    alerts: Sequence[ThreadAlert], pending: Iterable[UUID], wishes: Wishes, *, signed_in: bool, now: datetime
) -> Decision:
    """Chooses what a thread shows now: all that is unread, valid, wanted, and not told better by a newer alert.

    Args:
        alerts: all alerts of the thread, oldest first.
        pending: those whose fate on this device is still open.
        signed_in: whether the account is still signed in on the device.
    """
    open_ids = set(pending)
    held = {
        alert.id: due
        for alert in alerts
        if alert.id in open_ids
        and alert.summary_due is None
        and _refusal(alert, wishes, signed_in=signed_in, now=now) is None
        and (due := held_until(alert, wishes, now)) is not None
    }
    ends = _ends(alerts, held, wishes, signed_in=signed_in, now=now)
    held = {alert_id: due for alert_id, due in held.items() if alert_id not in ends}
    shown = [a for a in alerts if a.id not in ends and a.id not in held and a.summary_due is None]
    return Decision(
        shown=tuple(shown),
        ended=_of_open(ends, open_ids, alerts),
        held=held,
        waits_until=_next_sound(shown, wishes, now),
    )


def decide_summary(
    alerts: Sequence[ThreadAlert], pending: Iterable[UUID], wishes: Wishes, *, signed_in: bool, now: datetime
) -> Decision:
    """The same for a device's summary: of `alerts`, those with a `summary_due` that has come are shown; the
    others of their threads are there because a newer one may have been told instead."""
    open_ids = set(pending)
    ends = _ends(alerts, (), wishes, signed_in=signed_in, now=now)
    hours = {
        alert.id: _summary_hour(alert, wishes, now, new=alert.id in open_ids)
        for alert in alerts
        if alert.summary_due is not None and alert.id not in ends
    }
    shown = [alert for alert in alerts if hours.get(alert.id, _NEVER) <= now]
    waiting = [hour for hour in hours.values() if hour > now]
    if (sound := _next_sound(shown, wishes, now)) is not None:
        waiting.append(sound)
    return Decision(shown=tuple(shown), ended=_of_open(ends, open_ids, alerts), waits_until=min(waiting, default=None))


def _summary_hour(alert: ThreadAlert, wishes: Wishes, now: datetime, *, new: bool) -> datetime:
    """When a summary tells of an alert: at its hour, but one that comes late does not break the quiet hours. A
    person who puts the summary's own hour into them means it."""
    due, zone = alert.summary_due or _NEVER, ZoneInfo(alert.timezone)
    if due > now or not new or in_quiet_hours(wishes, zone, due):
        return due
    return _quiet_end(wishes, zone, now) or due


def mode_of(wishes: Wishes, child: UUID | None, kind: str) -> Mode:
    """The mode that a person chose; a rule of a child is closer than one of a kind, and both than either."""
    best: tuple[int, Mode] = (-1, "instant")
    for rule in wishes.rules:
        if rule.child in (None, child) and rule.kind in (None, kind):
            closeness = 2 * (rule.child is not None) + (rule.kind is not None)
            best = max(best, (closeness, rule.mode), key=lambda found: found[0])
    return best[1]


def held_until(alert: ThreadAlert, wishes: Wishes, now: datetime) -> datetime | None:
    """When an alert may come that must not come now; None: now. Urgent ones pass quiet hours."""
    zone = ZoneInfo(alert.timezone)
    if mode_of(wishes, alert.child_id, alert.kind) == "summary":
        due = _next(wishes.summary_at, zone, alert.occurred_at)
        return due if due > now else _quiet_end(wishes, zone, now)
    return None if alert.urgent else _quiet_end(wishes, zone, now)


def _quiet_end(wishes: Wishes, zone: ZoneInfo, now: datetime) -> datetime | None:
    return _next(wishes.quiet_until, zone, now) if in_quiet_hours(wishes, zone, now) else None


def in_quiet_hours(wishes: Wishes, zone: ZoneInfo, now: datetime) -> bool:
    local = now.astimezone(zone).time()
    start, end = wishes.quiet_from, wishes.quiet_until
    return start <= local < end if start <= end else local >= start or local < end


def is_loud(shown: Sequence[ThreadAlert], pending: Iterable[UUID], last_loud: datetime | None, now: datetime) -> bool:
    """Whether a revision sounds: it says something new, not all of it during the student's lessons, and the
    thread's last sound is over 60 s old, unless what is new is of a kind that rings all the same."""
    open_ids = set(pending)
    audible = [
        alert for alert in shown if alert.id in open_ids and (alert.silent_until is None or alert.silent_until <= now)
    ]
    if any(alert.kind in RINGING for alert in audible):
        return True
    return bool(audible) and (last_loud is None or now - last_loud > LOUD_AGAIN_AFTER)


def rings_now(shown: Sequence[ThreadAlert], wishes: Wishes, last_loud: datetime | None, now: datetime) -> bool:
    """Whether the hour has come of a sound that was put off: what is shown was told without one."""
    return any(
        hour <= now and alert.silent_until is not None and (last_loud is None or last_loud < alert.silent_until)
        for alert, hour in _sounds(shown, wishes, now)
    )


def _next_sound(shown: Sequence[ThreadAlert], wishes: Wishes, now: datetime) -> datetime | None:
    return min((hour for _, hour in _sounds(shown, wishes, now) if hour > now), default=None)


def _sounds(shown: Sequence[ThreadAlert], wishes: Wishes, now: datetime) -> Iterator[tuple[ThreadAlert, datetime]]:
    """When alerts sound that were to make no sound before some hour: then, but not in the person's quiet hours."""
    for alert in shown:
        if alert.kind not in RINGING_LATER or alert.silent_until is None:
            continue
        quiet = None if alert.urgent else _quiet_end(wishes, ZoneInfo(alert.timezone), max(alert.silent_until, now))
        yield alert, quiet or alert.silent_until


def _next(at: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment strictly after `after` at which the clocks of the zone show `at`. In the night in which
    clocks change, an hour that is left out counts as the one that follows."""
    day = after.astimezone(zone).date()
    for ahead in range(3):
        moment = datetime.combine(day + timedelta(days=ahead), at, zone)
        # Through UTC: a wall-clock comparison of two moments of one zone ignores the change of clocks.
        if moment.timestamp() > after.timestamp():
            return moment
    raise AssertionError("a day has a next day")


def _ends(
    alerts: Sequence[ThreadAlert], held: Container[UUID], wishes: Wishes, *, signed_in: bool, now: datetime
) -> dict[UUID, str]:
    """How alerts end that are not to be shown. A newer one of the same entity stands for the older ones of its
    thread, but not while it waits for a summary itself."""
    newest = {
        (alert.thread, alert.entity): place
        for place, alert in enumerate(alerts)
        if not alert.withdrawn and alert.id not in held and (alert.summary_due is None or alert.summary_due <= now)
    }
    ends: dict[UUID, str] = {}
    for place, alert in enumerate(alerts):
        end = _refusal(alert, wishes, signed_in=signed_in, now=now)
        if end is None and newest.get((alert.thread, alert.entity), place) > place:
            end = "superseded"
        if end is not None:
            ends[alert.id] = end
    return ends


def _refusal(alert: ThreadAlert, wishes: Wishes, *, signed_in: bool, now: datetime) -> str | None:
    """Why an alert is not to be shown at all, whatever else the thread holds."""
    if alert.withdrawn or not signed_in:
        return "withdrawn"
    if alert.read:
        return "read"
    if alert.expires_at <= now:
        return "expired"
    if mode_of(wishes, alert.child_id, alert.kind) == "feed":
        return "suppressed"
    return None


def _of_open(ends: dict[UUID, str], open_ids: set[UUID], alerts: Sequence[ThreadAlert]) -> dict[UUID, str]:
    ended = {alert_id: end for alert_id, end in ends.items() if alert_id in open_ids}
    # An alert that is no longer looked up is older than any lifetime.
    return ended | dict.fromkeys(open_ids - {alert.id for alert in alerts}, "expired")
