"""What the database's constraints refuse, as the caller's conflict: two who write at once cannot both succeed."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict


@asynccontextmanager
async def conflicts(
    session: AsyncSession, codes: Mapping[str, str], *, otherwise: str | None = None
) -> AsyncIterator[None]:
    """Writes what was changed inside.

    Args:
        codes: the constraint's name -> the code of the conflict that its breach is.
        otherwise: the code for every other constraint; without it a breach of those is an error of ours.

    Raises:
        Conflict: a constraint refused what was written.
    """
    try:
        yield
        await session.flush()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
        code = codes.get(name or "", otherwise)
        if code is None:
            raise
        raise Conflict(code=code) from error
