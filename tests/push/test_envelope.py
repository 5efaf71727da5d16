"""What goes over the wire, and what does not."""

import base64
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from push.envelope import BLOCK, Address, Content, Envelopes, Neutral
from push.standin.validation import MAX_PAYLOAD, check_message

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
KEY = bytes(range(32))
ROOT = Path(__file__).parents[2]
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
    base: dict[str, object] = {"alert_ids": [UUID(int=7)], "revision": 3, "issued_at": NOW, "lifetime_seconds": 3600}
    return Content(**(base | values))  # type: ignore[arg-type]


def opened(data: dict[str, str]) -> tuple[dict[str, object], int]:
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


def test_the_javascript_of_the_phone_page_opens_the_documented_vector(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine")
    text = (ROOT / "docs" / "envelope.md").read_text(encoding="utf-8")
    vector = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert vector
    shutil.copy(ROOT / "push" / "standin" / "web" / "envelope.js", tmp_path / "envelope.mjs")
    (tmp_path / "vector.json").write_text(vector[1])
    (tmp_path / "run.mjs").write_text(
        'import { readFileSync } from "node:fs"; import { open } from "./envelope.mjs";'
        'const vector = JSON.parse(readFileSync("vector.json"));'
        "console.log(JSON.stringify(await open(vector.key, vector.data)));"
    )
    ran = subprocess.run([node, "run.mjs"], cwd=tmp_path, capture_output=True, check=True, text=True)  # noqa: S603
    assert json.loads(ran.stdout) == json.loads(vector[1])["content"]
