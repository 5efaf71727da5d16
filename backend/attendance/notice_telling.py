"""Who hears of an absence notice: the class teacher and the other guardians of what was filed or changed, the filer of
the school's decision (DOMAIN.md sections 8 and 12). The reason stays in the school, the student hears of nothing."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance.models import AbsenceNotice
from backend.school import repository as school
from backend.school.rights import ChildAccess
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import (
    AbsenceNoticeCancelled,
    AbsenceNoticeChanged,
    AbsenceNoticeDecided,
    AbsenceNoticeFiled,
    Body,
    ExpectedBack,
    Target,
)

SCREEN = "absence-notices"


async def tell_of_filing(
    session: AsyncSession,
    child: ChildAccess,
    notice: AbsenceNotice,
    kind: type[AbsenceNoticeFiled | AbsenceNoticeChanged | AbsenceNoticeCancelled],
    now: datetime,
) -> None:
    """The class teacher, where there is none the deputies, and the guardians but the filer."""
    teacher, class_name = await school.class_of_child(session, child.child_id, child.today) or (None, "")
    staff = [teacher] if teacher else await school.staff_with_role(session, child.school_id, "deputy", child.today)
    guardians = [parent.account_id for parent in await school.parents_told(session, [child.child_id], child.today)]
    body = kind(
        child=child.given_name, class_name=class_name, first_day=notice.first_day, last_day=notice.last_day,
        lessons=", ".join(map(str, notice.lessons or ())),
    )  # fmt: skip
    told = [account for account in dict.fromkeys([*staff, *guardians]) if account != notice.filed_by]
    alerts = [_alert(child, notice, account, body, now) for account in told]
    if teacher is None:
        # Children are not listed by deputies: what they hear as such is about none, else nobody would show it.
        alerts = [replace(alert, child_id=None) if alert.account_id in staff else alert for alert in alerts]
    await outbox.append(session, alerts)


async def tell_of_decision(session: AsyncSession, child: ChildAccess, notice: AbsenceNotice, now: datetime) -> None:
    """The filer; the push engine leaves out whoever may not be told of the child any more."""
    body = AbsenceNoticeDecided(
        child=child.given_name, first_day=notice.first_day, last_day=notice.last_day,
        accepted=notice.state == "accepted",
    )  # fmt: skip
    thread = f"notice-decision:{notice.id}"
    await outbox.append(session, [_alert(child, notice, notice.filed_by, body, now, thread)])


async def ask_who_is_back(
    session: AsyncSession, school_id: UUID, timezone: str, rows: Sequence[dict[str, object]], day: date, now: datetime
) -> None:
    """Asks each filer whether the child is at school today; the app extends the notice from there."""
    await outbox.append(
        session,
        [
            NewAlert(
                school_id=school_id,
                account_id=row["filed_by"],  # type: ignore[arg-type]
                child_id=row["student_id"],  # type: ignore[arg-type]
                body=ExpectedBack(child=str(row["given_name"]), day=day),
                target=Target(
                    screen=SCREEN, child_id=row["student_id"], on=day, entity_id=row["notice_id"],  # type: ignore[arg-type]
                ),
                thread=_question(row["student_id"]),
                entity=str(day),
                occurred_at=now,
                timezone=timezone,
                # Once lessons have begun the teacher says who is there.
                until=row["begins"],  # type: ignore[arg-type]
            )
            for row in rows
        ],
    )  # fmt: skip


async def answered(session: AsyncSession, child: ChildAccess, days: Collection[date], now: datetime) -> None:
    """Whoever says of these days that the child is away: nobody needs to be asked about today any more."""
    if child.today in days:
        await outbox.withdraw(session, _question(child.child_id), str(child.today), now)


def _question(child_id: object) -> str:
    """Whether a child is back is one question."""
    return f"expected-back:{child_id}"


def _alert(
    child: ChildAccess, notice: AbsenceNotice, account_id: UUID, body: Body, now: datetime, thread: str | None = None
) -> NewAlert:
    return NewAlert(
        school_id=child.school_id,
        account_id=account_id,
        child_id=child.child_id,
        body=body,
        target=Target(screen=SCREEN, child_id=child.child_id, on=notice.first_day, entity_id=notice.id),
        thread=thread or f"notice:{child.child_id}",
        entity=str(notice.id),
        occurred_at=now,
        timezone=child.timezone,
    )
