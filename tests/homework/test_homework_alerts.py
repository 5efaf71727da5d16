"""What phones show of homework, and of tomorrow at 18:30 (DOMAIN.md sections 9 and 12)."""

from datetime import timedelta

import pytest

from backend.core.ids import new_id
from backend.scheduler import Scheduler
from backend.timetable.models import CalendarSpan
from push.standin.server import Standin
from push.worker import Worker
from tests.files.samples import pdf, upload
from tests.push.fixtures import deliver, give_handset, run_as_owner
from tests.timetable.scenes import set_bells
from tests.world import World


async def give(world: World, text: str = "§ 1", **more: object) -> str:
    body = {"dueOn": str(world.today + timedelta(days=1)), "text": text, **more}
    answer = await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)
    return str(answer.json()["id"])


async def test_an_afternoon_is_one_item(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    await give(world)
    await deliver(worker)
    world.clock.move(minutes=1)
    body = {"dueOn": str(world.today + timedelta(days=2)), "text": "Упр. 5"}
    await world.other_teacher.post(f"/v1/lessons/{world.russian_lesson}/homework", body)
    await deliver(worker)
    assert mother.screen().texts() == ["Иван: задано на дом | Математика на 19 ноября; Русский язык на 20 ноября"]
    assert mother.screen().rung == 1


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        ({"text": "§ 2"}, "Иван: изменилось домашнее задание | Математика на 19 ноября"),
        ({"dueOn": "2026-11-20"}, "Иван: изменилось домашнее задание | Математика на 20 ноября"),
        ({"links": ["https://school.example/5a"]}, "Иван: изменилось домашнее задание | Математика на 19 ноября"),
        ({"minutes": 40, "mandatory": False}, "Иван: задано на дом | Математика на 19 ноября"),
        ({"text": "§ 1"}, "Иван: задано на дом | Математика на 19 ноября"),
    ],
)
async def test_only_another_text_date_or_file_is_told(
    world: World, standin: Standin, worker: Worker, edit: dict[str, object], text: str
) -> None:
    mother = await give_handset(world, standin, world.mother)
    made = await give(world)
    await deliver(worker)
    world.clock.move(minutes=2)
    await world.teacher.patch(f"/v1/homework/{made}", {"version": 1, **edit})
    await deliver(worker)
    assert mother.screen().texts() == [text]


async def test_individual_homework_tells_only_its_student(world: World, standin: Standin, worker: Worker) -> None:
    mother, neighbour = [await give_handset(world, standin, who) for who in (world.mother, world.neighbour)]
    await give(world, students=[str(world.pyotr)])
    await deliver(worker)
    assert (mother.texts(), neighbour.texts()) == ([], ["Пётр: задано на дом | Математика на 19 ноября"])


