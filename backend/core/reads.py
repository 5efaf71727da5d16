"""The type of the reads that rooms publish for each other: a SELECT that somebody else composes."""

from typing import Any, TypeAlias

from sqlalchemy import Select

Read: TypeAlias = "Select[*tuple[Any, ...]]"
