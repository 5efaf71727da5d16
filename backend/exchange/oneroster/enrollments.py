"""Enrollments: students into classes and groups, teachers to their loads and their own class."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from backend.exchange.links import Link
from backend.exchange.oneroster.bundle import Record
from backend.exchange.oneroster.tables import CLASSES, ENROLLMENTS, SESSIONS, USERS, kept
from backend.exchange.oneroster.work import Group, Work
from backend.exchange.spans import Rule, Wanted, settle
from backend.school import roster
from backend.school.models import Enrolment, GroupMember, SchoolClass, TeachingLoad

_IMPLIED = ("schoolSourcedId",)


async def map_enrollments(work: Work) -> None:
    """Brings enrolments, group members, loads and class teachers to what enrollments.csv says."""
    sorted_ = _Sorted(work)
    for record in work.bundle[ENROLLMENTS].fresh:
        sorted_.take(record)
    _check_one_class(work, sorted_.enrolments)
    work.problems.refuse()
    since = min((want.starts for want in sorted_.all), default=work.today) - timedelta(days=1)
    for model, kind, wanted in (
        (Enrolment, "enrolment", sorted_.enrolments),
        (GroupMember, "group_member", sorted_.members),
        (TeachingLoad, "teaching_load", sorted_.loads),
    ):
        one_class = model is Enrolment
        rule = Rule(
            model=model,
            kind=kind,
            link="enrollment",
            judged=lambda external, link: _judged(work, external, link),
            apart=(lambda key: key[0]) if one_class else (lambda key: key),
            since=since,
        )
        await settle(work.session, work.links, work.report, rule, wanted, work.school_ids, work.today)
    await _class_teachers(work, sorted_.class_teachers)
    await _follow_people(work)


def _judged(work: Work, external: str, link: Link) -> bool:
    """Whether the file decides about an enrollment, itself or by deleting its user or its class."""
    return (
        work.bundle[ENROLLMENTS].judges(external)
        or link.kept.get("userSourcedId") in work.bundle[USERS].deleted
        or link.kept.get("classSourcedId") in work.bundle[CLASSES].deleted
    )


class _Sorted:
    """The rows of enrollments.csv by what they become."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.enrolments: list[Wanted] = []
        self.members: list[Wanted] = []
        self.loads: list[Wanted] = []
        self.class_teachers: dict[UUID, tuple[Record, UUID]] = {}

    @property
    def all(self) -> list[Wanted]:
        return [*self.enrolments, *self.members, *self.loads]

    def take(self, record: Record) -> None:
        group = self._work.groups.get(record.text("classSourcedId"))
        user = record.text("userSourcedId")
        if group is None or user in self._work.bundle[USERS].deleted:
            return  # of a class or a user that is being deleted
        if record.text("role") == "student":
            self._student(record, group, user)
        elif record.text("role") == "teacher":
            self._teacher(record, group, user)

    def _student(self, record: Record, group: Group, user: str) -> None:
        pupil = self._work.pupils.get(user)
        if pupil is None:
            self._problem(record, "userSourcedId", "not-a-student", "This user has no role of a student at a school.")
        elif pupil.school != group.school:
            message = "The student belongs to another school than the class."
            self._problem(record, "userSourcedId", "student-of-another-school", message)
        elif group.class_id is not None:
            self.enrolments.append(self._wanted(record, group, (pupil.id, group.class_id)))
        else:
            self.members.append(self._wanted(record, group, (pupil.id, group.id)))

    def _teacher(self, record: Record, group: Group, user: str) -> None:
        if group.school not in self._work.staff.get(user, ()):
            message = "This user has no role of a teacher or administrator at the school of the class."
            self._problem(record, "userSourcedId", "not-a-teacher", message)
            return
        account = self._work.accounts[user]
        if group.class_id is None:
            if group.subject is not None:
                self.loads.append(self._wanted(record, group, (account, group.subject, group.id)))
        elif record.flag("primary", True):
            before = self.class_teachers.setdefault(group.class_id, (record, account))
            if before[1] != account:
                place = f"{ENROLLMENTS}, row {record.row}"
                self._work.report.warn(f"{place}: the class has a primary teacher already, in row {before[0].row}.")

    def _wanted(self, record: Record, group: Group, key: tuple[UUID, ...]) -> Wanted:
        first, last = _days(self._work, record, group)
        return Wanted(
            key=key,
            school_id=self._work.schools[group.school],
            starts=record.day("beginDate") or min(first, record.day("endDate") or first),
            ends=record.day("endDate") or max(last, record.day("beginDate") or last),
            place=f"{ENROLLMENTS}, row {record.row}",
            externals={record.id: kept(record.raw)},
        )

    def _problem(self, record: Record, column: str, code: str, message: str) -> None:
        self._work.problems.add(ENROLLMENTS, record.row, column, code, message)


