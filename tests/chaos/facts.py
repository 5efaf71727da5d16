"""Checks 1 and 3 of docs/chaos.md: every committed fact told everybody it concerns, and nothing else did."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from tests.chaos.book import Book, Fact, Says, Step, Story
from tests.chaos.report import Report

_ALERTS = """
    SELECT a.id, a.account_id, a.entity, a.thread, a.body::text AS body, a.feed_only, a.expires_at <= now() AS expired,
           EXISTS (SELECT FROM alert_read r WHERE r.alert_id = a.id AND r.account_id = a.account_id) AS read,
           EXISTS (SELECT FROM alert_withdrawn w WHERE w.alert_id = a.id) AS withdrawn
      FROM alert a ORDER BY a.id
"""
_MADE = """
    SELECT body AS mark, id::text FROM homework UNION ALL SELECT title, id::text FROM meeting
"""


@dataclass(frozen=True)
class AlertRow:
    """An alert as the tables say that it stands."""

    id: UUID
    account: UUID
    entity: str
    thread: str
    body: Says
    read: bool
    withdrawn: bool
    expired: bool


Alerts = dict[UUID, AlertRow]


async def read_alerts(connection: "asyncpg.Connection[Any]", report: Report) -> Alerts:
    """All of them, oldest first. None may be for the inbox only: everything here is today's."""
    found: Alerts = {}
    for row in await connection.fetch(_ALERTS):
        if row["feed_only"]:
            report.wrong("facts", f"alert {row['id']} is for the inbox only")
        found[row["id"]] = AlertRow(
            row["id"], row["account_id"], row["entity"], row["thread"], msgspec.json.decode(row["body"]),
            row["read"], row["withdrawn"], row["expired"],
        )  # fmt: skip
    return found


async def check_facts(connection: "asyncpg.Connection[Any]", book: Book, alerts: Alerts, report: Report) -> None:
    """Compares the book with the inboxes."""
    made = {row["mark"]: row["id"] for row in await connection.fetch(_MADE)}
    inbox: dict[tuple[str, UUID], list[AlertRow]] = defaultdict(list)
    for alert in alerts.values():
        inbox[alert.entity, alert.account].append(alert)
    happened: dict[int, set[bool]] = defaultdict(set)
    for story in book.stories:
        if story.entity is None and story.steps:
            story.entity = made.get(story.steps[0].fact.mark or "")
            happened[id(story.steps[0].fact)].add(story.entity is not None)
        for account in story.people:
            found = inbox.pop((story.entity or "", account), [])
            _check_story(story, account, found, happened, report)
    for (entity, account), left in inbox.items():
        report.wrong("facts", f"{len(left)} alerts of {entity} for {account} that no committed fact explains")
    for fact in book.facts:
        if len(happened[id(fact)]) > 1:
            report.wrong("facts", f"{fact.kind}: told some of those whom it should tell, and not others")
        if fact.state == "uncertain":
            report.count("uncertain facts that happened", int(happened[id(fact)] == {True}))
    _check_noted(book, alerts, report)


def _check_story(
    story: Story, account: UUID, found: Sequence[AlertRow], happened: dict[int, set[bool]], report: Report
) -> None:
    """The alerts of one entity in one inbox: one for each step, in order, taken back where a step took back."""
    has = [(alert.body, alert.withdrawn) for alert in found]
    certain = [step for step in story.steps if step.fact.state == "committed"]
    doubtful = next((step.fact for step in story.steps if step.fact.state == "uncertain"), None)
    if doubtful is not None and _fits(has, story.steps):
        happened[id(doubtful)].add(True)
    elif _fits(has, certain):
        if doubtful is not None:
            happened[id(doubtful)].add(False)
    else:
        told = [step.says for step in story.steps]
        report.wrong("facts", f"{story.entity} for {account}: {len(has)} alerts {has} for the facts {told}")


def _fits(has: Sequence[tuple[Says, bool]], steps: Sequence[Step]) -> bool:
    wanted: list[tuple[Says, bool]] = []
    for step in steps:
        if step.says is None:
            wanted = [(says, True) for says, _ in wanted]
        else:
            wanted.append((step.says, False))
    return len(has) == len(wanted) and all(
        withdrawn == taken_back and says.items() <= body.items()
        for (body, withdrawn), (says, taken_back) in zip(has, wanted, strict=True)
    )


def _check_noted(book: Book, alerts: Alerts, report: Report) -> None:
    for account, alert in book.read:
        if not alerts[alert].read or alerts[alert].account != account:
            report.wrong("facts", f"alert {alert} was read, and is not noted as read")


async def check_received(connection: "asyncpg.Connection[Any]", book: Book, report: Report) -> None:
    noted = {(row[0], row[1]) for row in await connection.fetch("SELECT account_id, alert_id FROM alert_seen")}
    for account, alert in book.received - noted:
        report.wrong("facts", f"alert {alert} was acknowledged by {account}, and is not noted so")


__all__ = ["AlertRow", "Alerts", "Fact", "check_facts", "check_received", "read_alerts"]
