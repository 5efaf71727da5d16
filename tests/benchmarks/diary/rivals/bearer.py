"""What every rival checks of a token before it asks the database."""

import os
import time
from uuid import UUID

import jwt

from backend.core.settings import read_settings

KEY = read_settings("DATABASE_URL", "DIARY_SECRET").keys.tokens
# As asyncpg, psycopg and Django take it.
DATABASE = os.environ["DATABASE_URL"]


def read_token(authorization: str) -> tuple[UUID, UUID] | None:
    """(account, session) of a token that is ours and has not run out."""
    scheme, _, token = authorization.partition(" ")
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"require": ["sub", "sid", "exp"]})
    except jwt.InvalidTokenError:
        return None
    if scheme.lower() != "bearer" or claims["exp"] <= time.time():
        return None
    return UUID(claims["sub"]), UUID(claims["sid"])
