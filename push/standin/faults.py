"""Trouble on demand: what the stand-in answers instead of accepting."""

from dataclasses import dataclass

import msgspec

from push.standin.messages import Response


class Fault(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """Answers the next `times` messages (to `target`, or to anybody) with this.

    Attributes:
        code: FCM's errorCode or status; None with `body` for an answer that is not FCM's.
        delay: seconds to wait before the answer.
    """

    status: int = 200
    code: str | None = None
    retry_after: str | None = None
    target: str | None = None
    times: int = 1
    delay: float = 0
    body: str | None = None


@dataclass
class Faults:
    """The faults that are waiting, first come first served."""

    waiting: list[Fault]

    def take(self, target: str) -> Fault | None:
        for fault in self.waiting:
            if fault.target in (None, target):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None


STATUS_OF = {
    "UNREGISTERED": (404, "NOT_FOUND"),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED"),
    "UNAVAILABLE": (503, "UNAVAILABLE"),
    "INTERNAL": (500, "INTERNAL"),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED"),
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT"),
}


def error(
    code: str, message: str, details: list[dict[str, object]] | None = None, retry_after: str | None = None
) -> Response:
    """An error as FCM writes it: google.rpc.Status with FcmError as a detail."""
    status, name = STATUS_OF[code]
    fcm_error = {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}
    body = {
        "error": {
            "code": status,
            "message": message,
            "status": name,
            "details": [fcm_error, *(details or [])],
        }
    }
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json; charset=UTF-8"),)
    if retry_after is not None:
        headers += (("retry-after", retry_after),)
    return Response(status, msgspec.json.encode(body), headers)


def unauthenticated() -> Response:
    """No or a wrong OAuth token: Google's own 401, without an FcmError."""
    message = "Request had invalid authentication credentials. Expected OAuth 2 access token."
    body = {"error": {"code": 401, "message": message, "status": "UNAUTHENTICATED"}}
    return Response(401, msgspec.json.encode(body))


def answer_of(fault: Fault) -> Response:
    if fault.code in STATUS_OF:
        return error(fault.code or "", "A fault that was asked for", retry_after=fault.retry_after)
    return Response(fault.status, (fault.body or "").encode(), (("content-type", "text/html"),))
