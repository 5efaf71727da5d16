"""Mail that waits to be sent."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import smallint, timestamp


class MailDue(SQLModel, table=True):
    """A mail on its way; it leaves when a server has taken it. Without `due_at` it was given up, for `reason`."""

    __tablename__ = "mail_due"

    id: UUID = Field(primary_key=True)
    recipient: str
    subject: str
    body: str
    written_at: datetime = timestamp()
    due_at: datetime | None = timestamp(default=None)
    attempts: int = smallint(default=0)
    reason: str | None = None
