"""Trouble on demand: what the stand-in answers instead of accepting, or does instead of answering."""

import math
from dataclasses import dataclass, field
from random import Random
from typing import Literal

import msgspec

from push.standin.errors import FCM_ERROR, STATUS_OF, bad_request, quota_failure, status_error
from push.standin.messages import Response, Wire

Endpoint = Literal["send", "token", "topics"]
Quota = Literal["project", "device", "topic"]
Blame = Literal["target", "text"]
_HOUR = 3600.0
_INVALID_TOKEN = "The registration token is not a valid FCM registration token"


class Fault(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """Strikes the next `times` requests (to `target`, or to anybody). It answers by `code`, by `status` with `body`,
    or not at all, by `wire`; with none of these it only delays what happens anyway.

    Attributes:
        status: HTTP status of an answer that is not FCM's.
        code: an errorCode of FCM, see https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode.
        retry_after: the header Retry-After as it is: seconds or an HTTP date.
        target: token, fid, topic or condition that it is about; None for all.
        times: how many requests it strikes; 0 or None for all until it is removed.
        delay: seconds to wait before it strikes.
        body: the whole body of an answer that is not FCM's.
        probability: with which it strikes a request that it fits, 0 to 1. A request that is spared does not count.
        endpoint: which requests it fits: messages (`send`), OAuth access tokens, subscriptions to topics.
        accept: the message reaches the phone before the fault strikes, so that the sender cannot know.
        wire: `reset` ends the request by RST_STREAM with INTERNAL_ERROR, `refused` by RST_STREAM with REFUSED_STREAM;
            `goaway` says by GOAWAY that this request and all after it on the connection were not processed, answers
            those before it and closes; `drop` cuts the connection. HTTP/1.1 knows only the last, and gets it for all.
        quota: which limit a QUOTA_EXCEEDED names, as google.rpc.QuotaFailure.
        blame: how an INVALID_ARGUMENT says that the target is to blame: `target` by the field in google.rpc.BadRequest,
            `text` by nothing but the words of the message, as in the second example of
            https://firebase.google.com/docs/cloud-messaging/error-codes.

    Raises:
        ValueError: fields that contradict each other or say nothing.
    """

    status: int = 200
    code: str | None = None
    retry_after: str | None = None
    target: str | None = None
    times: int | None = 1
    delay: float = 0
    body: str | None = None
    probability: float = 1
    endpoint: Endpoint = "send"
    accept: bool = False
    wire: Wire | None = None
    quota: Quota | None = None
    blame: Blame | None = None

    @property
    def strikes(self) -> bool:
        """Whether it replaces the answer; else it only delays it."""
        return self.code is not None or self.body is not None or self.wire is not None or self.status != 200

    def __post_init__(self) -> None:
        for wrong, why in (*self._out_of_range(), *self._contradictions()):
            if wrong:
                raise ValueError(why)

    def _out_of_range(self) -> tuple[tuple[bool, str], ...]:
        retry_after = self.retry_after if self.retry_after is not None else "0"
        return (
            (not 200 <= self.status <= 599, "status is an HTTP status from 200 to 599"),
            (self.code is not None and self.code not in STATUS_OF, f"code is one of {', '.join(STATUS_OF)}"),
            (not (retry_after.isascii() and retry_after.isprintable()), "retryAfter is printable ASCII"),
            (self.times is not None and self.times < 0, "times is a number of requests, or 0 for all"),
            (not (math.isfinite(self.delay) and 0 <= self.delay <= _HOUR), "delay is 0 to 3600 seconds"),
            (not 0 <= self.probability <= 1, "probability is from 0 to 1"),
        )

    def _contradictions(self) -> tuple[tuple[bool, str], ...]:
        answers = (self.code is not None, self.wire is not None, self.body is not None or self.status != 200)
        unprocessed = self.wire in ("refused", "goaway")
        return (
            (sum(answers) > 1, "only one of code, wire, and status with body"),
            (not self.strikes and not self.delay, "one of code, wire, status, body and delay is needed"),
            (self.retry_after is not None and self.wire is not None, "retryAfter needs an answer, and wire gives none"),
            (self.quota is not None and self.code != "QUOTA_EXCEEDED", "quota belongs to QUOTA_EXCEEDED"),
            (self.blame is not None and self.code != "INVALID_ARGUMENT", "blame belongs to INVALID_ARGUMENT"),
            (self.accept and unprocessed, f"accept contradicts {self.wire}, which says that nothing was processed"),
            (self.accept and self.endpoint != "send", "accept is about messages"),
            (
                self.code is not None and self.endpoint == "token",
                "the token endpoint has no FCM codes: status and body",
            ),
        )


@dataclass
class Faults:
    """The faults that are waiting, first come first served.

    Attributes:
        random: decides by `Fault.probability`; give a seeded one for a run that can be repeated.
        struck: how many requests met a fault.
    """

    waiting: list[Fault] = field(default_factory=list)
    random: Random = field(default_factory=Random)
    struck: int = 0

    def take(self, target: str, endpoint: Endpoint = "send") -> Fault | None:
        """The fault that strikes this request. One that spares it leaves it to the next in line."""
        for fault in self.waiting:
            if fault.endpoint != endpoint or fault.target not in (None, target):
                continue
            if fault.probability < 1 and self.random.random() >= fault.probability:
                continue
            self._count(fault)
            return fault
        return None

    def _count(self, fault: Fault) -> None:
        self.struck += 1
        if fault.times:
            fault.times -= 1
            if fault.times == 0:
                # By identity: two faults may be equal.
                self.waiting[:] = [other for other in self.waiting if other is not fault]


def answer_of(fault: Fault, kind: str = "token", target: str = "") -> Response:
    """What a fault answers to a message.

    Args:
        kind: the field that names the target: token, fid, topic or condition.
        target: what that field holds.
    """
    if fault.wire is not None:
        return Response(0, wire=fault.wire)
    if fault.code is None:
        headers: tuple[tuple[str, str], ...] = (("content-type", "text/html"),)
        if fault.retry_after is not None:
            headers += (("retry-after", fault.retry_after),)
        return Response(fault.status, (fault.body or "").encode(), headers)
    details: list[dict[str, object]] = [FCM_ERROR | {"errorCode": fault.code}]
    message = "A fault that was asked for"
    if fault.blame is not None:
        message = _INVALID_TOKEN
    if fault.blame == "target":
        details.append(bad_request([(f"message.{kind}", _INVALID_TOKEN)]))
    if fault.quota is not None:
        details.append(quota_failure(fault.quota, target))
    return status_error(*STATUS_OF[fault.code], message, details, fault.retry_after)
