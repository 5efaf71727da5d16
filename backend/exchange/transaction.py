"""The one transaction of an import: one at a time, and undone at its end in a dry run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.exchange.problems import ImportRefused, refused
from backend.school import roster


class _Undo(Exception):
    """Ends a dry run."""


@asynccontextmanager
async def import_transaction(
    database: Database, *, dry_run: bool, account: UUID | None = None
) -> AsyncIterator[AsyncSession]:
    """Opens the transaction, waits for an import that is under way, and rolls back a dry run.

    Args:
        account: who acts, where it is not an operator: such a transaction ends in time (core/db.py).
    """
    try:
        async with database.transaction(account) as session:
            await roster.one_import_at_a_time(session)
            yield session
            if dry_run:
                raise _Undo
    except _Undo:
        pass


def contradiction(file: str, error: IntegrityError) -> ImportRefused:
    """What the database refused although every check before had passed: somebody wrote at the same moment."""
    constraint = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None) or "a constraint"
    message = f"The file contradicts what the diary holds by now ({constraint}). Nothing was written; try again."
    return refused(file, "contradiction", message)
