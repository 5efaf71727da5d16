"""Alembic's entry. `backend.migrations.upgrade` calls it with an open connection."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
