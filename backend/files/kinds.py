"""What a file is, by its content alone: a short list of kinds, and nothing else (docs/decisions/0022-files.md).

The name and the Content-Type that came with it are somebody's word. What is on no list is refused: programs, scripts,
pages, archives, documents with macros, and files that are two things at once as far as that can be seen.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from backend.files.sound import is_mp3, read_at
from backend.files.zips import document_kind, ends_with_archive

_HEAD = 4096
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind that is taken. A file whose name has none of its suffixes gets the first."""

    media_type: str
    suffixes: tuple[str, ...]


def _kind(media_type: str, *suffixes: str) -> Kind:
    return Kind(media_type, suffixes)


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
PDF = _kind("application/pdf", ".pdf")
JPEG = _kind("image/jpeg", ".jpg", ".jpeg")
PNG = _kind("image/png", ".png")
GIF = _kind("image/gif", ".gif")
WEBP = _kind("image/webp", ".webp")
HEIC = _kind("image/heic", ".heic", ".heif")
MP3 = _kind("audio/mpeg", ".mp3")
M4A = _kind("audio/mp4", ".m4a")
MP4 = _kind("video/mp4", ".mp4", ".m4v")
TEXT = _kind("text/plain", ".txt", ".md")
DOCUMENTS = {
    kind.media_type: kind
    for kind in (
        _kind(f"{_OFFICE}wordprocessingml.document", ".docx"),
        _kind(f"{_OFFICE}spreadsheetml.sheet", ".xlsx"),
        _kind(f"{_OFFICE}presentationml.presentation", ".pptx"),
        _kind(f"{_OPEN}text", ".odt"),
        _kind(f"{_OPEN}spreadsheet", ".ods"),
        _kind(f"{_OPEN}presentation", ".odp"),
    )
}
KINDS = (PDF, JPEG, PNG, GIF, WEBP, HEIC, MP3, M4A, MP4, TEXT, *DOCUMENTS.values())

# The first brand of an ISO base media file (ISO/IEC 14496-12 section 4.3).
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), HEIC),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "), MP4),
    b"M4A ": M4A,
}
# A text may begin with anything but what some program runs or renders: markup, a shell's first line, RTF, PostScript.
_NOT_PLAIN = re.compile(r"\s*(<[!?/a-z]|#!|\{\\rtf|%!ps|%pdf|mz)", re.IGNORECASE)
_TEXT_CONTROLS = "\t\n\r\f"


def kind_of(file: BinaryIO) -> Kind | None:
    """The kind of a file, or None for what is not taken. Reads it piece by piece."""
    head = read_at(file, 0, _HEAD)
    if head.startswith(b"PK\x03\x04"):
        return DOCUMENTS.get(document_kind(file) or "")
    found = next((kind for kind, is_it in _SIGNATURES if is_it(head)), None) or _media(head)
    if found is None and is_mp3(file):
        found = MP3
    if found is not None:
        # An image to one program and an archive to another: such a file has no honest use.
        return None if ends_with_archive(file) else found
    return TEXT if _is_text(file) else None


def _media(head: bytes) -> Kind | None:
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand in {b"mif1", b"msf1"}:  # what is inside is among the brands that it is compatible with
        others = head[16 : int.from_bytes(head[:4], "big")]
        return HEIC if b"heic" in others or b"heix" in others else None
    return _BRANDS.get(brand)


def _is_jpeg(head: bytes) -> bool:
    return head[:3] == b"\xff\xd8\xff" and head[3:4] >= b"\xc0" and head[3:4] != b"\xff"


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:15] == b"WEBPVP8" and head[15:16] in {b" ", b"L", b"X"}


_SIGNATURES: tuple[tuple[Kind, Callable[[bytes], bool]], ...] = (
    (PDF, lambda head: re.match(rb"%PDF-[12]\.\d", head) is not None),
    (JPEG, _is_jpeg),
    (PNG, lambda head: head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR"),
    (GIF, lambda head: head[:6] in {b"GIF87a", b"GIF89a"} and len(head) > 13),
    (WEBP, _is_webp),
)


def _is_text(file: BinaryIO) -> bool:
    """Whether it is plain UTF-8, to its end, with nothing in it that is no text."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    file.seek(0)
    begun = False
    while True:
        piece = file.read(_PIECE)
        try:
            letters = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            return False
        if any(unicodedata.category(letter) == "Cc" and letter not in _TEXT_CONTROLS for letter in set(letters)):
            return False
        if not begun and _NOT_PLAIN.match(letters):
            return False
        begun = begun or bool(letters.strip())
        if not piece:
            return begun
