"""`diary init`: a school and its first administrator."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.clock import school_date, system_clock
from backend.core.db import one_transaction
from backend.core.errors import SetupError
from backend.core.ids import new_id
from backend.core.settings import Settings
from backend.identity.models import Account
from backend.identity.passwords import Passwords
from backend.identity.repository import account_by_login
from backend.identity.service import issue_one_time_password
from backend.school.models import School, SchoolRole
from push.devices import set_language
from schemas.base import Name


@dataclass(frozen=True)
class Made:
    """`id`: of the school that was made, or of the account."""

    id: UUID
    login: str
    password: str


async def make_school(
    settings: Settings, name: str, timezone: str, login: str, family_name: str, given_name: str
) -> Made:
    """Makes both in one transaction. Raises SetupError for what is no name, an unknown time zone, or a login that is
    taken."""
    if timezone not in available_timezones():
        raise SetupError(f"{timezone} is not a time zone: take one like Europe/Moscow or Asia/Yekaterinburg")
    _refuse_no_name(name)
    now = system_clock()
    async with one_transaction(settings.database_url, "diary-init") as session:
        school = School(id=new_id(), short_name=name, full_name=name, timezone=timezone, created_at=now)
        session.add(school)
        await session.flush()
        made = await make_account(session, login, family_name, given_name, now)
        session.add(
            SchoolRole(
                account_id=made.id,
                school_id=school.id,
                role="administrator",
                starts=school_date(now, timezone),
            )
        )
    return Made(school.id, made.login, made.password)


async def make_account(session: AsyncSession, login: str, family_name: str, given_name: str, now: datetime) -> Made:
    """An account with a one-time password. Raises SetupError for what is no name, or a login that is taken."""
    for words in (family_name, given_name):
        _refuse_no_name(words)
    account = Account(id=new_id(), login=login, family_name=family_name, given_name=given_name, created_at=now)
    session.add(account)
    try:
        await session.flush()
    except IntegrityError as error:
        raise SetupError(f"the login {login} is taken or shorter than 3 letters") from error
    await set_language(session, account.id, account.language)
    issued = await issue_one_time_password(session, account.id, Passwords(), now)
    return Made(account.id, issued.login, issued.password)


def _refuse_no_name(words: str) -> None:
    try:
        msgspec.convert(words, Name)
    except msgspec.ValidationError:
        raise SetupError(f"{words!r} is no name: 1 to 100 characters, none of them a control character") from None


async def list_schools(settings: Settings) -> list[tuple[UUID, str]]:
    """(id, name) of all schools."""
    async with one_transaction(settings.database_url, "diary-schools") as session:
        statement = select(col(School.id), col(School.short_name)).order_by(col(School.short_name))
        return [(school_id, name) for school_id, name in await session.execute(statement)]


async def issue_password(settings: Settings, login: str) -> Made:
    """A one-time password by the operator's hand, for whom no school can help yet. Raises SetupError."""
    async with one_transaction(settings.database_url, "diary-password") as session:
        account = await account_by_login(session, login)
        if account is None:
            raise SetupError(f"there is no account with the login {login}")
        issued = await issue_one_time_password(session, account.id, Passwords(), system_clock())
        return Made(account.id, issued.login, issued.password)
