"""Requests to support, as who asked and the school's administrator read and go on with them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict, Invalid, NotFound, Stale
from backend.core.ids import new_id
from backend.files import service as files
from backend.identity.acting import Acting
from backend.school import rights, school_rights
from backend.support import asking, repository, rules, telling
from backend.support.letters import Letters
from backend.support.models import SupportChange, SupportRequest
from schemas import support as wire

PAGE = 50


async def own(session: AsyncSession, acting: Acting, state: str | None, after: UUID | None) -> wire.SupportRequests:
    """What somebody has asked. Raises Invalid for a cursor that is none."""
    await _require_cursor(session, after, account_id=acting.account_id)
    rows = await repository.own_lines(
        session, acting.account_id, state=state, number=None, after=after, size=PAGE + 1
    )  # fmt: skip
    return _page(rows)


async def of_school(
    session: AsyncSession, acting: Acting, school_id: UUID, state: str | None, number: str | None,
    after: UUID | None, now: datetime,
) -> wire.SupportRequests:  # fmt: skip
    """What people of a school have asked its administrator.

    Raises:
        NotFound: the caller is not that.
        Invalid: the cursor is none.
    """
    await school_rights.school_to_manage(session, acting.account_id, school_id, now, ("administrator",))
    await _require_cursor(session, after, school_id=school_id, handler="school")
    rows = await repository.school_lines(
        session, school_id, state=state, number=number, after=after, size=PAGE + 1
    )  # fmt: skip
    return _page(rows)


async def show(
    session: AsyncSession, acting: Acting, request_id: UUID, letters: Letters, now: datetime
) -> wire.SupportRequest:
    """A request with all that was written. Raises NotFound for who neither asked nor handles it."""
    request = await repository.request(session, request_id)
    if request is None:
        raise NotFound
    if request.account_id == acting.account_id:
        return await as_wire(session, request, letters, named=False)
    await _require_handler(session, acting.account_id, request, now)
    return await as_wire(session, request, letters, named=True)


async def add_message(
    session: AsyncSession, acting: Acting, request_id: UUID, wish: wire.AddSupportMessage, letters: Letters,
    now: datetime,
) -> wire.SupportRequest:  # fmt: skip
    """Who asked writes more; what was answered is in the works again.

    Raises:
        NotFound: not the caller's request.
        Conflict: it is closed (`request-closed`).
        Invalid: there is no text, a file is not the caller's.
        TooMany: the caller has written very much today.
    """
    request = await _own(session, acting, request_id)
    if request.state == "closed":
        raise Conflict(code="request-closed")
    await asking.count_text(session, acting.account_id, now)
    change = _change(request, "person", rules.state_after_message(request.state), wish.text, acting.account_id, now)
    wrong = rules.text_problems(text=wish.text)
    wrong |= await asking.attach(session, acting.account_id, request.school_id, change.id, wish.files)
    if wrong:
        raise Invalid(wrong)
    before = request.state
    await _append(session, request, change)
    if request.state != before:
        await letters.tell(session, request, [], now)
    return await as_wire(session, request, letters, named=False)


async def close(session: AsyncSession, acting: Acting, request_id: UUID, letters: Letters, now: datetime) -> None:
    """Who asked needs no answer any more; closed twice is closed. Raises NotFound: not the caller's request."""
    request = await _own(session, acting, request_id)
    if request.state != "closed":
        await _append(session, request, _change(request, "person", "closed", None, acting.account_id, now))
        await letters.tell(session, request, [], now)


async def answer(
    session: AsyncSession, acting: Acting, request_id: UUID, wish: wire.AnswerSupport, letters: Letters,
    now: datetime,
) -> wire.SupportRequest:  # fmt: skip
    """The school's administrator answers, asks back, takes up or closes; who asked is told.

    Raises:
        NotFound: the request is not the caller's to handle.
        Conflict: it is closed (`request-closed`).
        Invalid: a text is missing.
        Stale: somebody has written since the caller looked.
    """
    request = await repository.request(session, request_id, lock=True)
    if request is None:
        raise NotFound
    await _require_handler(session, acting.account_id, request, now)
    if request.version != wish.version:
        raise Stale(current=request.state)
    await go_on(session, request, wish.state, wish.text, acting.account_id, letters, now)
    return await as_wire(session, request, letters, named=True)


