"""Opens a ZIP from a stranger. Sizes are counted while reading: what its headers claim is not believed.

An XLSX workbook is a ZIP too and passes through the same guard.
"""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from backend.exchange.problems import ImportRefused, refused

_MEGABYTE = 1024 * 1024
_CHUNK = 64 * 1024
_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes. Generous for a region's roster: 100,000 people take about 30 MB unpacked."""

    archive: int = 200 * _MEGABYTE
    member: int = 256 * _MEGABYTE
    total: int = 512 * _MEGABYTE
    members: int = 1000


LIMITS = Limits()


def read_whole(file: Path | bytes, name: str, limit: int = LIMITS.archive) -> bytes:
    """The bytes of a file given by path or by content.

    Raises:
        ImportRefused: it is missing, not readable, empty, or larger than `limit`.
    """
    if isinstance(file, bytes):
        content = file[: limit + 1]
    else:
        try:
            with file.open("rb") as stream:
                content = stream.read(limit + 1)
        except OSError as error:
            raise refused(name, "unreadable-file", f"The file cannot be read: {error.strerror}.") from error
    if not content:
        raise refused(name, "empty-file", "The file is empty.")
    if len(content) > limit:
        raise refused(name, "too-large", f"The file is larger than {limit // _MEGABYTE} MB.")
    return content


class Archive:
    """An open ZIP whose members can be read into memory, never onto the disk."""

    def __init__(self, content: bytes, name: str, limits: Limits = LIMITS) -> None:
        """Checks the directory of the archive.

        Raises:
            ImportRefused: not a ZIP, broken, encrypted, too many members, unsafe or double names.
        """
        self.name = name
        self._limits = limits
        self._read = 0
        self._zip = _open(content, name, limits)
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            if not info.is_dir() and not info.filename.startswith("__MACOSX/"):
                self._admit(info)

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def read(self, member: str) -> bytes:
        """The content of a member.

        Raises:
            ImportRefused: the member is broken, or it or all that was read so far is too large.
        """
        parts: list[bytes] = []
        size = 0
        try:
            with self._zip.open(self._members[member]) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    self._read += len(chunk)
                    self._check_size(member, size)
                    parts.append(chunk)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise self._refused("broken-zip", f"{member} in the archive is damaged: {error}.") from error
        return b"".join(parts)

    def verify(self) -> None:
        """Reads every member once, so that another reader may take the archive without a guard."""
        for member in self._members:
            self.read(member)

    def _check_size(self, member: str, size: int) -> None:
        if size > self._limits.member:
            megabytes = self._limits.member // _MEGABYTE
            raise self._refused("too-large", f"{member} unpacks to more than {megabytes} MB.")
        if self._read > self._limits.total:
            megabytes = self._limits.total // _MEGABYTE
            raise self._refused("too-large", f"The archive unpacks to more than {megabytes} MB.")

    def _admit(self, info: zipfile.ZipInfo) -> None:
        path = PurePosixPath(info.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in info.filename or ":" in info.filename:
            raise self._refused("unsafe-path", "A name in the archive points outside of it.")
        if info.flag_bits & _ENCRYPTED:
            raise self._refused("encrypted", f"{info.filename} is encrypted: pack it without a password.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The other methods can unpack to gigabytes within one chunk, before any count.
            raise self._refused("unsupported-compression", f"{info.filename}: pack it as an ordinary ZIP (deflate).")
        if info.filename in self._members:
            raise self._refused("duplicate-file", f"{info.filename} is in the archive twice.")
        self._members[info.filename] = info

    def _refused(self, code: str, message: str) -> ImportRefused:
        return refused(self.name, code, message)


def _open(content: bytes, name: str, limits: Limits) -> zipfile.ZipFile:
    entries, directory = _directory_size(content, name)
    # zipfile makes an object per entry, so an enormous directory is refused before it is parsed.
    if entries > limits.members or directory > limits.members * 1024:
        raise refused(name, "too-many-files", f"The archive holds more than {limits.members} files.")
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, struct.error, NotImplementedError) as error:
        raise refused(name, "broken-zip", f"The ZIP archive is damaged: {error}.") from error


def _directory_size(content: bytes, name: str) -> tuple[int, int]:
    """The number of entries and the bytes of the directory, from the end record (APPNOTE 4.3.16)."""
    # The record may be followed by a comment of at most 65,535 bytes.
    start = content.rfind(b"PK\x05\x06", max(0, len(content) - 65_535 - _END_OF_DIRECTORY.size))
    if start < 0 or len(content) < start + _END_OF_DIRECTORY.size:
        if content.startswith(b"PK\x03\x04"):
            raise refused(name, "broken-zip", "The ZIP archive is cut off: its end is missing.")
        raise refused(name, "not-a-zip", "This is not a ZIP archive.")
    record = _END_OF_DIRECTORY.unpack_from(content, start)
    return record[4], record[5]
