"""The type of the reads that rooms publish for each other: a SELECT that somebody else composes."""

from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select

Read: TypeAlias = "Select[*tuple[Any, ...]]"

# Whose read it is and of which days: a value, or a column of the statement that the read becomes a part of.
Whose: TypeAlias = "UUID | ColumnElement[UUID]"
Day: TypeAlias = "date | ColumnElement[date]"
