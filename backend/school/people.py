"""A new person's account: a login made from the name, no password. A credential sheet issues one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.ids import new_id
from backend.core.values import PersonName
from backend.identity import logins, roster

# Two who make the same login at the same moment: the second one tries again.
_CLASHES = {"account_login": "conflict"}


async def make_account(
    session: AsyncSession, name: PersonName, now: datetime, *, email: str | None = None, phone: str | None = None
) -> UUID:
    """Makes the account. Raises Conflict where somebody takes the same login at the same moment."""
    account_id = new_id()
    given = await logins.make_unique(session, {str(account_id): logins.from_name(name)})
    row = {
        "id": account_id, "login": given[str(account_id)], "family_name": name.family, "given_name": name.given,
        "patronymic": name.patronymic, "language": "ru", "email": email, "phone": phone, "password_state": "none",
        "created_at": now,
    }  # fmt: skip
    async with conflicts(session, _CLASHES):
        await roster.add_accounts(session, [row])
    return account_id
