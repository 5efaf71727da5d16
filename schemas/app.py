"""What an app asks before anybody signs in."""

from datetime import datetime

from schemas.base import Output


class PasswordRules(Output):
    min_length: int
    passphrase_length: int
    needs: list[str]


class Contact(Output):
    """Whom people reach who cannot sign in."""

    email: str | None
    phone: str | None


class Support(Output):
    """`answersByMail`: whether what support answers is mailed; without, it is read in the app, or told by phone."""

    email: str | None
    phone: str | None
    answers_by_mail: bool


class Channel(Output):
    """A notification channel of the app: its name as people see it, and the alert kinds that use it."""

    id: str
    name: str
    kinds: list[str]


class AppInfo(Output):
    server_time: datetime
    api_version: str
    sign_in_methods: list[str]
    password_rules: PasswordRules
    administrator: Contact
    support: Support
    minimum_app_versions: dict[str, str]
    push_channels: list[Channel]
