"""Control of the journal: the deputy's week of teachers, the class teacher's week of the class."""

import csv
import io
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.control import repository, rules
from backend.control.rules import CountedMark
from backend.core.days import week_of
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.school import rights, school_rights
from schemas import control as wire

# Absences in a row may have begun before the week.
_LOOK_BACK = timedelta(days=27)


async def of_school(
    session: AsyncSession, acting: Acting, school_id: UUID, day: date | None, now: datetime
) -> wire.SchoolControl:
    """When each teacher filled the lessons of a week, of the current one if no day is named.

    Raises:
        NotFound: not a school where the caller is deputy director or director.
    """
    access = await school_rights.school_to_manage(session, acting.account_id, school_id, now, school_rights.LEADERS)
    first, last = week_of(day or access.today)
    rows = await repository.timeliness(session, school_id, first, last, now)
    return wire.SchoolControl(
        school_id=school_id, first_day=first, last_day=last, teachers=[wire.TeacherTimeliness(**row) for row in rows]
    )


_TITLES = {
    "ru": (
        "Учитель", "Уроков", "В тот же день", "На следующий день", "Позже", "Не заполнено", "Без темы",
        "Без домашнего задания",
    ),
    "en": (
        "Teacher", "Lessons", "Same day", "Next day", "Later", "Not filled", "Without topic", "Without homework",
    ),
}  # fmt: skip


def as_csv(control: wire.SchoolControl, language: str) -> bytes:
    """The same as a table for spreadsheets: UTF-8 with a byte order mark and semicolons, as Russian Excel reads it."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, delimiter=";")
    rows.writerow(_TITLES[language])
    for teacher in control.teachers:
        name, *counts = [value for key, value in msgspec.structs.asdict(teacher).items() if key != "teacher_id"]
        rows.writerow([_no_formula(name), *counts])
    return out.getvalue().encode("utf-8-sig")


def _no_formula(cell: str) -> str:
    """A spreadsheet runs what begins like a formula; a name never has to."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" else cell


async def of_class(
    session: AsyncSession, acting: Acting, class_id: UUID, day: date | None, now: datetime
) -> wire.WeeklyCheck:
    """What a class teacher looks at: gaps, missing marks, three absences in a row, sharp drops, the trend.

    Raises:
        NotFound: the class is not the caller's to lead.
    """
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    first, last = week_of(day or led.today)
    students = await school.students_of_class(session, class_id, min(last, led.today))
    period = await school.period_on(session, led.school_id, min(last, led.today))
    since = min(period.starts if period else first, first - timedelta(days=7))
    lessons = await repository.lessons_of_class(session, class_id, first, last, now)
    days = await repository.attended_days(session, students, last - _LOOK_BACK, last)
    marks = [CountedMark(**row) for row in await repository.marks(session, students, since, last)]
    return wire.WeeklyCheck(
        class_id=class_id,
        name=led.name,
        first_day=first,
        last_day=last,
        gaps=[
            wire.GapLesson(
                lesson_id=row["lesson_id"], day=row["day"], number=row["number"], subject=row["subject"],
                group_name=row["group_name"], teacher=row["teacher"], lacks=rules.lacks(row),
            )
            for row in lessons
            if rules.lacks(row)
        ],
        missing_marks=[
            wire.MissingMark(**row) for row in await repository.missing_marks(session, students, first, last)
        ],
        absent_in_a_row=rules.absent_in_a_row(days),
        drops=rules.drops([mark for mark in marks if period is None or mark.day >= period.starts], first),
        trend=_trend(marks, first, period.starts if period else first),
    )  # fmt: skip


def _trend(marks: list[CountedMark], first: date, period_from: date) -> wire.ClassTrend:
    before = first - timedelta(days=7)
    return wire.ClassTrend(
        week=rules.mean_of_students([mark for mark in marks if mark.day >= first]),
        week_before=rules.mean_of_students([mark for mark in marks if before <= mark.day < first]),
        period=rules.mean_of_students([mark for mark in marks if mark.day >= period_from]),
    )
