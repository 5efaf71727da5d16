"""What ids in addresses and bodies may stand for, by their names: some of the first school, some of the other."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from backend.attendance.models import AbsenceNotice
from backend.core.ids import new_id
from backend.files.models import StoredFile
from backend.identity.models import AuthSession
from backend.timetable.models import CalendarSpan
from tests.world import Someone, World

_DEVICE = {"platform": "web", "appVersion": "1", "locale": "ru", "timezone": "Europe/Moscow", "permission": "granted"}


async def children(world: World) -> list[UUID]:
    return [world.ivan, world.pyotr, world.sofia, world.oleg]


async def classes(world: World) -> list[UUID]:
    return [world.school.class_id, world.elsewhere.class_id]


async def groups(world: World) -> list[UUID]:
    return [world.school.group_id, world.elsewhere.group_id]


async def subjects(world: World) -> list[UUID]:
    return [world.school.mathematics, world.school.russian, world.elsewhere.mathematics]


async def periods(world: World) -> list[UUID]:
    return [world.school.period_id, world.elsewhere.period_id]


async def schools(world: World) -> list[UUID]:
    return [world.school.id, world.elsewhere.id]


async def lessons(world: World) -> list[UUID]:
    return [world.lesson, world.russian_lesson, world.foreign_lesson]


async def accounts(world: World) -> list[UUID]:
    people = (world.father, world.student, world.former, world.mother, world.deputy, world.stranger)
    return [someone.id for someone in people]


async def works(world: World) -> list[UUID]:
    """Each with marks of its school's children."""
    here, there = (world.ivan, world.pyotr), (world.sofia, world.oleg)
    return [
        await _marked(world.teacher, world.lesson, here),
        await _marked(world.other_teacher, world.russian_lesson, here),
        await _marked(world.foreign_teacher, world.foreign_lesson, there),
    ]


async def corrections(world: World) -> list[UUID]:
    """Late corrections that wait for the deputies of the two schools."""
    asked = [
        (world.teacher, await _marked(world.teacher, world.lesson, (world.ivan,)), world.ivan),
        (world.foreign_teacher, await _marked(world.foreign_teacher, world.foreign_lesson, (world.oleg,)), world.oleg),
    ]
    world.clock.move(days=1)
    await world.reissue()
    for teacher, work, child in asked:
        mark = {"studentId": str(child), "value": "3", "reason": "Работа переписана"}
        assert (await teacher.put(f"/v1/works/{work}/marks", {"marks": [mark]})).json()["pending"] == 1
    async with world.database.transaction() as session:
        rows = await session.execute(text("SELECT id, school_id FROM correction_request"))
        found = {school: correction for correction, school in rows}
    return [found[world.school.id], found[world.elsewhere.id]]


async def years(world: World) -> list[UUID]:
    return [world.school.year_id, world.elsewhere.year_id]


async def loads(world: World) -> list[UUID]:
    return await _of_each_school(world, "teaching_load")


async def guardianships(world: World) -> list[UUID]:
    return await _of_each_school(world, "guardianship")


async def credentials(world: World) -> list[UUID]:
    """Of feeds; the other school has no administrator who could make one."""
    path = f"/v1/schools/{world.school.id}/feed-credentials"
    made = await world.administrator.post(path, {"name": "Журнал"})
    return [UUID(made.json()["credential"]["id"])]


async def remarks(world: World) -> list[UUID]:
    """Of a teacher and the child of each school."""
    made = []
    for teacher, lesson, child in (
        (world.teacher, world.lesson, world.ivan),
        (world.foreign_teacher, world.foreign_lesson, world.oleg),
    ):
        body = {"studentId": str(child), "kind": "praise", "text": "Молодец"}
        made.append(UUID((await teacher.post(f"/v1/lessons/{lesson}/remarks", body)).json()["id"]))
    return made


