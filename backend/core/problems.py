"""Errors -> RFC 9457 problem+json, in the caller's language. A 5xx tells nothing of the inside."""

from pathlib import Path
from typing import Any

import asyncpg
from litestar import Request, Response
from litestar.enums import ParamType
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog import get_logger
from structlog.contextvars import get_contextvars

from backend.core.errors import DiaryError, FileRefused, Invalid, Unavailable, UnsupportedMediaType
from backend.core.http import language_of
from backend.core.validation import OUT_OF_RANGE
from push.wording import Texts
from schemas.problems import FieldProblem, Problem

log = get_logger()
texts = Texts(Path(__file__).parent / "texts")

MEDIA_TYPE = "application/problem+json"
_HTTP_CODES = {
    400: "bad-request", 401: "unauthenticated", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
    413: "body-too-large", 429: "too-many-requests", 503: "unavailable",
}  # fmt: skip
_UNREACHABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    OSError,
)

AnyRequest = Request[Any, Any, Any]


def on_diary_error(request: AnyRequest, error: DiaryError) -> Response[Problem]:
    language = language_of(request)
    fields = error.fields if isinstance(error, Invalid) else {}
    errors = [
        FieldProblem(pointer=pointer, code=code, detail=texts.format(language, f"field-{code}"))
        for pointer, code in fields.items()
    ]
    answer = _answer(language, error.status, error.problem_code, error.values, errors, error.headers)
    if isinstance(error, FileRefused):
        answer.content.problems, answer.content.problems_total = error.problems, error.total
    return answer


def on_http_exception(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    """Litestar's own refusals: unknown address, wrong method, body too large, parameter not understood."""
    language = language_of(request)
    if isinstance(error, ValidationException):
        return on_diary_error(request, Invalid(_parameters(error)))
    if error.status_code >= 500:
        return on_exception(request, error)
    if error.status_code == UnsupportedMediaType.status:
        return on_diary_error(request, UnsupportedMediaType())
    code = _HTTP_CODES.get(error.status_code, "bad-request")
    limit = request.route_handler.resolve_request_max_body_size() if error.status_code == 413 else None
    return _answer(language, error.status_code, code, {"limit": limit}, [], dict(error.headers or {}))


def on_exception(request: AnyRequest, error: Exception) -> Response[Problem]:
    if _is_unreachable(error):
        log.warning("database_unreachable", error=type(error).__name__)
        return on_diary_error(request, Unavailable(headers={"Retry-After": "5"}))
    if _is_bad_data(error):
        log.warning("value_refused_by_database", exc_info=error)
        return on_diary_error(request, Invalid({"": "wrong-type"}))
    log.error("request_failed", exc_info=error)
    return _answer(language_of(request), 500, "internal", {}, [], {})


def _is_bad_data(error: Exception) -> bool:
    """Whether PostgreSQL refused a value that our own checks let through."""
    return isinstance(error, DBAPIError) and isinstance(getattr(error.orig, "__cause__", None), asyncpg.DataError)


def _is_unreachable(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(getattr(error.orig, "__cause__", None), _UNREACHABLE)
    return isinstance(error, (*_UNREACHABLE, PoolTimeout))


def _parameters(error: ValidationException) -> dict[str, str]:
    fields: dict[str, str] = {}
    for item in error.extra if isinstance(error.extra, list) else []:
        source = ParamType(item.get("source", ParamType.QUERY)).value if item.get("source") != "body" else "body"
        if source == "body":
            fields[""] = "required"  # wrong parts of a body are named by `decode_body`; here it is missing
            continue
        fields[f"{source}:{item.get('key', '')}"] = _parameter_code(str(item.get("message", "")))
    return fields or {"": "wrong-type"}


def _parameter_code(message: str) -> str:
    if "required" in message.lower():
        return "required"
    return "out-of-range" if OUT_OF_RANGE.search(message) else "wrong-type"


def _answer(
    language: str,
    status: int,
    code: str,
    values: dict[str, object],
    errors: list[FieldProblem],
    headers: dict[str, str],
) -> Response[Problem]:
    problem = Problem(
        type=f"urn:my-diary:problem:{code}",
        title=code.replace("-", " ").capitalize(),
        status=status,
        code=code,
        detail=texts.format(language, f"problem-{code}", values),
        request_id=get_contextvars().get("request_id"),
        errors=errors,
    )
    headers = {**headers, "content-language": language, "cache-control": "no-store"}
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers=headers)
