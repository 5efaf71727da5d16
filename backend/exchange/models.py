"""What other systems call the things that came from them."""

from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import json


class ExternalId(SQLModel, table=True):
    """Another system's id of an entity of ours, and the columns of its row that we keep aside."""

    __tablename__ = "external_id"

    source: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    external: str = Field(primary_key=True)
    entity_id: UUID
    kept: dict[str, Any] = json()
