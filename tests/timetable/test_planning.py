"""From the weekly plan to lessons on dates: days off, worked Saturdays, zones, and what is never undone."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.timetable.planning import Existing, Span, Wanted, Weekly, edits, wanted_lessons, weekday_of

GROUP, CLASS, SUBJECT, TEACHER = (UUID(int=number) for number in range(1, 5))
MONDAY = date(2026, 11, 2)
FOUR_DAYS = Span("day-off", date(2026, 11, 4), date(2026, 11, 4))
ZONES = ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Vladivostok", "Asia/Kamchatka"]


def weekly(weekday: int, number: int = 1, **more: object) -> Weekly:
    values = {
        "id": UUID(int=100 + 10 * weekday + number), "group_id": GROUP, "class_id": CLASS, "subject_id": SUBJECT,
        "teacher_id": TEACHER, "weekday": weekday, "number": number, "room": "12", "starts": date(2026, 9, 1),
        "ends": date(2027, 5, 31),
    }  # fmt: skip
    return Weekly(**values | more)  # type: ignore[arg-type]


BELLS = {
    (1, 0, 1): (time(8, 30), time(9, 15)), (1, 6, 1): (time(9, 0), time(9, 40)), (2, 0, 1): (time(14, 0), time(14, 45)),
    (1, 0, 2): (time(9, 25), time(10, 10)),
}  # fmt: skip


def days_of(spans: list[Span], *, days_a_week: int = 5, first: date = MONDAY, days: int = 14) -> list[date]:
    plan = [weekly(weekday, days_a_week=days_a_week) for weekday in range(1, 7)]
    last = first + timedelta(days=days - 1)
    return [want.day for want in wanted_lessons(plan, BELLS, spans, "Europe/Moscow", first, last)]


def test_a_five_day_week_ends_on_friday_a_six_day_week_on_saturday() -> None:
    assert [day.isoweekday() for day in days_of([])] == [1, 2, 3, 4, 5] * 2
    assert [day.isoweekday() for day in days_of([], days_a_week=6)] == [1, 2, 3, 4, 5, 6] * 2


def test_holidays_and_days_off_have_no_lessons() -> None:
    holidays = Span("holidays", date(2026, 11, 9), date(2026, 11, 12))
    assert days_of([FOUR_DAYS, holidays]) == [date(2026, 11, day) for day in (2, 3, 5, 6, 13)]


def test_a_worked_saturday_follows_the_day_that_it_stands_for() -> None:
    saturday = date(2026, 11, 7)
    worked = Span("working", saturday, saturday, as_weekday=3)
    assert saturday in days_of([FOUR_DAYS, worked])
    plan = [weekly(3, number=1), weekly(6, number=2)]
    wanted = list(wanted_lessons(plan, BELLS, [worked], "Europe/Moscow", saturday, saturday))
    assert [want.number for want in wanted] == [1]


def test_a_quarantine_is_of_one_class_and_wins_over_a_worked_day() -> None:
    saturday = date(2026, 11, 7)
    spans = [
        Span("working", saturday, saturday, as_weekday=1),
        Span("quarantine", saturday, saturday, class_id=CLASS),
    ]
    assert weekday_of(saturday, spans, CLASS, 5) is None
    assert weekday_of(saturday, spans, uuid4(), 5) == 1


def test_shifts_and_weekdays_have_bells_of_their_own() -> None:
    plan = [weekly(5), replace(weekly(5), id=uuid4(), shift=2, group_id=uuid4()), weekly(6, days_a_week=6)]
    friday = date(2026, 11, 6)
    wanted = list(wanted_lessons(plan, BELLS, [], "Europe/Moscow", friday, friday + timedelta(days=1)))
    moscow = ZoneInfo("Europe/Moscow")
    assert [f"{want.starts_at.astimezone(moscow):%H:%M}" for want in wanted] == ["08:30", "14:00", "09:00"]


@given(zone=st.sampled_from(ZONES), offset=st.integers(0, 200))
def test_a_lesson_is_at_the_schools_own_hour_in_every_zone(zone: str, offset: int) -> None:
    day = date(2026, 9, 1) + timedelta(days=offset)
    for want in wanted_lessons([weekly(day.isoweekday())], BELLS, [], zone, day, day):
        local = want.starts_at.astimezone(ZoneInfo(zone))
        assert (local.date(), local.time()) == (day, time(8, 30))
        assert want.ends_at - want.starts_at == timedelta(minutes=45)


def test_a_lesson_without_a_bell_is_not_made() -> None:
    assert list(wanted_lessons([weekly(1, number=7)], BELLS, [], "Europe/Moscow", MONDAY, MONDAY)) == []


def want(day: int = 0, **more: object) -> Wanted:
    starts = datetime(2026, 11, 2, 5, 30, tzinfo=UTC) + timedelta(days=day)
    base = Wanted(
        UUID(int=111), GROUP, SUBJECT, TEACHER, MONDAY + timedelta(days=day), 1, starts,
        starts + timedelta(minutes=45), "12",
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def there(like: Wanted, **more: object) -> Existing:
    base = Existing(
        uuid4(), like.group_id, like.subject_id, like.teacher_id, like.day, like.number, like.starts_at, like.ends_at,
        like.room, like.weekly_id, planned=True, changed=False, in_use=False,
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def test_what_the_plan_no_longer_has_is_removed_unless_something_is_written_about_it() -> None:
    free, used = there(want()), there(want(1), in_use=True)
    made = edits([], [free, used])
    assert (made.remove, made.kept) == ([free], [used])


def test_a_lesson_in_use_follows_to_another_teacher_but_keeps_its_subject() -> None:
    used = there(want(), in_use=True)
    other_teacher, other_subject = want(teacher_id=uuid4()), want(subject_id=uuid4())
    assert edits([other_teacher], [used]).change == [(used, other_teacher)]
    assert edits([other_subject], [used]).kept == [used]


@pytest.mark.parametrize("kind", ["changed", "cancelled", "of no plan"])
def test_what_was_arranged_by_date_stays(kind: str) -> None:
    more: dict[str, object] = {
        "changed": {"changed": True}, "cancelled": {"planned": False}, "of no plan": {"weekly_id": None},
    }[kind]  # type: ignore[assignment]  # fmt: skip
    lesson = there(want(room="5"), **more)
    assert edits([want()], [lesson]) == edits([], [])


@given(
    before=st.sets(st.tuples(st.integers(1, 6), st.integers(1, 2)), max_size=8),
    after=st.sets(st.tuples(st.integers(1, 6), st.integers(1, 2)), max_size=8),
)
def test_planning_again_changes_nothing(before: set[tuple[int, int]], after: set[tuple[int, int]]) -> None:
    """Whatever the plan was: after the edits lessons are as the new plan says, and a second look finds nothing."""
    last = MONDAY + timedelta(days=20)
    plans = [
        list(wanted_lessons([weekly(*key, days_a_week=6) for key in keys], BELLS, [], ZONES[-1], MONDAY, last))
        for keys in (before, after)
    ]
    lessons = {lesson.id: lesson for lesson in map(there, plans[0])}
    made = edits(plans[1], list(lessons.values()))
    for lesson in made.remove:
        del lessons[lesson.id]
    for old, new in made.change:
        lessons[old.id] = there(new)
    for new in made.add:
        fresh = there(new)
        lessons[fresh.id] = fresh
    assert {lesson.place for lesson in lessons.values()} == {item.place for item in plans[1]}
    assert edits(plans[1], list(lessons.values())) == edits([], [])
