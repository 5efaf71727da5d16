"""Bells, weekly lessons and the calendar become lessons on dates."""

from datetime import date

from backend.timetable.jobs import make_lessons
from tests.timetable.scenes import BELLS, lessons_of, planned, set_bells, set_plan
from tests.world import TIMEZONE, World

FRIDAY, NEXT_FRIDAY = "2026-11-20", "2026-11-27"


async def test_a_weekly_plan_is_seen_in_the_diary(world: World) -> None:
    await set_bells(world)
    made = await set_plan(world, planned(world, 5), planned(world, 5, 2, room=None))
    assert made["lessons"] == {"added": 20, "changed": 0, "removed": 0, "kept": 0}
    lessons = await lessons_of(world, FRIDAY)
    assert [(lesson["number"], lesson["startsAt"], lesson["room"]) for lesson in lessons] == [
        (1, "2026-11-20T05:30:00+00:00", "12"),
        (2, "2026-11-20T06:25:00+00:00", None),
    ]
    week = (await world.teacher.get(f"/v1/teacher/week?day={FRIDAY}")).json()
    assert (week["firstDay"], week["lastDay"]) == ("2026-11-16", "2026-11-22")
    assert [len(day["lessons"]) for day in week["days"]] == [0, 0, 1, 1, 2, 0, 0]


async def test_a_new_plan_replaces_the_old_one_from_its_day_on(world: World) -> None:
    await set_bells(world)
    await set_plan(world, planned(world, 5))
    await set_plan(world, planned(world, 5, room="7"), starts="2026-11-23")
    assert [lesson["room"] for lesson in await lessons_of(world, FRIDAY)] == ["12"]
    assert [lesson["room"] for lesson in await lessons_of(world, NEXT_FRIDAY)] == ["7"]
    again = await set_plan(world, planned(world, 5, room="7"), starts="2026-11-23")
    assert again["lessons"] == {"added": 0, "changed": 0, "removed": 0, "kept": 0}


async def test_a_new_plan_never_breaks_what_was_written(world: World) -> None:
    await set_bells(world)
    await set_plan(world, planned(world, 5))
    lesson = (await lessons_of(world, FRIDAY))[0]["id"]
    due = {"dueOn": FRIDAY, "text": "№ 5"}
    assert (await world.teacher.post(f"/v1/lessons/{lesson}/homework", due)).status_code == 201
    made = await set_plan(world)
    assert (made["lessons"]["kept"], made["lessons"]["removed"]) == (1, 9)
    assert [item["id"] for item in await lessons_of(world, FRIDAY)] == [lesson]


async def test_holidays_take_lessons_away_and_give_them_back(world: World) -> None:
    await set_bells(world)
    await set_plan(world, planned(world, 5))
    path = f"/v1/schools/{world.school.id}/calendar"
    holidays = {"kind": "holidays", "name": "Осенние каникулы", "starts": FRIDAY, "ends": NEXT_FRIDAY}
    added = (await world.deputy.post(path, holidays)).json()
    assert added["lessons"]["removed"] == 2
    assert await lessons_of(world, FRIDAY) == []
    seen = (await world.mother.get(f"/v1/children/{world.ivan}/calendar")).json()
    assert ([span["name"] for span in seen["spans"]], seen["periods"][0]["name"]) == (
        ["Осенние каникулы"],
        "2 четверть",
    )
    back = await world.deputy.delete(f"{path}/{added['span']['id']}")
    assert back.json()["added"] == 2


async def test_a_second_shift_and_a_six_day_week(world: World) -> None:
    bells = [*BELLS, {"shift": 2, "number": 1, "starts": "14:00", "ends": "14:45"}]
    await world.deputy.put(f"/v1/schools/{world.school.id}/bells", {"bells": bells})
    await set_plan(world, planned(world, 6), shift=2, daysAWeek=6)
    assert [lesson["startsAt"] for lesson in await lessons_of(world, "2026-11-21")] == ["2026-11-21T11:00:00+00:00"]


async def test_new_bells_move_lessons_to_come(world: World) -> None:
    await set_bells(world)
    await set_plan(world, planned(world, 5))
    later = [{"number": 1, "starts": "09:00", "ends": "09:45"}]
    await world.deputy.put(f"/v1/schools/{world.school.id}/bells", {"bells": later})
    assert [lesson["startsAt"] for lesson in await lessons_of(world, FRIDAY)] == ["2026-11-20T06:00:00+00:00"]


async def test_the_night_makes_lessons_further_ahead(world: World) -> None:
    await set_bells(world)
    await set_plan(world, planned(world, 5))
    assert await lessons_of(world, "2027-02-05") == []
    async with world.database.transaction() as session:
        assert await make_lessons(session, world.school.id, TIMEZONE, date(2026, 12, 2)) == 2
    assert len(await lessons_of(world, "2027-02-05")) == 1


async def test_every_wrong_row_is_named_and_nothing_is_half_saved(world: World) -> None:
    await set_bells(world)
    await set_plan(world, planned(world, 5))
    rows = [
        planned(world, 1, groupId=str(world.elsewhere.group_id)),
        planned(world, 2, teacherId=str(world.other_teacher.id)),
        planned(world, 3),
        planned(world, 3, room="5"),
    ]
    answer = await world.deputy.put(f"/v1/classes/{world.school.class_id}/timetable", {"lessons": rows})
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/lessons/0/groupId": "not-of-this-class",
        "/lessons/1/teacherId": "does-not-teach-this",
        "/lessons/3/number": "place-taken",
    }
    assert len(await lessons_of(world, FRIDAY)) == 1


async def test_a_teacher_wanted_twice_at_a_time_is_pointed_out(world: World) -> None:
    from backend.core.ids import new_id
    from backend.school.models import StudyGroup, TeachingLoad
    from tests.world import STARTS

    english = StudyGroup(
        id=new_id(), school_id=world.school.id, year_id=world.school.year_id, class_id=world.school.class_id,
        whole_class=False, name="5А (2)",
    )  # fmt: skip
    await world.add(english)
    await world.add(
        TeachingLoad(
            id=new_id(), school_id=world.school.id, teacher_id=world.teacher.id, subject_id=world.school.mathematics,
            group_id=english.id, starts=STARTS,
        )
    )  # fmt: skip
    await set_bells(world)
    made = await set_plan(world, planned(world, 5), planned(world, 5, groupId=str(english.id), room="7"))
    assert made["plan"]["clashes"] == [
        {"kind": "teacher", "weekday": 5, "number": 1, "who": "Петров Мария", "groups": ["5А", "5А (2)"]}
    ]


async def test_bells_that_overlap_are_refused(world: World) -> None:
    bells = [
        {"number": 1, "starts": "08:30", "ends": "09:15"}, {"number": 2, "starts": "09:10", "ends": "09:00"},
        {"number": 2, "starts": "10:00", "ends": "10:40"},
    ]  # fmt: skip
    answer = await world.deputy.put(f"/v1/schools/{world.school.id}/bells", {"bells": bells})
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/bells/1/starts": "overlaps",
        "/bells/1/ends": "ends-before-it-begins",
        "/bells/2/number": "repeated",
    }
