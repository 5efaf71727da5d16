"""Users to accounts. Who a user is (student, teacher, parent ...) comes from users.csv or roles.csv."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from backend.core.ids import new_id
from backend.core.values import PersonName, email, phone, snils, tidy
from backend.exchange.oneroster.bundle import Bundle, Record
from backend.exchange.oneroster.tables import ORGS, PROFILES, ROLES, USERS, kept
from backend.exchange.oneroster.work import Work
from backend.exchange.report import NewAccount
from backend.identity import logins
from backend.identity import roster as accounts
from backend.school import roster

STAFF = {
    "teacher": "teacher",
    "administrator": "administrator",
    "siteAdministrator": "administrator",
    "principal": "director",
}
"""Role of the file to role at the school. Rights that reach beyond a school are never taken from a file."""

FAMILY = {"parent": "parent", "guardian": "guardian"}
"""Role of the file to kind of guardianship. A `relative` is no legal representative (DOMAIN.md section 1)."""

_TAKEN = ("givenName", "familyName", "middleName", "email")


class Stated(NamedTuple):
    """A role's first day, where the file says one; `fresh`: it is in this file."""

    starts: date | None
    fresh: bool


@dataclass(slots=True)
class Person:
    """A user with the roles that matter here: staff roles by school, whether student, whether parent."""

    record: Record
    student_at: list[str] = field(default_factory=list)
    staff_at: dict[tuple[str, str], Stated] = field(default_factory=dict)
    family: str | None = None

    @property
    def main_role(self) -> str | None:
        if self.student_at:
            return "student"
        if self.staff_at:
            return next(iter(self.staff_at))[1]
        return self.family

    @property
    def name(self) -> PersonName:
        text = self.record.text
        return PersonName(tidy(text("familyName")), tidy(text("givenName")), tidy(text("middleName")) or None)


def persons(bundle: Bundle, report_unused: dict[str, int]) -> dict[str, Person]:
    """All users of the bundle by sourcedId. Roles without a place here are counted in `report_unused`."""
    found = {id_: Person(record) for id_, record in bundle[USERS].records.items()}
    if bundle.version == "1.1":
        for person in found.values():
            for org in person.record.ids("orgSourcedIds"):
                stated = Stated(None, person.record.fresh)
                _give(bundle, person, person.record.text("role"), org, stated, report_unused)
    else:
        ordered = sorted(bundle[ROLES].records.values(), key=lambda role: role.text("roleType") != "primary")
        for role in ordered:
            owner = found.get(role.text("userSourcedId"))
            if owner is not None:
                stated = Stated(role.day("beginDate"), role.fresh)
                _give(bundle, owner, role.text("role"), role.text("orgSourcedId"), stated, report_unused)
    return found


def _give(bundle: Bundle, person: Person, role: str, org: str, stated: Stated, unused: dict[str, int]) -> None:
    if role in FAMILY:
        person.family = person.family or FAMILY[role]
        return
    above = bundle[ORGS].records.get(org)
    at_school = above is not None and above.text("type") == "school"
    if role == "student" and at_school:
        person.student_at.append(org)
    elif role in STAFF and at_school:
        person.staff_at.setdefault((org, STAFF[role]), stated)
    elif stated.fresh:
        unused[role] = unused.get(role, 0) + 1


async def map_accounts(work: Work, people: dict[str, Person]) -> None:
    """Makes an account for each user with a role here, and follows changed names.

    A user is known by the sourcedId only. A login that another account already has is never a reason
    to become that account: the new one gets another login, and a warning says so.
    """
    used = {id_: person for id_, person in people.items() if person.main_role is not None}
    await work.links.load(work.session, "user", list(used))
    links = {id_: work.links.find("user", id_) for id_ in used}
    known = await accounts.accounts_by_id(work.session, [link.entity_id for link in links.values() if link])
    changed: list[dict[str, Any]] = []
    new: dict[str, Person] = {}
    for id_, person in used.items():
        link = links[id_]
        account = known.get(link.entity_id) if link else None
        if account is None:
            if person.record.fresh:
                new[id_] = person
            continue
        work.accounts[id_] = account.id
        if person.record.fresh and link is not None:
            row = _changes(account, person, was_enabled=link.kept.get("enabledUser", "true"), now=work.now)
            if row:
                changed.append(row | {"id": account.id})
    changed = await _spare_others(work, changed)
    await accounts.change_accounts(work.session, changed)
    await _make(work, new)
    profiles: dict[str, list[dict[str, str]]] = {}
    for record in work.bundle[PROFILES].records.values():
        profiles.setdefault(record.text("userSourcedId"), []).append(kept(record.raw, "userSourcedId"))
    for id_, person in used.items():
        if person.record.fresh:
            aside = _aside(person)
            if id_ in profiles:
                aside["userProfiles"] = profiles[id_]
            work.links.put("user", id_, work.accounts[id_], aside)
    count = work.report.of("account")
    count.created, count.updated = len(new), len(changed)
    count.unchanged = len(used) - len(new) - len(changed)


