"""Giving homework."""

from datetime import timedelta

import pytest

from tests.world import World


@pytest.mark.parametrize(
    ("days", "text", "pointer", "code"),
    [(-1, "§ 1", "/dueOn", "before-the-lesson"), (200, "§ 1", "/dueOn", "too-far"), (1, "", "/text", "out-of-range")],
)
async def test_what_is_refused(world: World, days: int, text: str, pointer: str, code: str) -> None:
    body = {"dueOn": str(world.today + timedelta(days=days)), "text": text}
    answer = await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_it_stands_on_the_journal_page_and_in_the_diary_even_on_a_day_without_the_lesson(world: World) -> None:
    saturday = str(world.today + timedelta(days=3))
    body = {"dueOn": saturday, "text": "Прочитать с. 10–20", "minutes": 30, "mandatory": False}
    assert (await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)).status_code == 201
    page = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()
    assert [item["text"] for item in page["homework"]] == ["Прочитать с. 10–20"]
    day = (await world.student.get(f"/v1/children/{world.ivan}/day?day={saturday}")).json()
    assert [(item["text"], item["mandatory"], item["minutes"]) for item in day["homework"]] == [
        ("Прочитать с. 10–20", False, 30)
    ]
