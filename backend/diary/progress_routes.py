"""How a child is doing: tables, statistics, charts as data."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.openapi import problems
from backend.diary import progress
from backend.identity.acting import Acting
from schemas.journal import WorkKind
from schemas.progress import Dynamics, GoalPlan, Progress, Rating, Statistics, Step

Goal = Annotated[
    str,
    QueryParameter(
        pattern=r"^([2-4](\.[0-9]{1,2})?|5(\.0{1,2})?)$", description="An average, from 2 to 5",
        examples=[Example(value="4.5")],
    ),
]  # fmt: skip
_ANSWERS = problems(401, 403, 404, 422)


@get(
    "/children/{child_id:uuid}/progress", operation_id="getProgress",
    summary="The table of a period: marks, absences, averages, finals", access=Access.CHILD, responses=_ANSWERS,
)  # fmt: skip
async def get_progress(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, period: UUID | None = None
) -> Progress:
    return await progress.table(tx, acting, child_id, period, now)


@get(
    "/children/{child_id:uuid}/statistics", operation_id="getStatistics",
    summary="Averages and counts of any range, by subject and kind of work", access=Access.CHILD, responses=_ANSWERS,
)  # fmt: skip
async def get_statistics(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, first: date | None = None,
    last: date | None = None, kind: list[WorkKind] | None = None, subject: list[UUID] | None = None,
) -> Statistics:  # fmt: skip
    return await progress.statistics(tx, acting, child_id, first, last, kind or [], subject or [], now)


@get(
    "/children/{child_id:uuid}/dynamics", operation_id="getDynamics",
    summary="How averages went, week by week or month by month", access=Access.CHILD, responses=_ANSWERS,
)  # fmt: skip
async def get_dynamics(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, first: date | None = None,
    last: date | None = None, step: Step = "week",
) -> Dynamics:  # fmt: skip
    return await progress.dynamics(tx, acting, child_id, first, last, step, now)


@get(
    "/children/{child_id:uuid}/subjects/{subject_id:uuid}/goal", operation_id="getGoal",
    summary="How many fives bring a subject's average to a goal", access=Access.CHILD, responses=_ANSWERS,
)  # fmt: skip
async def get_goal(
    child_id: UUID, subject_id: UUID, goal: Goal, tx: AsyncSession, acting: Acting, now: datetime
) -> GoalPlan:
    return await progress.goal(tx, acting, child_id, subject_id, Decimal(goal), now)


@get(
    "/children/{child_id:uuid}/rating", operation_id="getRating",
    summary="The own place in the class and an anonymous spread", access=Access.CHILD, responses=_ANSWERS,
)  # fmt: skip
async def get_rating(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, period: UUID | None = None
) -> Rating:
    return await progress.rating(tx, acting, child_id, period, now)


handlers = [get_progress, get_statistics, get_dynamics, get_goal, get_rating]
