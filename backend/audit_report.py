"""`diary audit verify`: whether every school's journal is what was written."""

from backend.core.db import Database
from backend.core.settings import Settings
from backend.journal.audit import Finding, verify


async def verify_journals(settings: Settings) -> list[Finding]:
    """Walks the chain of every school, as the owner: the application must not be trusted with its own proof."""
    database = Database(settings.owner_database_url, pool=1, name="diary-audit")
    try:
        async with database.transaction() as session:
            return [finding async for finding in verify(session)]
    finally:
        await database.close()
