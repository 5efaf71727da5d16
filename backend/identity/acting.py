"""Who is acting: a signed token first, then the session's row in the request's own transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.access import Access, access_of
from backend.core.errors import Forbidden, Unauthenticated
from backend.identity.models import Account, AuthSession
from backend.identity.tokens import read_access


@dataclass(frozen=True)
class Bearer:
    """What a valid token says; not yet that its session still lives."""

    account_id: UUID
    session_id: UUID


@dataclass(frozen=True)
class Acting:
    """The account that acts, with its session alive in this transaction."""

    account_id: UUID
    session_id: UUID
    login: str
    language: str
    must_set_password: bool


def read_bearer(request: Request[Any, Any, Any], key: bytes, now: datetime) -> Bearer:
    """Raises Unauthenticated for a missing, forged or expired token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = read_access(key, token, now) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthenticated(headers={"WWW-Authenticate": "Bearer"})
    return Bearer(*found)


async def confirm(session: AsyncSession, bearer: Bearer, handler: HTTPRouteHandler) -> Acting:
    """Checks the session's row: ending one takes effect at once.

    Raises:
        Unauthenticated: the session has ended or the account is closed.
        Forbidden: a one-time password opens nothing but setting an own one.
    """
    statement = (
        select(col(Account.login), col(Account.language), col(Account.password_state))
        .join(AuthSession, col(AuthSession.account_id) == col(Account.id))
        .where(
            col(AuthSession.id) == bearer.session_id,
            col(AuthSession.ended_at).is_(None),
            col(Account.id) == bearer.account_id,
            col(Account.disabled_at).is_(None),
        )
    )
    row = (await session.execute(statement)).first()
    login, language, password_state = row or ("", "", None)
    check_state(password_state, first_login=access_of(handler) is Access.FIRST_LOGIN)
    return Acting(bearer.account_id, bearer.session_id, login, language, password_state != "set")


def check_state(password_state: str | None, *, first_login: bool = False) -> None:
    """Lets pass whose session lives and who has an own password.

    Args:
        password_state: the account's, or None where the session has ended or the account is closed.
        first_login: whether the operation is open before an own password is set.

    Raises:
        Unauthenticated: the session has ended or the account is closed.
        Forbidden: a one-time password opens nothing but setting an own one.
    """
    if password_state is None:
        raise Unauthenticated(code="session-ended", headers={"WWW-Authenticate": "Bearer"})
    if password_state != "set" and not first_login:
        raise Forbidden(code="password-must-be-set")
