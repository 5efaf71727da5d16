"""Errors as RFC 9457 problem+json."""

from schemas.base import Output


class FieldProblem(Output):
    """One wrong place in the input."""

    pointer: str
    code: str
    detail: str


class Problem(Output, omit_defaults=True):
    """`code` is stable and for machines, `detail` is for people, in the language of Accept-Language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str | None = None
    errors: list[FieldProblem] = []
