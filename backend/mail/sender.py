"""Where mail goes: one port, a mail server (`smtp.py`) or a folder (`folder.py`) behind it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from backend.mail.message import Mail


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an attempt. `reason` is a word or a code of ours: servers quote addresses in their own texts."""

    outcome: Outcome
    reason: str | None = None


ACCEPTED = Verdict(Outcome.ACCEPTED)


@runtime_checkable
class MailSender(Protocol):
    async def send(self, mail: Mail) -> Verdict:
        """Sends a mail. What can go wrong outside is a verdict, never an exception."""

    async def check(self) -> str:
        """Tries it without sending anything, for `diary doctor`. Returns where it is; raises whatever is wrong."""
