"""Who is invited, who sees a meeting, and what cannot be called."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.core.ids import new_id
from backend.school.models import Enrolment, Student
from push.standin.server import Standin
from push.worker import Worker
from tests.meetings.scenes import another_class, call, call_school, move_to_class, titles, wish
from tests.push.fixtures import deliver, give_handset
from tests.world import World, errors

EVERYWHERE = ("mother", "father", "neighbour", "student", "stranger", "former", "teacher", "foreign_teacher")


async def who_sees(world: World, meeting: dict[str, Any]) -> set[str]:
    seen = set()
    for name in EVERYWHERE:
        answer = await getattr(world, name).get(f"/v1/meetings/{meeting['id']}")
        assert answer.status_code in (200, 404)
        if answer.status_code == 200:
            seen.add(name)
    return seen


async def test_single_families_of_the_class_are_invited(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    neighbour = await give_handset(world, standin, world.neighbour)
    meeting = await call(world, studentIds=[str(world.pyotr)])
    await deliver(worker)
    assert (meeting["audience"], meeting["classId"]) == ("families", str(world.school.class_id))
    assert await who_sees(world, meeting) == {"neighbour"}
    assert neighbour.texts() == ["Родительское собрание, 5А | 21 ноября, 12:00, каб. 12. Итоги"]
    assert mother.received == []
    assert await titles(world.mother, f"/v1/children/{world.ivan}/meetings") == []


async def test_the_whole_school_is_called_and_a_parent_of_two_hears_it_once(
    world: World, standin: Standin, worker: Worker
) -> None:
    await world.classmates(2)
    told = [await give_handset(world, standin, who) for who in (world.mother, world.neighbour)]
    others = [await give_handset(world, standin, who) for who in (world.student, world.stranger, world.deputy)]
    meeting = await call_school(world, title="Безопасность", place="Актовый зал")
    await deliver(worker)
    assert (meeting["audience"], meeting["classId"]) == ("school", None)
    line = ["Родительское собрание | 21 ноября, 12:00, Актовый зал. Безопасность"]
    assert [handset.texts() for handset in told] == [line, line]
    assert all(handset.received == [] for handset in others)
    inbox = (await world.neighbour.get("/v1/alerts")).json()["items"]
    assert [item["childId"] for item in inbox] == [str(world.pyotr)]
    assert await who_sees(world, meeting) == {"mother", "father", "neighbour", "student"}


async def test_several_classes_and_colleagues_are_called(world: World, standin: Standin, worker: Worker) -> None:
    colleague = await give_handset(world, standin, world.teacher)
    classes = [str(world.school.class_id), str(await another_class(world))]
    meeting = await call_school(world, classIds=classes, staffIds=[str(world.teacher.id)])
    await deliver(worker)
    assert meeting["audience"] == "classes"
    assert colleague.texts() == ["Родительское собрание | 21 ноября, 12:00, каб. 12. Итоги"]
    assert await titles(world.teacher, "/v1/me/meetings") == ["Итоги"]
    assert await titles(world.other_teacher, "/v1/me/meetings") == []
    assert await titles(world.class_teacher, f"/v1/classes/{classes[0]}/meetings") == ["Итоги"]
    assert "teacher" in await who_sees(world, meeting)


async def test_one_class_that_the_deputy_calls_is_the_class_teachers_to_lead(world: World) -> None:
    meeting = await call_school(world, classIds=[str(world.school.class_id)])
    assert meeting["audience"] == "class"
    seen = (await world.class_teacher.get(f"/v1/meetings/{meeting['id']}")).json()
    assert (seen["leads"], seen["mayAnswer"]) == (True, False)


async def test_who_joins_the_class_later_is_invited_and_who_leaves_it_no_more(world: World) -> None:
    other = await another_class(world)
    meeting = await call(world)
    await move_to_class(world, world.ivan, other)
    assert await who_sees(world, meeting) == {"neighbour"}
    world.clock.move(days=1)
    await world.reissue()
    await move_to_class(world, world.ivan, world.school.class_id)
    assert await who_sees(world, meeting) == {"mother", "father", "neighbour", "student"}
    assert await titles(world.father, f"/v1/children/{world.ivan}/meetings") == ["Итоги"]


async def test_a_past_meeting_stays_with_those_who_were_in_the_class(world: World) -> None:
    await call(world, 1)
    world.clock.move(days=2)
    await world.reissue()
    newcomer = Student(id=new_id(), school_id=world.school.id, family_name="Новый", given_name="Лев")
    await world.add(newcomer)
    await world.add(
        Enrolment(
            id=new_id(), school_id=world.school.id, student_id=newcomer.id, class_id=world.school.class_id,
            starts=world.today,
        )
    )  # fmt: skip
    await move_to_class(world, world.ivan, await another_class(world))
    past = "/v1/children/{}/meetings?when=past"
    assert await titles(world.mother, past.format(world.ivan)) == ["Итоги"]
    assert await titles(world.deputy, past.format(newcomer.id)) == []
    assert await titles(world.mother, "/v1/me/meetings?when=past") == ["Итоги"]
    assert await titles(world.mother, "/v1/me/meetings") == []


async def test_a_guardian_whose_link_has_ended_sees_and_answers_nothing(world: World) -> None:
    meeting = await call(world)
    assert (await world.father.put(f"/v1/meetings/{meeting['id']}/answer", {"coming": True})).status_code == 200
    async with world.database.transaction() as session:
        values = {"ends": world.today - timedelta(days=1), "account": world.father.id}
        await session.execute(text("UPDATE guardianship SET ends = :ends WHERE account_id = :account"), values)
    assert (await world.father.get(f"/v1/meetings/{meeting['id']}")).status_code == 404
    assert (await world.father.put(f"/v1/meetings/{meeting['id']}/answer", {"coming": False})).status_code == 404
    assert await titles(world.father, "/v1/me/meetings") == []
    answers = (await world.class_teacher.get(f"/v1/meetings/{meeting['id']}/answers")).json()
    assert (answers["coming"], answers["silent"]) == (0, 2)


NOT_HTTPS = (
    "http://meet.example.org", "https://", "https://a b", "javascript:alert(1)", "meet.example.org",
    "https://user@meet.example.org/", "https://meet.example.org\n/", "https://[::1",
)  # fmt: skip


@pytest.mark.parametrize("link", NOT_HTTPS)
async def test_a_link_is_https(world: World, link: str) -> None:
    path = f"/v1/classes/{world.school.class_id}/meetings"
    assert errors(await world.class_teacher.post(path, wish(world, link=link))) == {"/link": "not-https"}


async def test_a_meeting_is_somewhere(world: World) -> None:
    online = await call(world, place=None, link="https://meet.example.org/5a?x=1")
    assert (online["place"], online["link"]) == ("", "https://meet.example.org/5a?x=1")
    path = f"/v1/classes/{world.school.class_id}/meetings"
    assert errors(await world.class_teacher.post(path, wish(world, place=None))) == {"/place": "place-or-link"}


async def test_everything_wrong_is_named_at_once_and_nothing_is_kept(world: World) -> None:
    ivan, oleg = str(world.ivan), str(world.oleg)
    body = wish(world, -5, link="ftp://x", studentIds=[ivan, ivan, oleg], staffIds=[str(world.mother.id)])
    body["endsAt"] = body["startsAt"]
    answer = await world.class_teacher.post(f"/v1/classes/{world.school.class_id}/meetings", body)
    assert errors(answer) == {
        "/studentIds/1": "repeated", "/studentIds/2": "not-in-class", "/staffIds/0": "unknown-teacher",
        "/startsAt": "in-the-past", "/endsAt": "ends-before-it-begins", "/link": "not-https",
    }  # fmt: skip
    assert await titles(world.class_teacher, "/v1/me/meetings") == []


async def test_a_school_calls_its_own_only(world: World) -> None:
    path = f"/v1/schools/{world.school.id}/meetings"
    both = wish(world, classIds=[str(world.school.class_id)], studentIds=[str(world.ivan)])
    assert errors(await world.director.post(path, both)) == {"/studentIds": "classes-or-students"}
    foreign = wish(world, classIds=[str(world.elsewhere.class_id)], staffIds=[str(world.foreign_teacher.id)])
    assert errors(await world.director.post(path, foreign)) == {
        "/classIds/0": "unknown-class", "/staffIds/0": "unknown-teacher",
    }  # fmt: skip
    stranger = wish(world, studentIds=[str(world.sofia)])
    assert errors(await world.director.post(path, stranger)) == {"/studentIds/0": "unknown-student"}


async def test_a_class_teacher_cannot_call_another_class(world: World) -> None:
    other = await another_class(world)
    answer = await world.class_teacher.post(f"/v1/classes/{other}/meetings", wish(world))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
