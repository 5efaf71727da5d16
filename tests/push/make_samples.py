"""Makes docs/samples: test vectors, the schema of the content, and each alert on each platform.

`python -m tests.push.make_samples` writes them. tests/push/test_samples.py fails where they are not what the
server sends now, so that a change of the contract with the apps is meant.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import msgspec

from push.catalogue import kind_of
from push.devices import DeviceKeys
from push.envelope import Address, Cleared, Content, Envelopes, Neutral, _padded, seal
from push.policy import ThreadAlert, Wishes
from push.queue import revision_at
from push.revision import Composer, Revision
from push.threads import CLEAR, SUMMARY, ClaimedTray, SummaryEntry
from push.wording import push_texts
from schemas import alerts
from schemas.alerts import AlertBody, Target

FOLDER = Path(__file__).parents[2] / "docs" / "samples"
PLATFORMS = ("android", "ios", "web")
KEY = bytes(range(32))
OTHER_KEY = bytes(range(32, 64))
KEY_ID = "k1"
TAG_KEY = b"the tags of the samples, no more"
TOKEN = "cSampleInstallation0:APA91bSample-token-of-nobody"
NOW = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)
SCHEMA = "https://json-schema.org/draft/2020-12/schema"

_DAY = date(2026, 9, 14)
_INSTALLATION = UUID("01970c3e-5a00-7000-8000-0000000000d1")
_ACCOUNT = UUID("01970c3e-5a00-7000-8000-0000000000a1")
_CHILD = UUID("01970c3e-5a00-7000-8000-0000000000c1")
_OF_CHILD = Target(screen="diary-day", child_id=_CHILD, on=_DAY, entity_id=UUID(int=_CHILD.int + 16))
_READ_MEANWHILE = {f"homework:{_CHILD}:2026-09-11": 211_100_000, "meeting:1": 211_200_000}
_DEVICE_KEYS = DeviceKeys(bytes(32))

# For each kind the alerts of one thread, and where the newest leads.
SAMPLES: dict[str, tuple[tuple[AlertBody, ...], Target]] = {
    "mark-set": (
        (
            alerts.MarkSet(child="Иван", subject="Математика", value="4", work="answer", day=_DAY),
            alerts.MarkSet(child="Иван", subject="Математика", value="5", work="test", day=_DAY),
            alerts.MarkSet(child="Иван", subject="Русский язык", value="5", work="classwork", day=_DAY),
        ),
        _OF_CHILD,
    ),
    "mark-corrected": (
        (alerts.MarkCorrected(child="Иван", subject="Математика", old="2", value="4", work="control-work", day=_DAY),),
        _OF_CHILD,
    ),
    "dot-set": ((alerts.DotSet(child="Иван", subject="Физика", due_on=date(2026, 9, 21)),), _OF_CHILD),
    "dot-due": ((alerts.DotDue(child="Иван", subject="Физика", due_on=date(2026, 9, 21)),), _OF_CHILD),
    "dot-resolved": ((alerts.DotResolved(child="Иван", subject="Физика"),), _OF_CHILD),
    "finals-published": (
        (alerts.FinalsPublished(child="Иван", period="1 четверть"),),
        msgspec.structs.replace(_OF_CHILD, screen="finals"),
    ),
    "correction-asked": (
        (alerts.CorrectionAsked(subject="Физика", group_name="7А"),),
        Target(screen="corrections", on=_DAY),
    ),
    "correction-decided": (
        (alerts.CorrectionDecided(subject="Физика", group_name="7А", approved=True),),
        Target(screen="journal", on=_DAY),
    ),
    "absent-without-notice": (
        (alerts.AbsentWithoutNotice(child="Иван", subject="Физкультура", number=3, day=_DAY),),
        _OF_CHILD,
    ),
    "remark-given": (
        (alerts.RemarkGiven(child="Иван", subject="Физкультура", day=_DAY),),
        msgspec.structs.replace(_OF_CHILD, screen="remarks"),
    ),
    "praise-given": (
        (alerts.PraiseGiven(child="Иван", subject="", day=_DAY),),
        msgspec.structs.replace(_OF_CHILD, screen="remarks"),
    ),
    "absence-corrected": (
        (alerts.AbsenceCorrected(child="Иван", subject="Физкультура", number=3, day=_DAY, minutes=7),),
        _OF_CHILD,
    ),
    "came-late": (
        (alerts.CameLate(child="Иван", subject="Физкультура", number=3, day=_DAY, minutes=7),),
        _OF_CHILD,
    ),
    "timetable-changed": (
        (
            alerts.TimetableChanged(
                child="Иван",
                subject="Физика",
                number=4,
                day=date(2026, 9, 15),
                change="moved",
                room="спортзал",
                to_day=date(2026, 9, 16),
                to_number=6,
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, on=date(2026, 9, 15)),
    ),
    "first-lesson-changed": (
        (
            alerts.FirstLessonChanged(
                child="Иван",
                subject="Физика",
                number=1,
                day=_DAY,
                change="cancelled",
                room="спортзал",
                to_day=_DAY,
                to_number=1,
            ),
        ),
        _OF_CHILD,
    ),
    "homework-set": (
        (alerts.HomeworkSet(child="Иван", subject="Русский язык", due_on=date(2026, 9, 15)),),
        msgspec.structs.replace(_OF_CHILD, screen="homework", on=date(2026, 9, 15)),
    ),
    "homework-changed": (
        (alerts.HomeworkChanged(child="Иван", subject="Физика", due_on=date(2026, 9, 16)),),
        msgspec.structs.replace(_OF_CHILD, screen="homework", on=date(2026, 9, 16)),
    ),
    "tomorrow": (
        (
            alerts.Tomorrow(
                day=date(2026, 9, 15), first="08:30", subject="Физика", changes=1, undone="Математика, Русский язык"
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, screen="diary-day", on=date(2026, 9, 15)),
    ),
    "absence-notice-filed": (
        (
            alerts.AbsenceNoticeFiled(
                child="Иван", class_name="5А", first_day=date(2026, 9, 15), last_day=date(2026, 9, 17)
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, screen="absence-notices", on=date(2026, 9, 15)),
    ),
    "absence-notice-changed": (
        (
            alerts.AbsenceNoticeChanged(
                child="Иван", class_name="5А", first_day=date(2026, 9, 15), last_day=date(2026, 9, 16), lessons="1, 2"
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, screen="absence-notices", on=date(2026, 9, 15)),
    ),
    "absence-notice-cancelled": (
        (
            alerts.AbsenceNoticeCancelled(
                child="Иван", class_name="5А", first_day=date(2026, 9, 15), last_day=date(2026, 9, 15)
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, screen="absence-notices", on=date(2026, 9, 15)),
    ),
    "absence-notice-decided": (
        (
            alerts.AbsenceNoticeDecided(
                child="Иван", first_day=date(2026, 9, 15), last_day=date(2026, 9, 17), accepted=True
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, screen="absence-notices", on=date(2026, 9, 15)),
    ),
    "expected-back": (
        (alerts.ExpectedBack(child="Иван", day=date(2026, 9, 18)),),
        msgspec.structs.replace(_OF_CHILD, screen="absence-notices", on=date(2026, 9, 18)),
    ),
    "meeting-called": (
        (
            alerts.MeetingCalled(
                title="Итоги четверти",
                class_name="5А",
                starts_at=datetime(2026, 9, 21, 15, tzinfo=UTC),
                timezone="Europe/Moscow",
                place="кабинет 12",
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, screen="meeting", on=None),
    ),
    "meeting-moved": (
        (
            alerts.MeetingMoved(
                title="Итоги четверти",
                class_name="5А",
                starts_at=datetime(2026, 9, 22, 15, tzinfo=UTC),
                old_starts_at=datetime(2026, 9, 21, 15, tzinfo=UTC),
                timezone="Europe/Moscow",
                place="кабинет 12",
                change="time",
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, screen="meeting", on=None),
    ),
    "meeting-cancelled": (
        (
            alerts.MeetingCancelled(
                title="Итоги четверти",
                class_name="5А",
                starts_at=datetime(2026, 9, 22, 15, tzinfo=UTC),
                timezone="Europe/Moscow",
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, screen="meeting", on=None),
    ),
    "meeting-soon": (
        (
            alerts.MeetingSoon(
                title="Безопасность в интернете",
                class_name="",
                starts_at=datetime(2026, 9, 22, 15, tzinfo=UTC),
                timezone="Europe/Moscow",
                place="",
            ),
        ),
        msgspec.structs.replace(_OF_CHILD, screen="meeting", on=None),
    ),
    "guardianship-changed": (
        (alerts.GuardianshipChanged(child="Иван", change="added"),),
        msgspec.structs.replace(_OF_CHILD, screen="home", on=None, entity_id=None),
    ),
    "lessons-unfilled": (
        (alerts.LessonsUnfilled(day=_DAY, lessons=2),),
        Target(screen="teacher-day", on=_DAY),
    ),
    "announcement-published": (
        (alerts.AnnouncementPublished(title="Каток в субботу", class_name="5А"),),
        msgspec.structs.replace(_OF_CHILD, screen="announcement", on=None),
    ),
    "week-to-acknowledge": (
        (alerts.WeekToAcknowledge(child="Иван", first_day=_DAY, last_day=date(2026, 9, 20)),),
        msgspec.structs.replace(_OF_CHILD, screen="week", entity_id=None),
    ),
    "remark-answered": (
        (alerts.RemarkAnswered(child="Иван", day=_DAY),),
        Target(screen="remark", on=_DAY, entity_id=_OF_CHILD.entity_id),
    ),
    "message-received": (
        (alerts.MessageReceived(child="Иван", class_name="5А", writer="teacher", subject="Физика"),),
        msgspec.structs.replace(_OF_CHILD, screen="messages", on=None),
    ),
    "urgent-message": (
        (alerts.UrgentMessage(child="Иван", class_name="5А", writer="class-teacher", subject=""),),
        msgspec.structs.replace(_OF_CHILD, screen="messages", on=None),
    ),
    "support-answered": (
        (alerts.SupportAnswered(number="2026-000123", status="answered"),),
        Target(screen="support", entity_id=UUID(int=_CHILD.int + 48)),
    ),
}
# Beside the kinds of the catalogue: a summary of several threads, and a message that only takes items away.
NAMES = (*SAMPLES, "summary", "clearing")

_WORDS = {
    "accountId": "Whose alerts these are: an app may hold several accounts on one device.",
    "alertIds": "The alerts that the text covers, oldest first, at most the newest 10 where there is no room for more."
    " Empty: the message shows nothing.",
    "revision": "Of this tag; it grows. An equal one is the same message again.",
    "issuedAt": "When it was made.",
    "lifetimeSeconds": "Past issuedAt + lifetimeSeconds it is not shown.",
    "kind": "Of the newest alert, or summary. Open: an unknown one is drawn by its title.",
    "childId": "Whom it is about.",
    "channel": "The notification channel. Open: an unknown one is drawn in the app's default channel.",
    "target": "The deep link: screen, and childId, date, entityId, which may be null or missing.",
    "title": "Ready to be shown.",
    "body": "Ready to be shown. Several lines in a summary; a long one ends in an ellipsis.",
    "quiet": "No sound: the item is only replaced.",
    "cleared": "Items to take off the screen: pairs of tag and revision, for each unless a higher revision is shown.",
    "unread": "iOS: the number on the app's icon.",
}


def everything() -> dict[str, str]:
    """Every generated file by its name, as it is to be."""
    files: dict[str, Any] = {"vectors.json": vectors(), "content.schema.json": content_schema()}
    for name in NAMES:
        for platform in PLATFORMS:
            files[f"{name}.{platform}.json"] = golden(name, platform)
    return {name: json.dumps(value, ensure_ascii=False, indent=1) + "\n" for name, value in files.items()}


def golden(name: str, platform: str) -> dict[str, Any]:
    """What a device gets: encrypted with the public key of the samples, what that opens to, and neutral."""
    sent = _Noting(TAG_KEY, lambda: NOW)
    with fixed_nonce(f"{name}.{platform}"):
        encrypted = _message(sent, _tray(name, platform, sealed=True))
    return {
        "key": _base64(KEY),
        "encrypted": encrypted,
        "content": json.loads(_padded(sent.content)),
        "neutral": _message(sent, _tray(name, platform, sealed=False)),
    }


def vectors() -> list[dict[str, Any]]:
    """What must open, and to what; and what must not."""
    contents = _contents()
    opening = [
        _vector(name, KEY, _sealed(name, content), json.loads(_padded(content))) for name, content in contents.items()
    ]
    return opening + [_vector(*refusal, "refused") for refusal in _refusals(contents["ascii"])]


def content_schema() -> dict[str, Any]:
    """JSON Schema of what is inside. Fields may be added, so apps ignore those that they do not know."""
    (_, components) = msgspec.json.schema_components([Content], schema_hook=lambda _: {"type": ["string", "null"]})
    fields = components["Content"]["properties"]
    cleared = {"type": "array", "prefixItems": components["Cleared"]["prefixItems"], "minItems": 2}
    fields["issuedAt"]["format"] = "date-time"
    fields["cleared"] = {"type": "array", "items": cleared, "maxItems": 40, "default": []}
    return {
        "$schema": SCHEMA,
        "title": "The content of an opened envelope",
        "description": "docs/envelope.md. A field with its default is left out.",
        "type": "object",
        "properties": {name: {"description": _WORDS[name]} | _never_null(field) for name, field in fields.items()},
        "required": components["Content"]["required"],
        "if": {"properties": {"alertIds": {"minItems": 1}}},
        "then": {"required": ["kind", "channel", "title"]},
        "additionalProperties": True,
    }


@contextmanager
def fixed_nonce(name: str) -> Iterator[None]:
    """Sealing takes a nonce that follows from a name, and thus gives the same bytes each time."""
    nonce = hashlib.sha256(name.encode()).digest()
    with patch("push.envelope.os", SimpleNamespace(urandom=lambda size: nonce[:size])):
        yield


class _Noting(Envelopes):
    """Remembers the last content that it built."""

    content: Content

    def build(self, address: Address, thread: str, content: Content, neutral: Neutral) -> bytes:
        self.content = content
        return super().build(address, thread, content, neutral)


def _message(envelopes: Envelopes, tray: ClaimedTray) -> dict[str, Any]:
    """What the worker sends for a tray."""
    revision = Composer(push_texts(), _DEVICE_KEYS, envelopes, lambda: NOW).compose(tray, _alerts(tray))
    assert isinstance(revision, Revision)
    message: dict[str, Any] = json.loads(revision.message)
    return message


def _tray(name: str, platform: str, *, sealed: bool) -> ClaimedTray:
    told = [name] if name in SAMPLES else list(SAMPLES) if name == "summary" else []
    clearing = name == "clearing"
    entries = [(_id(kind, number), _thread(kind)) for kind in told for number, _ in enumerate(SAMPLES[kind][0])]
    return ClaimedTray(
        lease="sample/1",
        installation_id=_INSTALLATION,
        account_id=_ACCOUNT,
        thread={"summary": SUMMARY, "clearing": CLEAR}.get(name, _thread(name)),
        wanted=revision_at(NOW),
        sent=0,
        pending=[alert_id for alert_id, _ in entries],
        digest=None,
        attempt=0,
        due_at=NOW,
        waiting_since=NOW,
        # A correction comes seconds after the mark has sounded, and is quiet.
        loud_at=NOW - timedelta(seconds=20) if name == "mark-corrected" else None,
        platform=platform,
        target_kind="token",
        target=TOKEN,
        registered_at=NOW,
        key_id=KEY_ID if sealed else None,
        key_wrapped=_DEVICE_KEYS.wrap(_INSTALLATION, KEY) if sealed else None,
        key_expires_at=NOW + timedelta(days=90) if sealed else None,
        signed_in=True,
        doubtful=False,
        language="ru",
        wishes=Wishes(),
        summary=tuple(SummaryEntry(*entry, NOW) for entry in entries) if name == "summary" else (),
        clears=_READ_MEANWHILE if clearing or name == "homework-set" else {},
        unread=len(entries) + 1 if platform == "ios" and not clearing else None,
    )


def _alerts(tray: ClaimedTray) -> list[ThreadAlert]:
    """The alerts of a tray as the queue finds them."""
    kinds = [kind for kind in SAMPLES if tray.thread in (_thread(kind), SUMMARY)]
    due = {entry.alert_id: entry.due_at for entry in tray.summary}
    return [
        ThreadAlert(
            id=_id(kind, number),
            thread=_thread(kind),
            entity=f"{kind}:{number}",
            kind=kind,
            child_id=SAMPLES[kind][1].child_id,
            body=body,
            target=msgspec.to_builtins(SAMPLES[kind][1]),
            urgent=kind_of(body).lane == "urgent",
            occurred_at=NOW,
            expires_at=NOW + kind_of(body).lifetime,
            timezone="Europe/Moscow",
            silent_until=None,
            read=False,
            withdrawn=False,
            summary_due=due.get(_id(kind, number)),
        )
        for kind in kinds
        for number, body in enumerate(SAMPLES[kind][0])
    ]


def _thread(kind: str) -> str:
    return f"{kind}:{_CHILD}:{_DAY}"


def _id(kind: str, number: int) -> UUID:
    return UUID(int=UUID("01970c3e-5a00-7000-8000-000000001000").int + 16 * list(SAMPLES).index(kind) + number)


def _contents() -> dict[str, Content]:
    revision = revision_at(NOW)
    base = Content(
        account_id=_ACCOUNT, alert_ids=[_id("mark-set", 0)], revision=revision, issued_at=NOW,
        lifetime_seconds=259_200,
    )  # fmt: skip
    mark = msgspec.structs.replace(base, kind="mark-set", channel="marks", target={"screen": "inbox"}, child_id=_CHILD)
    cleared = [Cleared(_tag(str(number)), revision - number) for number in range(10)]
    return {
        "ascii": msgspec.structs.replace(mark, title="Ivan: new mark", body="mathematics: 4"),
        "cyrillic-and-emoji": msgspec.structs.replace(
            mark, title="Иван: новые оценки 🎒", body="математика: 4, 5; ИЗО: 5 👩🏽‍🎨"
        ),
        "alert-with-cleared": msgspec.structs.replace(
            mark, title="Иван: новая оценка", body="физика: 5", cleared=cleared, quiet=True, unread=7
        ),
        "clearing-only": msgspec.structs.replace(base, alert_ids=[], lifetime_seconds=86_400, cleared=cleared),
        "summary": msgspec.structs.replace(
            base, kind="summary", channel="summary", target={"screen": "inbox"}, title="Сводка дневника: 2 новости",
            body="Иван: новая оценка (физика: 5)\nИван: задано на дом (Математика на 15 сентября)",
        ),
        "longest": msgspec.structs.replace(mark, title="Родительское собрание, 5А", body="Щука и ёж. " * 400),
    }  # fmt: skip


def _refusals(content: Content) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """Envelopes that must not open, each for one reason."""
    whole = _sealed("refused", content)
    yield "wrong-key", OTHER_KEY, whole
    yield "swapped-tag", KEY, whole | {"t": _tag("of another item")}
    yield "swapped-key-id", KEY, whole | {"k": "k2"}
    yield "changed-nonce", KEY, whole | {"n": _flipped(whole["n"])}
    yield "changed-ciphertext", KEY, whole | {"c": _flipped(whole["c"])}
    # A multiple of 4, so that it is still whole base64.
    yield "truncated-ciphertext", KEY, whole | {"c": whole["c"][:-40]}
    yield "no-ciphertext", KEY, whole | {"c": ""}
    yield "relabelled-version", KEY, whole | {"v": "2"}
    with patch("push.envelope.VERSION", "2"):
        yield "unknown-version", KEY, _sealed("refused", content) | {"v": "2"}


def _vector(name: str, key: bytes, data: dict[str, str], expected: object) -> dict[str, Any]:
    return {"name": name, "key": _base64(key), "data": data, "expected": expected}


def _sealed(name: str, content: Content) -> dict[str, str]:
    with fixed_nonce(name):
        nonce, sealed = seal(KEY, KEY_ID, _tag(name), content)
        return {"v": "1", "t": _tag(name), "k": KEY_ID, "n": nonce.decode(), "c": sealed.decode()}


def _tag(name: str) -> str:
    return Envelopes(TAG_KEY, lambda: NOW).tag(_INSTALLATION, _ACCOUNT, name)


def _flipped(text: str) -> str:
    return ("B" if text[0] == "A" else "A") + text[1:]


def _never_null(field: dict[str, Any]) -> dict[str, Any]:
    """On the wire a missing value is left out, never null."""
    if "anyOf" not in field:
        return field
    (kind,) = (kind for kind in field["anyOf"] if kind != {"type": "null"})
    return dict(kind)


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def main() -> None:
    """Writes every generated file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in everything().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
