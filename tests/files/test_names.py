"""A file is called what somebody called it, as far as that harms nobody."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.files.kinds import KINDS, PDF, TEXT, Kind
from backend.files.names import LONGEST, clean_name
from backend.files.storage import disposition


@pytest.mark.parametrize(
    ("wished", "name"),
    [
        ("Домашняя работа.pdf", "Домашняя работа.pdf"),
        ("ОТЧЁТ.PDF", "ОТЧЁТ.PDF"),
        ("Задание 5.3", "Задание 5.3.pdf"),
        ("doctor.exe", "doctor.exe.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\mum\\скан.pdf", "скан.pdf"),
        ("/", "file.pdf"),
        ("..", "file.pdf"),
        (".pdf", "file.pdf"),
        (".bashrc", "bashrc.pdf"),
        ("a\r\nSet-Cookie: b=1.pdf", "aSet-Cookie_ b=1.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("a\u200bb\x00c\ufeff.pdf", "abc.pdf"),
        ('a"b;c%d.pdf', "a_b;c%d.pdf"),
        ("  two   words .pdf ", "two words.pdf"),
        ("план.pdf.", "план.pdf"),
        ("и\u0306.pdf", "й.pdf"),
    ],
)
def test_a_name_is_cleaned(wished: str, name: str) -> None:
    assert clean_name(wished, PDF) == name


def test_a_text_stays_a_text_whatever_it_is_called() -> None:
    assert clean_name("evil.js", TEXT) == "evil.js.txt"
    assert clean_name("notes.md", TEXT) == "notes.md"


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("я" * 900 + ".pdf", PDF) == "я" * (LONGEST - 4) + ".pdf"


@given(st.text(max_size=400), st.sampled_from(KINDS))
def test_every_name_can_be_saved(wished: str, kind: Kind) -> None:
    name = clean_name(wished, kind)

    assert len(name) <= LONGEST
    assert name.lower().endswith(kind.suffixes)
    assert not set(name) & set('/\\<>:"|?*')
    assert not name.startswith((".", " "))
    assert not {unicodedata.category(letter) for letter in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


def test_a_download_says_the_name_twice() -> None:
    assert disposition("Дроби 1.pdf") == (
        "attachment; filename=\"_____ 1.pdf\"; filename*=UTF-8''%D0%94%D1%80%D0%BE%D0%B1%D0%B8%201.pdf"
    )
