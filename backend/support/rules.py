"""How a request to support goes, and how much somebody may ask. Pure (DOMAIN.md section 10)."""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from backend.core import values
from backend.core.secrets import readable_digest

# What one person may write in a day, requests and messages.
TEXTS_A_DAY = 20
# Mails with a code for one e-mail address in a day: it may be a stranger's.
CODES_A_DAY = 3
# Of one address of the net, which may be a whole school's, in an hour.
REQUESTS_OF_ADDRESS, CODES_OF_ADDRESS = 20, 60
# 49 bits: nobody guesses one while it lasts.
CODE_LENGTH, CODE_LASTS = 10, timedelta(days=7)
# The general limitation period (article 196 of the Civil Code): so long somebody may come back to it.
KEPT = timedelta(days=3 * 365)

_NEEDS_TEXT = ("waiting", "answered")


def request_number(count: int, now: datetime) -> str:
    return f"{now.year}-{count:06d}"


def contact_problems(email: str | None, phone: str | None) -> dict[str, str]:
    """What cannot be written to or called."""
    wrong = {}
    if email is not None and values.email(email) is None:
        wrong["/email"] = "bad-email"
    if phone is not None and values.phone(phone) is None:
        wrong["/phone"] = "bad-phone"
    return wrong


def text_problems(**texts: str) -> dict[str, str]:
    """Texts of nothing but blanks, by the field."""
    return {f"/{field}": "required" for field, text in texts.items() if not text.strip()}


def answer_problems(state: str, text: str | None) -> dict[str, str]:
    """A question to the person, or an answer, has a text."""
    missing = text is None and state in _NEEDS_TEXT
    return {"/text": "required"} if missing or (text is not None and not text.strip()) else {}


def state_after_message(state: str) -> str:
    """The person has written: what was answered, or waited for them, is in the works again."""
    return "in-progress" if state in _NEEDS_TEXT else state


def confirmation_code(key: bytes, request_id: UUID, email: str) -> str:
    """What the mail says and the person types: nobody else can compute it, and it need not be stored."""
    return readable_digest(key, "support-code", f"{request_id}:{email}", CODE_LENGTH)


def code_fits(expected: str, typed: str) -> bool:
    return hmac.compare_digest(expected.encode(), typed.strip().lower().encode())
