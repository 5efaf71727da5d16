"""Users with the role of a student to students."""

from datetime import timedelta
from typing import Any

from backend.core.ids import new_id
from backend.exchange.oneroster.people import Person
from backend.exchange.oneroster.structure import grade
from backend.exchange.oneroster.tables import DEMOGRAPHICS, USERS, ids, kept
from backend.exchange.oneroster.work import Pupil, Work
from backend.school import roster
from backend.school.models import Student

_SEXES = frozenset({"male", "female"})
_BLANK = {"patronymic": None, "grade": None, "birth_date": None, "sex": None}


async def map_students(work: Work, people: dict[str, Person]) -> None:
    """Makes and changes students; those who are gone leave on the day before the import.

    A student belongs to the first school of the user. One who changes to another school of the same
    file leaves the old record behind, with its marks, and takes the account along to a new one.
    """
    pupils = {id_: person for id_, person in people.items() if set(person.student_at) & set(work.schools)}
    await work.links.load(work.session, "student", list(pupils))
    ids_ = [link.entity_id for id_ in pupils if (link := work.links.find("student", id_))]
    known = await roster.students_by_id(work.session, ids_)
    work.session.expunge_all()
    created, changed = list[dict[str, Any]](), list[dict[str, Any]]()
    for id_, person in pupils.items():
        school = next(school for school in person.student_at if school in work.schools)
        link = work.links.find("student", id_)
        row = known.get(link.entity_id) if link else None
        if row is not None and row.school_id != work.schools[school]:
            if not _transfer(work, person, row, changed):
                continue
            row = None
        wanted = _columns(work, person)
        if row is None:
            work.pupils[id_] = Pupil(new_id(), school)
            if person.record.fresh:
                identity = {"id": work.pupils[id_].id, "school_id": work.schools[school]}
                created.append({**identity, **_BLANK, **wanted})
        else:
            work.pupils[id_] = Pupil(row.id, school)
            wanted |= _return(work, row, person)
            if differing := {name: value for name, value in wanted.items() if getattr(row, name) != value}:
                changed.append({"id": row.id, **differing})
        if person.record.fresh or id_ in work.bundle[DEMOGRAPHICS].records:
            work.links.put("student", id_, work.pupils[id_].id, _aside(work, person))
    work.problems.refuse()
    ended = await _leave(work)
    # Changes first: a transfer frees the account that the new record takes.
    await roster.change(work.session, Student, [*changed, *ended])
    await roster.add(work.session, Student, created)
    count = work.report.of("student")
    count.created, count.updated, count.ended = len(created), len(changed), len(ended)
    count.unchanged = max(0, len(pupils) - len(created) - len(changed))


def _transfer(work: Work, person: Person, row: Student, changed: list[dict[str, Any]]) -> bool:
    """Lets a student leave the school of `row` for another one. False, with a problem, where it may not."""
    if row.school_id not in work.school_ids:
        message = "This student is at another school, which is not in this file: let it end there first."
        work.problems.add(USERS, person.record.row, "sourcedId", "student-of-another-school", message)
        return False
    left = row.left_on or work.today - timedelta(days=1)
    changed.append({"id": row.id, "account_id": None, "left_on": left})
    work.gone.add(row.id)
    return True


def _columns(work: Work, person: Person) -> dict[str, Any]:
    """What the file says of a student, only the columns that it says anything about."""
    found: dict[str, Any] = {}
    if person.record.fresh:
        found["account_id"] = work.accounts[person.record.id]
        found["family_name"], found["given_name"], patronymic = person.name
        # A sender without patronymics does not take away what a class list has brought.
        if patronymic:
            found["patronymic"] = patronymic
        # A class list may know the grade better: only a change at the sender is followed.
        link = work.links.find("student", person.record.id)
        grades = person.record.text("grades")
        if grades and (link is None or link.kept.get("grades") != grades):
            found["grade"] = grade(ids(grades)[0])
    demographics = work.bundle[DEMOGRAPHICS].records.get(person.record.id)
    if demographics is not None and (born := demographics.day("birthDate")):
        found["birth_date"] = born
    if demographics is not None and (sex := demographics.text("sex")) in _SEXES:
        found["sex"] = sex
    return found


def _return(work: Work, row: Student, person: Person) -> dict[str, Any]:
    """A student whom the import itself let go and who is there again; not one who left by hand."""
    link = work.links.find("student", person.record.id)
    if row.left_on is None or link is None or not person.record.fresh:
        return {}
    if link.kept.get("left") == row.left_on.isoformat():
        return {"left_on": None}
    place = f"{USERS}, row {person.record.row}"
    work.report.warn(f"{place}: the student has left by what the diary says, and stays so.")
    return {}


async def _leave(work: Work) -> list[dict[str, Any]]:
    """Students of these schools, known to this sender, who are in the file no more."""
    last = work.today - timedelta(days=1)
    students = await roster.of_schools(work.session, Student, work.school_ids)
    present = {row.id: row for row in students if row.left_on is None}
    ended = []
    for id_, link in (await work.links.load_of(work.session, "student", list(present))).items():
        if id_ not in work.pupils and work.judges_user(id_):
            ended.append({"id": link.entity_id, "left_on": last})
            work.links.put("student", id_, link.entity_id, link.kept | {"left": last.isoformat()})
            work.gone.add(link.entity_id)
    if len(ended) > 10 and 2 * len(ended) > len(present):
        work.report.warn(
            f"{len(ended)} of {len(present)} students leave, because they are not in the file: is it whole?"
        )
    return ended


def _aside(work: Work, person: Person) -> dict[str, Any]:
    demographics = work.bundle[DEMOGRAPHICS].records.get(person.record.id)
    link = work.links.find("student", person.record.id)
    aside: dict[str, Any] = {"grades": person.record.text("grades")} if person.record.fresh else {}
    if link is not None:
        # A file that is silent about something takes nothing back; who is in it has not left.
        aside = {name: value for name, value in link.kept.items() if name != "left"} | aside
    if demographics is not None:
        aside["demographics"] = kept(demographics.raw, "birthDate", "sex")
    return aside
