"""Class lists over HTTP, their template, and sheets of credentials."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_200_OK
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.errors import UnsupportedMediaType
from backend.core.http import DiaryRequest, IdempotencyKey, attachment, language_of
from backend.core.openapi import problems
from backend.core.settings import Settings
from backend.exchange.class_lists import ClassListDesk
from backend.exchange.credentials import issue_credentials
from backend.exchange.desk import BODY_LIMIT, Brought
from backend.exchange.roster import template
from backend.exchange.timetable import template as timetable_template
from backend.exchange.timetables import TimetableDesk
from backend.identity.acting import Acting, Bearer
from backend.identity.passwords import Passwords
from backend.school import rights
from schemas.exchange import ClassListImported, IssueCredentials, TimetableImported

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PDF = "application/pdf"
_SUFFIXES = {_XLSX: ".xlsx", "text/csv": ".csv"}

FileName = Annotated[
    str | None,
    QueryParameter(max_length=200, description="What the problems call the file; it is of no other meaning"),
]
DryRun = Annotated[
    bool, QueryParameter(name="dryRun", description="Work everything out and write nothing: the same answer")
]


@dataclass
class FileBodyOperation(Operation):
    """The body is the file itself, which Litestar cannot tell from a handler's signature."""

    def __post_init__(self) -> None:
        file = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        self.request_body = RequestBody(content=dict.fromkeys(_SUFFIXES, file), required=True)


@dataclass
class FileOperation(Operation):
    """The answer is a file, which Litestar describes as a text."""

    def __post_init__(self) -> None:
        for answer in (self.responses or {}).values():
            for media in (getattr(answer, "content", None) or {}).values():
                if isinstance(media.schema, Schema):
                    media.schema = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)


@post(
    "/schools/{school_id:uuid}/class-list",
    operation_id="importClassList",
    summary="Bring a class list, XLSX or CSV, as the body itself",
    access=Access.CLASS,
    status_code=HTTP_200_OK,
    operation_class=FileBodyOperation,
    request_max_body_size=BODY_LIMIT,
    responses=problems(401, 403, 404, 409, 422),
)
async def import_class_list(
    school_id: UUID,
    request: DiaryRequest,
    class_lists: ClassListDesk,
    bearer: Bearer,
    now: datetime,
    dry_run: DryRun = True,
    name: FileName = None,
    idempotency_key: IdempotencyKey = None,
) -> ClassListImported:
    await class_lists.admit(bearer, request.route_handler, school_id, now)
    brought = await _brought(request, name, "class-list", dry_run=dry_run)
    language = language_of(request)
    return await class_lists.take(bearer, request.route_handler, school_id, brought, idempotency_key, language, now)


@post(
    "/schools/{school_id:uuid}/timetable",
    operation_id="importTimetable",
    summary="Bring a school's weekly lessons, XLSX or CSV, as the body itself",
    access=Access.MANAGERS,
    status_code=HTTP_200_OK,
    operation_class=FileBodyOperation,
    request_max_body_size=BODY_LIMIT,
    responses=problems(401, 403, 404, 409, 422),
)
async def import_timetable(
    school_id: UUID,
    request: DiaryRequest,
    timetables: TimetableDesk,
    bearer: Bearer,
    now: datetime,
    starts: date | None = None,
    dry_run: DryRun = True,
    name: FileName = None,
) -> TimetableImported:
    await timetables.admit(bearer, request.route_handler, school_id, now)
    brought = await _brought(request, name, "timetable", dry_run=dry_run)
    return await timetables.take(bearer, request.route_handler, school_id, brought, starts, language_of(request), now)


@get(
    "/templates/timetable",
    operation_id="getTimetableTemplate",
    summary="An empty timetable to fill in, XLSX",
    access=Access.STAFF,
    media_type=_XLSX,
    operation_class=FileOperation,
    responses=problems(401, 403, 404),
)
async def get_timetable_template(tx: AsyncSession, acting: Acting, now: datetime) -> Response[bytes]:
    await rights.require_staff_somewhere(tx, acting.account_id, now)
    return attachment(timetable_template(), _XLSX, "timetable.xlsx")


@get(
    "/templates/class-list",
    operation_id="getClassListTemplate",
    summary="An empty class list to fill in, XLSX",
    access=Access.STAFF,
    media_type=_XLSX,
    operation_class=FileOperation,
    responses=problems(401, 403, 404),
)
async def get_template(tx: AsyncSession, acting: Acting, now: datetime) -> Response[bytes]:
    await rights.require_staff_somewhere(tx, acting.account_id, now)
    return attachment(template(), _XLSX, "class-list.xlsx")


@post(
    "/classes/{class_id:uuid}/credentials",
    operation_id="issueCredentials",
    summary="New one-time passwords for a class, as a PDF of slips to cut",
    description="Passwords are in the PDF and nowhere else: a lost answer is asked for again, with new ones",
    access=Access.CREDENTIALS,
    media_type=_PDF,
    operation_class=FileOperation,
    response_headers=[
        ResponseHeader(
            name="X-Left-Out",
            value="0",
            description="To how many people of the class the caller may not issue",
            documentation_only=True,
        )
    ],
    responses=problems(401, 403, 404, 409, 422),
)
async def issue(
    class_id: UUID,
    data: IssueCredentials,
    request: DiaryRequest,
    tx: AsyncSession,
    acting: Acting,
    passwords: Passwords,
    settings: Settings,
    now: datetime,
) -> Response[bytes]:
    language = language_of(request)
    printed = await issue_credentials(tx, acting, passwords, settings, class_id, data, language, now)
    return attachment(printed.pdf, _PDF, "credentials.pdf", {"X-Left-Out": str(printed.left_out)})


async def _brought(request: DiaryRequest, name: str | None, stem: str, *, dry_run: bool) -> Brought:
    """The file that is the body. Raises UnsupportedMediaType for what is neither XLSX nor CSV."""
    media_type = request.content_type[0]
    if media_type not in _SUFFIXES:
        raise UnsupportedMediaType(", ".join(_SUFFIXES))
    return Brought(await request.body(), name or f"{stem}{_SUFFIXES[media_type]}", dry_run)


router = Router(
    "/",
    route_handlers=[import_class_list, get_template, import_timetable, get_timetable_template, issue],
    tags=["exchange"],
)
