"""Passwords: what is good enough, and argon2id that leaves memory for the rest of the process."""

import re
import string
from datetime import timedelta

import anyio.to_thread
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from schemas.app import PasswordRules

MIN_LENGTH = 10
PASSPHRASE_LENGTH = 20
ONE_TIME_LENGTH = 10
ONE_TIME_LIFETIME = timedelta(days=30)

RULES = PasswordRules(
    min_length=MIN_LENGTH,
    passphrase_length=PASSPHRASE_LENGTH,
    needs=["latin-lower", "latin-upper", "digit", "punctuation"],
)

# RFC 9106 and OWASP: 19 MiB, two passes. The default of 64 MiB fills a small machine in two sign-ins.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_OBVIOUS = re.compile(
    r"(password|passw0rd|parol|qwerty|asdfgh|zxcvbn|iloveyou|letmein|welcome|admin|dnevnik|diary|school|"
    r"пароль|дневник|школа|йцукен|1234|4321|1111|0000|abcd)",
    re.IGNORECASE,
)


class Passwords:
    """Hashes and checks, at most two at a time, off the event loop."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(2)
        self._nobody = _hasher.hash("the password of nobody")

    async def hash(self, password: str) -> str:
        return await anyio.to_thread.run_sync(_hasher.hash, password, limiter=self._limiter)

    async def check(self, hashed: str | None, password: str) -> bool:
        """Whether it fits. Without a hash it takes as long and says no: nobody learns which logins exist."""

        def verify() -> bool:
            try:
                return _hasher.verify(hashed or self._nobody, password) and hashed is not None
            except (VerificationError, InvalidHashError):
                return False

        return await anyio.to_thread.run_sync(verify, limiter=self._limiter)


def weakness(password: str, personal: list[str]) -> str | None:
    """What is wrong with a new password: `too-weak`, `too-obvious`, or None (DOMAIN.md section 2).

    Args:
        personal: the login and names of the person, which a password may not contain.
    """
    folded = password.casefold()
    if any(len(word) >= 3 and word.casefold() in folded for word in personal):
        return "too-obvious"
    if len(set(folded)) < 5 or _OBVIOUS.search(password):
        return "too-obvious"
    if len(password) >= PASSPHRASE_LENGTH:
        return None
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
    strong = len(password) >= MIN_LENGTH and all(any(letter in kind for letter in password) for kind in kinds)
    return None if strong else "too-weak"
