"""The guard before every ZIP."""

import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from backend.exchange.archive import Archive, Limits, read_whole
from backend.exchange.problems import ImportRefused
from tests.exchange.files import SAMPLE, zipped

SMALL = Limits(archive=10_000_000, member=1_000_000, total=1_500_000, members=5)


def _code(content: bytes, limits: Limits = SMALL) -> str:
    with pytest.raises(ImportRefused) as refused:
        Archive(content, "a.zip", limits).verify()
    assert str(refused.value.problems[0]).startswith("a.zip: ")
    return refused.value.problems[0].code


def test_a_good_archive_is_read() -> None:
    archive = Archive(SAMPLE.read_bytes(), "sample.zip")
    assert "users.csv" in archive.names
    assert archive.read("manifest.csv").startswith(b"propertyName,value")


@pytest.mark.parametrize("content", [b"PK", b"hello", b"\x00" * 100_000, os.urandom(100_000)])
def test_rubbish_is_not_a_zip(content: bytes) -> None:
    assert _code(content) == "not-a-zip"


def test_a_hundred_megabytes_of_rubbish() -> None:
    assert _code(os.urandom(1_000_000) * 100, Limits()) == "not-a-zip"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_archive(share: float) -> None:
    whole = SAMPLE.read_bytes()
    assert _code(whole[: int(len(whole) * share)]) == "broken-zip"


def test_a_damaged_member() -> None:
    content = bytearray(SAMPLE.read_bytes())
    content[200:260] = b"\x55" * 60
    assert _code(bytes(content), Limits()) == "broken-zip"


def test_a_bomb_is_stopped_while_it_is_unpacked() -> None:
    assert _code(zipped({"bomb.csv": b"0" * 50_000_000})) == "too-large"


def test_many_members_that_are_a_bomb_together() -> None:
    assert _code(zipped({f"{n}.csv": b"0" * 900_000 for n in range(3)})) == "too-large"


def test_a_bomb_that_lies_about_its_size() -> None:
    content = bytearray(zipped({"bomb.csv": b"0" * 50_000_000}))
    # The declared size, in the directory at the end: the guard counts for itself.
    place = content.rfind(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 100)
    assert _code(bytes(content)) in {"too-large", "broken-zip"}


def test_too_many_members() -> None:
    assert _code(zipped({f"{n}.csv": b"" for n in range(6)})) == "too-many-files"


def test_a_directory_that_lies_about_its_length() -> None:
    content = bytearray(zipped({f"{n}.csv": b"x" * 9 for n in range(5)}))
    place = content.rfind(b"PK\x05\x06") + 12
    content[place : place + 4] = struct.pack("<I", 0x7FFFFFFF)
    assert _code(bytes(content)) == "too-many-files"


def test_an_encrypted_member() -> None:
    content = bytearray(zipped({"a.csv": b"x"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + offset] |= 1
    assert _code(bytes(content)) == "encrypted"


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/passwd", "a/../../b.csv", "C:/x.csv"])
def test_a_name_that_points_outside(name: str) -> None:
    assert _code(zipped({name: b"x"})) == "unsafe-path"


def test_a_compression_that_could_explode_in_one_step() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.csv", b"0" * 1000)
    assert _code(stream.getvalue()) == "unsupported-compression"


def test_a_name_twice() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.csv", b"2")
    assert _code(stream.getvalue()) == "duplicate-file"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for file, code in ((tmp_path / "none.zip", "unreadable-file"), (tmp_path, "unreadable-file"), (b"", "empty-file")):
        with pytest.raises(ImportRefused) as refused:
            read_whole(file, "a.zip")
        assert refused.value.problems[0].code == code
    with pytest.raises(ImportRefused) as refused:
        read_whole(b"x" * 101, "a.zip", 100)
    assert refused.value.problems[0].code == "too-large"
