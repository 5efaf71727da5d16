"""Oneself and one's children; class lists; codes to attach a child by."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict, NotFound
from backend.core.ids import new_id
from backend.core.secrets import blind_index, readable_code
from backend.core.settings import Keys
from backend.identity import repository as identity
from backend.identity.acting import Acting
from backend.school import account_repository, guardian_telling, repository, rights
from backend.school.models import Guardianship, School, Student
from backend.school.rules import ATTACH_CODE_LENGTH, ATTACH_CODE_LIFETIME, normal_code
from push import devices, inbox
from schemas.push import Unread
from schemas.school import (
    AttachCode,
    Child,
    ChildRights,
    ClassList,
    ClassRef,
    GuardianOfStudent,
    Me,
    RoleAt,
    SchoolRef,
    StudentOfClass,
)


async def me(session: AsyncSession, acting: Acting, now: datetime) -> Me:
    """Who is signed in. Until an own password is set, nothing but that step is told."""
    account = await identity.account(session, acting.account_id)
    if account is None:
        raise NotFound
    locked = acting.must_set_password
    counted = Unread(unread=0, by_child=[]) if locked else await unread(session, account.id, now)
    return Me(
        id=account.id,
        login=account.login,
        family_name=account.family_name,
        given_name=account.given_name,
        patronymic=account.patronymic,
        language=account.language,
        roles=[] if locked else await _roles(session, account.id, now),
        children=[] if locked else await _children(session, account.id, now),
        student_id=None if locked else await account_repository.student_of_account(session, account.id),
        pending_steps=["set-password"] if locked else [],
        unread_alerts=counted.unread,
        unread_by_child=counted.by_child,
    )


async def is_staff(session: AsyncSession, account_id: UUID, now: datetime) -> bool:
    """Whether the account works at a school: its sessions end when idle (DOMAIN.md section 2)."""
    return bool(await account_repository.roles_of(session, account_id, now))


async def attach_child(session: AsyncSession, acting: Acting, keys: Keys, typed: str, now: datetime) -> Child:
    """A parent attaches a child by the code that the school issued for it. A code works once.

    Raises:
        Conflict: the code is wrong or has expired (`wrong-code`, without telling which), or the parent
            already has the child.
    """
    code = blind_index(keys.index, "attach-code", normal_code(typed))
    student = await repository.student_by_code(session, code, now)
    if student is None or student.account_id == acting.account_id:
        raise Conflict(code="wrong-code")
    today = await repository.today_at(session, student.school_id, now)
    links = await repository.links_of(session, student.id, acting.account_id)
    if any(link.ends is None or link.ends >= today for link in links):
        raise Conflict(code="child-already-attached")
    if links:
        # A link that was ended comes back by the school's hand only, whatever code somebody passes on.
        raise Conflict(code="wrong-code")
    student.attach_code = None
    student.attach_code_until = None
    link = Guardianship(
        id=new_id(),
        school_id=student.school_id,
        student_id=student.id,
        account_id=acting.account_id,
        kind="parent",
        may_view=True,
        may_file_absence=True,
        receives_push=True,
        contact_order=9,
        starts=today,
    )
    session.add(link)
    await session.flush()
    await guardian_telling.tell(session, link, "added", now)
    return next(child for child in await _children(session, acting.account_id, now) if child.id == student.id)


async def issue_attach_code(
    session: AsyncSession, acting: Acting, keys: Keys, class_id: UUID, child_id: UUID, now: datetime
) -> AttachCode:
    """A new code for a child of the class; an earlier one stops working. Raises NotFound for other children."""
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    if child_id not in await repository.students_of_class(session, class_id, led.today):
        raise NotFound
    student = await session.get_one(Student, child_id)
    code = readable_code(ATTACH_CODE_LENGTH)
    student.attach_code = blind_index(keys.index, "attach-code", code)
    student.attach_code_until = now + ATTACH_CODE_LIFETIME
    shown = "-".join(code[start : start + 4] for start in range(0, len(code), 4))
    return AttachCode(code=shown, valid_until=student.attach_code_until)


async def class_list(session: AsyncSession, acting: Acting, class_id: UUID, now: datetime) -> ClassList:
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    rows = await repository.class_list(session, class_id, led.today)
    people = {row["account_id"] for row in rows} | {UUID(of["accountId"]) for row in rows for of in row["guardians"]}
    reached = await devices.reached(session, people)
    students = [
        StudentOfClass(
            **{key: value for key, value in row.items() if key != "guardians"},
            reached=row["account_id"] in reached,
            guardians=[
                msgspec.convert(of | {"reached": UUID(of["accountId"]) in reached}, GuardianOfStudent)
                for of in row["guardians"]
            ],
        )
        for row in rows
    ]
    return ClassList(id=class_id, name=led.name, on=led.today, students=students)


async def classes(session: AsyncSession, acting: Acting, now: datetime) -> list[ClassRef]:
    found = await account_repository.classes_to_lead(session, acting.account_id, now)
    return [ClassRef(id=class_id, name=name) for class_id, name in found]


async def unread(session: AsyncSession, account_id: UUID, now: datetime) -> Unread:
    """How many alerts about children whom the account may see now it has not read."""
    children = await account_repository.visible_children(session, account_id, now)
    return await inbox.unread(session, account_id, children, now)


async def _roles(session: AsyncSession, account_id: UUID, now: datetime) -> list[RoleAt]:
    found = await account_repository.roles_of(session, account_id, now)
    return [msgspec.convert({"role": role, "school": _ref(school)}, RoleAt) for role, school in found]


async def _children(session: AsyncSession, account_id: UUID, now: datetime) -> list[Child]:
    return [
        Child(
            id=row["id"],
            given_name=row["given_name"],
            family_name=row["family_name"],
            class_name=row["class_name"],
            school=SchoolRef(id=row["school_id"], name=row["short_name"], timezone=row["timezone"]),
            rights=ChildRights(
                view=row["may_view"], file_absence=row["may_file_absence"], receive_push=row["receives_push"]
            ),
        )
        for row in await account_repository.children_of(session, account_id, now)
    ]


def _ref(school: School) -> SchoolRef:
    return SchoolRef(id=school.id, name=school.short_name, timezone=school.timezone)
