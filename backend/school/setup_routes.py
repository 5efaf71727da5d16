"""Setting a school's year up: years, subjects, classes, groups, loads, rollover."""

from datetime import datetime
from uuid import UUID

from litestar import Router, get, patch, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.school import groups, loads, rollover, structure, years
from backend.school.recorded import Recorded
from schemas import setup as wire

_YEAR = "/schools/{school_id:uuid}/years/{year_id:uuid}"


@get(
    "/schools/{school_id:uuid}/years", operation_id="listYears", summary="School years with their periods",
    access=Access.STAFF, responses=problems(401, 403, 404),
)  # fmt: skip
async def list_years(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.SchoolYears:
    return await years.listed(tx, acting, school_id, now)


@post(
    "/schools/{school_id:uuid}/years", operation_id="createYear", summary="Create a school year with its periods",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def create_year(
    school_id: UUID, data: wire.CreateYear, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.SchoolYear:  # fmt: skip
    return await once(
        tx, acting.account_id, f"createYear/{school_id}", idempotency_key, data, wire.SchoolYear, now,
        lambda: years.create(tx, acting, school_id, data, now),
    )  # fmt: skip


@put(
    _YEAR + "/periods", operation_id="setPeriods", summary="Set all periods of a year",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def set_periods(
    school_id: UUID, year_id: UUID, data: wire.SetPeriods, tx: AsyncSession, acting: Acting, recorded: Recorded,
    now: datetime,
) -> wire.SchoolYear:  # fmt: skip
    return await years.set_periods(tx, acting, school_id, year_id, data, recorded, now)


@get(
    "/schools/{school_id:uuid}/subjects", operation_id="listSubjects", summary="Subjects of a school",
    access=Access.STAFF, responses=problems(401, 403, 404),
)  # fmt: skip
async def list_subjects(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.SchoolSubjects:
    return await structure.subjects(tx, acting, school_id, now)


@post(
    "/schools/{school_id:uuid}/subjects", operation_id="createSubject", summary="Create a subject",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def create_subject(
    school_id: UUID, data: wire.NameSubject, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.SchoolSubject:  # fmt: skip
    return await once(
        tx, acting.account_id, f"createSubject/{school_id}", idempotency_key, data, wire.SchoolSubject, now,
        lambda: structure.create_subject(tx, acting, school_id, data, now),
    )  # fmt: skip


@patch(
    "/schools/{school_id:uuid}/subjects/{subject_id:uuid}", operation_id="renameSubject", summary="Rename a subject",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def rename_subject(
    school_id: UUID, subject_id: UUID, data: wire.NameSubject, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.SchoolSubject:
    return await structure.rename_subject(tx, acting, school_id, subject_id, data, now)


@get(
    _YEAR + "/classes", operation_id="listClassesOfYear", summary="Classes of a year with their class teachers",
    access=Access.STAFF, responses=problems(401, 403, 404),
)  # fmt: skip
async def list_classes(
    school_id: UUID, year_id: UUID, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.YearClasses:
    return await structure.classes(tx, acting, school_id, year_id, now)


@post(
    _YEAR + "/classes", operation_id="createClass", summary="Create a class with its whole-class group",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def create_class(
    school_id: UUID, year_id: UUID, data: wire.CreateClass, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.YearClass:  # fmt: skip
    return await once(
        tx, acting.account_id, f"createClass/{year_id}", idempotency_key, data, wire.YearClass, now,
        lambda: structure.create_class(tx, acting, school_id, year_id, data, now),
    )  # fmt: skip


@patch(
    "/classes/{class_id:uuid}", operation_id="changeClass", summary="Change a class's letter or class teacher",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def change_class(
    class_id: UUID, data: wire.ChangeClass, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.YearClass:
    return await structure.change_class(tx, acting, class_id, data, now)


@get(
    _YEAR + "/groups", operation_id="listGroups", summary="Groups of a year: whole classes, parts, across classes",
    access=Access.STAFF, responses=problems(401, 403, 404),
)  # fmt: skip
async def list_groups(
    school_id: UUID, year_id: UUID, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.YearGroups:
    return await groups.listed(tx, acting, school_id, year_id, now)


@post(
    _YEAR + "/groups", operation_id="createGroup", summary="Create a group of a class or across classes",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def create_group(
    school_id: UUID, year_id: UUID, data: wire.CreateGroup, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.YearGroup:  # fmt: skip
    return await once(
        tx, acting.account_id, f"createGroup/{year_id}", idempotency_key, data, wire.YearGroup, now,
        lambda: groups.create(tx, acting, school_id, year_id, data, now),
    )  # fmt: skip


@get(
    "/groups/{group_id:uuid}/members", operation_id="listGroupMembers", summary="Who is and was in a group, and when",
    access=Access.STAFF, responses=problems(401, 403, 404),
)  # fmt: skip
async def list_members(group_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.MembersOfGroup:
    return await groups.members(tx, acting, group_id, now)


@put(
    "/groups/{group_id:uuid}/members", operation_id="setGroupMembers", summary="Who is in a group from a day on",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def set_members(
    group_id: UUID, data: wire.SetMembers, tx: AsyncSession, acting: Acting, recorded: Recorded, now: datetime
) -> wire.MembersOfGroup:
    return await groups.set_members(tx, acting, group_id, data, recorded, now)


@get(
    _YEAR + "/loads", operation_id="listLoads", summary="Who teaches what to whom in a year",
    access=Access.STAFF, responses=problems(401, 403, 404),
)  # fmt: skip
async def list_loads(school_id: UUID, year_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.Loads:
    return await loads.listed(tx, acting, school_id, year_id, now)


@post(
    "/schools/{school_id:uuid}/loads", operation_id="assignLoad", summary="Have a teacher teach a group a subject",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def assign_load(
    school_id: UUID, data: wire.AssignLoad, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.Load:  # fmt: skip
    return await once(
        tx, acting.account_id, f"assignLoad/{school_id}", idempotency_key, data, wire.Load, now,
        lambda: loads.assign(tx, acting, school_id, data, now),
    )  # fmt: skip


@patch(
    "/loads/{load_id:uuid}", operation_id="changeLoad", summary="End a teaching load, or prolong it",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def change_load(
    load_id: UUID, data: wire.ChangeLoad, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.Load:
    return await loads.change(tx, acting, load_id, data, now)


@post(
    "/schools/{school_id:uuid}/rollover", operation_id="rollOver", summary="Promote a year's classes into the next one",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def roll_over(
    school_id: UUID, data: wire.RollOver, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.RolledOver:  # fmt: skip
    return await once(
        tx, acting.account_id, f"rollOver/{school_id}", idempotency_key, data, wire.RolledOver, now,
        lambda: rollover.roll_over(tx, acting, school_id, data, now),
    )  # fmt: skip


@post(
    "/schools/{school_id:uuid}/rollover/undo", operation_id="undoRollover", summary="Take the newest rollover back",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 409), status_code=200,
)  # fmt: skip
async def undo_rollover(
    school_id: UUID, tx: AsyncSession, acting: Acting, recorded: Recorded, now: datetime
) -> wire.RolloverUndone:
    return await rollover.undo(tx, acting, school_id, recorded, now)


router = Router(
    "/",
    route_handlers=[
        list_years, create_year, set_periods, list_subjects, create_subject, rename_subject, list_classes, create_class,
        change_class, list_groups, create_group, list_members, set_members, list_loads, assign_load, change_load,
        roll_over, undo_rollover,
    ],
    tags=["set-up"],
)  # fmt: skip
