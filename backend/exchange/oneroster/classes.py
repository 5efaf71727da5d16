"""Classes of the file: homerooms to classes with their whole-class group, others to study groups."""

from typing import Any
from uuid import UUID

from backend.core.ids import new_id
from backend.core.values import ClassName, tidy
from backend.exchange.oneroster.bundle import Record
from backend.exchange.oneroster.structure import homeroom_name, root
from backend.exchange.oneroster.tables import CLASSES, kept
from backend.exchange.oneroster.work import Group, Work, Year
from backend.school import roster
from backend.school.models import SchoolClass, StudyGroup

_SUBJECT_COLUMNS = ("subjects", "subjectCodes")


async def map_classes(work: Work) -> None:
    """Makes and renames classes and groups. A sourcedId used again in a new year means a new class."""
    records = {
        id_: record
        for id_, record in work.bundle[CLASSES].records.items()
        if record.text("schoolSourcedId") in work.schools
    }
    await work.links.load(work.session, "class", list(records))
    classes = _Classes(work, await roster.of_schools(work.session, SchoolClass, work.school_ids))
    groups = _Groups(work, await roster.of_schools(work.session, StudyGroup, work.school_ids))
    for record in records.values():
        year = _year(work, record)
        if year is None or _elsewhere(work, record):
            continue
        subject = work.subjects.get((record.text("courseSourcedId"), record.text("schoolSourcedId")))
        class_id = None
        if record.text("classType") == "homeroom":
            class_id = classes.take(record, year)
            id_ = groups.of_class(record, year, class_id)
        else:
            id_ = groups.take(record, year)
        work.groups[record.id] = Group(id_, record.text("schoolSourcedId"), class_id, subject, year)
        if record.fresh:
            work.links.put("class", record.id, class_id or id_, kept(record.raw, *_SUBJECT_COLUMNS))
    work.problems.refuse()
    await classes.write()
    await groups.write()


def _year(work: Work, record: Record) -> Year | None:
    for term in record.ids("termSourcedIds"):
        year = root(work.bundle, term)
        if year is not None and (year.id, record.text("schoolSourcedId")) in work.years:
            return work.years[year.id, record.text("schoolSourcedId")]
    return None


def _elsewhere(work: Work, record: Record) -> bool:
    """Whether the sourcedId is known as a class of another school; then that is a problem of its row."""
    link = work.links.find("class", record.id)
    if link is None or link.kept.get("schoolSourcedId") == record.text("schoolSourcedId"):
        return False
    message = "This sourcedId is a class of another school."
    work.problems.add(CLASSES, record.row, "schoolSourcedId", "belongs-to-another-school", message)
    return True


class _Classes:
    """The classes of the schools, those of this file found among them or added."""

    def __init__(self, work: Work, existing: list[SchoolClass]) -> None:
        self._work = work
        self._by_id = {row.id: row for row in existing}
        self._by_name = {(row.year_id, ClassName(row.grade, row.letter)): row.id for row in existing}
        self._taken: set[UUID] = set()
        self._created: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []
        self._unchanged = 0

    def take(self, record: Record, year: Year) -> UUID:
        """The class of a homeroom. Two homerooms that are one class are a problem."""
        name = homeroom_name(record)
        assert name is not None  # noqa: S101 - references.py has refused others
        link = self._work.links.find("class", record.id)
        known = self._by_id.get(link.entity_id) if link else None
        if known is not None and known.year_id == year.id:
            self._taken.add(known.id)
            return self._keep(record, known, name)
        same = self._by_name.get((year.id, name))
        if same in self._taken:
            self._twice(record, name)
        if same is not None:
            # Made by hand or by a class list: from now on the sender's class is this one.
            self._taken.add(same)
            self._unchanged += 1
            return same
        school_id = self._work.schools[record.text("schoolSourcedId")]
        id_ = self._by_name[year.id, name] = new_id()
        self._taken.add(id_)
        row = {
            "id": id_,
            "school_id": school_id,
            "year_id": year.id,
            "grade": name.grade,
            "letter": name.letter,
        }
        self._created.append(row)
        return id_

    def _keep(self, record: Record, known: SchoolClass, name: ClassName) -> UUID:
        same_name = (known.grade, known.letter) == name
        if same_name or not record.fresh:
            self._unchanged += 1
        elif (known.year_id, name) in self._by_name:
            self._twice(record, name)
        else:
            self._by_name[known.year_id, name] = known.id
            self._changed.append({"id": known.id, "grade": name.grade, "letter": name.letter})
        return known.id

    def _twice(self, record: Record, name: ClassName) -> None:
        message = f"The class {name} is there twice in one school year."
        self._work.problems.add(CLASSES, record.row, "title", "duplicate-class", message)

    async def write(self) -> None:
        await roster.change(self._work.session, SchoolClass, self._changed)
        await roster.add(self._work.session, SchoolClass, self._created)
        count = self._work.report.of("school_class")
        count.created, count.updated = len(self._created), len(self._changed)
        count.unchanged = self._unchanged
        self._work.touched_classes.update(row["id"] for row in [*self._created, *self._changed])


class _Groups:
    """The study groups of the schools, those of this file found among them or added."""

    def __init__(self, work: Work, existing: list[StudyGroup]) -> None:
        self._work = work
        self._by_id = {row.id: row for row in existing}
        self._whole = {row.class_id: row for row in existing if row.whole_class}
        self._created: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []
        self._unchanged = 0

    def take(self, record: Record, year: Year) -> UUID:
        link = self._work.links.find("class", record.id)
        known = self._by_id.get(link.entity_id) if link else None
        if known is None or known.year_id != year.id or known.whole_class:
            return self._add(record, year, None, tidy(record.text("title")))
        self._rename(record, known, tidy(record.text("title")))
        return known.id

    def of_class(self, record: Record, year: Year, class_id: UUID) -> UUID:
        name = str(homeroom_name(record))
        known = self._whole.get(class_id)
        if known is None:
            return self._add(record, year, class_id, name)
        self._rename(record, known, name)
        return known.id

    def _rename(self, record: Record, known: StudyGroup, name: str) -> None:
        if record.fresh and known.name != name:
            self._changed.append({"id": known.id, "name": name})
        else:
            self._unchanged += 1

    def _add(self, record: Record, year: Year, class_id: UUID | None, name: str) -> UUID:
        id_ = new_id()
        row = {"id": id_, "school_id": self._work.schools[record.text("schoolSourcedId")], "year_id": year.id}
        self._created.append(row | {"class_id": class_id, "whole_class": class_id is not None, "name": name})
        return id_

    async def write(self) -> None:
        await roster.change(self._work.session, StudyGroup, self._changed)
        await roster.add(self._work.session, StudyGroup, self._created)
        count = self._work.report.of("study_group")
        count.created, count.updated = len(self._created), len(self._changed)
        count.unchanged = self._unchanged
