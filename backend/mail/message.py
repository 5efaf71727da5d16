"""A mail as it goes out (RFC 5322). Pure."""

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from uuid import UUID

from backend.core.values import email, mailable


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain text for one address. `id` makes its Message-ID, so that what is sent again is known as the same."""

    id: UUID
    recipient: str
    subject: str
    text: str
    written_at: datetime


def compose(mail: Mail, sender: str) -> EmailMessage:
    """The message with its headers.

    Args:
        sender: an address, or a name and an address in angle brackets.

    Raises:
        ValueError: the subject or the recipient cannot be a header: nothing of theirs becomes another one.
    """
    if email(mail.recipient) != mail.recipient:
        raise ValueError("no address")
    name, _ = parseaddr(sender)
    message = EmailMessage(policy.SMTP)
    message["From"] = Address(name, addr_spec=address_of(sender))
    message["To"] = Address(addr_spec=mailable(mail.recipient))
    message["Subject"] = mail.subject
    message["Date"] = mail.written_at
    message["Message-ID"] = f"<{mail.id}@{address_of(sender).rpartition('@')[2]}>"
    # No absence note and no other machine answers it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    # Every server takes it as it is, whatever the language.
    message.set_content(mail.text, cte="base64")
    return message


def address_of(sender: str) -> str:
    """The bare address of a sender, as it goes over the net."""
    return mailable(parseaddr(sender)[1])
