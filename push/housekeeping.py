"""Forgets what no screen shows any more. A scheduled job calls it once a day."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from push.devices import retire_stale

# FCM keeps a message 28 days at most, and the worker looks at alerts of 29.
KEPT = timedelta(days=30)

_OLD = (
    # Its next revision is higher all the same: revisions begin with the time (push/queue.py).
    text("DELETE FROM tray WHERE due_at IS NULL AND pending = '{}' AND coalesce(sent_at, '-infinity') < :before"),
    text("DELETE FROM summary_item WHERE due_at < :before"),
    text("DELETE FROM clearing c USING installation i WHERE i.id = c.installation_id AND i.registered_at < :before"),
    text("DELETE FROM push_pause WHERE until < :before"),
)


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Switches off stale targets and deletes trays, summaries and clearings that are over."""
    await retire_stale(session, now)
    for statement in _OLD:
        await session.execute(statement, {"before": now - KEPT})
