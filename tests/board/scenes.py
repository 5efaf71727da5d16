"""What tests of the board begin with."""

from datetime import date, timedelta
from typing import Any

from backend.board.jobs import tell_due_announcements
from backend.core.ids import new_id
from backend.school.models import SchoolClass
from push.pacing import bulk_opens
from push.worker import Worker
from tests.push.fixtures import deliver
from tests.world import Someone, World


def path(world: World, things: str = "announcements") -> str:
    return f"/v1/schools/{world.school.id}/{things}"


async def publish(world: World, who: Someone | None = None, **wish: Any) -> Any:
    """Of the class teacher, to the parents of 5А, unless said otherwise."""
    body = {
        "title": "Каток в субботу", "text": "В десять у школы", "to": ["parents"],
        "classIds": [str(world.school.class_id)],
    } | wish  # fmt: skip
    return await (who or world.class_teacher).post(path(world), body)


async def published(world: World, who: Someone | None = None, **wish: Any) -> str:
    """The id of a new announcement."""
    answer = await publish(world, who, **wish)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def tell_due(world: World) -> int:
    async with world.database.transaction() as session:
        return await tell_due_announcements(session, world.clock.now)


async def deliver_bulk(world: World, worker: Worker) -> None:
    """Lets a worker do all that is due, when the bulk lane may send: not around the quarter hours."""
    world.clock.now = bulk_opens(world.clock.now)
    await deliver(worker)


async def titles(who: Someone, query: str = "") -> list[str]:
    """What concerns somebody now."""
    return [item["title"] for item in (await who.get(f"/v1/announcements{query}")).json()["items"]]


async def kinds(who: Someone) -> list[str]:
    """The inbox, newest first."""
    return [item["kind"] for item in (await who.get("/v1/alerts")).json()["items"]]


async def texts(who: Someone) -> list[str]:
    """What the inbox says, newest first."""
    return [item["text"] for item in (await who.get("/v1/alerts")).json()["items"]]


async def add_class(world: World, letter: str) -> SchoolClass:
    """A further fifth class, without a class teacher."""
    made = SchoolClass(
        id=new_id(), school_id=world.school.id, year_id=world.school.year_id, grade=5, letter=letter,
        class_teacher_id=None,
    )  # fmt: skip
    await world.add(made)
    return made


def in_days(world: World, days: int) -> date:
    return world.today + timedelta(days=days)
