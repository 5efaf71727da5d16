"""What time brings: requests that are over are forgotten."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.files import service as files
from backend.support import repository
from backend.support.asking import FILES
from backend.support.rules import KEPT

AT_ONCE = 1_000


async def forget_old_requests(session: AsyncSession, now: datetime) -> int:
    """Forgets requests that were answered or closed three years ago, with their files. Returns how many."""
    old = await repository.old_changes(session, now - KEPT, AT_ONCE)
    requests = list({request_id for request_id, _ in old})
    if requests:
        await files.detach(session, FILES, [change_id for _, change_id in old])
        await repository.remove(session, requests)
    return len(requests)
