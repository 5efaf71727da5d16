"""What support writes by mail, and to whom: answers go to an address only once its owner has confirmed it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.settings import Settings
from backend.mail import outbox
from backend.support.models import SupportRequest
from backend.support.rules import confirmation_code
from push.wording import Texts
from schemas.support import AnswersByMail

TEXTS = Path(__file__).parent / "texts"


class Letters:
    """Writes mails where mail is set up, else none: nobody would send them."""

    def __init__(self, settings: Settings) -> None:
        self._set_up = bool(settings.mail_url)
        self._contact = ", ".join(filter(None, (settings.support_email, settings.support_phone)))
        self._key = settings.keys.index
        self._texts = Texts(TEXTS)

    def state(self, request: SupportRequest) -> AnswersByMail:
        """Whether answers go to the e-mail that was given."""
        if request.email is None:
            return "no-address"
        if not self._set_up:
            return "not-set-up"
        return "to-confirm" if request.email_confirmed_at is None else "yes"

    def code(self, request: SupportRequest) -> str:
        """What confirms the e-mail of a request."""
        return confirmation_code(self._key, request.id, request.email or "")

    async def ask_to_confirm(self, session: AsyncSession, request: SupportRequest, now: datetime) -> None:
        """Asks whoever reads mail at the address whether it is theirs; says nothing of what was asked."""
        if request.email is None or self.state(request) != "to-confirm":
            return
        values: dict[str, object] = {"number": request.number, "code": self.code(request)}
        subject = self._texts.format(request.language, "confirm-subject", values)
        await outbox.post(session, request.email, subject, self._texts.format(request.language, "confirm", values), now)

    async def tell(self, session: AsyncSession, request: SupportRequest, answers: Sequence[str], now: datetime) -> None:
        """Sends what state the request has come to, with what support wrote since the last mail."""
        if request.email is None or self.state(request) != "yes":
            return
        values: dict[str, object] = {"number": request.number, "state": request.state, "contact": self._contact}
        footer = ["footer", *["footer-account"] * bool(request.account_id), *["footer-contact"] * bool(self._contact)]
        said = [self._texts.format(request.language, name, values) for name in ("changed", *footer)]
        text = "\n\n".join(filter(None, (said[0], *answers, "\n".join(said[1:]))))
        subject = self._texts.format(request.language, "changed-subject", values)
        await outbox.post(session, request.email, subject, text, now)
