"""Requests to support: asked by who is signed in or not, and e-mail addresses confirmed (DOMAIN.md section 10)."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import values
from backend.core.errors import Invalid, NotFound, TooMany
from backend.core.ids import new_id
from backend.files import service as files
from backend.files.service import Owner
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.school import school_rights
from backend.support import repository, rules
from backend.support.letters import Letters
from backend.support.models import SupportChange, SupportRequest
from schemas import support as wire

# The owner kind of what is attached; the owner is the change that it came with.
FILES = "support"
_DAY = timedelta(days=1)


async def ask(
    session: AsyncSession, acting: Acting, wish: wire.AskSupport, letters: Letters, now: datetime
) -> SupportRequest:
    """A request of somebody who is signed in. The administrator of their school handles it; where they are that
    themselves, or there is none, those who run this server.

    Raises:
        NotFound: the caller has nothing to do with the school named.
        Invalid: names every field that cannot be so.
        TooMany: the caller has written very much today, or the address was named too often.
    """
    await count_text(session, acting.account_id, now)
    schools = await school_rights.schools_with_ties(session, acting.account_id, now)
    if wish.school_id is not None and wish.school_id not in schools:
        raise NotFound
    school_id = wish.school_id or (schools[0] if len(schools) == 1 else None)
    wrong = rules.contact_problems(wish.email, wish.phone) | rules.text_problems(subject=wish.subject, text=wish.text)
    if school_id is None and schools:
        wrong["/schoolId"] = "required"
    question = SupportChange(
        id=new_id(), request_id=new_id(), side="person", state="new", body=wish.text, made_by=acting.account_id,
        made_at=now,
    )  # fmt: skip
    wrong |= await attach(session, acting.account_id, school_id, question.id, wish.files)
    if wrong:
        raise Invalid(wrong)
    handler = "school" if school_id and await _is_handled(session, acting, school_id, now) else "operators"
    made = await _make(
        session, wish, question, now,
        account_id=acting.account_id, school_id=school_id, handler=handler, language=acting.language,
    )  # fmt: skip
    if made.email is not None:
        await _let_confirm(session, made, letters, now)
    return made


async def ask_from_entry(
    session: AsyncSession, wish: wire.AskSupportFromEntry, language: str, letters: Letters, now: datetime
) -> SupportRequest:
    """A request of somebody whom nobody knows. What is answered does not depend on whether the address is somebody's.

    Raises:
        Invalid: names every field that cannot be so.
        TooMany: the address was named too often.
    """
    wrong = rules.contact_problems(wish.email, wish.phone) | rules.text_problems(subject=wish.subject, text=wish.text)
    if wrong:
        raise Invalid(wrong)
    question = SupportChange(
        id=new_id(), request_id=new_id(), side="person", state="new", body=wish.text, made_at=now
    )  # fmt: skip
    made = await _make(session, wish, question, now, handler="operators", language=language)
    await _let_confirm(session, made, letters, now)
    return made


async def confirm_email(session: AsyncSession, wish: wire.ConfirmSupportEmail, letters: Letters, now: datetime) -> None:
    """Whoever says the code reads the mail of that address. What support said meanwhile is sent now.

    Raises:
        Invalid: there is no such request, or the code is wrong or old (`wrong-code` for all of it).
    """
    request = await repository.by_number(session, wish.number)
    if (
        request is None
        or request.email is None
        or request.created_at + rules.CODE_LASTS < now
        or not rules.code_fits(letters.code(request), wish.code)
    ):
        raise Invalid({"/code": "wrong-code"})
    if request.email_confirmed_at is not None:
        return
    request.email_confirmed_at = now
    await session.flush()
    answers = await repository.answers(session, request.id)
    if answers:
        await letters.tell(session, request, [answer.body for answer in answers if answer.body], now)


async def attach(
    session: AsyncSession, account_id: UUID, school_id: UUID | None, change_id: UUID, file_ids: Sequence[UUID]
) -> dict[str, str]:
    """Attaches files to what somebody writes. Returns what is wrong with them."""
    if school_id is None:
        return {"/files": "only-to-a-school"} if file_ids else {}
    try:
        await files.attach(session, account_id, school_id, Owner(FILES, change_id), file_ids)
    except Invalid as error:
        return error.fields
    return {}


async def count_text(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """Raises TooMany where somebody has written as much as they may in a day."""
    await repository.one_after_another(session, str(account_id))
    _require_fewer(await repository.texts_since(session, account_id, now - _DAY), rules.TEXTS_A_DAY, now)


async def _let_confirm(session: AsyncSession, made: SupportRequest, letters: Letters, now: datetime) -> None:
    """Asks for a confirmation unless the account has given one before."""
    email = made.email or ""
    if made.account_id is not None and await repository.has_confirmed(session, made.account_id, email):
        made.email_confirmed_at = now
        await session.flush()
        return
    await repository.one_after_another(session, email.lower())
    codes = await repository.codes_since(session, email, now - _DAY)
    _require_fewer(codes[:-1], rules.CODES_A_DAY, now)  # the newest is this one
    await letters.ask_to_confirm(session, made, now)


def _require_fewer(moments: Sequence[datetime], most: int, now: datetime) -> None:
    if len(moments) >= most:
        raise TooMany(seconds=max(math.ceil((moments[-most] + _DAY - now).total_seconds()), 1))


async def _is_handled(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> bool:
    """Whether the school has an administrator, who is somebody else."""
    today = await school.today_at(session, school_id, now)
    administrators = await school.staff_with_role(session, school_id, "administrator", today)
    return bool(administrators) and acting.account_id not in administrators


async def _make(
    session: AsyncSession, wish: wire.AskSupport | wire.AskSupportFromEntry, question: SupportChange, now: datetime,
    **whose: Any,
) -> SupportRequest:  # fmt: skip
    made = SupportRequest(
        id=question.request_id, number=rules.request_number(await repository.next_number(session), now),
        kind=wish.kind, subject=values.tidy(wish.subject), email=values.email(wish.email) if wish.email else None,
        phone=values.phone(wish.phone) if wish.phone else None, app_version=wish.app_version, platform=wish.platform,
        created_at=now, changed_at=now, **whose,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    session.add(question)
    await session.flush()
    return made
