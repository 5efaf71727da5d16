"""Single students and their guardians, as the school edits them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.school import guardians, moves, students
from backend.school.recorded import Recorded
from schemas import students as wire

# Litestar keeps the word `query` for itself.
Words = Annotated[
    str,
    QueryParameter(name="query", max_length=100, description="Beginnings of names; ё is е, case does not matter"),
]
Left = Annotated[bool, QueryParameter(description="Also students who have left")]
After = Annotated[UUID | None, QueryParameter(description="`next` of the page before")]


@get(
    "/schools/{school_id:uuid}/students", operation_id="searchStudents", summary="Find students of a school by name",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def search(
    school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, words: Words = "", left: Left = False,
    after: After = None,
) -> wire.StudentCards:  # fmt: skip
    return await students.search(tx, acting, school_id, query=words, left=left, after=after, now=now)


@post(
    "/classes/{class_id:uuid}/students", operation_id="addStudent", summary="Add a new student to a class",
    access=Access.CLASS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def add(
    class_id: UUID, data: wire.AddStudent, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.StudentCard:  # fmt: skip
    return await once(
        tx, acting.account_id, f"addStudent/{class_id}", idempotency_key, data, wire.StudentCard, now,
        lambda: students.add(tx, acting, class_id, data, now),
    )  # fmt: skip


@patch(
    "/students/{student_id:uuid}", operation_id="changeStudent", summary="Correct a student's name, birth date, sex",
    access=Access.CLASS, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def change(
    student_id: UUID, data: wire.ChangeStudent, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.StudentCard:
    return await students.change(tx, acting, student_id, data, now)


@post(
    "/students/{student_id:uuid}/transfer", operation_id="transferStudent",
    summary="Move a student to another class from a day on; also brings back who had left",
    access=Access.CLASS, responses=problems(401, 403, 404, 409, 422), status_code=200,
)  # fmt: skip
async def transfer(
    student_id: UUID, data: wire.TransferStudent, tx: AsyncSession, acting: Acting, recorded: Recorded, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.StudentCard:  # fmt: skip
    return await once(
        tx, acting.account_id, f"transferStudent/{student_id}", idempotency_key, data, wire.StudentCard, now,
        lambda: moves.transfer(tx, acting, student_id, data, recorded, now),
    )  # fmt: skip


@post(
    "/students/{student_id:uuid}/leave", operation_id="studentLeaves", summary="A student leaves the school",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422), status_code=200,
)  # fmt: skip
async def leave(
    student_id: UUID, data: wire.StudentLeaves, tx: AsyncSession, acting: Acting, recorded: Recorded, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.StudentCard:  # fmt: skip
    return await once(
        tx, acting.account_id, f"studentLeaves/{student_id}", idempotency_key, data, wire.StudentCard, now,
        lambda: moves.leave(tx, acting, student_id, data, recorded, now),
    )  # fmt: skip


@get(
    "/students/{student_id:uuid}/guardians", operation_id="listGuardians",
    summary="A student's guardians with what they may, phones and addresses",
    access=Access.CLASS, responses=problems(401, 403, 404),
)  # fmt: skip
async def list_guardians(student_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.Guardians:
    return await guardians.listed(tx, acting, student_id, now)


@post(
    "/students/{student_id:uuid}/guardians", operation_id="addGuardian", summary="Add a guardian to a student",
    access=Access.CLASS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def add_guardian(
    student_id: UUID, data: wire.AddGuardian, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.Guardian:  # fmt: skip
    return await once(
        tx, acting.account_id, f"addGuardian/{student_id}", idempotency_key, data, wire.Guardian, now,
        lambda: guardians.add(tx, acting, student_id, data, now),
    )  # fmt: skip


@patch(
    "/guardianships/{guardianship_id:uuid}", operation_id="changeGuardianship",
    summary="What a guardian may, and until when; an end takes effect at once",
    access=Access.CLASS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def change_guardianship(
    guardianship_id: UUID, data: wire.ChangeGuardianship, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.Guardian:
    return await guardians.change(tx, acting, guardianship_id, data, now)


router = Router(
    "/",
    route_handlers=[search, add, change, transfer, leave, list_guardians, add_guardian, change_guardianship],
    tags=["students"],
)
