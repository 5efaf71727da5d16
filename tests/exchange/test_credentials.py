"""Credentials of a class on paper: for whom, what is printed, and that it opens the door."""

import asyncio
import io
import re
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from backend.core.ids import new_id
from backend.exchange.slips import Sheet, Slip, draw
from backend.identity.passwords import Passwords
from backend.identity.service import issue_one_time_passwords
from backend.school.models import Guardianship
from tests.exchange.files import one, rows_of, run
from tests.exchange.test_class_list_http import NOVIKOV, bring
from tests.identity.test_sign_in import sign_in
from tests.world import STARTS, Someone, World

SIGNED_IN = ("mother", "father", "student", "neighbour")


def path(world: World) -> str:
    return f"/v1/classes/{world.school.class_id}/credentials"


async def issue(world: World, who: Someone, whom: str = "both", renew: bool = False, **headers: str) -> httpx.Response:
    return await who.post(path(world), {"for": whom, "renew": renew}, **headers)


def printed(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/pdf"), answer.text
    return text_of(answer.content)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def passwords(text: str) -> dict[str, str]:
    """login -> one-time password, as somebody reads them from the sheet."""
    return dict(re.findall(r"Логин\n(\S+)\nОдноразовый пароль\n(\S+)", text))


async def a_new_family(world: World) -> None:
    """Lev Novikov and his parents come to 5А; nobody of them has signed in yet."""
    parents = {"Родитель 1": "Новикова Яна Ильинична", "Родитель 2": "Новиков Пётр Львович"}
    assert (await bring(world, world.administrator, [NOVIKOV | parents])).is_success


async def test_the_printed_password_opens_the_door(world: World) -> None:
    await a_new_family(world)
    answer = await issue(world, world.class_teacher)
    text = printed(answer)
    assert answer.headers["cache-control"] == "no-store"
    for name in ("Новиков Лев", "Новикова Яна Ильинична", "Новиков Пётр Львович", "Школа № 5", "5А"):
        assert name in text
    assert "Ребёнок: Новиков Лев" in text
    assert "до 18 декабря 2026, 12:00" in text
    found = passwords(text)
    assert list(found) == ["novikov.lev", "novikova.iana", "novikov.petr"], "a child, then the parents"
    for login, password in found.items():
        tokens = await sign_in(world, login, password)
        assert (tokens.status_code, tokens.json()["mustSetPassword"]) == (201, True)


async def test_who_has_an_own_password_keeps_it(world: World) -> None:
    await a_new_family(world)
    printed(await issue(world, world.class_teacher))
    assert (await world.student.get("/v1/me")).status_code == 200
    kept = await rows_of(world.database, "SELECT login FROM account WHERE password_state = 'set' AND login = ANY (:l)",
                         l=list(SIGNED_IN))  # fmt: skip
    assert len(kept) == len(SIGNED_IN)
    # Until a password is set, a second sheet replaces the first one.
    again = passwords(printed(await issue(world, world.administrator)))
    assert set(again) == {"novikov.lev", "novikova.iana", "novikov.petr"}
    assert (await sign_in(world, "novikov.lev", again["novikov.lev"])).status_code == 201


async def test_renewing_is_for_everybody_of_the_class_and_signs_them_out(world: World) -> None:
    found = passwords(printed(await issue(world, world.administrator, renew=True)))
    assert set(found) == set(SIGNED_IN)
    assert (await world.student.get("/v1/me")).json()["code"] == "session-ended"
    assert (await sign_in(world, "student", found["student"])).status_code == 201


@pytest.mark.parametrize(
    ("whom", "logins"), [("students", {"student"}), ("parents", {"mother", "father", "neighbour"})]
)
async def test_for_students_or_parents_only(world: World, whom: str, logins: set[str]) -> None:
    assert set(passwords(printed(await issue(world, world.administrator, whom, renew=True)))) == logins


async def test_people_beyond_the_right_are_left_out_and_counted(world: World) -> None:
    """The mother has a child at another school, the deputy works here: an administrator answers for both."""
    link = Guardianship(
        id=new_id(), school_id=world.school.id, student_id=world.pyotr, account_id=world.deputy.id, kind="mother",
        may_view=True, may_file_absence=True, receives_push=True, contact_order=2, starts=STARTS,
    )  # fmt: skip
    await world.add(link)
    answer = await issue(world, world.class_teacher, renew=True)
    assert set(passwords(printed(answer))) == {"student", "father", "neighbour"}
    assert answer.headers["x-left-out"] == "2"
    full = await issue(world, world.administrator, renew=True)
    assert full.headers["x-left-out"] == "0"
    assert {"mother", "deputy"} < set(passwords(printed(full)))


async def test_nobody_signs_themselves_out(world: World) -> None:
    link = Guardianship(
        id=new_id(), school_id=world.school.id, student_id=world.pyotr, account_id=world.administrator.id,
        kind="father", may_view=True, may_file_absence=True, receives_push=True, contact_order=2, starts=STARTS,
    )  # fmt: skip
    await world.add(link)
    answer = await issue(world, world.administrator, renew=True)
    assert "administrator" not in passwords(printed(answer))
    assert (await world.administrator.get("/v1/me")).status_code == 200


async def test_a_deputy_who_leads_the_class_issues_as_its_class_teacher(world: World) -> None:
    assert (await issue(world, world.deputy, renew=True)).status_code == 404
    await run(world.database, "UPDATE school_class SET class_teacher_id = :id WHERE id = :class_id",
              id=world.deputy.id, class_id=world.school.class_id)  # fmt: skip
    assert (await issue(world, world.deputy, renew=True)).status_code == 201


async def test_where_nothing_is_to_be_issued_no_empty_sheet_is_printed(world: World) -> None:
    answer = await issue(world, world.class_teacher)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-issue")


async def test_a_child_without_parents_gets_a_code_that_a_parent_attaches_it_by(world: World) -> None:
    assert (await bring(world, world.administrator, [NOVIKOV])).is_success
    text = printed(await issue(world, world.class_teacher, "parents"))
    (code,) = re.findall(r"Код\n(\S+)", text)
    assert passwords(text) == {}
    attached = await world.stranger.post("/v1/me/children", {"code": code})
    assert (attached.status_code, attached.json()["familyName"]) == (201, "Новиков")
    # From now on somebody stands behind the child.
    assert (await issue(world, world.class_teacher, "parents")).status_code == 409


async def test_a_parent_of_two_in_the_class_has_one_slip(world: World) -> None:
    link = Guardianship(
        id=new_id(), school_id=world.school.id, student_id=world.ivan, account_id=world.neighbour.id, kind="guardian",
        may_view=True, may_file_absence=True, receives_push=True, contact_order=3, starts=STARTS,
    )  # fmt: skip
    await world.add(link)
    text = printed(await issue(world, world.class_teacher, "parents", renew=True))
    assert text.count("neighbour") == 1
    assert "Дети: Петров Иван, Петров Пётр" in text


async def test_a_closed_account_and_a_former_guardian_get_none(world: World) -> None:
    await run(world.database, "UPDATE account SET disabled_at = now() WHERE id = :id", id=world.student.id)
    found = passwords(printed(await issue(world, world.administrator, renew=True)))
    assert set(found) == {"mother", "father", "neighbour"}


async def test_in_english(world: World) -> None:
    text = printed(await issue(world, world.administrator, renew=True, **{"accept-language": "en"}))
    assert "One-time password" in text
    assert "until 18 December 2026, 12:00" in text


async def test_a_class_with_50_parents_in_one_request(world: World) -> None:
    rows = [
        NOVIKOV | {"Имя": f"Лев{letter}", "Родитель 1": f"Новикова {letter}на", "Родитель 2": f"Новиков {letter}р"}
        for letter in "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩ"
    ]
    assert (await bring(world, world.administrator, rows)).is_success
    answer = await issue(world, world.class_teacher)
    found = passwords(printed(answer))
    assert len(found) == 75
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 10
    assert len(set(found.values())) == 75


async def test_what_is_printed_is_written_nowhere(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    await a_new_family(world)
    found = passwords(printed(await issue(world, world.class_teacher)))
    hashed = [row for (row,) in await rows_of(world.database, "SELECT password_hash FROM account")]
    assert all(value.startswith("$argon2id$") for value in hashed if value not in (None, "none"))
    output = "".join(capfd.readouterr())
    assert not any(secret in output for secret in (*found, *found.values()))


class Paused(Passwords):
    """Passwords whose hashing waits until it is let go: a class takes a second or two."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def hash(self, password: str) -> str:
        self.reached.set()
        await self.go_on.wait()
        return await super().hash(password)


async def test_a_password_set_while_the_sheet_is_made_stays(world: World) -> None:
    paused, now = Paused(), world.clock.now
    await run(
        world.database,
        "UPDATE account SET password_state = 'none', password_hash = NULL WHERE id = :id",
        id=world.father.id,
    )

    async def issue_to_both() -> set[UUID]:
        async with world.database.transaction() as session:
            people = {world.father.id, world.mother.id}
            return set(await issue_one_time_passwords(session, people, paused, now, renew=False))

    under_way = asyncio.create_task(issue_to_both())
    await paused.reached.wait()
    await run(
        world.database,
        "UPDATE account SET password_state = 'set', password_hash = 'own' WHERE id = :id",
        id=world.father.id,
    )
    paused.go_on.set()
    assert await under_way == set()
    assert await one(world.database, "SELECT password_hash FROM account WHERE id = :id", id=world.father.id) == "own"


def test_long_names_and_letters_of_other_alphabets_find_their_place(now: datetime) -> None:
    until = now + timedelta(days=30)
    slips = [
        Slip("Константинопольская-Александрийская Екатерина Владиславовна кызы " * 3, [], "a" * 90, "secret", until),
        Slip("Әхмәтҗанов Үзбәк Һади улы", ["Ғаббасова Ҡәләмйән"], "akhmat", "secret", until),
    ]
    text = text_of(draw(slips, Sheet("Школа № 5", "5А", "Europe/Moscow", "https://diary.example", [], "ru")))
    assert "Әхмәтҗанов Үзбәк Һади улы" in text
    assert "a" * 90 in text
    assert "https://diary.example" in text
