"""The SQL of outgoing mail."""

import random
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.mail.models import MailDue
from backend.mail.retry import next_try


async def claim(session: AsyncSession, now: datetime, at_once: int) -> list[MailDue]:
    """Takes mail that is due, and puts its next attempt off before this one begins: two who send never hold the same,
    and what somebody dies over comes again."""
    statement = (
        select(MailDue)
        .where(col(MailDue.due_at) <= now)
        .order_by(col(MailDue.due_at))
        .limit(at_once)
        .with_for_update(skip_locked=True)
    )
    mails = list((await session.execute(statement)).scalars())
    for mail in mails:
        mail.attempts += 1
        mail.due_at = next_try(mail.attempts, now, random.random())  # noqa: S311 - jitter
    await session.flush()
    return mails


async def sent(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Forgets mail that was taken."""
    if ids:
        await session.execute(delete(MailDue).where(col(MailDue.id).in_(ids)))


async def put_off(session: AsyncSession, mail: MailDue, reason: str | None) -> None:
    """Notes why this attempt failed; when it is tried again, its claim has said."""
    await session.execute(_of(mail).values(reason=reason))


async def give_up(session: AsyncSession, mail: MailDue, reason: str | None) -> None:
    """Lets a mail be; its text is of no more use."""
    await session.execute(_of(mail).values(reason=reason, due_at=None, subject="", body=""))


async def forget(session: AsyncSession, before: datetime) -> None:
    """Forgets mail that was given up, and was written before a moment."""
    await session.execute(delete(MailDue).where(col(MailDue.due_at).is_(None), col(MailDue.written_at) < before))


def _of(mail: MailDue) -> Update:
    # Somebody else may have taken it up since.
    return update(MailDue).where(col(MailDue.id) == mail.id, col(MailDue.attempts) == mail.attempts)
