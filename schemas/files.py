"""Files that are attached to things."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from schemas.base import Output

# In the requests of things that files are attached to: ids that uploadFile answered.
FileIds = Annotated[list[UUID], Meta(max_length=10)]


class AttachedFile(Output):
    """`size` in bytes. Its content is asked for by getFileLink."""

    id: UUID
    name: str
    media_type: str
    size: int


class FileLink(AttachedFile):
    """`url` downloads the content without signing in, until `expiresAt`; then ask again."""

    url: str
    expires_at: datetime
