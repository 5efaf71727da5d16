"""A school whose journal lives elsewhere: its credential, and the rows of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx

from tests.world import SchoolHere, Someone, World

Rows = list[dict[str, Any]]


@dataclass
class Journal:
    """Another journal that feeds a school."""

    world: World
    here: SchoolHere
    token: str
    credential_id: UUID

    async def send(self, **body: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return await self.world.client.post("/v1/feed", json={"alerts": "auto"} | body, headers=headers)

    async def outcomes(self, **body: Any) -> dict[str, list[str]]:
        """What became of the rows, by kind; of a refused one the code of each of its errors."""
        answer = await self.send(**body)
        assert answer.status_code == 200, answer.text
        return {
            kind: [
                " ".join(error["code"] for error in row["errors"]) if row["outcome"] == "refused" else row["outcome"]
                for row in rows
            ]
            for kind, rows in answer.json().items()
            if rows
        }

    def lesson(self, external: str = "L1", number: int = 6, days: int = 0, **more: Any) -> dict[str, Any]:
        """A lesson of mathematics in 5А, so many days from now."""
        starts = self.world.clock.now + timedelta(days=days, hours=number - 3)
        return {
            "externalId": external, "group": str(self.here.group_id), "subject": str(self.here.mathematics),
            "teacher": str(self.world.teacher.id), "number": number, "startsAt": starts.isoformat(),
            "endsAt": (starts + timedelta(minutes=45)).isoformat(),
        } | more  # fmt: skip

    def mark(self, external: str = "M1", value: str = "5", student: UUID | None = None, **more: Any) -> dict[str, Any]:
        student = student or self.world.ivan
        return {"externalId": external, "work": "W1", "student": str(student), "value": value} | more

    def absence(self, external: str = "A1", code: str = "absent", **more: Any) -> dict[str, Any]:
        return {"externalId": external, "lesson": "L1", "student": str(self.world.ivan), "code": code} | more

    def homework(self, external: str = "H1", text: str = "§ 12", **more: Any) -> dict[str, Any]:
        due = self.world.today + timedelta(days=2)
        return {"externalId": external, "lesson": "L1", "dueOn": str(due), "text": text} | more

    def day(self, days: int = 0) -> dict[str, Rows]:
        """One of each kind."""
        due = self.world.today + timedelta(days=days + 2)
        return {
            "lessons": [self.lesson(days=days)],
            "works": [work()],
            "marks": [self.mark()],
            "absences": [self.absence(student=str(self.world.pyotr))],
            "homework": [self.homework(dueOn=str(due))],
        }


def work(external: str = "W1", lesson: str = "L1", kind: str = "test", **more: Any) -> dict[str, Any]:
    return {"externalId": external, "lesson": lesson, "kind": kind} | more


async def give_journal(world: World, name: str = "Электронный журнал", **more: Any) -> Journal:
    """A credential of the school, made by its administrator."""
    path = f"/v1/schools/{world.school.id}/feed-credentials"
    made = await world.administrator.post(path, {"name": name} | more)
    assert made.status_code == 201, made.text
    return Journal(world, world.school, made.json()["token"], UUID(made.json()["credential"]["id"]))


async def seen(world: World, someone: Someone, day: date | None = None) -> dict[str, Any]:
    """Ivan's day as somebody sees it."""
    answer = await someone.get(f"/v1/children/{world.ivan}/day?day={day or world.today}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def kinds_told(someone: Someone) -> list[str]:
    """What is in somebody's inbox, by kind, oldest first."""
    items = (await someone.get("/v1/alerts")).json()["items"]
    return [item["kind"] for item in reversed(items)]
