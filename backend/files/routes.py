"""Files: brought, asked for, removed. Attaching them is the business of the things that they are attached to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, post
from litestar.exceptions import InternalServerException
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import QueryParameter
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.db import Database
from backend.core.errors import UploadTooSlow
from backend.core.http import DiaryRequest, IdempotencyKey
from backend.core.openapi import PublicOperation, problems
from backend.core.settings import Settings
from backend.files import downloads
from backend.files.downloads import FileRights
from backend.files.kinds import KINDS
from backend.files.storage import Storage, disposition
from backend.files.uploads import UploadDesk
from backend.identity.acting import Acting, Bearer
from schemas.files import AttachedFile, FileLink

_ANY = "application/octet-stream"

FileName = Annotated[
    str | None,
    QueryParameter(max_length=1000, description="What it is called; cleaned, cut and given the ending of its content"),
]


def _bytes() -> OpenAPIMediaType:
    return OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))


@dataclass
class UploadOperation(Operation):
    """The body is the file itself, which Litestar cannot tell from a handler's signature."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(content={_ANY: _bytes()}, required=True)


@dataclass
class ContentOperation(PublicOperation):
    """The answer is the file, of any of the kinds that are taken."""

    def __post_init__(self) -> None:
        super().__post_init__()
        answer = (self.responses or {})["200"]
        answer.content = {kind.media_type: _bytes() for kind in KINDS}  # type: ignore[union-attr]


@post(
    "/files", operation_id="uploadFile", summary="Bring a file, as the body itself, to attach it to something",
    description="At most 20 MB. What it is, its content says: PDF, JPEG, PNG, GIF, WebP, HEIC, MP3, M4A, MP4, plain "
    "UTF-8 text, DOCX, XLSX, PPTX, ODT, ODS, ODP. It is attached by its id within 24 hours, or it is gone",
    access=Access.SELF, operation_class=UploadOperation, request_max_body_size=None,
    responses=problems(401, 403, 408, 409, 422, 429),
)  # fmt: skip
async def upload_file(
    request: DiaryRequest, uploads: UploadDesk, bearer: Bearer, now: datetime, name: FileName = None,
    idempotency_key: IdempotencyKey = None,
) -> AttachedFile:  # fmt: skip
    return await uploads.take(
        bearer, request.route_handler, name or "", request.content_length, _body(request), idempotency_key, now
    )


@get(
    "/files/{file_id:uuid}", operation_id="getFileLink", summary="A link to a file's content, good for five minutes",
    description="`url` is absolute, or a reference to be resolved against this address (RFC 3986 section 5)",
    access=Access.SELF, responses=problems(401, 403, 404),
)  # fmt: skip
async def get_file_link(
    file_id: UUID, tx: AsyncSession, acting: Acting, file_rights: FileRights, storage: Storage, now: datetime
) -> FileLink:
    return await downloads.link(tx, acting.account_id, file_id, file_rights, storage, now)


@delete(
    "/files/{file_id:uuid}", operation_id="removeFile",
    summary="Remove a file of one's own that is attached to nothing", access=Access.SELF,
    responses=problems(401, 403, 404),
)  # fmt: skip
async def remove_file(file_id: UUID, tx: AsyncSession, acting: Acting) -> None:
    await downloads.remove(tx, acting.account_id, file_id)


@get(
    "/files/{file_id:uuid}/content", operation_id="getFileContent",
    summary="A file's content, by a link of getFileLink", access=Access.PUBLIC, operation_class=ContentOperation,
    uncompressed=True, responses=problems(404, 422),
)  # fmt: skip
async def get_file_content(
    file_id: UUID, until: int, signature: str, storage: Storage, settings: Settings, database: Database, now: datetime
) -> Stream:
    async with database.transaction() as session:
        found = await downloads.open_link(session, settings.keys.files, file_id, until, signature, storage, now)
    headers = {
        "Content-Disposition": disposition(found.file.name), "Content-Length": str(found.file.size),
        "X-Content-Type-Options": "nosniff", "Cache-Control": "private",
    }  # fmt: skip
    return Stream(found.pieces, media_type=found.file.media_type, headers=headers)


async def _body(request: DiaryRequest) -> AsyncIterator[bytes]:
    """The body as it comes. Raises UploadTooSlow where the sender has gone, which Litestar calls an error of ours."""
    try:
        async for piece in request.stream():
            yield piece
    except InternalServerException as error:
        raise UploadTooSlow from error


router = Router("/", route_handlers=[upload_file, get_file_link, remove_file, get_file_content], tags=["files"])
