"""A look inside the archives that office documents are. Nothing is unpacked but what says which document it is."""

import os
import re
import zlib
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

_END = b"PK\x05\x06"
_END_LENGTH = 22
_LOCATOR_64 = b"PK\x06\x07"
# Names of the parts are read as a whole: a document of a thousand pictures is far below this.
_MOST_MEMBERS = 5_000
_MOST_DIRECTORY = 1 << 20
_MOST_TYPES = 1 << 20

_MAIN = re.compile(
    rb'"(application/vnd\.openxmlformats-officedocument\.'
    rb'(?:wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation))\.main\+xml"'
)
_OPEN = re.compile(r"application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)")
# Macros and controls of both families, and what is no part of any document.
_FORBIDDEN = re.compile(
    r"(^|/)(vbaproject[^/]*|vbadata\.xml|activex/.*|macrosheets/.*|manifest\.mf)$|^(basic|scripts)/"
    r"|\.(exe|dll|scr|com|msi|jar|class|js|jse|vbs|vbe|wsf|hta|bat|cmd|ps1|sh|lnk|apk)$",
    re.IGNORECASE,
)


def document_kind(file: BinaryIO) -> str | None:
    """The media type that an office document names itself, or None where it is something else or holds macros."""
    if not _is_plain_archive(file):
        return None
    try:
        with ZipFile(file) as archive:
            members = archive.infolist()
            if not _are_parts(members):
                return None
            return _open_document(archive, members[0]) or _office_document(archive)
    except (BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, zlib.error):
        return None


def ends_with_archive(file: BinaryIO) -> bool:
    """Whether programs that open archives would find one at the end of the file."""
    return _end_record(file) is not None


def _are_parts(members: list[ZipInfo]) -> bool:
    """Whether all members may be parts of a document, and the first of them begins the file."""
    return bool(members) and min(member.header_offset for member in members) == 0 and not any(
        member.flag_bits & 1 or _FORBIDDEN.search(member.filename) for member in members
    )  # fmt: skip


def _open_document(archive: ZipFile, first: ZipInfo) -> str | None:
    """ODF 1.3 part 2 section 3.3: the first member is `mimetype`, as it is."""
    if first.filename != "mimetype" or first.compress_type != 0 or first.file_size > 100:
        return None
    named = archive.read(first).decode("ascii", "replace")
    return named if _OPEN.fullmatch(named) else None


def _office_document(archive: ZipFile) -> str | None:
    """ECMA-376 part 2 section 10.1.2: the content types of the parts, one of which is the document's."""
    names = [name for name in archive.namelist() if name.lower() == "[content_types].xml"]
    if len(names) != 1:
        return None
    with archive.open(names[0]) as part:
        types = part.read(_MOST_TYPES + 1)
    if len(types) > _MOST_TYPES or b"macroenabled" in types.lower() or b"vbaproject" in types.lower():
        return None
    mains = set(_MAIN.findall(types))
    return mains.pop().decode() if len(mains) == 1 else None


def _is_plain_archive(file: BinaryIO) -> bool:
    """Whether its directory ends the file and is small enough to be read; no part of a larger or a split archive."""
    end = _end_record(file)
    if end is None:
        return False
    start, record = end
    members, size, offset = (int.from_bytes(record[a:b], "little") for a, b in ((10, 12), (12, 16), (16, 20)))
    file.seek(max(0, start - 20))
    return (
        members <= _MOST_MEMBERS
        and size <= _MOST_DIRECTORY
        and record[4:8] == b"\0\0\0\0"
        and offset + size == start
        and file.read(4) != _LOCATOR_64
    )


def _end_record(file: BinaryIO) -> tuple[int, bytes] | None:
    """The end of a directory whose comment reaches the file's end exactly, and where it begins."""
    length = file.seek(0, os.SEEK_END)
    begin = max(0, length - _END_LENGTH - 0xFFFF)
    file.seek(begin)
    tail = file.read()
    place = tail.rfind(_END)
    while place >= 0:
        comment = int.from_bytes(tail[place + 20 : place + 22], "little")
        if place + _END_LENGTH + comment == len(tail):
            return begin + place, tail[place : place + _END_LENGTH]
        place = tail.rfind(_END, 0, place)
    return None
