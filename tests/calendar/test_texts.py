"""Whatever somebody writes, the file is valid, and says what was written."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.calendar.entries import Entry, Writer, plain
from backend.calendar.ics import draw
from tests.calendar.reader import parsed

STAMP = datetime(2026, 11, 18, tzinfo=UTC)
# What PostgreSQL can hold: no NUL, no lone surrogates.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=300) | st.text(
    "BEGIN:VEVNTD;,\\\r\n \tЁжи\u2028\u2029\x85\u202e\"'א", max_size=200
)


def entry(summary: str, place: str, body: str) -> Entry:
    return Entry(
        uid="lesson-1", starts=STAMP, ends=STAMP + timedelta(minutes=45), summary=summary, place=place, text=body
    )


@given(TEXTS, TEXTS, TEXTS)
def test_any_text_comes_back_as_it_was_meant(summary: str, place: str, body: str) -> None:
    row = {
        "id": UUID(int=1), "title": summary, "starts_at": STAMP, "ends_at": STAMP + timedelta(hours=1), "place": place,
        "link": None, "agenda": body, "state": "called", "version": 1, "coming": None, "changed_at": STAMP,
    }  # fmt: skip
    calendar = parsed(draw("Мой дневник", [Writer("ru", {}).meeting(row)], STAMP))
    (event,) = calendar.events
    assert event.summary == plain(f"Собрание: {summary}").replace("\n", " ")
    assert (event.description or "") == plain(body)
    assert (event.location or "") == plain(place).replace("\n", " ")


@given(TEXTS)
def test_a_childs_name_may_be_anything(name: str) -> None:
    writer = Writer("en", {UUID(int=7): name})
    row = {"id": UUID(int=1), "child_id": UUID(int=7), "subject": "Art", "due_on": date(2026, 11, 19), "text": name}
    calendar = parsed(draw(writer.title(name), [writer.homework(row)], STAMP))
    assert len(calendar.events) == 1


@given(TEXTS)
def test_what_is_left_of_a_text_commands_nothing(value: str) -> None:
    left = plain(value)
    assert not re.search("[\r\t\x0b\x0c\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]", left)
    kept = [letter.lower() for letter in value if letter.isalnum()]
    assert [letter.lower() for letter in left if letter.isalnum()] == kept
    assert plain(left) == left


def test_cyrillic_is_folded_between_letters() -> None:
    long = "Ёжик в тумане 🦔" * 20
    content = draw("Дневник", [entry(long, "", long)], STAMP)
    for line in content.split(b"\r\n"):
        line.decode()
    (event,) = parsed(content).events
    assert (event.summary, event.description) == (long, long)


@pytest.mark.parametrize("injected", ["\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x", "\nATTENDEE:mailto:a@b", "\u2028X:1"])
def test_nobody_writes_a_property_of_their_own(injected: str) -> None:
    writer = Writer("ru", {})
    row = {
        "id": UUID(int=1), "child_id": UUID(int=7), "subject": f"Труд{injected}", "room": injected, "state": "planned",
        "moved_to": None, "remote": False, "substitution": False, "starts_at": STAMP, "ends_at": STAMP,
    }  # fmt: skip
    content = draw(writer.title(injected), [writer.lesson(row, 0)], STAMP)
    assert content.count(b"BEGIN:VEVENT") == 1 + content.count(b"END:VEVENT BEGIN:VEVENT")
    assert len(parsed(content).events) == 1
    assert not re.search(rb"^(ATTENDEE|X:1)", content, re.MULTILINE)


def test_a_right_to_left_name_turns_nothing_around() -> None:
    assert plain("Иван\u202egnp.exe\u2066!") == "Иванgnp.exe!"
    assert plain("שלום Иван") == "שלום Иван"
