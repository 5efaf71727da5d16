"""Writes mail in the caller's transaction: the fact and the mail about it commit together or not at all."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.ids import new_id
from backend.mail.models import MailDue


async def post(session: AsyncSession, recipient: str, subject: str, text: str, now: datetime) -> None:
    """Only where mail is set up: else nobody ever sends it."""
    session.add(MailDue(id=new_id(), recipient=recipient, subject=subject, body=text, written_at=now, due_at=now))
    await session.flush()
