"""FCM's answer -> what it means for us. Pure.

Source: https://firebase.google.com/docs/cloud-messaging/error-codes and PUSH.md section 1.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    GONE = "gone"  # the target does not exist (any more)
    LATER = "later"  # FCM asks for patience, or nobody knows what became of the request
    REFUSED = "refused"  # this message will never be accepted
    MISCONFIGURED = "misconfigured"  # our set-up is wrong; every message would end alike


class Verdict(msgspec.Struct, frozen=True):
    """Attributes:
    code: FCM's errorCode, or ours for what never reached FCM (`timeout`, `connection`, `garbage`).
    message_name: FCM's name of an accepted message.
    wait: how long FCM asks to wait.
    lost: why a target is gone, for `installation.target_lost`.
    scope: who else must wait: the whole `project`, the target's `platform`, or this `device`.
    """

    outcome: Outcome
    code: str
    message_name: str | None = None
    wait: timedelta | None = None
    lost: str | None = None
    scope: Literal["project", "platform", "device"] | None = None

    @property
    def ambiguous(self) -> bool:
        """Whether the message may have been accepted although no answer says so."""
        return self.code in _AMBIGUOUS or self.code.startswith("http-5")


TIMEOUT = Verdict(Outcome.LATER, "timeout")
NO_CONNECTION = Verdict(Outcome.LATER, "connection")
NO_CREDENTIALS = Verdict(Outcome.LATER, "credentials", wait=timedelta(seconds=60), scope="project")
NO_TOKEN_SERVER = Verdict(Outcome.LATER, "token-server", wait=timedelta(seconds=10), scope="project")
_GARBAGE = Verdict(Outcome.LATER, "garbage")


class _Accepted(msgspec.Struct):
    name: str


_ACCEPTED = msgspec.json.Decoder(_Accepted)
_AMBIGUOUS = frozenset({"timeout", "connection", "garbage", "INTERNAL", "UNAVAILABLE"})
# What is kept of an answer; anything else in these places is garbage.
_NAME = re.compile(r"[\x21-\x7e]{1,300}")
_CODE = re.compile(r"[A-Z_]{1,60}")
_BAD_TARGET = "registration token is not a valid"
_QUOTA_WAIT = timedelta(seconds=60)
# A wrong APNs or web-push key is mended by a person.
_SETUP_WAIT = timedelta(minutes=5)


def read_answer(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Verdict:
    """Reads one answer of `messages:send`. Anything that is not FCM's JSON is `garbage`, to be tried later."""
    if status == 200:
        return _accepted(body)
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = None
    code = _error_code(answer) or f"http-{status}"
    return _failure(status, code, _retry_after(headers, now), answer)


def _accepted(body: bytes) -> Verdict:
    try:
        name = _ACCEPTED.decode(body).name
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _GARBAGE
    return Verdict(Outcome.ACCEPTED, "ok", message_name=name) if _NAME.fullmatch(name) else _GARBAGE


def _failure(status: int, code: str, wait: timedelta | None, answer: object) -> Verdict:
    if code == "UNREGISTERED":
        return Verdict(Outcome.GONE, code, lost="gone")
    if code == "SENDER_ID_MISMATCH":
        return Verdict(Outcome.GONE, code, lost="mismatch")
    if status == 400 and _blames_target(answer):
        return Verdict(Outcome.GONE, code, lost="malformed")
    if code == "THIRD_PARTY_AUTH_ERROR":
        return Verdict(Outcome.MISCONFIGURED, code, wait=wait or _SETUP_WAIT, scope="platform")
    if status in (401, 403):
        return Verdict(Outcome.MISCONFIGURED, code, wait=wait or _QUOTA_WAIT, scope="project")
    if status == 429:
        return Verdict(Outcome.LATER, code, wait=wait or _QUOTA_WAIT, scope=_quota_scope(answer))
    if status in (400, 404):
        return Verdict(Outcome.REFUSED, code)
    return Verdict(Outcome.LATER, code, wait=wait)


def _details(answer: object) -> list[dict[str, Any]]:
    error = answer.get("error") if isinstance(answer, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _error_code(answer: object) -> str | None:
    for detail in _details(answer):
        if _is_code(detail.get("errorCode")):
            return str(detail["errorCode"])
    error = answer.get("error") if isinstance(answer, dict) else None
    status = error.get("status") if isinstance(error, dict) else None
    return str(status) if _is_code(status) else None


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _quota_scope(answer: object) -> Literal["project", "device"]:
    """Which quota a 429 speaks of (google.rpc.QuotaFailure). The project's, unless a device is named: then
    only that one waits."""
    said = " ".join(
        f"{violation.get('subject', '')} {violation.get('description', '')}"
        for detail in _details(answer)
        if str(detail.get("@type", "")).endswith("google.rpc.QuotaFailure")
        for violation in detail.get("violations") or []
        if isinstance(violation, dict)
    )
    return "device" if "device" in said.lower() else "project"


def _blames_target(answer: object) -> bool:
    """Whether a 400 names the target as what is wrong: as the field (google.rpc.BadRequest), or, where FCM gives
    no field, in words."""
    error = answer.get("error") if isinstance(answer, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    if isinstance(message, str) and _BAD_TARGET in message.lower():
        return True
    return any(
        violation.get("field") in {"message.token", "message.fid"}
        for detail in _details(answer)
        for violation in detail.get("fieldViolations") or []
        if isinstance(violation, dict)
    )


def _retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """RFC 9110 section 10.2.3: seconds, or a date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value), 86_400))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta()), timedelta(days=1))
