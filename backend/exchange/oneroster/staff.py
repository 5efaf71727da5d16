"""The roles of staff at their schools."""

from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from backend.exchange.links import Link
from backend.exchange.oneroster.people import Person, Stated
from backend.exchange.oneroster.tables import ROLES, USERS, kept
from backend.exchange.oneroster.work import Work
from backend.school import roster
from backend.school.models import SchoolRole


class _Role(NamedTuple):
    """A role at a school; `user` and `school` are the file's sourcedIds."""

    user: str
    school: str
    role: str

    def key(self, work: Work) -> tuple[UUID, UUID, str]:
        return work.accounts[self.user], work.schools[self.school], self.role

    def __str__(self) -> str:
        return f"{self.user}@{self.school}:{self.role}"


async def map_staff(work: Work, people: dict[str, Person]) -> None:
    """Gives and ends roles at schools. A role that people ended here is not given again."""
    wanted = {
        _Role(id_, school, role): stated
        for id_, person in people.items()
        for (school, role), stated in person.staff_at.items()
        if id_ in work.accounts and school in work.schools
    }
    for role in wanted:
        work.staff.setdefault(role.user, set()).add(role.school)
    rows = await roster.of_schools(work.session, SchoolRole, work.school_ids)
    stored = {(row.account_id, row.school_id, row.role): row for row in rows}
    names = await work.links.load_of(work.session, "school_role", [row.account_id for row in rows])
    created: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for role, stated in wanted.items():
        if stated.fresh:
            place = f"{USERS}, row {people[role.user].record.row}"
            _give(work, role, stated, stored.get(role.key(work)), names.get(str(role)), created, changed, place)
    ended = _dismiss(work, wanted, stored, names)
    await roster.change_roles(work.session, [*changed, *ended])
    await roster.add(work.session, SchoolRole, created)
    _remember_rows(work)
    count = work.report.of("school_role")
    count.created, count.updated, count.ended = len(created), len(changed), len(ended)
    count.unchanged = len(wanted) - len(created) - len(changed)


def _give(
    work: Work, role: _Role, stated: Stated, row: SchoolRole | None, link: Link | None,
    created: list[dict[str, Any]], changed: list[dict[str, Any]], place: str,
) -> None:  # fmt: skip
    account, school, name = role.key(work)
    identity = {"account_id": account, "school_id": school, "role": name}
    if row is None:
        created.append(identity | {"starts": stated.starts or _first_day(work, role.school), "ends": None})
    elif row.ends is not None and link is not None and link.kept.get("until") == row.ends.isoformat():
        changed.append(identity | {"ends": None})
    elif row.ends is not None and row.ends < work.today:
        work.report.warn(f"{place}: the role {name} was ended in the diary by hand and stays ended.")
        return
    work.links.put("school_role", str(role), account, {"until": None})


def _first_day(work: Work, school: str) -> date:
    """From the beginning of the running school year: its journal so far is the teacher's too."""
    starts = [
        year.starts for (_, of), year in work.years.items() if of == school and year.starts <= work.today <= year.ends
    ]
    return min(starts, default=work.today)


def _dismiss(
    work: Work,
    wanted: dict[_Role, Stated],
    stored: dict[tuple[UUID, UUID, str], SchoolRole],
    names: dict[str, Link],
) -> list[dict[str, Any]]:
    """Ends the roles that this sender gave and gives no more."""
    schools = {id_: school for school, id_ in work.schools.items()}
    keep = {str(role) for role in wanted}
    said: dict[UUID, list[str]] = {}
    for known, link in names.items():
        said.setdefault(link.entity_id, []).append(known)
    ended: list[dict[str, Any]] = []
    staying = {role.key(work)[:2] for role in wanted}
    for (account, school_id, name), row in stored.items():
        if row.ends is not None and row.ends < work.today:
            continue
        suffix = f"@{schools[school_id]}:{name}"
        given = [known for known in said.get(account, []) if known.endswith(suffix)]
        if not given or any(not _gone(work, known, suffix, keep) for known in given):
            staying.add((account, school_id))
            continue
        last = max(row.starts, work.today - timedelta(days=1))
        if row.ends != last:
            ended.append({"account_id": account, "school_id": school_id, "role": name, "ends": last})
        for known in given:
            work.links.put("school_role", known, account, {"until": last.isoformat()})
    for item in ended:
        if (item["account_id"], item["school_id"]) not in staying:
            work.dismissed.setdefault(item["school_id"], set()).add(item["account_id"])
    return ended


def _gone(work: Work, known: str, suffix: str, keep: set[str]) -> bool:
    return known not in keep and work.judges_user(known.removesuffix(suffix))


def _remember_rows(work: Work) -> None:
    """Keeps the rows of roles.csv, so that a delta file may change one of several roles of a user."""
    for record in work.bundle[ROLES].fresh:
        account = work.accounts.get(record.text("userSourcedId"))
        if account is not None:
            work.links.put("role", record.id, account, kept(record.raw))
    for external in work.bundle[ROLES].deleted:
        link = work.links.find("role", external)
        if link is not None:
            work.links.put("role", external, link.entity_id, link.kept | {"gone": True})
