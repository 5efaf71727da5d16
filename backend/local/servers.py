"""The servers that `make run` and `make test` stand on: those of the environment, or own ones from wheels."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.core.roles import APP, OWNER, PUSH, prepare_database
from backend.local.postgres import Postgres
from backend.local.valkey import Valkey


@dataclass(frozen=True)
class Servers:
    """Where PostgreSQL (as one who may create roles and databases) and Redis are reached."""

    admin_url: str
    redis_url: str
    own_postgres: bool

    def database(self, name: str, secret: str) -> dict[str, str]:
        """Makes a database with its roles; returns the variables that name it to a process.

        On an own server the socket's folder is the lock; on another one roles get passwords.
        """
        passwords = {} if self.own_postgres else {role: f"{secret[:24]}-{role}" for role in (OWNER, APP, PUSH)}
        urls = asyncio.run(prepare_database(self.admin_url, name, passwords))
        return {
            "DATABASE_URL": urls[APP],
            "PUSH_DATABASE_URL": urls[PUSH],
            "OWNER_DATABASE_URL": urls[OWNER],
            "REDIS_URL": self.redis_url,
        }


# Also where TMPDIR is long, or nobody else's to enter.
_SHORT = "/tmp"  # noqa: S108 - mkdtemp makes a folder of our own in it


@contextmanager
def running_servers(folder: Path, *, durable: bool) -> Iterator[Servers]:
    """Servers for as long as the block lasts. DATABASE_URL and REDIS_URL in the environment win.

    Args:
        folder: where own servers keep data and logs.
        durable: whether data must survive a crash; tests do without.
    """
    with ExitStack() as stack:
        # A socket's path is short by law (108 bytes), a project's folder may be anything.
        sockets = Path(tempfile.mkdtemp(prefix="my-diary-", dir=_SHORT if os.access(_SHORT, os.W_OK) else None))
        # PostgreSQL may run as another user, who must be able to pass through to its own folder.
        sockets.chmod(0o711)
        stack.callback(shutil.rmtree, sockets, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        admin_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        own_postgres = admin_url is None
        if admin_url is None:
            postgres = Postgres(folder, sockets / "postgres", durable=durable)
            stack.callback(postgres.stop)
            postgres.start()
            admin_url = postgres.url("postgres", "postgres")
        if redis_url is None:
            valkey = Valkey(folder, sockets)
            stack.callback(valkey.stop)
            valkey.start()
            redis_url = valkey.url
        yield Servers(admin_url, redis_url, own_postgres)
