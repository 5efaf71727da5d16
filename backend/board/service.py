"""Announcements and news: written by class teachers and the heads of a school, read by whom they are for."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from backend.board import repository, rules, telling
from backend.board.models import Announcement, AnnouncementDue
from backend.board.rules import Cursor
from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.files import service as files
from backend.identity.acting import Acting
from backend.school import reads
from backend.school.list_rights import ClassesAccess, classes_to_speak_for
from backend.school.school_rights import HEADS
from push.inbox import read_counts
from schemas import board as wire
from schemas.school import ClassRef

PAGE = 20
# What files of the board are attached to.
FILES = "announcement"


async def publish(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.PublishAnnouncement, now: datetime
) -> wire.ManagedAnnouncement:
    """An announcement or news, now or at a time. Whom an announcement is for is told when it comes out.

    Raises:
        NotFound: the caller neither heads the school nor leads a class there.
        Invalid: names every field that cannot be so.
    """
    access = await classes_to_speak_for(session, acting.account_id, school_id, now, HEADS)
    classes = await reads.known_classes(session, school_id, wish.class_ids, access.today)
    announcement_id = new_id()
    wrong = rules.announcement_problems(wish, access, classes, now)
    wrong |= await _attach(session, acting, school_id, announcement_id, wish.files)
    if wrong:
        raise Invalid(wrong)
    announcement = Announcement(
        id=announcement_id, school_id=school_id, kind=wish.kind, title=wish.title, body=wish.text,
        to_parents="parents" in wish.to, to_students="students" in wish.to, to_staff="staff" in wish.to,
        publish_at=wish.publish_at or now, expires_on=wish.expires_on, author_id=acting.account_id, created_at=now,
    )  # fmt: skip
    session.add(announcement)
    await session.flush()
    await repository.add_classes(session, announcement.id, classes)
    if announcement.kind == "announcement":
        if announcement.publish_at > now:
            due = AnnouncementDue(
                announcement_id=announcement.id, school_id=school_id, due_at=announcement.publish_at
            )  # fmt: skip
            session.add(due)
            await session.flush()
        else:
            await telling.tell(session, announcement, classes, access.timezone, now, now)
    return await _managed(session, announcement.id, now)


async def change(
    session: AsyncSession, acting: Acting, announcement_id: UUID, wish: wire.ChangeAnnouncement, now: datetime
) -> wire.ManagedAnnouncement:
    """Changes the text, the files or the expiry. Nobody hears of it unless it is asked for.

    Raises:
        NotFound: no such announcement, or not the caller's to change.
        Invalid: it would expire before it comes out, or a file is not the caller's to attach.
    """
    announcement, access, classes = await _to_manage(session, acting, announcement_id, now)
    new = {
        "title": announcement.title if wish.title is UNSET else wish.title,
        "body": announcement.body if wish.text is UNSET else wish.text,
        "expires_on": announcement.expires_on if wish.expires_on is UNSET else wish.expires_on,
    }
    if rules.expires_too_early(new["expires_on"], announcement.publish_at, access.timezone):  # type: ignore[arg-type]
        raise Invalid({"/expiresOn": "expires-before-publication"})
    changed = any(getattr(announcement, name) != value for name, value in new.items())
    if wish.files is not UNSET:
        owner = files.Owner(FILES, announcement_id)
        changed |= await files.replace(session, acting.account_id, announcement.school_id, owner, wish.files)
    if changed:
        for name, value in new.items():
            setattr(announcement, name, value)
        announcement.changed_at = now
        await session.flush()
        if wish.notify:
            await _tell_again(session, announcement, access, classes, now)
    return await _managed(session, announcement.id, now)


async def take_back(session: AsyncSession, acting: Acting, announcement_id: UUID, now: datetime) -> None:
    """Nobody sees it any more, and it leaves the screens; the record stays. Raises NotFound as `change` does."""
    announcement, _, _ = await _to_manage(session, acting, announcement_id, now)
    announcement.taken_back_by, announcement.taken_back_at = acting.account_id, now
    await session.flush()
    # Whoever tells of it at this moment is waited for; what they have told is then taken back with the rest.
    await repository.drop_due(session, announcement_id)
    await files.detach(session, FILES, [announcement_id])
    await telling.take_back(session, announcement_id, now)


async def of_person(
    session: AsyncSession, acting: Acting, kind: str | None, after: str | None, now: datetime
) -> wire.Announcements:
    """What concerns the caller now: by the children, the own class, the work. Raises Invalid for a wrong cursor."""
    cursor = None if after is None else Cursor.read(after)
    rows = await repository.of_person(session, acting.account_id, kind, cursor, PAGE + 1, now)
    return wire.Announcements(items=await _shown(session, rows[:PAGE]), next=_next(rows))


async def of_school(
    session: AsyncSession, acting: Acting, school_id: UUID, after: str | None, now: datetime
) -> wire.ManagedAnnouncements:
    """What the caller may change, planned and expired ones too.

    Raises:
        NotFound: the caller neither heads the school nor leads a class there.
        Invalid: the cursor is none.
    """
    access = await classes_to_speak_for(session, acting.account_id, school_id, now, HEADS)
    cursor = None if after is None else Cursor.read(after)
    led = None if access.whole_school else access.led
    rows = await repository.of_school(session, school_id, led, cursor, PAGE + 1, now)
    return wire.ManagedAnnouncements(items=await _counted(session, rows[:PAGE], now), next=_next(rows))


async def one(session: AsyncSession, acting: Acting, announcement_id: UUID, now: datetime) -> wire.Announcement:
    """One that concerns the caller now, or that the caller may change. Raises NotFound for others."""
    row = await _read(session, acting.account_id, announcement_id, now)
    if row is None:
        raise NotFound
    return (await _shown(session, [row]))[0]


async def may_read(session: AsyncSession, account_id: UUID, announcement_id: UUID, now: datetime) -> bool:
    """Whether the account may have what is attached to an announcement: whoever may read it."""
    return await _read(session, account_id, announcement_id, now) is not None


async def _read(session: AsyncSession, account_id: UUID, announcement_id: UUID, now: datetime) -> dict[str, Any] | None:
    row = await repository.one_of_person(session, account_id, announcement_id, now)
    if row is not None:
        return row
    row = await repository.one(session, announcement_id, now)
    if row is None:
        return None
    try:
        access = await classes_to_speak_for(session, account_id, row["school_id"], now, HEADS)
    except NotFound:
        return None
    return row if access.holds(row["class_ids"] or []) else None


async def _attach(
    session: AsyncSession, acting: Acting, school_id: UUID, announcement_id: UUID, named: list[UUID]
) -> dict[str, str]:
    """Attaches files. What cannot be attached is named with whatever else is wrong."""
    try:
        await files.attach(session, acting.account_id, school_id, files.Owner(FILES, announcement_id), named)
    except Invalid as refused:
        return refused.fields
    return {}


async def _to_manage(
    session: AsyncSession, acting: Acting, announcement_id: UUID, now: datetime
) -> tuple[Announcement, ClassesAccess, dict[UUID, str]]:
    """The announcement, held until the commit, for who may publish for all that it is for; and the classes that it is
    for, by name."""
    announcement = await repository.announcement_for_update(session, announcement_id)
    if announcement is None or announcement.taken_back_at is not None:
        raise NotFound
    access = await classes_to_speak_for(session, acting.account_id, announcement.school_id, now, HEADS)
    classes = await repository.named_classes(session, announcement_id)
    if not access.holds(classes):
        raise NotFound
    return announcement, access, classes


async def _tell_again(
    session: AsyncSession, announcement: Announcement, access: ClassesAccess, classes: dict[UUID, str], now: datetime
) -> None:
    """What is not out yet, or has expired, is told by nobody; what waits to be told is told as it is now."""
    out = announcement.kind == "announcement" and announcement.publish_at <= now
    over = rules.is_over(announcement.expires_on, access.today)
    if not out or over or await repository.hold_due(session, announcement.id):
        return
    await telling.tell(session, announcement, classes, access.timezone, now, now)


async def _managed(session: AsyncSession, announcement_id: UUID, now: datetime) -> wire.ManagedAnnouncement:
    row = await repository.one(session, announcement_id, now)
    if row is None:
        raise NotFound
    return (await _counted(session, [row], now))[0]


async def _counted(session: AsyncSession, rows: list[dict[str, Any]], now: datetime) -> list[wire.ManagedAnnouncement]:
    counts = await read_counts(session, [telling.thread_of(row["id"]) for row in rows]) if rows else {}
    items = []
    for row, shown in zip(rows, await _shown(session, rows), strict=True):
        told, read_by = counts.get(telling.thread_of(row["id"]), (0, 0))
        audience: list[wire.AudiencePart] = ["parents", "students", "staff"]
        items.append(
            wire.ManagedAnnouncement(
                **msgspec.structs.asdict(shown),
                to=[part for part in audience if row[f"to_{part}"]],
                state=rules.state_of(row["publish_at"], row["expires_on"], row["today"], now),
                told=told,
                read_by=read_by,
            )
        )
    return items


async def _shown(session: AsyncSession, rows: list[dict[str, Any]]) -> list[wire.Announcement]:
    attached = await files.attached(session, FILES, [row["id"] for row in rows])
    return [
        wire.Announcement(
            id=row["id"], school_id=row["school_id"], school=row["school"], kind=row["kind"], title=row["title"],
            text=row["text"], author=row["author"], classes=msgspec.convert(row["classes"], list[ClassRef]),
            published_at=row["publish_at"], changed_at=row["changed_at"], expires_on=row["expires_on"],
            files=attached.get(row["id"], []),
        )
        for row in rows
    ]  # fmt: skip


def _next(rows: list[dict[str, Any]]) -> str | None:
    if len(rows) <= PAGE:
        return None
    last = rows[PAGE - 1]
    return Cursor(last["publish_at"], last["id"]).written()
