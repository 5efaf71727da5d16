"""What a tray shows, and what becomes of its alerts. Pure: rows in, decision out (PUSH.md section 3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from schemas.alerts import AlertBody

LOUD_AGAIN_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class ThreadAlert:
    """An alert of a thread as it stands now."""

    id: UUID
    entity: str
    body: AlertBody | None  # None: of a kind that only a newer version knows
    target: dict[str, object]
    expires_at: datetime
    read: bool
    withdrawn: bool


@dataclass(frozen=True)
class Decision:
    """`shown`: what the item on the screen says, oldest first. `ended`: how the other pending alerts end."""

    shown: tuple[ThreadAlert, ...]
    ended: dict[UUID, str] = field(default_factory=dict)


def decide(alerts: Sequence[ThreadAlert], pending: Iterable[UUID], *, signed_in: bool, now: datetime) -> Decision:
    """Chooses what a thread shows now: all that is unread, valid and not told better by a newer alert.

    Args:
        alerts: all alerts of the thread, oldest first.
        pending: those whose fate on this device is still open.
        signed_in: whether the account is still signed in on the device.
    """
    newest = {alert.entity: alert.id for alert in alerts if not alert.withdrawn}
    ends: dict[UUID, str] = {}
    shown: list[ThreadAlert] = []
    for alert in alerts:
        end = _end_of(alert, newest, signed_in=signed_in, now=now)
        if end is None:
            shown.append(alert)
        else:
            ends[alert.id] = end
    open_ids = set(pending)
    known = {alert.id for alert in alerts}
    ended = {alert_id: end for alert_id, end in ends.items() if alert_id in open_ids}
    ended |= dict.fromkeys(open_ids - known, "expired")
    return Decision(shown=tuple(shown), ended=ended)


def _end_of(alert: ThreadAlert, newest: dict[str, UUID], *, signed_in: bool, now: datetime) -> str | None:
    if alert.withdrawn or not signed_in:
        return "withdrawn"
    if alert.read:
        return "read"
    if alert.expires_at <= now:
        return "expired"
    if newest[alert.entity] != alert.id:
        return "superseded"
    return None


def is_loud(last_loud: datetime | None, now: datetime) -> bool:
    """A thread sounds at first, and again when its last sound is over 60 s old; in between it is quiet."""
    return last_loud is None or now - last_loud > LOUD_AGAIN_AFTER