def _days(work: Work, record: Record, group: Group) -> tuple[date, date]:
    """The first and the last day of the class's terms: what an enrollment without dates means."""
    taught = work.bundle[CLASSES].records[record.text("classSourcedId")]
    terms = [term for id_ in taught.ids("termSourcedIds") if (term := work.bundle[SESSIONS].records.get(id_))]
    firsts = [term.must_day("startDate") for term in terms]
    lasts = [term.must_day("endDate") for term in terms]
    return min(firsts, default=group.year.starts), max(lasts, default=group.year.ends)


def _check_one_class(work: Work, enrolments: list[Wanted]) -> None:
    """A student is in one class at a time; the file may not say otherwise."""
    by_student: dict[UUID, list[Wanted]] = {}
    for want in enrolments:
        others = by_student.setdefault(want.key[0], [])
        for other in others:
            if (
                other.key != want.key
                and want.starts <= (other.ends or date.max)
                and other.starts <= (want.ends or date.max)
            ):
                row = int(want.place.rpartition(" ")[2])
                message = f"The student is in another homeroom at the same time: {other.place}."
                work.problems.add(ENROLLMENTS, row, "classSourcedId", "two-classes-at-once", message)
        others.append(want)


async def _class_teachers(work: Work, wanted: dict[UUID, tuple[Record, UUID]]) -> None:
    """Sets class teachers; one whom the school has set by hand stays."""
    classes = await roster.of_schools(work.session, SchoolClass, work.school_ids)
    names: dict[UUID, dict[str, Link]] = {}
    for external, link in (await work.links.load_of(work.session, "enrollment", [row.id for row in classes])).items():
        names.setdefault(link.entity_id, {})[external] = link
    changed: list[dict[str, Any]] = []
    for row in classes:
        said = names.get(row.id, {})
        ours = row.class_teacher_id is None or str(row.class_teacher_id) in {
            link.kept.get("teacher") for link in said.values()
        }
        if row.id in wanted:
            record, account = wanted[row.id]
            if row.class_teacher_id not in (None, account) and not ours:
                work.report.warn(f"{ENROLLMENTS}, row {record.row}: the school has named another class teacher.")
                continue
            if row.class_teacher_id != account:
                changed.append({"id": row.id, "class_teacher_id": account})
            work.links.put("enrollment", record.id, row.id, kept(record.raw) | {"teacher": str(account)})
        elif row.class_teacher_id and ours and all(_judged(work, name, link) for name, link in said.items()):
            changed.append({"id": row.id, "class_teacher_id": None})
    await roster.change(work.session, SchoolClass, changed)
    count = work.report.of("school_class")
    further = sum(row["id"] not in work.touched_classes for row in changed)
    count.updated += further
    count.unchanged = max(0, count.unchanged - further)


async def _follow_people(work: Work) -> None:
    """Who has left or lost the role keeps no class, no group and no load, whoever had given it."""
    last = work.today - timedelta(days=1)
    for model, kind in ((Enrolment, "enrolment"), (GroupMember, "group_member")):
        work.report.of(kind).ended += await roster.end_of(work.session, model, work.gone, work.school_ids, last)
    for school_id, dismissed in work.dismissed.items():
        ended = await roster.end_of(work.session, TeachingLoad, dismissed, [school_id], last)
        work.report.of("teaching_load").ended += ended
        await roster.take_class_teachers(work.session, dismissed, [school_id])
