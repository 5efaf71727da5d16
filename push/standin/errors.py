"""Errors as Google writes them: google.rpc.Status in JSON, with typed details.

Source: https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode, https://google.aip.dev/193.
"""

from collections.abc import Sequence

import msgspec

from push.standin.credentials import PROJECT
from push.standin.messages import Response

# errorCode -> HTTP status and google.rpc.Code. FCM documents no status for UNSPECIFIED_ERROR; 500 is that of UNKNOWN.
STATUS_OF = {
    "UNREGISTERED": (404, "NOT_FOUND"),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED"),
    "UNAVAILABLE": (503, "UNAVAILABLE"),
    "INTERNAL": (500, "INTERNAL"),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED"),
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT"),
    "UNSPECIFIED_ERROR": (500, "UNKNOWN"),
}
_TYPES = "type.googleapis.com/"
FCM_ERROR: dict[str, object] = {"@type": f"{_TYPES}google.firebase.fcm.v1.FcmError"}


def status_error(
    status: int,
    name: str,
    message: str,
    details: Sequence[dict[str, object]] = (),
    retry_after: str | None = None,
) -> Response:
    """A google.rpc.Status.

    Args:
        status: of HTTP.
        name: of google.rpc.Code.
        retry_after: the header, as it is.
    """
    error: dict[str, object] = {"code": status, "message": message, "status": name}
    if details:
        error["details"] = details
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json; charset=UTF-8"),)
    if retry_after is not None:
        headers += (("retry-after", retry_after),)
    return Response(status, msgspec.json.encode({"error": error}), headers)


def fcm_error(code: str, message: str) -> Response:
    """An error of FCM itself, by its errorCode."""
    return status_error(*STATUS_OF[code], message, [FCM_ERROR | {"errorCode": code}])


def bad_request(violations: Sequence[tuple[str, str]]) -> dict[str, object]:
    """The detail that names wrong fields: (field, description). The request as a whole has no field."""
    named = [
        {"field": field, "description": description} if field else {"description": description}
        for field, description in violations
    ]
    return {"@type": f"{_TYPES}google.rpc.BadRequest", "fieldViolations": named}


def quota_failure(quota: str, target: str) -> dict[str, object]:
    """The detail that says which limit was exceeded: of the project, the device or the topic.

    FCM documents the type and the three limits, not the words.
    """
    subject = f"project:{PROJECT}" if quota == "project" else f"{quota}:{target}"
    words = {
        "project": "Message rate quota exceeded.",
        "device": "Device message rate quota exceeded.",
        "topic": "Topic message rate quota exceeded.",
    }
    violation = {"subject": subject, "description": words[quota]}
    return {"@type": f"{_TYPES}google.rpc.QuotaFailure", "violations": [violation]}


def apns_error(status: int, reason: str) -> dict[str, object]:
    """The detail by which FCM hands on what Apple answered."""
    return {"@type": f"{_TYPES}google.firebase.fcm.v1.ApnsError", "statusCode": status, "reason": reason}


def unauthenticated() -> Response:
    """No, a wrong or an expired OAuth token: Google's own 401, without an FcmError."""
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    response = status_error(401, "UNAUTHENTICATED", message)
    header = ("www-authenticate", 'Bearer realm="https://accounts.google.com/", error="invalid_token"')
    return Response(401, response.body, (*response.headers, header))


def not_found() -> Response:
    return status_error(404, "NOT_FOUND", "Requested entity was not found.")