async def meetings(world: World) -> list[UUID]:
    """Of the class of each school, called by its teacher."""
    starts = world.clock.now + timedelta(days=3)
    body = {
        "title": "Итоги", "place": "12", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    made = []
    for teacher, school in ((world.class_teacher, world.school), (world.foreign_teacher, world.elsewhere)):
        made.append(UUID((await teacher.post(f"/v1/classes/{school.class_id}/meetings", body)).json()["id"]))
    return made


async def calendar_feeds(world: World) -> list[UUID]:
    """Of two people."""
    answers = [await owner.post("/v1/me/calendar-feeds", {}) for owner in (world.mother, world.stranger)]
    return [UUID(answer.json()["feed"]["id"]) for answer in answers]


async def announcements(world: World) -> list[UUID]:
    """To the parents of the class of each school."""
    wish = {"title": "Каток", "text": "В субботу", "to": ["parents"]}
    return await _of_class_teachers(world, "announcements", wish)


async def events(world: World) -> list[UUID]:
    """Of the class of each school."""
    day = str(world.today + timedelta(days=3))
    wish = {"kind": "excursion", "title": "Музей", "firstDay": day, "lastDay": day}
    return await _of_class_teachers(world, "events", wish)


async def spans(world: World) -> list[UUID]:
    """Days off; the other school has nobody who could add one."""
    day = world.today + timedelta(days=20)
    rows = [
        CalendarSpan(id=new_id(), school_id=school, kind="day-off", name="Праздник", starts=day, ends=day)
        for school in (world.school.id, world.elsewhere.id)
    ]
    await world.add(*rows)
    return [row.id for row in rows]


async def notices(world: World) -> list[UUID]:
    """Of a mother of each school."""
    day = world.today + timedelta(days=1)
    rows = [
        AbsenceNotice(
            id=new_id(), school_id=school.id, student_id=child, filed_by=mother.id, first_day=day, last_day=day,
            reason="illness", created_at=world.clock.now,
        )
        for school, mother, child in (
            (world.school, world.mother, world.ivan), (world.elsewhere, world.stranger, world.oleg),
        )
    ]  # fmt: skip
    await world.add(*rows)
    return [row.id for row in rows]


async def homework(world: World) -> list[UUID]:
    """Given at a lesson of each school."""
    made = []
    for teacher, lesson in ((world.teacher, world.lesson), (world.foreign_teacher, world.foreign_lesson)):
        body = {"dueOn": str(world.today + timedelta(days=1)), "text": "§ 1"}
        made.append(UUID((await teacher.post(f"/v1/lessons/{lesson}/homework", body)).json()["id"]))
    return made


async def threads(world: World) -> list[UUID]:
    """Of a mother and a teacher of each school."""
    return [UUID(sent["threadId"]) for sent in await _written(world)]


async def messages(world: World) -> list[UUID]:
    """The same mothers' messages."""
    return [UUID(sent["id"]) for sent in await _written(world)]


async def reports(world: World) -> list[UUID]:
    """Of those messages, by the teachers."""
    made = []
    for teacher, message in zip((world.teacher, world.foreign_teacher), await messages(world), strict=True):
        answer = await teacher.post(f"/v1/messages/{message}/reports", {"reason": "Оскорбляет"})
        made.append(UUID(answer.json()["id"]))
    return made


async def _written(world: World) -> list[dict[str, str]]:
    sent = []
    for mother, teacher, child in (
        (world.mother, world.teacher, world.ivan),
        (world.stranger, world.foreign_teacher, world.oleg),
    ):
        answer = await mother.post(f"/v1/children/{child}/people/{teacher.id}/messages", {"text": "Здравствуйте"})
        assert answer.status_code == 201, answer.text
        sent.append(answer.json())
    return sent


async def sessions(world: World) -> list[UUID]:
    """Of two people, beside those that they call with."""
    owners = (world.mother, world.stranger)
    rows = [
        AuthSession(
            id=new_id(), account_id=owner.id, seed=bytes(32), generation=1, rotated_at=world.clock.now,
            created_at=world.clock.now, device_name="test",
        )
        for owner in owners
    ]  # fmt: skip
    await world.add(*rows)
    return [row.id for row in rows]


async def installations(world: World) -> list[UUID]:
    made = []
    for owner in (world.mother, world.stranger):
        made.append(uuid4())
        assert (await owner.put(f"/v1/devices/{made[-1]}", _DEVICE)).status_code == 204
    return made


async def files(world: World) -> list[UUID]:
    """Each waits to be attached."""
    rows = [
        StoredFile(
            id=new_id(), uploaded_by=owner.id, name="a.pdf", media_type="application/pdf", size=1,
            uploaded_at=world.clock.now,
        )
        for owner in (world.mother, world.stranger)
    ]  # fmt: skip
    await world.add(*rows)
    return [row.id for row in rows]


async def support_requests(world: World) -> list[UUID]:
    """To our school's administrator; of the other school, which has none."""
    made = []
    for owner in (world.father, world.stranger):
        body = {"kind": "question", "subject": "Оценка", "text": "Где посмотреть?"}
        made.append(UUID((await owner.post("/v1/support-requests", body)).json()["id"]))
    return made


Find = Callable[[World], Awaitable[list[UUID]]]

# Our own first, those of the other school last.
STANDING: dict[str, Find] = {
    "account_id": accounts, "child_id": children, "class_id": classes, "group_id": groups, "lesson_id": lessons,
    "period_id": periods, "school_id": schools, "student_id": children, "subject_id": subjects, "year_id": years,
}  # fmt: skip
THINGS: dict[str, Find] = STANDING | {
    "announcement_id": announcements, "event_id": events,
    "correction_id": corrections, "credential_id": credentials, "file_id": files, "guardianship_id": guardianships,
    "calendar_feed_id": calendar_feeds, "homework_id": homework, "meeting_id": meetings, "message_id": messages,
    "notice_id": notices, "remark_id": remarks, "report_id": reports, "request_id": support_requests,
    "span_id": spans, "thread_id": threads, "teacher_id": accounts,
    "installation_id": installations, "load_id": loads, "session_id": sessions, "work_id": works,
}  # fmt: skip


async def _of_class_teachers(world: World, things: str, wish: dict[str, Any]) -> list[UUID]:
    """What the class teacher of each school makes for the own class."""
    made = []
    for teacher, here in ((world.class_teacher, world.school), (world.foreign_teacher, world.elsewhere)):
        body = wish | {"classIds": [str(here.class_id)]}
        made.append(UUID((await teacher.post(f"/v1/schools/{here.id}/{things}", body)).json()["id"]))
    return made


async def _of_each_school(world: World, table: str) -> list[UUID]:
    """Something that stands in a table, of our school and of the other."""
    async with world.database.transaction() as session:
        rows = await session.execute(text(f"SELECT DISTINCT ON (school_id) school_id, id FROM {table} ORDER BY 1, 2"))
        found = {school: thing for school, thing in rows}
    return [found[world.school.id], found[world.elsewhere.id]]


async def _marked(teacher: Someone, lesson: UUID, students: tuple[UUID, ...]) -> UUID:
    given = await teacher.post("/v1/works", {"lessonId": str(lesson), "kind": "test"})
    assert given.status_code == 201, given.text
    work = UUID(given.json()["id"])
    marks = [{"studentId": str(student), "value": "4"} for student in students]
    answer = await teacher.put(f"/v1/works/{work}/marks", {"marks": marks})
    assert answer.status_code == 200, answer.text
    return work
