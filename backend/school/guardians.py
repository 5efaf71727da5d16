"""The adults behind a child: who they are, what they may, and the end of it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import values
from backend.core.conflicts import conflicts
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.ids import new_id
from backend.core.values import PersonName, tidy
from backend.identity.acting import Acting
from backend.school import guardian_telling, people, setup_rights, setup_rules
from backend.school import repository as school
from backend.school import student_repository as repository
from backend.school.models import Guardianship
from backend.school.setup_rights import StudentAccess
from schemas import students as wire

_CLASHES = {"one_link_at_a_time": "already-guardian"}


async def listed(session: AsyncSession, acting: Acting, student_id: UUID, now: datetime) -> wire.Guardians:
    """With phones and addresses, for the school only. Raises NotFound for others."""
    access = await setup_rights.student_to_edit(session, acting.account_id, student_id, now)
    rows = await repository.guardians(session, student_id, access.today)
    return wire.Guardians(items=[wire.Guardian(**row) for row in rows])


async def add(
    session: AsyncSession, acting: Acting, student_id: UUID, wish: wire.AddGuardian, now: datetime
) -> wire.Guardian:
    """Somebody whom the school knows, or a new person with an account of the own.

    Raises:
        NotFound: the student is not the caller's to edit.
        Invalid: names every field that cannot be so. A class teacher adds parents of the own class and new people.
        Forbidden: a link that was ended comes back, and a class teacher asks for it.
        Conflict: the person is the child's guardian already (`already-guardian`), or the student has left.
    """
    access = await setup_rights.student_to_edit(session, acting.account_id, student_id, now)
    await setup_rights.hold_school(session, access.school_id)
    student = await repository.student_for_update(session, student_id)
    if student.left_on is not None:
        raise Conflict(code="student-left")
    await _check(session, acting, access, wish)
    account_id = wish.account_id
    if wish.person is not None:
        account_id = await _new_person(session, wish.person, now)
    if account_id is None or account_id == student.account_id:
        raise Invalid({"/accountId": "unknown-person"})
    links = await school.links_of(session, student_id, account_id)
    if any(link.ends is not None and link.ends < access.today for link in links) and not access.whole_school:
        raise Forbidden
    link = Guardianship(
        id=new_id(), school_id=access.school_id, student_id=student_id, account_id=account_id, kind=wish.kind,
        may_view=wish.view, may_file_absence=wish.file_absence, receives_push=wish.receive_push,
        contact_order=wish.contact_order, starts=access.today,
    )  # fmt: skip
    async with conflicts(session, _CLASHES):
        session.add(link)
    await guardian_telling.tell(session, link, "added", now)
    return wire.Guardian(**await repository.guardian(session, student_id, link.id, access.today))


async def change(
    session: AsyncSession, acting: Acting, link_id: UUID, wish: wire.ChangeGuardianship, now: datetime
) -> wire.Guardian:
    """What a guardian may, and until when. An end takes effect at once and silently (DOMAIN.md section 1): every read
    asks for the link, and a trigger has the screens looked at again.

    Raises:
        NotFound: the child is not the caller's to edit.
        Forbidden: a class teacher would end the link, or the right to see the child.
        Invalid: the link would end earlier than yesterday.
        Conflict: it has ended (`guardianship-ended`), or another link of the person follows (`already-guardian`).
    """
    link = await session.get(Guardianship, link_id)
    if link is None:
        raise NotFound
    access = await setup_rights.student_to_edit(session, acting.account_id, link.student_id, now)
    if wish.ends is not UNSET or wish.view is not UNSET:
        access.require_whole_school()
    await setup_rights.hold_school(session, access.school_id)
    await session.refresh(link)
    yesterday = access.today - timedelta(days=1)
    if link.ends is not None and link.ends < access.today:
        raise Conflict(code="guardianship-ended")
    if isinstance(wish.ends, date) and wish.ends < yesterday:
        raise Invalid({"/ends": "in-the-past"})
    before = _rights(link)
    async with conflicts(session, _CLASHES):
        _apply(link, wish)
    if _rights(link) != before:
        await guardian_telling.tell(session, link, "changed", now)
    return wire.Guardian(**await repository.guardian(session, link.student_id, link_id, access.today))


def _rights(link: Guardianship) -> tuple[bool, bool, bool]:
    return link.may_view, link.may_file_absence, link.receives_push


def _apply(link: Guardianship, wish: wire.ChangeGuardianship) -> None:
    link.kind = link.kind if wish.kind is UNSET else wish.kind
    link.contact_order = link.contact_order if wish.contact_order is UNSET else wish.contact_order
    link.may_view = link.may_view if wish.view is UNSET else wish.view
    link.may_file_absence = link.may_file_absence if wish.file_absence is UNSET else wish.file_absence
    link.receives_push = link.receives_push if wish.receive_push is UNSET else wish.receive_push
    if wish.ends is not UNSET:
        link.ends = wish.ends
        if wish.ends is not None:
            # A link that was made today ends at once, too.
            link.starts = min(link.starts, wish.ends)


async def _check(session: AsyncSession, acting: Acting, access: StudentAccess, wish: wire.AddGuardian) -> None:
    wrong: dict[str, str] = {}
    if (wish.account_id is None) == (wish.person is None):
        wrong["/accountId"] = "account-or-person"
    elif wish.account_id is not None and not await repository.is_known(
        session, wish.account_id, access.school_id, acting.account_id, access.today, whole_school=access.whole_school
    ):
        wrong["/accountId"] = "unknown-person"
    if wish.person is not None:
        wrong |= _person_problems(wish.person)
    if wrong:
        raise Invalid(wrong)


def _person_problems(person: wire.NewGuardian) -> dict[str, str]:
    names = {
        "/person/familyName": person.family_name,
        "/person/givenName": person.given_name,
        "/person/patronymic": person.patronymic,
    }
    wrong = setup_rules.name_problems(names)
    if person.email is not None and values.email(person.email) is None:
        wrong["/person/email"] = "bad-email"
    if person.phone is not None and values.phone(person.phone, bare_mobile=True) is None:
        wrong["/person/phone"] = "bad-phone"
    return wrong


async def _new_person(session: AsyncSession, person: wire.NewGuardian, now: datetime) -> UUID:
    patronymic = tidy(person.patronymic) if person.patronymic else None
    name = PersonName(tidy(person.family_name), tidy(person.given_name), patronymic)
    email = values.email(person.email) if person.email else None
    phone = values.phone(person.phone, bare_mobile=True) if person.phone else None
    return await people.make_account(session, name, now, email=email, phone=phone)
