"""Reads what people write: names, days, phones, SNILS, classes. Pure; None means "not valid"."""

import re
import unicodedata
from datetime import date, datetime
from typing import NamedTuple

from schemas.base import PLAIN

_LATIN_LOOKALIKES = str.maketrans("ABEKMHOPCTXY", "АВЕКМНОРСТХУ")
_QUOTES = str.maketrans("", "", "«»\"'“”„")
_CLASS = re.compile(r"(\d{1,2})\s*(?:[-–—−.]\s*)?((?:[^\W\d_]{1,3}\d?)?)(?:\s*(?:класс|кл\.?))?", re.IGNORECASE)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_RUSSIAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_PHONE_DECORATION = re.compile(r"[\s().\-–—\u2011]")
_RUSSIAN_PHONE = re.compile(r"(?:\+7|7|8)([346789]\d{9})")
_FOREIGN_PHONE = re.compile(r"\+[1-689]\d{7,14}")
_BARE_MOBILE = re.compile(r"9\d{9}")
_PLAIN = re.compile(PLAIN)
_EMAIL_PART = r"[^\s@<>,;:()\[\]\\\".]+"
_EMAIL = re.compile(rf"{_EMAIL_PART}(?:\.{_EMAIL_PART})*@{_EMAIL_PART}(?:\.{_EMAIL_PART})+")
_SNILS_FORM = re.compile(r"\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}", re.ASCII)
# Numbers up to 001-001-998 were issued without a check number (DOMAIN.md section 13).
_SNILS_UNCHECKED = 1_001_998


class ClassName(NamedTuple):
    """5А: a grade from 1 to 11 and a letter, which a school with one class a grade may leave out."""

    grade: int
    letter: str

    def __str__(self) -> str:
        return f"{self.grade}{self.letter}"


class PersonName(NamedTuple):
    family: str
    given: str
    patronymic: str | None = None

    def __str__(self) -> str:
        return " ".join(part for part in self if part)


def tidy(text: str) -> str:
    """One space between words, composed letters: how a name is stored."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """How names and headers are compared: case and ё/е make no difference (DOMAIN.md section 13)."""
    return tidy(text).casefold().replace("ё", "е")


def person_name(text: str) -> PersonName | None:
    """Reads "Фамилия Имя Отчество"; the patronymic is optional and may be of several words (оглы)."""
    words = tidy(text).split()
    if len(words) < 2 or any(character.isdigit() for character in text):
        return None
    return PersonName(words[0], words[1], " ".join(words[2:]) or None)


def class_name(text: str) -> ClassName | None:
    """Reads 5А, 5-А, 5 «а», 5A with a Latin A, 5А класс.

    Latin letters that look like Cyrillic ones become those, so that 5A and 5А are one class.
    """
    match = _CLASS.fullmatch(tidy(text).translate(_QUOTES).strip())
    if match is None:
        return None
    grade, letter = int(match[1]), match[2].upper()
    if letter in {"КЛ", "КЛА"} or not 1 <= grade <= 11:
        return None
    looks = letter.translate(_LATIN_LOOKALIKES)
    # Only a letter that is Cyrillic as a whole is taken so: in "5DA" the A stays Latin.
    return ClassName(grade, letter if re.search("[A-Z]", looks) else looks)


def phone(text: str, *, bare_mobile: bool = False) -> str | None:
    """A phone as E.164: Russian 8/+7/7 forms, others only with a plus (DOMAIN.md section 13).

    Args:
        bare_mobile: also take ten digits from 9 on as a Russian mobile: usual in Russian lists.
    """
    digits = _PHONE_DECORATION.sub("", text)
    if not digits.isascii():
        return None
    if match := _RUSSIAN_PHONE.fullmatch(digits):
        return f"+7{match[1]}"
    if bare_mobile and _BARE_MOBILE.fullmatch(digits):
        return f"+7{digits}"
    return digits if _FOREIGN_PHONE.fullmatch(digits) else None


def snils(text: str) -> str | None:
    """The eleven digits of a SNILS with a right check number (DOMAIN.md section 13)."""
    if not _SNILS_FORM.fullmatch(text.strip()):
        return None
    digits = "".join(character for character in text if character.isdigit())
    if int(digits[:9]) <= _SNILS_UNCHECKED:
        return digits
    return digits if snils_check(digits[:9]) == digits[9:] else None


def snils_check(number: str) -> str:
    """The two check digits of nine digits: the sum of digit times 9..1, modulo 101, 100 as 00."""
    total = sum(int(digit) * weight for digit, weight in zip(number, range(9, 0, -1), strict=True))
    return f"{total % 101 % 100:02d}"


def iso_day(text: str) -> date | None:
    """A day as 2026-09-01."""
    if not _ISO_DAY.fullmatch(text):
        return None
    return _day(int(text[:4]), int(text[5:7]), int(text[8:]))


def russian_day(value: object) -> date | None:
    """A day from a cell: an Excel date, 01.09.2026, or 2026-09-01."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if match := _RUSSIAN_DAY.fullmatch(text):
        return _day(int(match[3]), int(match[2]), int(match[1]))
    return iso_day(text)


def email(text: str) -> str | None:
    """An address that can be written to: one @, no spaces, nothing that means something in a header. Domains may be in
    any script, what is before the @ may not (почта@школа.рф is not delivered). Confirming it is another's work."""
    address = text.strip()
    if len(address) > 254 or not address.isprintable() or not _EMAIL.fullmatch(address):
        return None
    try:
        return address if len(mailable(address)) <= 254 else None
    except UnicodeError:
        return None


def mailable(address: str) -> str:
    """An address as it goes over the net: the domain in ASCII (RFC 3490). Raises UnicodeError where it cannot."""
    local, _, domain = address.rpartition("@")
    return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"


def clean(text: str) -> bool:
    """Whether a cell can be stored: by the rule for every text."""
    return _PLAIN.search(text) is not None


def _day(year: int, month: int, day: int) -> date | None:
    # Beyond these years a slip of the hand is likelier than the truth.
    if not 1900 <= year <= 2200:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
