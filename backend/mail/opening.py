"""The way of mail that an installation is set up with."""

from urllib.parse import unquote, urlsplit

from backend.core.errors import SetupError
from backend.core.settings import Settings
from backend.mail.folder import FolderSender
from backend.mail.sender import MailSender
from backend.mail.smtp import Server, SmtpSender

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def open_mail(settings: Settings) -> MailSender | None:
    """The sender that MAIL_URL names, or None where none is set up. Nothing is connected to or made yet.

    Raises:
        SetupError: MAIL_FROM is missing.
    """
    if not settings.mail_url:
        return None
    if not settings.mail_from:
        raise SetupError("MAIL_URL is set: MAIL_FROM is needed, an address that the mail server lets us send from")
    url = urlsplit(settings.mail_url)
    if url.scheme == "file":
        return FolderSender(url.path, settings.mail_from)
    server = Server(
        host=url.hostname or "", port=url.port or _PORTS[url.scheme], tls=url.scheme == "smtps",
        starttls=url.scheme == "smtp+starttls", user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
    )  # fmt: skip
    return SmtpSender(server, settings.mail_from)
