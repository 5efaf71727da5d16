"""The models and the migrated tables are one picture."""

from pathlib import Path

import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import backend.exchange.models
import backend.openapi_document
from backend import migrations
from backend.core.db import Database
from backend.core.revision import current_revision, needed_revision
from backend.core.settings import Settings

_ = (backend.exchange.models, backend.openapi_document)  # all tables are known now


async def test_models_match_the_database(settings: Settings) -> None:
    engine = create_async_engine(settings.owner_database_url)

    def differences(connection: sqlalchemy.Connection) -> list[str]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = []
        for difference in compare_metadata(context, SQLModel.metadata):
            named = difference[0] if isinstance(difference, list) else difference
            if named[0] == "modify_type" and all("TEXT" in str(kind) or "VARCHAR" in str(kind) for kind in named[-2:]):
                continue  # text and varchar are one in PostgreSQL
            if named[0] in {"add_table", "add_column", "remove_column", "modify_type", "modify_nullable"}:
                found.append(str(named[:4]))
        return found

    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    # The view is no table; `fanout.id` is a bigint that Python calls int.
    assert [item for item in found if "membership" not in item and "'fanout', 'id'" not in item] == []


async def test_the_database_is_at_the_newest_revision(settings: Settings) -> None:
    database = Database(settings.database_url, pool=1)
    head = ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head()
    assert await current_revision(database) == needed_revision() == head
    await database.close()
