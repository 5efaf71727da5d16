"""Logins for people who have none: Latin letters from their names, made unique."""

import unicodedata
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.secrets import readable_code
from backend.core.values import PersonName, fold
from backend.identity import roster

# Near to the romanisation of Russian passports (ICAO Doc 9303), with й as y because it reads better.
_LETTERS = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e iu ia".replace("-", "").split(" "),
        strict=True,
    )
)
_SHORTEST, _LONGEST = 3, 90
# After so many of one name a number says nothing any more, and each try is a query.
_ROUNDS = 30


def latin(text: str) -> str:
    """Lower-case Latin letters and digits of a word: Щукин is shchukin, Müller is muller."""
    written = "".join(_LETTERS.get(letter, letter) for letter in fold(text))
    plain = unicodedata.normalize("NFKD", written)
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def from_name(name: PersonName) -> str:
    """ivanov.ivan for Иванов Иван."""
    parts = [part for part in (latin(name.family), latin(name.given)) if part]
    return wanted(".".join(parts)) or "user"


def wanted(username: str) -> str | None:
    """A login as a file gives it, in lower case; None where it cannot be one."""
    login = unicodedata.normalize("NFC", username).strip().lower()
    usable = _SHORTEST <= len(login) <= _LONGEST and login.isprintable() and " " not in login
    return login if usable else None


async def make_unique(session: AsyncSession, asked: Mapping[str, str]) -> dict[str, str]:
    """Gives each key its login, or the login with a number where another account has it.

    Args:
        asked: key to login in lower case; the first of equals keeps it as it is.
    """
    given: dict[str, str] = {}
    used: set[str] = set()
    waiting = dict(asked)
    attempt = 1
    while waiting:
        tries = {key: _variant(login, attempt) for key, login in waiting.items()}
        taken = await roster.accounts_by_login(session, set(tries.values()))
        for key, login in tries.items():
            if login not in taken and login not in used:
                used.add(login)
                given[key] = login
                del waiting[key]
        attempt += 1
    return given


def _variant(login: str, attempt: int) -> str:
    if attempt == 1:
        return login
    return f"{login}{attempt}" if attempt <= _ROUNDS else f"{login}.{readable_code(5)}"