def _changes(account: accounts.KnownAccount, person: Person, *, was_enabled: str, now: datetime) -> dict[str, Any]:
    """Names follow the file; e-mail and phone are only filled in, because people change and confirm them."""
    wanted: dict[str, Any] = {
        "family_name": person.name.family,
        "given_name": person.name.given,
        "patronymic": person.name.patronymic or account.patronymic,
        "email": account.email or email(person.record.text("email")),
        "phone": account.phone or _phone(person.record),
    }
    enabled = person.record.flag("enabledUser", True)
    if enabled != (was_enabled.lower() == "true"):
        wanted["disabled_at"] = None if enabled else (account.disabled_at or now)
    return {name: value for name, value in wanted.items() if getattr(account, name) != value}


async def _spare_others(work: Work, changed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A school cannot shut out a person who also belongs to a school that this file does not hold."""
    closing = [row["id"] for row in changed if row.get("disabled_at") is not None]
    spared = await roster.elsewhere(work.session, closing, work.school_ids) if closing else set()
    for row in changed:
        if row["id"] in spared:
            del row["disabled_at"]
            work.report.warn("An account that is disabled in users.csv stays open: another school uses it too.")
    return [row for row in changed if len(row) > 1]


async def _make(work: Work, new: dict[str, Person]) -> None:
    asked = {id_: _login(person) for id_, person in new.items()}
    given = await logins.make_unique(work.session, asked)
    rows = []
    for id_, person in new.items():
        if given[id_] != asked[id_]:
            place = f"{USERS}, row {person.record.row}"
            work.report.warn(f"{place}: the login {asked[id_]} belongs to another account; {given[id_]} was given.")
        work.accounts[id_] = account_id = new_id()
        rows.append(_account_row(account_id, given[id_], person, work.now))
        work.report.accounts.append(NewAccount(account_id, given[id_], str(person.name), person.main_role or ""))
    await accounts.add_accounts(work.session, rows)


def _account_row(id_: UUID, login: str, person: Person, now: datetime) -> dict[str, Any]:
    return {
        "id": id_,
        "login": login,
        "family_name": person.name.family,
        "given_name": person.name.given,
        "patronymic": person.name.patronymic,
        "language": "ru",
        "email": email(person.record.text("email")),
        "phone": _phone(person.record),
        "password_state": "none",
        "disabled_at": None if person.record.flag("enabledUser", True) else now,
        "created_at": now,
    }


def _login(person: Person) -> str:
    return logins.wanted(person.record.text("username")) or logins.from_name(person.name)


def _phone(record: Record) -> str | None:
    return phone(record.text("phone")) or phone(record.text("sms"))


def _aside(person: Person) -> dict[str, Any]:
    """What is kept of a user: who it refers to, what has no column here, and what could not be read."""
    record = person.record
    taken = {*_TAKEN, *(name for name in ("phone", "sms") if phone(record.text(name)))}
    aside: dict[str, Any] = kept(record.raw, *taken)
    if any(snils(part.strip(" {}").rpartition(":")[2]) for part in record.text("userIds").split(",")):
        # A SNILS is stored sealed or not at all.
        aside.pop("userIds")
    schools = [*person.student_at, *(school for school, _ in person.staff_at)]
    if schools:
        aside["schools"] = ",".join(dict.fromkeys(schools))
    return aside
