"""How the columns of our SQLModel tables are declared where SQLModel's defaults differ from ours."""

from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, LargeBinary, SmallInteger, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


def timestamp(**options: Any) -> Any:
    """A moment, `timestamptz`: aware in Python, UTC on the wire."""
    return Field(sa_type=DateTime(timezone=True), **options)


def binary(**options: Any) -> Any:
    return Field(sa_type=LargeBinary, **options)


def bigint(**options: Any) -> Any:
    return Field(sa_type=BigInteger, **options)


def smallint(**options: Any) -> Any:
    return Field(sa_type=SmallInteger, **options)


def json(**options: Any) -> Any:
    return Field(sa_type=JSONB, **options)


def uuids(**options: Any) -> Any:
    return Field(sa_type=ARRAY(Uuid), **options)
