"""What a file is, its content says; what is on no list is refused."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.files.kinds import KINDS, kind_of
from tests.files.samples import REFUSED, TAKEN, office, opened, zipped


@pytest.mark.parametrize("what", TAKEN)
def test_a_file_is_what_its_content_says(what: str) -> None:
    content, media_type = TAKEN[what]

    kind = kind_of(BytesIO(content))

    assert kind is not None
    assert kind.media_type == media_type


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_on_no_list_is_refused(what: str) -> None:
    assert kind_of(BytesIO(REFUSED[what])) is None


def test_every_kind_has_a_sample() -> None:
    assert {media_type for _, media_type in TAKEN.values()} == {kind.media_type for kind in KINDS}


def test_a_document_of_very_many_parts_is_refused_before_they_are_read() -> None:
    many = office({f"word/media/{number}.png": b"" for number in range(6_000)})

    assert kind_of(BytesIO(many)) is None


def test_a_list_of_parts_that_unpacks_without_end_is_refused() -> None:
    bomb = zipped({"[Content_Types].xml": b" " * 50_000_000, "word/document.xml": b"<a/>"})

    assert len(bomb) < 100_000
    assert kind_of(BytesIO(bomb)) is None


def test_an_encrypted_document_is_refused() -> None:
    document = bytearray(opened())
    with ZipFile(BytesIO(document)) as archive:
        directory = archive.start_dir
    document[directory + 8] |= 1

    assert kind_of(BytesIO(document)) is None


def test_a_large_text_is_read_to_its_end() -> None:
    text = "буква " * 200_000

    assert kind_of(BytesIO(text.encode())) is not None
    assert kind_of(BytesIO(text.encode() + b"\x00")) is None


@given(st.sampled_from(sorted(TAKEN)), st.binary(max_size=40), st.integers(0, 600))
def test_no_content_breaks_the_look(what: str, change: bytes, place: int) -> None:
    content = TAKEN[what][0]

    kind = kind_of(BytesIO(content[:place] + change + content[place + len(change) :]))

    assert kind is None or kind in KINDS
