"""What earlier imports left behind, as far as a delta file refers to it without repeating it."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.exchange.links import Link, Links
from backend.exchange.oneroster.bundle import BULK, Bundle, Record, Sheet
from backend.exchange.oneroster.tables import (
    CLASSES,
    COURSES,
    DEMOGRAPHICS,
    ENROLLMENTS,
    ORGS,
    ROLES,
    SESSIONS,
    USERS,
    ids,
)

# Which kind of external id remembers the rows of which file. Sessions and courses are remembered per
# school ("id@school"), because a district's calendar becomes a year of each of its schools.
_STRUCTURE = {ORGS: "school", SESSIONS: "session", COURSES: "course", CLASSES: "class"}

# Where a remembered row says its schools.
_AT = (
    (CLASSES, "class", "schoolSourcedId"),
    (USERS, "user", "schools"),
    (ROLES, "role", "orgSourcedId"),
    (ENROLLMENTS, "enrollment", "schoolSourcedId"),
)


async def add_stored(session: AsyncSession, bundle: Bundle, links: Links) -> None:
    """Adds remembered rows to the sheets that are not bulk. They carry no row number."""
    for file, kind in _STRUCTURE.items():
        if bundle[file].mode != BULK:
            for external, link in (await links.load_all(session, kind)).items():
                _remember(bundle[file], file, external.partition("@")[0], link.kept.get("row", link.kept))
                for parent, row in link.kept.get("parents", {}).items():
                    _remember(bundle[file], file, parent, row)
    for file, kind, column in _AT:
        await links.load(session, kind, list(bundle[file].deleted))
        found = [links.find(kind, external) for external in bundle[file].deleted]
        bundle.deleted_at.update(school for link in found if link for school in ids(link.kept.get(column, "")))
    if bundle[USERS].mode != BULK:
        await _add_users(session, bundle, links)
    if bundle.version != "1.1" and bundle[ROLES].mode != BULK:
        await _add_roles(session, bundle, links)


async def _add_users(session: AsyncSession, bundle: Bundle, links: Links) -> None:
    wanted = {record.text("userSourcedId") for file in (ENROLLMENTS, ROLES) for record in bundle[file].fresh}
    wanted |= {record.id for record in bundle[DEMOGRAPHICS].fresh} | roles_named(bundle, links)
    for record in bundle[USERS].fresh:
        wanted.update(record.ids("agentSourcedIds"))
    await links.load(session, "user", wanted)
    for external in wanted:
        link = links.find("user", external)
        if link is not None:
            _remember(bundle[USERS], USERS, external, link.kept)


def roles_named(bundle: Bundle, links: Links) -> set[str]:
    """The users of whom the file names at least one role, be it to take it away."""
    named = {record.text("userSourcedId") for record in bundle[ROLES].fresh}
    removed = [links.find("role", external) for external in bundle[ROLES].deleted]
    return named | {link.kept["userSourcedId"] for link in removed if link is not None}


async def _add_roles(session: AsyncSession, bundle: Bundle, links: Links) -> None:
    """The roles of the users that the file names or refers to, so that a change of one keeps the others."""
    await links.load(session, "user", list(bundle[USERS].records))
    found: list[Link | None] = [links.find("user", external) for external in bundle[USERS].records]
    accounts = [link.entity_id for link in found if link is not None]
    for external, link in (await links.load_of(session, "role", accounts)).items():
        _remember(bundle[ROLES], ROLES, external, link.kept)


def _remember(sheet: Sheet, file: str, external: str, row: dict[str, str]) -> None:
    if "gone" not in row and external not in sheet.records and external not in sheet.deleted:
        sheet.records[external] = Record(file, None, external, row)
