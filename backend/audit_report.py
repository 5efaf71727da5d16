"""`diary audit verify`: whether every school's journal is what was written."""

from backend.core.db import one_transaction
from backend.core.settings import Settings
from backend.journal.audit import Finding, verify


async def verify_journals(settings: Settings) -> list[Finding]:
    """Walks the chain of every school, as the owner: the application must not be trusted with its own proof."""
    async with one_transaction(settings.owner_database_url, "diary-audit") as session:
        return [finding async for finding in verify(session)]
