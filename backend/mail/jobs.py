"""What the scheduler does with mail: sends what is due, and forgets what was given up."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from structlog import get_logger

from backend.core.db import Database
from backend.mail import repository
from backend.mail.message import Mail
from backend.mail.models import MailDue
from backend.mail.retry import GIVEN_UP_AFTER
from backend.mail.sender import MailSender, Outcome, Verdict

log = get_logger()

AT_ONCE = 20
KEPT_GIVEN_UP = timedelta(days=30)


async def send_mail(database: Database, sender: MailSender, now: datetime) -> int:
    """Sends mail that is due. Returns how many were tried.

    No transaction is open while a mail server is asked. A first one claims what is due; a second one forgets what was
    taken. Whoever dies between the two has sent at most what is sent again under the same Message-ID.
    """
    async with database.transaction() as session:
        claimed = await repository.claim(session, now, AT_ONCE)
    if not claimed:
        return 0
    verdicts = await asyncio.gather(*(_send(sender, mail) for mail in claimed))
    async with database.transaction() as session:
        await _settle(session, claimed, verdicts, now)
    return len(claimed)


async def forget_given_up(session: AsyncSession, now: datetime) -> None:
    """Mail that nobody took is shown for a month."""
    await repository.forget(session, now - KEPT_GIVEN_UP)


async def _send(sender: MailSender, mail: MailDue) -> Verdict:
    try:
        return await sender.send(Mail(mail.id, mail.recipient, mail.subject, mail.body, mail.written_at))
    except Exception:  # one mail that breaks the sender must not keep the others from being settled
        log.exception("mail_broken", mail=str(mail.id))
        return Verdict(Outcome.LATER, "broken")


async def _settle(
    session: AsyncSession, claimed: Sequence[MailDue], verdicts: Sequence[Verdict], now: datetime
) -> None:
    pairs = list(zip(claimed, verdicts, strict=True))
    await repository.sent(session, [mail.id for mail, verdict in pairs if verdict.outcome is Outcome.ACCEPTED])
    for mail, verdict in pairs:
        if verdict.outcome is Outcome.ACCEPTED:
            continue
        if verdict.outcome is Outcome.REFUSED or now >= mail.written_at + GIVEN_UP_AFTER:
            log.warning("mail_given_up", mail=str(mail.id), reason=verdict.reason, attempts=mail.attempts)
            await repository.give_up(session, mail, verdict.reason)
        else:
            log.warning("mail_put_off", mail=str(mail.id), reason=verdict.reason, attempts=mail.attempts)
            await repository.put_off(session, mail, verdict.reason)
