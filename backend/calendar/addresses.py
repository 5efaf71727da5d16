"""Secret addresses of calendars: `/v1/calendar/<secret>.ics`. Pure.

The secret (256 bits from the system) is all that a calendar program can send; only its keyed hash is stored, so nobody
who reads the database has an address.
"""

import secrets

from backend.core.secrets import blind_index

PATH = "/v1/calendar"
_SUFFIX = ".ics"


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def address_of(base: str, secret: str) -> str:
    """The full address, below that of the API."""
    return f"{base.rstrip('/')}{PATH}/{secret}{_SUFFIX}"


def secret_in(name: str) -> str | None:
    """The secret in the last part of an address; None for what cannot be one."""
    secret = name.removesuffix(_SUFFIX)
    return secret if secret != name and secret.isascii() else None


def digest_of(key: bytes, secret: str) -> bytes:
    return blind_index(key, "calendar-feed", secret)
