"""Who must be told what, and what must become of it on their phones: from what people did and DOMAIN.md section 12.

Nothing here calls the code under test. `model/` has the rules, a file for each part of the school.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from tests.simulation.school import ZONE, School, on

QUIET_FROM, QUIET_UNTIL = time(21), time(7)
_OLD = timedelta(days=3)
_QUARTER, _KEPT_FREE = timedelta(minutes=15), timedelta(minutes=2)

# (account, kind, body as JSON): what is compared.
Said = tuple[UUID, str, str]


@dataclass
class Alert:
    """What somebody must be told.

    Attributes:
        item: what it is merged with on the screen.
        about: the fact within the item; of two about the same the newer one stands.
        child: by whose link it is told; None: by none.
        taken_back: when that was.
    """

    account: UUID
    kind: str
    body: dict[str, Any]
    at: datetime
    item: tuple[object, ...]
    about: tuple[object, ...]
    lane: str
    child: UUID | None
    feed_only: bool
    taken_back: datetime | None = None

    @property
    def said(self) -> Said:
        return self.account, self.kind, canonical(self.body)


class Book:
    """All alerts of the week, as the rules write them."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.alerts: list[Alert] = []
        self._about: dict[tuple[object, ...], list[Alert]] = defaultdict(list)

    def tell(
        self, at: datetime, accounts: Iterable[UUID], kind: str, body: dict[str, Any], *, item: tuple[object, ...],
        about: tuple[object, ...], child: UUID | None = None, lane: str = "normal", feed_only: bool = False,
    ) -> None:  # fmt: skip
        for account in accounts:
            alert = Alert(account, kind, {"kind": kind, **body}, at, item, about, lane, child, feed_only)
            self.alerts.append(alert)
            self._about[about].append(alert)

    def take_back(self, at: datetime, about: tuple[object, ...]) -> None:
        """What was said of a fact, whoever was told."""
        for alert in self._about[about]:
            alert.taken_back = alert.taken_back or at


def canonical(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)


def written(moment: datetime) -> str:
    """A moment as it stands in a body: RFC 3339, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_old(today: date, day: date) -> bool:
    """Facts older than 3 days reach the feed only."""
    return today - day > _OLD


def ends(book: Book, moments: Sequence[datetime]) -> Iterator[tuple[Alert, str]]:
    """How each alert that is for phones must have ended on the phone of its person.

    Args:
        moments: when the workers have looked, in order.
    """
    newer: dict[tuple[object, ...], list[Alert]] = defaultdict(list)
    for alert in book.alerts:
        newer[alert.account, alert.item, alert.about].append(alert)
    gone = {
        (guardian.account, child.id): guardian.last_day
        for child in book.school.children for guardian in child.guardians if guardian.last_day
    }  # fmt: skip
    for alert in book.alerts:
        if alert.feed_only or alert.account not in book.school.phones:
            continue
        heard = hears(alert, alert.account in book.school.restless, moments)
        last_day = gone.get((alert.account, alert.child)) if alert.child else None
        if (alert.taken_back and alert.taken_back <= heard) or (last_day and _day(heard) > last_day):
            yield alert, "withdrawn"
        elif any(alert.at < other.at <= heard for other in newer[alert.account, alert.item, alert.about]):
            yield alert, "superseded"
        else:
            yield alert, "accepted"


def hears(alert: Alert, restless: bool, moments: Sequence[datetime]) -> datetime:
    """When a phone hears of an alert: at once, in the morning where it is not urgent and comes at night, and what goes
    to very many not around the quarter hours."""
    due = alert.at
    if alert.lane == "bulk":
        due = _bulk_opens(due)
    local = due.astimezone(ZONE)
    if alert.lane != "urgent" and not restless and (local.time() >= QUIET_FROM or local.time() < QUIET_UNTIL):
        day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
        due = on(day, QUIET_UNTIL)
    return moments[bisect_left(moments, due)]


def _bulk_opens(at: datetime) -> datetime:
    hour = at.replace(minute=0, second=0)
    middles = [hour + number * _QUARTER for number in range(5)]
    return next((one + _KEPT_FREE for one in middles if one - _KEPT_FREE <= at < one + _KEPT_FREE), at)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()
