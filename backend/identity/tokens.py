"""Access tokens (signed, ten minutes) and refresh tokens (computed, rotating). Pure.

A refresh token is a keyed hash of the session's seed and a generation number, so the successor of a token
can be told again for ten minutes without keeping any token (DOMAIN.md section 2).
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import lru_cache
from uuid import UUID

import jwt

ACCESS_LIFETIME = timedelta(minutes=10)
SAME_SUCCESSOR_FOR = timedelta(minutes=10)
STAFF_IDLE = timedelta(hours=1)
FAMILY_IDLE = timedelta(days=90)


def issue_access(key: bytes, account_id: UUID, session_id: UUID, now: datetime) -> tuple[str, datetime]:
    """A signed token and the moment when it runs out."""
    until = now + ACCESS_LIFETIME
    claims = {"sub": str(account_id), "sid": str(session_id), "exp": until}
    return jwt.encode(claims, key, algorithm="HS256"), until


def read_access(key: bytes, token: str, now: datetime) -> tuple[UUID, UUID] | None:
    """(account, session) of a valid token; None for anything else."""
    claims = _signed(key, token)
    return claims[:2] if claims is not None and claims[2] > now.timestamp() else None


# An app shows the same token for ten minutes. What it says does not change, only whether it has run out.
@lru_cache(maxsize=4_096)
def _signed(key: bytes, token: str) -> tuple[UUID, UUID, float] | None:
    """(account, session, when it runs out) of a token that we have signed."""
    try:
        claims = jwt.decode(
            token, key, algorithms=["HS256"], options={"verify_exp": False, "require": ["sub", "sid", "exp"]}
        )
        return UUID(claims["sub"]), UUID(claims["sid"]), float(claims["exp"])
    except (jwt.InvalidTokenError, ValueError, TypeError):
        return None


def refresh_token(key: bytes, session_id: UUID, seed: bytes, generation: int) -> str:
    """The session's refresh token of a generation."""
    mac = hmac.digest(key, seed + session_id.bytes + generation.to_bytes(8, "big"), hashlib.sha256)
    return f"{session_id.hex}.{generation}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def parse_refresh(token: str) -> tuple[UUID, int] | None:
    """(session, generation) that the token claims to be of; its hash is checked by `matches`."""
    parts = token.split(".")
    if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdigit()) or len(parts[1]) > 9:
        return None
    try:
        return UUID(hex=parts[0]), int(parts[1])
    except ValueError:
        return None


def matches(key: bytes, token: str, session_id: UUID, seed: bytes, generation: int) -> bool:
    expected = refresh_token(key, session_id, seed, generation)
    return hmac.compare_digest(expected.encode(), token.encode())


class Refreshing(Enum):
    """What a refresh token of a session does."""

    ROTATE = auto()
    SAME_SUCCESSOR = auto()
    REUSE = auto()
    IDLE = auto()


def judge_refresh(presented: int, current: int, rotated_at: datetime, now: datetime, *, staff: bool) -> Refreshing:
    """Decides over a token of the generation `presented` while the session stands at `current`.

    The one before the current answers with the same successor for ten minutes: a lost answer must not
    sign a parent out. Anything older is a copy in other hands.
    """
    if presented == current:
        idle = STAFF_IDLE if staff else FAMILY_IDLE
        return Refreshing.IDLE if now - rotated_at > idle else Refreshing.ROTATE
    if presented == current - 1 and now - rotated_at <= SAME_SUCCESSOR_FOR:
        return Refreshing.SAME_SUCCESSOR
    return Refreshing.REUSE
