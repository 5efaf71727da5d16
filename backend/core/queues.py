"""Work that waits in a table until its `due_at`: one piece that fails holds up nothing behind it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel
from structlog import get_logger

log = get_logger()

TRIED_AGAIN_AFTER = timedelta(minutes=15)

Row = TypeVar("Row", bound=SQLModel)


async def work_off(
    session: AsyncSession, rows: Sequence[Row], now: datetime, work: Callable[[Sequence[Row]], Awaitable[None]]
) -> None:
    """Does the work of rows that the caller has taken out of their queue: all together, and each by itself where that
    fails. A row that fails goes back, to be tried again in 15 minutes, unless a newer one has come in its place.

    Args:
        rows: as they were, with their `due_at`.
    """
    if not rows or await _succeeds(session, rows, work):
        return
    for row in rows:
        if not await _succeeds(session, [row], work):
            kept: dict[str, Any] = row.model_dump() | {"due_at": now + TRIED_AGAIN_AFTER}
            await session.execute(insert(type(row)).values(kept).on_conflict_do_nothing())


async def _succeeds(
    session: AsyncSession, rows: Sequence[Row], work: Callable[[Sequence[Row]], Awaitable[None]]
) -> bool:
    try:
        async with session.begin_nested():
            await work(rows)
    except Exception:
        log.exception("queued_work_failed", queue=rows[0].__tablename__, rows=len(rows), first=_key(rows[0]))
        return False
    return True


def _key(row: SQLModel) -> list[str]:
    return [str(getattr(row, column.name)) for column in inspect(type(row)).primary_key]