async def test_what_is_taken_back_leaves_the_screens(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    made = await give(world)
    await deliver(worker)
    await world.teacher.delete(f"/v1/homework/{made}")
    await deliver(worker)
    world.clock.move(seconds=6)  # what has to go from screens is gathered
    await deliver(worker)
    assert mother.screen().texts() == []


async def test_at_1830_the_student_hears_what_tomorrow_brings(world: World, standin: Standin, worker: Worker) -> None:
    await world.student.patch("/v1/me", {"language": "ru"})
    undone, done = await give(world), await give(world, "§ 2")
    await world.student.put(f"/v1/children/{world.ivan}/homework/{done}/done", {"done": True})
    await world.deputy.patch(f"/v1/lessons/{world.tomorrows_lesson}", {"room": "7"})
    student, mother = [await give_handset(world, standin, who) for who in (world.student, world.mother)]
    await deliver(worker)
    shown = set(student.screen().texts())
    scheduler = Scheduler("one", world.database, world.clock)
    world.clock.move(hours=6, minutes=29)
    await scheduler.tick()
    await deliver(worker)
    assert set(student.screen().texts()) == shown
    world.clock.move(minutes=1)
    await scheduler.tick()
    await scheduler.tick()
    await deliver(worker)
    assert set(student.screen().texts()) - shown == {
        "Завтра, 19 ноября | Первый урок в 10:00: Математика. 1 изменение в расписании. Не отмечено: Математика"
    }
    assert not any("Завтра" in text for text in mother.texts())
    assert undone


async def test_in_english_with_nothing_left_to_do(world: World, standin: Standin, worker: Worker) -> None:
    await world.student.patch("/v1/me", {"language": "en"})
    student = await give_handset(world, standin, world.student)
    world.clock.move(hours=6, minutes=30)
    await Scheduler("one", world.database, world.clock).tick()
    await deliver(worker)
    assert student.texts() == ["Tomorrow, 19 November | First lesson at 10:00: Математика"]


@pytest.mark.parametrize("case", ["no lessons", "quiet day", "too late"])
async def test_where_there_is_nothing_to_say_nothing_is_said(
    world: World, standin: Standin, worker: Worker, case: str
) -> None:
    if case == "quiet day":
        day = world.today
        await world.add(
            CalendarSpan(id=new_id(), school_id=world.school.id, kind="quiet", name="Тихо", starts=day, ends=day)
        )
    student = await give_handset(world, standin, world.student)
    if case == "no lessons":
        world.clock.move(days=1)
    world.clock.move(hours=9 if case == "too late" else 6, minutes=31)
    await Scheduler("one", world.database, world.clock).tick()
    await deliver(worker)
    assert student.texts() == []


async def test_on_a_quiet_day_homework_waits_in_the_feed(world: World, standin: Standin, worker: Worker) -> None:
    body = {"kind": "quiet", "name": "День тишины", "starts": str(world.today), "ends": str(world.today)}
    answer = await world.deputy.post(f"/v1/schools/{world.school.id}/calendar", body)
    assert answer.status_code == 201, answer.text
    mother = await give_handset(world, standin, world.mother)
    await give(world)
    await deliver(worker)
    assert mother.texts() == []
    assert [item["kind"] for item in (await world.mother.get("/v1/alerts")).json()["items"]] == ["homework-set"]


async def test_another_file_is_told(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    made = await give(world)
    await deliver(worker)
    world.clock.move(minutes=2)
    file = (await upload(world.teacher, pdf())).json()["id"]
    await world.teacher.patch(f"/v1/homework/{made}", {"version": 1, "files": [file]})
    await deliver(worker)
    assert mother.screen().texts() == ["Иван: изменилось домашнее задание | Математика на 19 ноября"]


async def test_what_is_still_to_be_done_is_news_when_it_changes(world: World, standin: Standin, worker: Worker) -> None:
    """However long ago its lesson was; what is over is for the inbox."""
    mother = await give_handset(world, standin, world.mother)
    made = await give(world, dueOn=str(world.today + timedelta(days=7)))
    await deliver(worker)
    for days, version, shown in ((5, 1, 2), (4, 2, 2)):
        world.clock.move(days=days)
        await world.reissue()
        answer = await world.teacher.patch(f"/v1/homework/{made}", {"version": version, "text": f"§ {days}"})
        assert answer.status_code == 200, answer.text
        await deliver(worker)
        assert len(mother.texts()) == shown


async def test_who_will_have_left_the_group_is_not_told(world: World, standin: Standin, worker: Worker) -> None:
    await run_as_owner(world, f"UPDATE enrolment SET ends = '{world.today}' WHERE student_id = '{world.ivan}'")
    mother, neighbour = [await give_handset(world, standin, who) for who in (world.mother, world.neighbour)]
    await give(world)
    await deliver(worker)
    assert (mother.texts(), len(neighbour.texts())) == ([], 1)


@pytest.mark.parametrize(
    ("wishes", "changes"),
    [
        (({"note": "Возьмите циркуль"},), 0),
        (({"state": "cancelled"},), 1),
        (({"moveTo": {"day": "2026-11-19", "number": 3}},), 1),
        (({"moveTo": {"day": "2026-11-19", "number": 3}}, {"note": "Возьмите циркуль"}), 1),
        (({"room": "7"}, {"note": "Возьмите циркуль"}), 1),
    ],
)
async def test_which_changes_the_evening_counts(
    world: World, standin: Standin, worker: Worker, wishes: tuple[dict[str, object], ...], changes: int
) -> None:
    await set_bells(world)
    lesson = str(world.tomorrows_lesson)
    for wish in wishes:
        answer = await world.deputy.patch(f"/v1/lessons/{lesson}", wish)
        assert answer.status_code == 200, answer.text
        lesson = answer.json()["id"]
    student = await give_handset(world, standin, world.student)
    world.clock.move(hours=6, minutes=30)
    await Scheduler("one", world.database, world.clock).tick()
    await deliver(worker)
    (told,) = [text for text in student.texts() if text.startswith("Завтра")] or [""]
    assert ("1 изменение" in told) == bool(changes)
    assert "2 изменения" not in told


async def test_a_class_can_be_quiet_by_itself(world: World, standin: Standin, worker: Worker) -> None:
    day = str(world.today)
    body = {"kind": "quiet", "name": "Контрольная", "starts": day, "ends": day, "classId": str(world.school.class_id)}
    assert (await world.deputy.post(f"/v1/schools/{world.school.id}/calendar", body)).status_code == 201
    student = await give_handset(world, standin, world.student)
    await give(world)
    world.clock.move(hours=6, minutes=30)
    await Scheduler("one", world.database, world.clock).tick()
    await deliver(worker)
    assert student.texts() == []
    await world.reissue()
    assert [item["kind"] for item in (await world.student.get("/v1/alerts")).json()["items"]] == ["homework-set"]
