"""Who feeds a school: credentials, and what they open."""

import re

from litestar import Litestar
from sqlalchemy import text

from backend.core.ids import new_id
from tests.exchange.feeding import Journal, give_journal
from tests.test_wrong_person import (
    ABOUT_ONESELF,
    OPERATIONS,
    SCENES,
    SEPTEMBER,
    WITHOUT_SIGN_IN,
    filled,
    operations,
)
from tests.world import World, carried


async def test_a_credential_is_told_once_and_recognised_by_its_beginning(world: World) -> None:
    journal = await give_journal(world, "Журнал")
    path = f"/v1/schools/{world.school.id}/feed-credentials"
    (before,) = (await world.administrator.get(path)).json()["items"]
    assert journal.token.startswith(before["prefix"] + "_")
    assert (before["name"], before["madeByName"], before["lastUsedAt"]) == ("Журнал", "Петров Олег", None)
    await journal.send()
    listed = (await world.administrator.get(path)).text
    assert '"lastUsedAt":"2026-11-18T09:00:00Z"' in listed
    secret = journal.token.rpartition("_")[2]
    assert secret not in listed
    async with world.database.transaction() as session:
        stored = (await session.execute(text("SELECT digest FROM feed_credential"))).scalar_one()
    assert bytes.fromhex(secret) != stored
    assert len(stored) == 32


async def test_revoked_it_opens_nothing_at_once_and_the_first_word_holds(world: World) -> None:
    journal = await give_journal(world)
    assert (await journal.send()).status_code == 200
    path = f"/v1/schools/{world.school.id}/feed-credentials/{journal.credential_id}"
    first = (await world.administrator.delete(path)).json()["revokedAt"]
    assert (await journal.send()).status_code == 401
    world.clock.move(minutes=1)
    assert (await world.administrator.delete(path)).json()["revokedAt"] == first


async def test_what_is_no_credential_that_holds(world: World) -> None:
    journal = await give_journal(world)
    other = await give_journal(world, "Другой")
    mixed = "_".join([*journal.token.split("_")[:2], other.token.split("_")[2]])
    for token in (mixed, journal.token[:-1], journal.token + "0", "mdf__", "mdf_x_y", "", world.administrator.token):
        wrong = Journal(world, journal.here, token, journal.credential_id)
        answer = await wrong.send()
        assert (token, answer.status_code, answer.json()["code"]) == (token, 401, "feed-credential-unknown")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_it_writes_for_its_own_school_only(world: World) -> None:
    journal = await give_journal(world)
    there = world.elsewhere
    assert await journal.outcomes(
        lessons=[
            journal.lesson(group=str(there.group_id)), journal.lesson("L2", subject=str(there.mathematics)),
            journal.lesson("L3", teacher=str(world.foreign_teacher.id)),
        ],
        works=[{"externalId": "W1", "lesson": str(world.foreign_lesson), "kind": "test"}],
        absences=[
            journal.absence(lesson=str(world.foreign_lesson)),
            journal.absence("A2", lesson=str(world.lesson), student=str(world.oleg)),
        ],
    ) == {"lessons": ["unknown"] * 3, "works": ["unknown"], "absences": ["unknown", "unknown"]}  # fmt: skip


async def test_it_opens_nothing_but_the_feed(world: World, app: Litestar) -> None:
    journal = await give_journal(world)
    headers = {"authorization": f"Bearer {journal.token}"}
    made = dict.fromkeys((*SCENES, *SEPTEMBER), str(new_id())) | {"bells": ""}
    for name, (_, method, path, body) in OPERATIONS.items():
        answer = await world.client.request(
            method, filled(path, world, made), **carried(filled(body, world, made), headers)
        )
        assert (name, answer.status_code) == (name, 401)
    told = operations(app)
    reads = [name for name in ABOUT_ONESELF - WITHOUT_SIGN_IN if "GET" in told[name].http_methods]
    assert len(reads) > 5
    for name in reads:
        (path,) = told[name].paths
        path = re.sub(r"\{[^}]*\}", str(new_id()), path)
        answer = await world.client.get(f"/v1{path}", params={"day": str(world.today)}, headers=headers)
        assert (name, answer.status_code) == (name, 401)
