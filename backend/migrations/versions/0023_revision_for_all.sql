-- A process must see that the tables are older than it is.
GRANT SELECT ON alembic_version TO diary_app, diary_push;
