"""What other rooms do with files: attach them to a thing of theirs, show them, let them go with it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid
from backend.core.validation import named_problems
from backend.files import repository
from schemas import files as wire


@dataclass(frozen=True, slots=True)
class Owner:
    """A thing of some room that files are attached to. The kind is the room's word, as in `backend/parts.py`."""

    kind: str
    id: UUID


async def attach(
    session: AsyncSession, account_id: UUID, school_id: UUID, owner: Owner, file_ids: Sequence[UUID],
    pointer: str = "/files",
) -> None:  # fmt: skip
    """Attaches uploaded files to a new thing, in the order named.

    Raises:
        Invalid: at `pointer/<number>`: `unknown-file` for what is not an unattached file of the account (also one that
            somebody attaches at this moment), `repeated` for one named twice.
    """
    if not file_ids:
        return
    _refuse(file_ids, set(file_ids), pointer)
    taken = await repository.take(session, account_id, school_id, owner.kind, owner.id, file_ids)
    _refuse(file_ids, taken, pointer)


async def replace(
    session: AsyncSession, account_id: UUID, school_id: UUID, owner: Owner, file_ids: Sequence[UUID],
    pointer: str = "/files",
) -> bool:  # fmt: skip
    """What a thing's files are after an edit: its own that are named stay, new ones come, the others go.

    The caller holds the thing's lock. Returns whether a file came or went.

    Raises:
        Invalid: as `attach` does; `unknown-file` where it is neither the thing's own nor an unattached one.
    """
    _refuse(file_ids, set(file_ids), pointer)
    own = {file.id for file in await repository.attached(session, owner.kind, [owner.id])}
    new = [file_id for file_id in file_ids if file_id not in own]
    gone = own.difference(file_ids)
    if new:
        taken = await repository.take(session, account_id, school_id, owner.kind, owner.id, new)
        _refuse(file_ids, taken | own, pointer)
    if gone:
        await repository.release(session, owner.kind, [owner.id], keep=file_ids)
    if file_ids:
        await repository.arrange(session, owner.kind, owner.id, file_ids)
    return bool(new or gone)


async def attached(session: AsyncSession, kind: str, owner_ids: Sequence[UUID]) -> dict[UUID, list[wire.AttachedFile]]:
    """The files of some things of one kind; a thing without files answers an empty list."""
    files: dict[UUID, list[wire.AttachedFile]] = defaultdict(list)
    for file in await repository.attached(session, kind, owner_ids) if owner_ids else ():
        assert file.owner_id is not None  # noqa: S101 - narrows the type
        files[file.owner_id].append(
            wire.AttachedFile(id=file.id, name=file.name, media_type=file.media_type, size=file.size)
        )
    return files


async def detach(session: AsyncSession, kind: str, owner_ids: Sequence[UUID]) -> None:
    """Lets the files of things go that are themselves gone, or taken back. Nobody gets at them from the commit on."""
    if owner_ids:
        await repository.release(session, kind, owner_ids)


def _refuse(named: Sequence[UUID], known: set[UUID], pointer: str) -> None:
    wrong = named_problems(named, known, pointer, "unknown-file")
    if wrong:
        raise Invalid(wrong)
