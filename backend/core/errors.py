"""Every error of the product in one tree. The API turns them into problem+json (`problems.py`)."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from schemas.problems import ImportProblem


class SetupError(Exception):
    """The installation is wrong; the text says what and how to mend it. Shown to operators, not users."""


class DiaryError(Exception):
    """Something the caller did cannot be done. `code` is stable and for machines.

    `values` fill the localised sentence `problem-<code>` of `backend/core/texts`.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"

    def __init__(self, *, code: str | None = None, headers: Mapping[str, str] | None = None, **values: object) -> None:
        self.problem_code = code or self.code
        self.values = values
        self.headers = dict(headers or {})
        super().__init__(self.problem_code)


class Unauthenticated(DiaryError):
    status = 401
    code = "unauthenticated"


class Forbidden(DiaryError):
    status = 403
    code = "forbidden"


class NotFound(DiaryError):
    """Also for what exists but is not the caller's to see (DOMAIN.md section 1)."""

    status = 404
    code = "not-found"


class Conflict(DiaryError):
    status = 409
    code = "conflict"


class Stale(DiaryError):
    """The caller edits a version that is no longer the newest; `current` is the newest."""

    status = 412
    code = "stale"


class Invalid(DiaryError):
    """The input breaks a rule. `fields` maps a JSON pointer (RFC 6901) to the code of what is wrong there."""

    status = 422
    code = "invalid"

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__()


class FileRefused(DiaryError):
    """A file cannot be taken over, and nothing of it was. `problems` are its wrong places, the first of `total`."""

    status = 422
    code = "import-refused"

    def __init__(self, problems: Sequence[ImportProblem], total: int) -> None:
        self.problems, self.total = list(problems), total
        super().__init__(total=total)


class UnsupportedMediaType(DiaryError):
    status = 415
    code = "unsupported-media-type"

    def __init__(self, expected: str = "application/json") -> None:
        super().__init__(expected=expected)


class FileTooLarge(DiaryError):
    """An upload is larger than `limit` bytes; nothing of it is kept."""

    status = 413
    code = "file-too-large"


class FileTypeRefused(DiaryError):
    """An upload's content is of no kind that is taken, whatever it is called."""

    status = 415
    code = "file-type-refused"


class UploadTooSlow(DiaryError):
    """An upload did not come in time, or its sender has gone."""

    status = 408
    code = "upload-too-slow"


class TooMany(DiaryError):
    status = 429
    code = "too-many-requests"

    def __init__(self, *, seconds: int) -> None:
        super().__init__(seconds=seconds, headers={"Retry-After": str(seconds)})


class UploadVolumeUsed(TooMany):
    """The account has uploaded as much as it may in a day."""

    code = "upload-volume-used"


class Unavailable(DiaryError):
    status = 503
    code = "unavailable"
