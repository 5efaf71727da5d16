"""Errors as RFC 9457 problem+json."""

from schemas.base import Output


class FieldProblem(Output):
    """One wrong place in the input."""

    pointer: str
    code: str
    detail: str


class ImportProblem(Output):
    """One wrong place in a file. `row` counts from 1 with the header; null: the whole file, or the whole row."""

    file: str
    row: int | None
    column: str | None
    code: str
    message: str


class Problem(Output, omit_defaults=True):
    """`code` is stable and for machines, `detail` is for people, in the language of Accept-Language.

    `problems` are those of a refused file, the first of `problemsTotal`.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str | None = None
    errors: list[FieldProblem] = []
    problems: list[ImportProblem] = []
    problems_total: int = 0