async def go_on(
    session: AsyncSession, request: SupportRequest, state: str, text: str | None, by: UUID | None, letters: Letters,
    now: datetime,
) -> None:  # fmt: skip
    """What support does with a request, which the caller has locked. The same state without a text is nothing new.

    Args:
        by: the administrator, or None for those who run this server.

    Raises:
        Conflict: it is closed (`request-closed`).
        Invalid: a text is missing.
    """
    if request.state == "closed":
        raise Conflict(code="request-closed")
    wrong = rules.answer_problems(state, text)
    if wrong:
        raise Invalid(wrong)
    if state == request.state and text is None:
        return
    change = _change(request, "support", state, text, by, now)
    await _append(session, request, change)
    await telling.tell(session, request, change, letters, now)


async def may_read_files(session: AsyncSession, account_id: UUID, change_id: UUID, now: datetime) -> bool:
    """Whether somebody may have what is attached: who asked, and the administrator who handles it."""
    request = await repository.request_of_change(session, change_id)
    return request is not None and (
        request.account_id == account_id or await _handles(session, account_id, request, now)
    )  # fmt: skip


async def as_wire(
    session: AsyncSession, request: SupportRequest, letters: Letters, *, named: bool
) -> wire.SupportRequest:
    """All of a request.

    Args:
        named: for who handles it: with the names of who wrote.
    """
    rows = await repository.changes(session, request.id)
    attached = await files.attached(session, asking.FILES, [row["id"] for row in rows])
    changes = [
        wire.SupportChange(
            side=row["side"], state=row["state"], text=row["body"], by=row["by"] if named else None,
            made_at=row["made_at"], files=attached[row["id"]],
        )
        for row in rows
    ]  # fmt: skip
    return wire.SupportRequest(
        id=request.id, number=request.number, kind=request.kind, subject=request.subject, state=request.state,  # type: ignore[arg-type]
        person=rows[0]["by"] if named else None, created_at=request.created_at, changed_at=request.changed_at,
        school_id=request.school_id, handler=request.handler, version=request.version, email=request.email,  # type: ignore[arg-type]
        phone=request.phone, answers_by_mail=letters.state(request), app_version=request.app_version,
        platform=request.platform, changes=changes,  # type: ignore[arg-type]
    )  # fmt: skip


async def _own(session: AsyncSession, acting: Acting, request_id: UUID) -> SupportRequest:
    """The caller's request, locked."""
    request = await repository.request(session, request_id, lock=True)
    if request is None or request.account_id != acting.account_id:
        raise NotFound
    return request


async def _handles(session: AsyncSession, account_id: UUID, request: SupportRequest, now: datetime) -> bool:
    return request.handler == "school" and request.school_id in await rights.schools_with_role(
        session, account_id, "administrator", now
    )


async def _require_handler(session: AsyncSession, account_id: UUID, request: SupportRequest, now: datetime) -> None:
    if not await _handles(session, account_id, request, now):
        raise NotFound


def _change(
    request: SupportRequest, side: str, state: str, text: str | None, by: UUID | None, now: datetime
) -> SupportChange:
    return SupportChange(
        id=new_id(), request_id=request.id, side=side, state=state, body=text, made_by=by, made_at=now
    )  # fmt: skip


async def _append(session: AsyncSession, request: SupportRequest, change: SupportChange) -> None:
    session.add(change)
    request.state, request.version, request.changed_at = change.state, request.version + 1, change.made_at
    await session.flush()


async def _require_cursor(session: AsyncSession, after: UUID | None, **of: Any) -> None:
    if after is None:
        return
    last = await repository.request(session, after)
    if last is None or any(getattr(last, name) != value for name, value in of.items()):
        raise Invalid({"query:after": "bad-cursor"})


def _page(rows: list[dict[str, Any]]) -> wire.SupportRequests:
    items = [wire.SupportLine(**row) for row in rows[:PAGE]]
    return wire.SupportRequests(items=items, next=items[-1].id if len(rows) > PAGE else None)
