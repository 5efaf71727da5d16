"""Tokens of feed credentials: `mdf_<id>_<secret>`. Pure.

The id finds the row, the secret (256 bits from the system) proves the right; only its keyed hash is stored.
"""

import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from backend.core.secrets import blind_index

PREFIX = "mdf"


@dataclass(frozen=True)
class Presented:
    """What a token claims; `matches` decides."""

    credential_id: UUID
    secret: str


def new_secret() -> str:
    return secrets.token_hex(32)


def prefix_of(credential_id: UUID) -> str:
    """How the tokens of a credential begin: to recognise one by, of no use to anybody."""
    return f"{PREFIX}_{credential_id.hex}"


def token_of(credential_id: UUID, secret: str) -> str:
    return f"{prefix_of(credential_id)}_{secret}"


def parse(token: str) -> Presented | None:
    """None for what is no token of a feed, a person's among others."""
    parts = token.split("_")
    if len(parts) != 3 or parts[0] != PREFIX or not parts[2].isascii():
        return None
    try:
        return Presented(UUID(hex=parts[1]), parts[2])
    except ValueError:
        return None


def digest_of(key: bytes, secret: str) -> bytes:
    return blind_index(key, "feed-credential", secret)


def matches(key: bytes, secret: str, digest: bytes) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(digest_of(key, secret), digest)
