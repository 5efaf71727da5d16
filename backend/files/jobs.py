"""What time brings: files that nobody attached leave, and bytes whose row is gone."""

import asyncio
from datetime import datetime, timedelta

from backend.core.db import Database
from backend.files import repository
from backend.files.storage import Storage

KEPT_UNATTACHED = timedelta(hours=24)
AT_ONCE = 500
_AGAIN_AFTER = timedelta(minutes=10)
# The scheduler's tick waits for this, and its lease for the tick.
_PATIENCE = 20


async def remove_files(database: Database, storage: Storage, now: datetime) -> int:
    """Removes bytes that are due. Returns of how many files.

    The storage is not asked inside of a transaction. A first one takes what is due, from when on no upload can keep it,
    and puts it off; then the bytes go; a second one forgets them. Whoever dies between the two leaves work that is due
    again in ten minutes, and removing what is not there is no error.

    Raises:
        Exception: whatever the storage or the database could not do; what was taken is due again.
    """
    async with database.transaction() as session:
        await repository.expire(session, now - KEPT_UNATTACHED, AT_ONCE)
        due = await repository.take_due(session, now, now + _AGAIN_AFTER, AT_ONCE)
    if not due:
        return 0
    async with asyncio.timeout(_PATIENCE):
        await storage.delete(due)
    async with database.transaction() as session:
        await repository.removed(session, due)
    return len(due)
