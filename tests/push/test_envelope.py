"""What goes over the wire, and what does not. Whether an app can open it: test_reference.py."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from push.envelope import BLOCK, Address, Cleared, Content, Envelopes, Neutral
from push.standin.validation import MAX_PAYLOAD, check_message

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
KEY = bytes(range(32))
envelopes = Envelopes(b"t" * 32, lambda: NOW)


def address(platform: str, *, sealed: bool = True, kind: str = "token") -> Address:
    return Address(
        installation_id=UUID(int=1),
        account_id=UUID(int=2),
        platform=platform,
        target_kind=kind,
        target="t" * 140,
        key_id="k1" if sealed else None,
        key=KEY if sealed else None,
    )


def content(**values: object) -> Content:
    base: dict[str, object] = {
        "account_id": UUID(int=2),
        "alert_ids": [UUID(int=7)],
        "revision": 3,
        "issued_at": NOW,
        "lifetime_seconds": 3600,
    }
    return Content(**(base | values))  # type: ignore[arg-type]


def opened(data: dict[str, str]) -> tuple[dict[str, Any], int]:
    def decode(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    clear = AESGCM(KEY).decrypt(decode(data["n"]), decode(data["c"]), f"1|k1|{data['t']}".encode())
    return json.loads(clear), len(clear)


@given(
    title=st.text(max_size=3000), body=st.text(max_size=6000), alerts=st.integers(1, 120),
    platform=st.sampled_from(["android", "ios", "web"]), kind=st.sampled_from(["token", "fid"]),
)  # fmt: skip
def test_whatever_the_text_fcm_takes_it_and_no_character_is_cut(
    title: str, body: str, alerts: int, platform: str, kind: str
) -> None:
    wish = content(title=title, body=body, alert_ids=[UUID(int=number) for number in range(alerts)])
    raw = envelopes.build(address(platform, kind=kind), "thread", wish, Neutral("Мой дневник", "Новая запись"))
    message = check_message(json.loads(raw))
    assert sum(len(key) + len(value) for key, value in message["data"].items()) <= MAX_PAYLOAD
    assert len(raw) <= MAX_PAYLOAD + 600
    found, size = opened(message["data"])
    assert size % BLOCK == 0
    assert found["revision"] == 3
    text = str(found.get("body", ""))
    assert body.startswith(text.removesuffix("…")) or text == body


@pytest.mark.parametrize("platform", ["android", "ios", "web"])
def test_a_neutral_envelope_names_nobody(platform: str) -> None:
    wish = content(title="Иван: новая оценка", body="Математика: 2", kind="mark-set")
    raw = envelopes.build(address(platform, sealed=False), "marks:ivan", wish, Neutral("Мой дневник", "Новая запись"))
    text = json.dumps(json.loads(raw), ensure_ascii=False)
    assert "Новая запись" in text
    assert not any(word in text for word in ("Иван", "Математика", "mark-set", "marks:ivan"))


def test_android_is_data_only_and_never_collapsible() -> None:
    message = json.loads(envelopes.build(address("android"), "thread", content(), Neutral("a", "b")))["message"]
    assert message["android"] == {"priority": "high", "ttl": "3600s"}
    assert "notification" not in message


def test_ios_wakes_the_extension_and_a_quiet_revision_is_passive() -> None:
    raw = envelopes.build(address("ios"), "thread", content(quiet=True), Neutral("a", "b"))
    apns = json.loads(raw)["message"]["apns"]
    assert apns["payload"]["aps"]["mutable-content"] == 1
    assert apns["payload"]["aps"]["interruption-level"] == "passive"
    assert "sound" not in apns["payload"]["aps"]
    assert apns["headers"]["apns-collapse-id"] == apns["payload"]["aps"]["thread-id"]


CLEARED = [Cleared(f"{'t' * 20}{number:02}", 211_537_800 + number) for number in range(40)]
NOTHING_SHOWN = {"alert_ids": [], "cleared": CLEARED}


@pytest.mark.parametrize("platform", ["android", "ios", "web"])
@pytest.mark.parametrize("sealed", [True, False])
def test_forty_cleared_items_fit_and_nothing_is_shown(platform: str, sealed: bool) -> None:
    raw = envelopes.build(address(platform, sealed=sealed), "~clear", content(**NOTHING_SHOWN), Neutral("a", "b"))
    message = check_message(json.loads(raw))
    data = message["data"]
    found = opened(data)[0]["cleared"] if sealed else json.loads(data["x"])
    assert found == [[cleared.tag, cleared.revision] for cleared in CLEARED]
    assert not {"title", "body", "a"} & data.keys()


def test_what_shows_nothing_has_no_priority() -> None:
    def built(platform: str) -> dict[str, Any]:
        raw = envelopes.build(address(platform), "~clear", content(**NOTHING_SHOWN), Neutral("a", "b"))
        message: dict[str, Any] = json.loads(raw)["message"]
        return message

    assert built("android")["android"]["priority"] == "normal"
    assert built("web")["webpush"]["headers"]["Urgency"] == "normal"
    apns = built("ios")["apns"]
    assert apns["payload"]["aps"] == {"content-available": 1}
    assert (apns["headers"]["apns-push-type"], apns["headers"]["apns-priority"]) == ("background", "5")
    assert "apns-collapse-id" not in apns["headers"]


def test_an_alert_carries_cleared_items_beside_its_text() -> None:
    wish = content(title="a", body="b", cleared=CLEARED[:10])
    raw = envelopes.build(address("android"), "thread", wish, Neutral("a", "b"))
    assert len(opened(json.loads(raw)["message"]["data"])[0]["cleared"]) == 10
    neutral = json.loads(envelopes.build(address("android", sealed=False), "thread", wish, Neutral("a", "b")))[
        "message"
    ]
    assert len(json.loads(neutral["data"]["x"])) == 10
    assert neutral["data"]["a"] == str(UUID(int=7))


def test_a_text_that_is_too_long_gives_way_to_what_is_cleared() -> None:
    wish = content(title="a", body="щ" * 6000, cleared=CLEARED[:10], alert_ids=[UUID(int=n) for n in range(120)])
    found, _ = opened(
        json.loads(envelopes.build(address("android"), "thread", wish, Neutral("a", "b")))["message"]["data"]
    )
    assert len(found["cleared"]) == len(found["alertIds"]) == 10
    assert found["alertIds"][-1] == str(UUID(int=119))


def test_the_badge_is_sealed_where_there_is_a_key() -> None:
    wish = content(title="a", body="b", unread=5)
    message = json.loads(envelopes.build(address("ios"), "thread", wish, Neutral("a", "b")))["message"]
    assert "badge" not in message["apns"]["payload"]["aps"]
    assert opened(message["data"])[0]["unread"] == 5
    neutral = json.loads(envelopes.build(address("ios", sealed=False), "thread", wish, Neutral("a", "b")))["message"]
    assert neutral["apns"]["payload"]["aps"]["badge"] == 5
