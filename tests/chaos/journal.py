"""What teachers do: facts that alert."""

import random
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.chaos.book import Book, Fact, Says, Step, Story
from tests.chaos.client import Client, Unanswered
from tests.chaos.report import Report
from tests.chaos.school import Child, Classroom, SchoolHere

_VALUES = ("2", "3", "4", "5")
# These do not ask again when the answer is lost, so nobody knows.
_HASTY = 0.1
_MOST_WORKS = 60


@dataclass
class Marked:
    """A child's mark in one work, as it stands."""

    work: str
    child: Child
    teacher: Classroom
    story: Story
    value: str | None = None
    version: int = 0


@dataclass
class Roll:
    """The attendance of one lesson."""

    lesson: UUID
    classroom: Classroom
    absent: dict[UUID, Child] = field(default_factory=dict)
    stories: dict[UUID, Story] = field(default_factory=dict)
    busy: bool = False
    over: bool = False


class Journal:
    """The teachers of a school."""

    def __init__(self, school: SchoolHere, client: Client, book: Book, report: Report, chance: random.Random) -> None:
        self._school = school
        self._client = client
        self._book = book
        self._report = report
        self._chance = chance
        self._marks: list[Marked] = []
        self._rolls = [Roll(lesson, room) for room in school.classrooms for lesson in room.lessons]

    async def mark(self) -> None:
        """A work is given, and one to three children get a mark for it."""
        room = self._chance.choice(self._school.classrooms)
        work = await self._give_work(room)
        if work is None:
            return
        children = self._chance.sample(room.children, self._chance.randint(1, 3))
        marked = [Marked(work, child, room, self._book.story(f"{work}:{child.id}", child.told)) for child in children]
        await self._set("marks set", marked, [self._chance.choice(_VALUES) for _ in marked])
        self._marks = [*self._marks[-_MOST_WORKS:], *marked]

    async def correct(self) -> None:
        """A mark is changed, or removed, or set again."""
        able = [marked for marked in self._marks if not (marked.story.busy or marked.story.over)]
        if not able:
            return
        marked = self._chance.choice(able)
        value = self._chance.choice([other for other in (*_VALUES, None) if other != marked.value])
        await self._set("marks corrected", [marked], [value])

    async def refused(self) -> None:
        """Marks of which one is impossible: all or nothing, so nobody hears of any."""
        room = self._chance.choice(self._school.classrooms)
        work = await self._give_work(room)
        if work is None:
            return
        students = [room.children[0].id, uuid4()]
        marks = {"marks": [{"studentId": str(student), "value": "5"} for student in students]}
        fact = self._book.fact("marks refused")
        request = self._client.send(room.teacher, "PUT", f"/v1/works/{work}/marks", marks, patient=self._patient())
        await self._decide(fact, request, refusal=422)

    async def attend(self) -> None:
        """A child is not there, or is after all."""
        able = [roll for roll in self._rolls if not (roll.busy or roll.over)]
        if not able:
            return
        roll = self._chance.choice(able)
        child = self._chance.choice(roll.classroom.children)
        absent = dict(roll.absent)
        says: Says = {"kind": "absence-corrected", "child": child.given_name}
        if absent.pop(child.id, None) is None:
            absent[child.id] = child
            says = {"kind": "absent-without-notice", "child": child.given_name}
        parents = {parent.id for parent in child.parents}
        story = roll.stories.get(child.id) or self._book.story(str(roll.lesson), parents)
        roll.stories[child.id] = story
        roll.busy = True
        fact = self._book.fact("absences told" if child.id in absent else "absences corrected")
        entries = {"entries": [{"studentId": str(student), "code": "absent"} for student in absent]}
        path = f"/v1/lessons/{roll.lesson}/attendance"
        request = self._client.send(roll.classroom.teacher, "PUT", path, entries, patient=self._patient())
        await self._decide(fact, request)
        self._tell(story, fact, says)
        roll.busy, roll.over = False, story.over
        if fact.state == "committed":
            roll.absent = absent

    async def homework(self) -> None:
        room = self._chance.choice(self._school.classrooms)
        mark = f"Тихомолвка {uuid4()}"
        due = self._school.today + timedelta(days=1)
        people = {account for child in room.children for account in child.told}
        body = {"dueOn": str(due), "text": mark}
        path = f"/v1/lessons/{self._chance.choice(room.lessons)}/homework"
        await self._post("homework", room, path, body, people, {"kind": "homework-set", "dueOn": str(due)}, mark)

    async def meeting(self) -> None:
        room = self._chance.choice(self._school.classrooms)
        mark = f"Тихомолвка {uuid4()}"
        starts = datetime.now(UTC) + timedelta(days=2)
        people = {parent.id for child in room.children for parent in child.parents}
        body = {
            "title": mark, "place": "12", "startsAt": starts.isoformat(),
            "endsAt": (starts + timedelta(hours=1)).isoformat(),
        }  # fmt: skip
        path = f"/v1/classes/{room.id}/meetings"
        await self._post("meetings", room, path, body, people, {"kind": "meeting-called", "title": mark}, mark)

    async def _post(
        self, kind: str, room: Classroom, path: str, body: dict[str, Any], people: set[UUID], says: Says, mark: str
    ) -> None:
        fact, story = self._book.fact(kind, mark), self._book.story(None, people)
        request = self._client.send(room.teacher, "POST", path, body, key=uuid4().hex, patient=self._patient())
        answer = await self._decide(fact, request)
        if answer is not None:
            story.entity = answer.json()["id"]
        self._tell(story, fact, says)

    async def _give_work(self, room: Classroom) -> str | None:
        body = {"lessonId": str(self._chance.choice(room.lessons)), "kind": "answer"}
        fact = self._book.fact("works")
        answer = await self._decide(fact, self._client.send(room.teacher, "POST", "/v1/works", body, key=uuid4().hex))
        return None if answer is None else str(answer.json()["id"])

    async def _set(self, kind: str, marked: list[Marked], values: list[str | None] | list[str]) -> None:
        marks: list[dict[str, Any]] = []
        for one, value in zip(marked, values, strict=True):
            one.story.busy = True
            marks.append({"studentId": str(one.child.id), "value": value, "comment": "Тихомолвка" if value else None})
            if self._chance.random() < 0.5:
                marks[-1]["version"] = one.version
        fact = self._book.fact(kind)
        path = f"/v1/works/{marked[0].work}/marks"
        request = self._client.send(marked[0].teacher.teacher, "PUT", path, {"marks": marks}, patient=self._patient())
        await self._decide(fact, request)
        for one, value in zip(marked, values, strict=True):
            self._tell(one.story, fact, _mark_says(one.value, value))
            if fact.state == "committed":
                one.value, one.version = value, one.version + 1

    def _tell(self, story: Story, fact: Fact, says: Says | None) -> None:
        """Writes into the book what the fact says, if it happened or may have happened."""
        if fact.state != "refused":
            story.steps.append(Step(fact, says))
        story.busy, story.over = False, fact.state == "uncertain"

    async def _decide(
        self, fact: Fact, request: Awaitable[httpx.Response], refusal: int | None = None
    ) -> httpx.Response | None:
        """Notes what became of a fact. The answer, if it was committed."""
        try:
            answer = await request
        except Unanswered:
            self._report.count("facts uncertain")
            return None
        if answer.is_success and refusal is None:
            fact.state = "committed"
            return answer
        fact.state = "refused"
        if answer.status_code != refusal:
            self._report.wrong("answers", f"{fact.kind}: {answer.status_code} {answer.text[:200]}")
        return None

    def _patient(self) -> bool:
        return self._chance.random() >= _HASTY


def _mark_says(old: str | None, new: str | None) -> Says:
    if old is None and new is not None:
        return {"kind": "mark-set", "value": new}
    return {"kind": "mark-corrected", "old": old or "", "value": new or "removed"}
