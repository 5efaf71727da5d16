"""Accounts of people, and their sessions."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import binary, timestamp


class Account(SQLModel, table=True):
    """A person who may sign in. A child's account is not the parent's (DOMAIN.md section 1)."""

    id: UUID = Field(primary_key=True)
    login: str
    family_name: str
    given_name: str
    patronymic: str | None = None
    language: str = "ru"
    email: str | None = None
    phone: str | None = None
    snils_sealed: bytes | None = binary(default=None)
    snils_index: bytes | None = binary(default=None)
    password_hash: str | None = None
    password_state: str = "none"
    one_time_until: datetime | None = timestamp(default=None)
    disabled_at: datetime | None = timestamp(default=None)
    created_at: datetime = timestamp()


class AuthSession(SQLModel, table=True):
    """One signed-in device. Its refresh tokens are computed from `seed`, never stored."""

    __tablename__ = "auth_session"

    id: UUID = Field(primary_key=True)
    account_id: UUID
    seed: bytes = binary()
    generation: int
    rotated_at: datetime = timestamp()
    created_at: datetime = timestamp()
    device_name: str
    installation_id: UUID | None = None
    ended_at: datetime | None = timestamp(default=None)
    end_reason: str | None = None


class SignInLock(SQLModel, table=True):
    """Failures of sign-in per login and per address, under a keyed hash of either."""

    __tablename__ = "sign_in_lock"

    subject: bytes = binary(primary_key=True)
    failures: int
    counting_since: datetime = timestamp()
    locked_until: datetime = timestamp()
