#!/bin/sh
# compose.yaml mounts this into PostgreSQL's /docker-entrypoint-initdb.d: it runs once, on an empty volume.
# It makes what `diary db prepare` makes elsewhere: the roles, none a superuser, and the owner's database.
set -eu

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
    --set=owner="$DIARY_OWNER_PASSWORD" --set=app="$DIARY_APP_PASSWORD" --set=push="$DIARY_PUSH_PASSWORD" <<'SQL'
CREATE ROLE diary_owner LOGIN PASSWORD :'owner';
CREATE ROLE diary_app LOGIN PASSWORD :'app';
CREATE ROLE diary_push LOGIN PASSWORD :'push';
CREATE ROLE diary_eraser NOLOGIN;
GRANT diary_eraser TO diary_owner WITH INHERIT FALSE;
CREATE DATABASE diary OWNER diary_owner;
SQL
