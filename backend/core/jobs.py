"""Housekeeping: partitions ahead of time, and what is kept for a term only."""

from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.models import IdempotentAnswer, JobRun
from push.housekeeping import sweep

ANSWERS_KEPT = timedelta(days=7)
RUNS_KEPT = timedelta(days=90)
PARTITIONS_AHEAD = timedelta(days=120)

_PARTITIONS = text("SELECT ensure_partitions(cast(:first AS date), cast(:last AS date))")


async def keep_house(session: AsyncSession, now: datetime) -> None:
    """Makes the partitions of the coming months and forgets what is over its term."""
    await session.execute(_PARTITIONS, {"first": now.date(), "last": (now + PARTITIONS_AHEAD).date()})
    await sweep(session, now)
    await session.execute(delete(IdempotentAnswer).where(col(IdempotentAnswer.created_at) < now - ANSWERS_KEPT))
    await session.execute(delete(JobRun).where(col(JobRun.finished_at) < now - RUNS_KEPT))
