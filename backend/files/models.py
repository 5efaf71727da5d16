"""Who may have a file, and whose bytes must go. The bytes themselves lie in a storage, under the file's id."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import bigint, smallint, timestamp


class StoredFile(SQLModel, table=True):
    """A file whose bytes are stored. Without an owner it is its uploader's alone, for a day."""

    __tablename__ = "stored_file"

    id: UUID = Field(primary_key=True)
    uploaded_by: UUID
    name: str
    media_type: str
    size: int = bigint()
    uploaded_at: datetime = timestamp()
    school_id: UUID | None = None
    owner_kind: str | None = None
    owner_id: UUID | None = None
    position: int | None = smallint(default=None)


class FileRemoval(SQLModel, table=True):
    """Bytes that go when they are due: of a file whose row is gone, or of an upload that nobody finishes.

    `uploaded_by` names who uploads them at this moment; without, nothing keeps them any more.
    """

    __tablename__ = "file_removal"

    file_id: UUID = Field(primary_key=True)
    uploaded_by: UUID | None = None
    size: int = bigint()
    due_at: datetime = timestamp()
