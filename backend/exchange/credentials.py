"""One-time passwords for a class, as slips to be printed. Nothing of them is kept but the hashes."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict
from backend.core.settings import Settings
from backend.exchange.slips import Sheet, Slip, draw
from backend.identity.acting import Acting
from backend.identity.passwords import Passwords
from backend.identity.service import issue_one_time_passwords
from backend.school import repository, rights, roster
from backend.school.rights import ClassAccess
from backend.school.service import issue_attach_code
from schemas.exchange import IssueCredentials


@dataclass(frozen=True, slots=True)
class Printed:
    """`left_out`: to how many people of the class the caller may not issue."""

    pdf: bytes
    left_out: int


@dataclass(slots=True)
class _Child:
    """A student with those who get a slip for it, by account. A parent of two stands at the first."""

    id: UUID
    name: str
    people: dict[UUID, "_Person"] = field(default_factory=dict)
    needs_code: bool = False


@dataclass(slots=True)
class _Person:
    """Somebody with an account. `children` are those of a parent."""

    name: str
    children: list[str] = field(default_factory=list)


async def issue_credentials(
    session: AsyncSession,
    acting: Acting,
    passwords: Passwords,
    settings: Settings,
    class_id: UUID,
    wish: IssueCredentials,
    language: str,
    now: datetime,
) -> Printed:
    """New one-time passwords for a class, and attach codes for children of whom nobody is a guardian yet.

    Who has a password of their own keeps it unless `renew`. Nobody renews the own one: it would sign them out.

    Raises:
        NotFound: not the class teacher or the administrator.
        Conflict: there is nobody to print for (`nothing-to-issue`).
    """
    led = await rights.class_to_admit(session, acting.account_id, class_id, now)
    children = _children(await repository.class_list(session, class_id, led.today), wish)
    people = {id_ for child in children for id_ in child.people}
    allowed = await rights.may_have_credentials(session, acting.account_id, people, now) - {acting.account_id}
    issued = await issue_one_time_passwords(session, allowed, passwords, now, renew=wish.renew)
    slips = []
    for child in children:
        slips += [
            Slip(person.name, person.children, given.login, given.password, given.valid_until)
            for id_, person in child.people.items()
            if (given := issued.get(id_))
        ]
        if child.needs_code:
            code = await issue_attach_code(session, acting, settings.keys, class_id, child.id, now)
            slips.append(Slip(child.name, [], None, code.code, code.valid_until))
    if not slips:
        raise Conflict(code="nothing-to-issue")
    sheet = await _sheet(session, settings, led, language)
    return Printed(await asyncio.to_thread(draw, slips, sheet), len(people - allowed))


def _children(rows: list[dict[str, Any]], wish: IssueCredentials) -> list[_Child]:
    """Who of the class is meant, in the order of the class list."""
    parents: dict[UUID, _Person] = {}
    children = []
    for row in rows:
        name = " ".join(filter(None, (row["family_name"], row["given_name"], row["patronymic"])))
        child = _Child(row["id"], name)
        children.append(child)
        if wish.whom != "parents" and row["account_id"]:
            child.people[row["account_id"]] = _Person(name)
        if wish.whom == "students":
            continue
        child.needs_code = not row["guardians"]
        for guardian in row["guardians"]:
            id_ = UUID(guardian["accountId"])
            if id_ not in parents:
                parents[id_] = child.people[id_] = _Person(guardian["name"])
            parents[id_].children.append(name)
    return children


async def _sheet(session: AsyncSession, settings: Settings, led: ClassAccess, language: str) -> Sheet:
    school = (await roster.schools(session, [led.school_id]))[led.school_id]
    contacts = [part for part in (settings.support_email, settings.support_phone) if part]
    return Sheet(school.short_name, led.name, led.timezone, settings.app_address, contacts, language)
