"""`diary staff`: who works at a school, where no import says so (DOMAIN.md section 1)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import get_args
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.clock import school_date, system_clock
from backend.core.db import one_transaction
from backend.core.errors import SetupError
from backend.core.settings import Settings
from backend.identity.models import Account
from backend.identity.repository import account_by_login
from backend.school.models import School, SchoolRole
from backend.setup_school import Made, make_account
from schemas.school import Role

ROLES = get_args(Role)


async def list_staff(settings: Settings, school_id: UUID) -> list[str]:
    """A line for each role that somebody holds at the school today or later. Raises SetupError for no school."""
    async with _at_school(settings, school_id) as (session, today):
        statement = (
            select(Account, SchoolRole)
            .join(SchoolRole, col(SchoolRole.account_id) == col(Account.id))
            .where(
                col(SchoolRole.school_id) == school_id,
                or_(col(SchoolRole.ends).is_(None), col(SchoolRole.ends) >= today),
            )
            .order_by(col(Account.family_name), col(Account.given_name), col(SchoolRole.role))
        )
        return [
            f"{role.role:<14}{account.login:<24}{account.family_name} {account.given_name}"
            + (f", until {role.ends}" if role.ends else "")
            for account, role in await session.execute(statement)
        ]


async def appoint(
    settings: Settings, school_id: UUID, role: str, login: str, family_name: str, given_name: str
) -> Made | None:
    """Gives somebody a role from today on. Returns the account that was made for it; None where the login is known.

    Raises:
        SetupError: no such school or role; names are missing or are none.
    """
    if role not in ROLES:
        raise SetupError(f"{role} is no role: take one of {', '.join(ROLES)}")
    async with _at_school(settings, school_id) as (session, today):
        account = await account_by_login(session, login)
        if account is not None:
            await _give(session, account.id, school_id, role, today)
            return None
        if not (family_name and given_name):
            raise SetupError(f"there is no account with the login {login}: give --family-name and --given-name")
        made = await make_account(session, login, family_name, given_name, system_clock())
        await _give(session, made.id, school_id, role, today)
        return made


async def dismiss(settings: Settings, school_id: UUID, role: str, login: str) -> None:
    """Ends a role, from today on. Raises SetupError where nobody by that login holds it."""
    async with _at_school(settings, school_id) as (session, today):
        account = await account_by_login(session, login)
        held = await session.get(SchoolRole, (account.id, school_id, role)) if account else None
        if held is None or (held.ends is not None and held.ends < today):
            raise SetupError(f"{login} does not hold the role {role} there (`diary staff list`)")
        if held.starts == today:
            await session.delete(held)
        else:
            held.ends = today - timedelta(days=1)


async def _give(session: AsyncSession, account_id: UUID, school_id: UUID, role: str, today: date) -> None:
    held = await session.get(SchoolRole, (account_id, school_id, role))
    if held is None:
        session.add(SchoolRole(account_id=account_id, school_id=school_id, role=role, starts=today))
    else:
        held.ends = None


@asynccontextmanager
async def _at_school(settings: Settings, school_id: UUID) -> AsyncIterator[tuple[AsyncSession, date]]:
    """A transaction, and the school's today."""
    async with one_transaction(settings.database_url, "diary-staff") as session:
        school = await session.get(School, school_id)
        if school is None:
            raise SetupError(f"there is no school {school_id} (`diary schools` lists them)")
        yield session, school_date(system_clock(), school.timezone)
