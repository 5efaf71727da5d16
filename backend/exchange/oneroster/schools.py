"""Orgs to schools, courses to subjects."""

from uuid import UUID

from backend.core.ids import new_id
from backend.core.values import tidy
from backend.exchange.oneroster.bundle import Bundle, Record
from backend.exchange.oneroster.structure import subject_name
from backend.exchange.oneroster.tables import CLASSES, COURSES, ENROLLMENTS, ORGS, ROLES, USERS, kept
from backend.exchange.oneroster.work import Work
from backend.school import roster
from backend.school.models import School, Subject


def _scope(bundle: Bundle) -> set[str]:
    """The schools that this file speaks of. Everything else stays untouched."""
    named = {record.id for record in bundle[ORGS].fresh} | bundle.deleted_at
    named.update(record.text("schoolSourcedId") for file in (CLASSES, ENROLLMENTS) for record in bundle[file].fresh)
    # Users that a delta file only refers to count as well: their links may be what changes.
    named.update(record.text("orgSourcedId") for record in bundle[ROLES].records.values())
    for record in bundle[USERS].records.values():
        named.update(record.ids("orgSourcedIds"))
    return named


async def map_schools(work: Work) -> None:
    """Makes and renames schools. Districts and other orgs are kept aside with the schools below them."""
    scope = _scope(work.bundle)
    orgs = [org for org in work.bundle[ORGS].records.values() if org.text("type") == "school" and org.id in scope]
    await work.links.load(work.session, "school", [org.id for org in orgs])
    links = {org.id: work.links.find("school", org.id) for org in orgs}
    known = await roster.schools(work.session, [link.entity_id for link in links.values() if link])
    count, created, changed = work.report.of("school"), [], []
    for org in orgs:
        link = links[org.id]
        name = tidy(org.text("name"))
        school = known.get(link.entity_id) if link else None
        if school is None:
            id_ = new_id()
            row = {"id": id_, "short_name": name, "full_name": name, "timezone": work.timezone}
            created.append(row | {"created_at": work.now})
        else:
            id_ = school.id
            # A name that the school has changed here stays; only the sender's own renaming is followed.
            if org.fresh and link and tidy(link.kept["row"]["name"]) != name and school.short_name != name:
                changed.append({"id": id_, "short_name": name, "full_name": name})
        work.schools[org.id] = id_
        if org.fresh:
            above = {parent.id: parent.raw for parent in _above(work.bundle, org)}
            work.links.put("school", org.id, id_, {"row": org.raw, "parents": above})
    count.created, count.updated = len(created), len(changed)
    count.unchanged = len(orgs) - count.created - count.updated
    work.session.expunge_all()
    await roster.add(work.session, School, created)
    await roster.change(work.session, School, changed)


def _above(bundle: Bundle, org: Record) -> list[Record]:
    found: list[Record] = []
    parent = bundle[ORGS].records.get(org.text("parentSourcedId"))
    while parent is not None and parent not in found:
        found.append(parent)
        parent = bundle[ORGS].records.get(parent.text("parentSourcedId"))
    return found


async def map_subjects(work: Work) -> None:
    """One subject per school and name; several courses may be one subject.

    A course that is renamed renames its subject, so that its journal goes on, unless other courses
    still use the old name or the new name is already there.
    """
    wanted = _courses_of_schools(work)
    await work.links.load(work.session, "course", [f"{course.id}@{school}" for course, school in wanted])
    subjects = await roster.of_schools(work.session, Subject, work.school_ids)
    by_name = {(subject.school_id, subject.name.lower()): subject.id for subject in subjects}
    before = len(by_name)
    renamed = _rename(work, wanted, by_name, {subject.id: subject.name for subject in subjects})
    created = []
    for course, school in wanted:
        name = subject_name(course)
        place = (work.schools[school], name.lower())
        link = work.links.find("course", f"{course.id}@{school}")
        if not course.fresh and link is not None:
            work.subjects[course.id, school] = link.entity_id
            continue
        if place not in by_name:
            by_name[place] = new_id()
            created.append({"id": by_name[place], "school_id": place[0], "name": name})
        work.subjects[course.id, school] = by_name[place]
        if course.fresh:
            work.links.put("course", f"{course.id}@{school}", by_name[place], kept(course.raw))
    await roster.change(work.session, Subject, renamed)
    await roster.add(work.session, Subject, created)
    count = work.report.of("subject")
    count.created, count.updated = len(created), len(renamed)
    count.unchanged = before - len(renamed)


def _courses_of_schools(work: Work) -> list[tuple[Record, str]]:
    """Courses with the schools that teach them: by their classes, and by the course's own org."""
    pairs: dict[tuple[str, str], None] = {}
    for course in work.bundle[COURSES].records.values():
        pairs[course.id, course.text("orgSourcedId")] = None
    for taught in work.bundle[CLASSES].records.values():
        pairs[taught.text("courseSourcedId"), taught.text("schoolSourcedId")] = None
    courses = work.bundle[COURSES].records
    return [(courses[course], school) for course, school in pairs if course in courses and school in work.schools]


def _rename(
    work: Work,
    wanted: list[tuple[Record, str]],
    by_name: dict[tuple[UUID, str], UUID],
    names: dict[UUID, str],
) -> list[dict[str, object]]:
    """The subjects whose courses all agree on a new name; `by_name` is brought up to date."""
    claims: dict[UUID, set[tuple[UUID, str]]] = {}
    for course, school in wanted:
        link = work.links.find("course", f"{course.id}@{school}")
        if link is not None and link.entity_id in names:
            claims.setdefault(link.entity_id, set()).add((work.schools[school], subject_name(course)))
    renamed: list[dict[str, object]] = []
    for subject, places in claims.items():
        if len(places) != 1:
            continue
        ((school_id, name),) = places
        old = names[subject]
        same_word = name.lower() == old.lower()
        if name != old and (same_word or (school_id, name.lower()) not in by_name):
            renamed.append({"id": subject, "name": name})
            del by_name[school_id, old.lower()]
            by_name[school_id, name.lower()] = subject
    return renamed
