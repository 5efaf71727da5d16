"""Short ways to write and read messages in tests."""

from typing import Any
from uuid import UUID

from tests.world import Someone, World


async def write(world: World, author: Someone, to: Someone, text: str = "Здравствуйте!", **more: Any) -> dict[str, Any]:
    """A message about Ivan; returns what `writeToPerson` answers."""
    answer = await send(world, author, to, text, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def send(
    world: World, author: Someone, to: Someone, text: str = "Здравствуйте!", child: UUID | None = None, **more: Any
) -> Any:
    """The same, and its answer whatever it is."""
    path = f"/v1/children/{child or world.ivan}/people/{to.id}/messages"
    return await author.post(path, {"text": text} | more)


async def reply(author: Someone, thread: str, text: str = "Добрый день", **more: Any) -> dict[str, Any]:
    answer = await author.post(f"/v1/threads/{thread}/messages", {"text": text} | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def page(reader: Someone, thread: str, query: str = "") -> dict[str, Any]:
    answer = await reader.get(f"/v1/threads/{thread}{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def texts(reader: Someone, thread: str) -> list[str | None]:
    """Newest first."""
    return [item["text"] for item in (await page(reader, thread))["items"]]


async def threads(reader: Someone, query: str = "") -> list[dict[str, Any]]:
    answer = await reader.get(f"/v1/threads{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])
