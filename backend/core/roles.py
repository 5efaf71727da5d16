"""The database roles and a database of theirs (DESIGN.md section 5).

diary_owner migrates, diary_app serves requests, diary_push delivers. diary_eraser removes what must be destroyed; it
cannot sign in, the owner steps into it. None is a superuser, so row policies hold for all of them.
"""

from contextlib import suppress

import asyncpg
from sqlalchemy.engine import URL, make_url

from backend.core.db import describe, plain_url
from backend.core.errors import SetupError
from backend.core.settings import postgres_url

OWNER, APP, PUSH = "diary_owner", "diary_app", "diary_push"
ERASER = "diary_eraser"


async def prepare_database(admin_url: str, database: str, passwords: dict[str, str]) -> dict[str, str]:
    """Makes what is missing of roles and database, and sets the roles' passwords.

    Args:
        admin_url: a login that may create roles and databases.
        passwords: by role; none are set for roles that are not named (trusted local sockets).

    Returns:
        The URL of each role.

    Raises:
        SetupError: the server cannot be reached, or the login may not do this.
    """
    try:
        admin = make_url(plain_url(postgres_url(admin_url)))
    except ValueError as error:
        raise SetupError(f"the address of the database {error}") from None
    try:
        connection = await asyncpg.connect(admin.render_as_string(hide_password=False))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        raise SetupError(f"{describe(admin_url)} is not reachable: {error}") from error
    try:
        for role in (OWNER, APP, PUSH):
            await _ensure_role(connection, role, passwords.get(role))
        await _ensure_eraser(connection)
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await _create_database(connection, database)
    except asyncpg.InsufficientPrivilegeError as error:
        raise SetupError(f"{describe(admin_url)} may not create roles and databases: {error}") from error
    finally:
        await connection.close()
    return {role: _as_role(admin, role, database, passwords.get(role)) for role in (OWNER, APP, PUSH)}


async def _ensure_role(connection: asyncpg.Connection, role: str, password: str | None) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        # Another process may be first.
        with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await connection.execute(f'CREATE ROLE "{role}" LOGIN')
    if password is not None:
        literal = await connection.fetchval("SELECT quote_literal($1::text)", password)
        await connection.execute(f'ALTER ROLE "{role}" PASSWORD {literal}')


async def _ensure_eraser(connection: asyncpg.Connection) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ERASER):
        with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await connection.execute(f'CREATE ROLE "{ERASER}" NOLOGIN')
    with suppress(asyncpg.UniqueViolationError):  # another process grants it at the same moment
        await connection.execute(f'GRANT "{ERASER}" TO "{OWNER}" WITH INHERIT FALSE')


async def _create_database(connection: asyncpg.Connection, database: str) -> None:
    # A role that is not a superuser must be a member of the owner to give a database away.
    if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        await connection.execute(f'GRANT "{OWNER}" TO CURRENT_USER')
    quoted = await connection.fetchval("SELECT quote_ident($1)", database)
    # Whatever the server's own encoding is: names here are Cyrillic.
    await connection.execute(f"CREATE DATABASE {quoted} OWNER \"{OWNER}\" ENCODING 'UTF8' TEMPLATE template0")


def _as_role(admin: URL, role: str, database: str, password: str | None) -> str:
    return admin.set(username=role, password=password, database=database).render_as_string(hide_password=False)
