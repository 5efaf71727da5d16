"""What came of the week: inboxes, phones, ledger and FCM, against what was to be."""

import asyncio
import base64
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.core.db import plain_url
from backend.core.settings import Settings
from push.ledger import Balance, balance
from tests.benchmarks.push.server import FastFcm
from tests.push.screen import Screen
from tests.simulation.expected import Alert, Book, Said, canonical, ends
from tests.simulation.school import School
from tests.simulation.stage import Stage

_SHOWN = 20
_INBOX = """
    SELECT a.id, a.account_id, a.kind, a.body::text, a.feed_only, w.alert_id IS NOT NULL AS taken_back
      FROM alert a LEFT JOIN alert_withdrawn w ON w.alert_id = a.id
"""
_ENDS = "SELECT alert_id, installation_id, outcome, message_name FROM delivery"

# What was said, and how it ended on a phone.
End = tuple[Said, str]
Compared = TypeVar("Compared")


class Entry(NamedTuple):
    """An alert as the inbox has it."""

    said: Said
    feed_only: bool
    taken_back: bool


@dataclass(frozen=True)
class Message:
    """One that FCM accepted, as the phone reads it."""

    name: str | None
    token: str
    tag: str
    content: dict[str, Any]

    @property
    def alerts(self) -> list[str]:
        """Of which it tells; none where it only takes items off the screen."""
        return self.content.get("alertIds") or []


@dataclass(frozen=True)
class Outcome:
    """`wrong`: every difference, in words; none is what must be. Figures of both sides."""

    wrong: list[str]
    facts: int
    alerts: int
    feed_only: int
    messages: int
    clearings: int
    ends: dict[str, int]
    seconds: float
    spent: dict[str, float]


@dataclass(frozen=True)
class Found:
    """What stands in the database and has reached FCM."""

    inbox: dict[UUID, Entry]
    deliveries: list[tuple[UUID, UUID, str, str | None]]
    messages: list[Message]
    counted: int
    ledger: Balance


async def find(settings: Settings, school: School, stage: Stage, fcm: FastFcm) -> Found:
    connection = await asyncpg.connect(plain_url(settings.owner_database_url))
    try:
        inbox = {
            row["id"]: Entry(
                (row["account_id"], row["kind"], canonical(msgspec.json.decode(row["body"]))), row["feed_only"],
                row["taken_back"],
            )
            for row in await connection.fetch(_INBOX)
        }  # fmt: skip
        deliveries = [tuple(row) for row in await connection.fetch(_ENDS)]
    finally:
        await connection.close()
    async with stage.push_database.transaction() as session:
        ledger = await balance(session)
    messages = _opened(school, stage.witness.accepted)
    return Found(inbox, deliveries, messages, await asyncio.to_thread(fcm.count), ledger)


def differences(book: Book, stage: Stage, found: Found) -> list[str]:
    """Everything that is another than it should be."""
    school = book.school
    due = list(ends(book, stage.moments))
    return [
        *_inboxes(school, book.alerts, found),
        *_ends(school, due, found),
        *_ledger(found),
        *_messages(school, found),
        *_screens(school, found),
    ]


def _inboxes(school: School, alerts: Sequence[Alert], found: Found) -> Iterable[str]:
    expected = Counter(Entry(one.said, one.feed_only, one.taken_back is not None) for one in alerts)

    def words(entry: Entry) -> str:
        more = [word for word, holds in (("for the feed", entry.feed_only), ("taken back", entry.taken_back)) if holds]
        return _words(school, entry.said, *more)

    return _compared("inbox", expected, Counter(found.inbox.values()), words)


def _ends(school: School, due: Sequence[tuple[Alert, str]], found: Found) -> Iterable[str]:
    """Each alert for phones has one end on each phone of its person, and nothing has one elsewhere."""
    expected = Counter((alert.said, end) for alert, end in due)
    owners = {phone.installation: account for account, phone in school.phones.items()}
    got: Counter[End] = Counter()
    for alert_id, installation, outcome, _ in found.deliveries:
        said, feed_only, _ = found.inbox[alert_id]
        got[said, outcome] += 1
        if feed_only or owners[installation] != said[0]:
            yield f"end on a phone that should not have heard: {_words(school, said)}"
    twice = len(found.deliveries) - len({delivery[:2] for delivery in found.deliveries})
    if twice:
        yield f"{twice} alerts have two ends on a phone"
    yield from _compared("end", expected, got, lambda item: _words(school, item[0], item[1]))


def _ledger(found: Found) -> Iterable[str]:
    if not found.ledger.balances or found.ledger.open or found.ledger.queued:
        yield "\n".join(found.ledger.lines())


def _messages(school: School, found: Found) -> Iterable[str]:
    """FCM has had each accepted revision once, and what is noted as accepted stood in the message of that name."""
    names = Counter(message.name for message in found.messages)
    if found.counted != len(found.messages) or len(names) != found.counted:
        yield f"FCM counted {found.counted} messages, {len(found.messages)} with {len(names)} names were accepted"
    revisions = Counter((message.token, message.tag, message.content["revision"]) for message in found.messages)
    yield from (f"told {number} times of one revision: {key}" for key, number in revisions.items() if number > 1)
    by_name = {message.name: message for message in found.messages}
    tokens = {phone.installation: phone.token for phone in school.phones.values()}
    for alert_id, installation, outcome, name in found.deliveries:
        if outcome != "accepted":
            continue
        message = by_name.get(name)
        if message is None or message.token != tokens[installation] or str(alert_id) not in message.alerts:
            yield f"accepted, but in no message to that phone: {_words(school, found.inbox[alert_id].said)}"


def _screens(school: School, found: Found) -> Iterable[str]:
    """What was taken back hangs on no screen."""
    screens: dict[str, Screen] = defaultdict(Screen)
    for message in found.messages:
        screens[message.token].receive(message.tag, message.content)
    for screen in screens.values():
        for alert_id in {UUID(one) for content in screen.items.values() for one in content["alertIds"]}:
            if found.inbox[alert_id].taken_back:
                yield f"taken back, but on the screen: {_words(school, found.inbox[alert_id].said)}"


def _compared(
    what: str, expected: Counter[Compared], got: Counter[Compared], words: Callable[[Compared], str]
) -> Iterable[str]:
    """What one side has and the other has not, the first of each."""
    for side, left in (("missing", expected - got), ("not expected", got - expected)):
        items = sorted(f"{words(item)} x{number}" for item, number in left.items())
        if items:
            yield "\n    ".join([f"{what}, {side}: {sum(left.values())}", *items[:_SHOWN]])


def _words(school: School, said: Said, *more: str) -> str:
    account, kind, body = said
    return " ".join([f"{school.labels.get(account, account)}: {kind} {body}", *more])


def _opened(school: School, accepted: Iterable[tuple[str | None, bytes]]) -> list[Message]:
    keys = {phone.token: AESGCM(phone.key) for phone in school.phones.values()}
    opened = []
    for name, body in accepted:
        message = msgspec.json.decode(body)["message"]
        data, token = message["data"], message["token"]
        associated = f"{data['v']}|{data['k']}|{data['t']}".encode()
        content = msgspec.json.decode(keys[token].decrypt(_bytes(data["n"]), _bytes(data["c"]), associated))
        opened.append(Message(name, token, data["t"], content))
    return opened


def _bytes(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
