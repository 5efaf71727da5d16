"""What a feed may not do: each row whole or refused, and no row refuses another that does not name it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from backend.core.ids import new_id
from backend.exchange.feed import repository
from backend.exchange.feed.lessons import crowded
from backend.timetable.feeding import FedLesson
from tests.exchange.feeding import give_journal, work
from tests.exchange.test_feed import marks_seen, one_lesson
from tests.world import World


async def blocked(world: World, request: Awaitable[httpx.Response]) -> asyncio.Task[httpx.Response]:
    """A request that waits for a lock by now."""
    task = asyncio.ensure_future(request)
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = current_user")
    async with asyncio.timeout(10):
        while True:
            async with world.database.transaction() as session:
                if (await session.execute(waiting)).scalar_one():
                    return task
            await asyncio.sleep(0.01)


async def test_what_is_refused_refuses_what_names_it_and_nothing_else(world: World) -> None:
    journal = await give_journal(world)
    assert await journal.outcomes(
        lessons=[journal.lesson("bad", group="nobody"), journal.lesson("L1")],
        works=[work("WB", "bad"), work("W1"), work("W2", "nowhere")],
        marks=[
            journal.mark("M0", work="WB"), journal.mark("M1"), journal.mark("M2", student=world.oleg),
            journal.mark("M1", value="2"), journal.mark("M3", work="W2"),
        ],
        absences=[journal.absence("A1", lesson="bad"), journal.absence("A2", minutes=5)],
        homework=[journal.homework("H1", dueOn="2026-01-01"), journal.homework("H2"), {"externalId": "H3"}],
    ) == {
        "lessons": ["unknown", "created"],
        "works": ["depends-on-refused", "created", "unknown"],
        "marks": ["depends-on-refused", "created", "unknown", "repeated", "depends-on-refused"],
        "absences": ["depends-on-refused", "minutes-only-when-late"],
        "homework": ["before-the-lesson", "created", "required required required"],
    }  # fmt: skip
    assert await marks_seen(world) == ["5"]


async def test_every_wrong_field_of_a_row_is_named_by_its_place_in_the_request(world: World) -> None:
    journal = await give_journal(world)
    starts = world.clock.now
    wrong = journal.lesson("L2", subject="?", teacher=str(world.mother.id), endsAt=starts.isoformat())
    answer = (await journal.send(lessons=[journal.lesson(), wrong | {"startsAt": starts.isoformat()}])).json()
    assert answer["lessons"] == [
        {"externalId": "L1", "outcome": "created", "errors": []},
        {
            "externalId": "L2",
            "outcome": "refused",
            "errors": [
                {"pointer": "/lessons/1/subject", "code": "unknown"},
                {"pointer": "/lessons/1/teacher", "code": "unknown"},
                {"pointer": "/lessons/1/endsAt", "code": "ends-before-it-begins"},
            ],
        },
    ]


async def test_a_body_of_another_form_is_refused_whole(world: World) -> None:
    journal = await give_journal(world)
    wrong = [journal.mark(value="6"), {"externalId": 7}, journal.mark("M3", mark="5")]
    answer = await journal.send(lessons=[journal.lesson()], marks=wrong)
    assert (answer.status_code, [(error["pointer"], error["code"]) for error in answer.json()["errors"]]) == (
        422,
        [("/marks/0/value", "not-one-of"), ("/marks/1/externalId", "wrong-type"), ("/marks/2/mark", "unknown-field")],
    )
    rows = [journal.mark(f"M{number}") for number in range(2_001)]
    answer = await journal.send(marks=rows)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too-many-rows")
    answer = await journal.send(marks=[journal.mark(comment="х" * 5_000_000)])
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert await journal.outcomes(lessons=[journal.lesson()]) == {"lessons": ["created"]}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"startsAt": "0001-01-01T00:00:00Z"}, "too-far too-long"),
        ({"startsAt": "9999-12-31T23:59:00-12:00"}, "too-far ends-before-it-begins"),
        ({"endsAt": "2026-11-19T09:00:00Z"}, "too-long"),
        ({"number": 3}, "number-taken"),
    ],
)
async def test_lessons_that_cannot_be(world: World, more: dict[str, Any], code: str) -> None:
    journal = await give_journal(world)
    assert await journal.outcomes(lessons=[journal.lesson(**more)]) == {"lessons": [code]}


async def test_two_lessons_change_places_in_one_request(world: World) -> None:
    journal = await give_journal(world)
    await journal.send(lessons=[journal.lesson("L1", number=6), journal.lesson("L2", number=7)])
    swapped = [journal.lesson("L1", number=7), journal.lesson("L2", number=6), journal.lesson("L3", number=6)]
    assert await journal.outcomes(lessons=swapped) == {"lessons": ["changed", "changed", "number-taken"]}
    # One of them may not go, so the other may not come.
    wishes = [journal.lesson("L1", number=6, subject="?"), journal.lesson("L2", number=7)]
    assert await journal.outcomes(lessons=wishes) == {"lessons": ["unknown", "number-taken"]}


async def test_a_lesson_of_which_something_was_recorded_keeps_its_day(world: World) -> None:
    journal = await one_lesson(world)
    later = journal.lesson(days=1, number=7, room="14")
    assert await journal.outcomes(lessons=[later]) == {"lessons": ["has-facts"]}
    assert await journal.outcomes(lessons=[journal.lesson(number=7, room="14")]) == {"lessons": ["changed"]}
    await journal.send(works=[{"externalId": "W1", "removed": True}])
    assert await journal.outcomes(lessons=[later]) == {"lessons": ["changed"]}


async def test_what_was_sent_stays_where_it_belongs(world: World) -> None:
    journal = await give_journal(world)
    await journal.send(**journal.day())
    await journal.send(lessons=[journal.lesson("L2", number=7)], works=[work("W2", "L2")])
    assert await journal.outcomes(
        works=[work("W1", "L2")],
        marks=[journal.mark(work="W2"), journal.mark("M2", student=world.ivan)],
        absences=[journal.absence("A1"), journal.absence("A2", student=str(world.pyotr))],
        homework=[journal.homework(lesson="L2")],
    ) == {
        "works": ["belongs-elsewhere"],
        "marks": ["belongs-elsewhere", "depends-on-refused"],
        "absences": ["belongs-elsewhere", "repeated"],
        "homework": ["belongs-elsewhere"],
    }


async def test_who_is_not_in_the_group_and_what_is_closed(world: World) -> None:
    journal = await one_lesson(world)
    await journal.send(marks=[journal.mark()])
    closing = f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"
    assert (await world.deputy.put(closing, {"closed": True})).status_code == 200
    assert await journal.outcomes(
        works=[work(counted=False), work("W2")],
        marks=[journal.mark("M2", work="W2"), {"externalId": "M1", "removed": True}],
    ) == {"works": ["period-closed", "created"], "marks": ["period-closed", "period-closed"]}
    assert await journal.outcomes(marks=[journal.mark()]) == {"marks": ["unchanged"]}
    async with world.database.transaction() as session:
        left = text("UPDATE enrolment SET ends = :ends WHERE student_id = :student")
        await session.execute(left, {"ends": world.today - timedelta(days=1), "student": world.pyotr})
    rows = {
        "marks": [journal.mark("M3", student=world.pyotr)],
        "absences": [journal.absence(student=str(world.pyotr))],
    }
    assert await journal.outcomes(**rows) == {"marks": ["not-in-group"], "absences": ["not-in-group"]}


async def test_dots_need_their_term(world: World) -> None:
    journal = await one_lesson(world)
    terms = (None, world.today - timedelta(days=1), world.today + timedelta(days=500), world.today + timedelta(days=9))
    rows = [journal.mark(f"M{n}", "dot", dueOn=str(term) if term else None) for n, term in enumerate(terms)]
    assert await journal.outcomes(marks=rows) == {"marks": ["required", "in-the-past", "too-far", "created"]}


async def test_who_writes_the_same_lesson_at_this_moment_wins_and_nothing_is_saved(world: World) -> None:
    journal = await give_journal(world)
    insert = text("""
        INSERT INTO lesson (id, school_id, group_id, subject_id, teacher_id, day, number, starts_at, ends_at)
        SELECT :id, school_id, group_id, subject_id, teacher_id, day, 6, starts_at, ends_at FROM lesson WHERE id = :like
    """)
    async with world.database.transaction() as session:
        await session.execute(insert, {"id": new_id(), "like": world.lesson})
        request = await blocked(world, journal.send(lessons=[journal.lesson("L0", 7), journal.lesson()]))
    answer = await request
    assert (answer.status_code, answer.json()["code"]) == (409, "try-again")
    assert await journal.outcomes(lessons=[journal.lesson("L0", 7), journal.lesson()]) == {
        "lessons": ["created", "number-taken"]
    }


async def test_two_feeds_and_a_teacher_at_once(world: World) -> None:
    """In opposite orders, while the teacher saves the same lessons: all of them end, and each mark is there once."""
    journals = [await give_journal(world, name) for name in ("one", "two")]
    lessons = [world.lesson, world.russian_lesson, world.tomorrows_lesson]
    works = [work(f"W{number}", str(lesson)) for number, lesson in enumerate(lessons)]
    marks = [
        journals[0].mark(f"M{number}-{student}", student=student, work=f"W{number}")
        for number in range(3)
        for student in (world.ivan, world.pyotr)
    ]
    absences = [journals[0].absence(f"A{number}", lesson=str(lesson)) for number, lesson in enumerate(lessons)]
    rows = {"works": works, "marks": marks, "absences": absences}
    turned = {kind: items[::-1] for kind, items in rows.items()}
    answers = await asyncio.gather(
        journals[0].send(**rows), journals[1].send(**turned),
        *(world.deputy.put(f"/v1/lessons/{lesson}", {"topic": "Дроби", "attendance": []}) for lesson in lessons),
    )  # fmt: skip
    assert [answer.status_code for answer in answers] == [200] * 5
    outcomes = [sorted(row["outcome"] for row in answer.json()["marks"]) for answer in answers[:2]]
    assert sorted(outcomes) == [["created"] * 6, ["unchanged"] * 6]


async def test_what_is_revoked_while_a_request_is_under_way_saves_nothing(world: World) -> None:
    journal = await give_journal(world)
    async with world.database.transaction() as session:
        await repository.one_at_a_time(session, f"feed:{world.school.id}")
        request = await blocked(world, journal.send(lessons=[journal.lesson()]))
        revoked = await world.administrator.delete(
            f"/v1/schools/{world.school.id}/feed-credentials/{journal.credential_id}"
        )
        assert revoked.status_code == 200
    answer = await request
    assert (answer.status_code, answer.json()["code"]) == (401, "feed-credential-unknown")
    another = await give_journal(world)
    assert await another.outcomes(lessons=[another.lesson()]) == {"lessons": ["created"]}


def at(lesson: UUID, number: int) -> FedLesson:
    moment = datetime(2026, 11, 18)  # noqa: DTZ001 - only its place counts
    some = UUID(int=1)
    return FedLesson(lesson, some, some, some, date(2026, 11, 18), number, moment, moment, None, None)


@given(
    before=st.lists(st.integers(1, 6), unique=True, max_size=6),
    wanted=st.lists(st.tuples(st.integers(0, 8), st.integers(1, 8)), unique_by=lambda wish: wish[0]),
)
def test_no_two_lessons_have_one_place_whoever_is_refused(before: list[int], wanted: list[tuple[int, int]]) -> None:
    lessons = {UUID(int=index): at(UUID(int=index), number) for index, number in enumerate(before)}
    wishes = [at(UUID(int=index), number) for index, number in wanted]
    refused = crowded(wishes, lessons, {lesson.place: lesson.id for lesson in lessons.values()})
    after = lessons | {wish.id: wish for wish in wishes if wish.id not in refused}
    assert len({lesson.place for lesson in after.values()}) == len(after)
    free = {wish.place for wish in wishes} - {lesson.place for lesson in lessons.values()}
    for place in free:
        assert any(wish.place == place and wish.id not in refused for wish in wishes)
