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

_GIVE_WAY = text("SET LOCAL lock_timeout = '2s'")
_PARTITIONS = text("SELECT ensure_partitions(cast(:first AS date), cast(:last AS date))")


async def make_partitions(session: AsyncSession, now: datetime) -> None:
    """Makes the partitions of the coming months. A job of its own: it locks the tables that everybody writes, for
    as long as its transaction lasts, and gives way to whoever holds them now (the next tick tries again)."""
    await session.execute(_GIVE_WAY)
    await session.execute(_PARTITIONS, {"first": now.date(), "last": (now + PARTITIONS_AHEAD).date()})


async def keep_house(session: AsyncSession, now: datetime) -> None:
    """Forgets what is over its term."""
    await sweep(session, now)
    await session.execute(delete(IdempotentAnswer).where(col(IdempotentAnswer.created_at) < now - ANSWERS_KEPT))
    await session.execute(delete(JobRun).where(col(JobRun.finished_at) < now - RUNS_KEPT))
