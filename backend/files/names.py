"""What a file is called: what somebody called it, without what could harm whoever saves it."""

import re
import unicodedata

from backend.files.kinds import Kind

LONGEST = 150
_NAMELESS = "file"
# What no file system of a phone or a computer takes; a colon would name a stream on Windows.
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Cc and Cf: controls, and what turns the direction of writing or cannot be seen; Cs, Co, Cn: no characters at all.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean_name(wished: str, kind: Kind) -> str:
    """A name of at most 150 characters, without a path, that ends as its content does."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", wished))[-1]
    name = "".join(letter for letter in name if unicodedata.category(letter) not in _INVISIBLE)
    name = " ".join(_FORBIDDEN.sub("_", name).split()).rstrip(". ")
    suffix = next((suffix for suffix in kind.suffixes if name.lower().endswith(suffix)), None)
    # Another ending stays where it is: "notes.js", which is a text, is saved as "notes.js.txt".
    stem, suffix = (name[: -len(suffix)], name[-len(suffix) :]) if suffix else (name, kind.suffixes[0])
    return (stem.lstrip(". ")[: LONGEST - len(suffix)].rstrip(". ") or _NAMELESS) + suffix
