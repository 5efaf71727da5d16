"""A region's worth of families in a database of its own, and real push workers beside it."""

import asyncio
import base64
import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from uuid_utils.compat import uuid7

from backend import migrations
from backend.core.db import plain_url
from backend.core.settings import Keys
from backend.local.servers import running_servers
from push.devices import DeviceKeys
from tests.benchmarks.push.server import FastFcm

SECRET = base64.b64encode(b"a secret of the benchmark, 32 b.").decode()
# Enough that pacing never binds: here the machine is measured, not FCM's quota.
UNBOUND_QUOTA = 100_000_000
_PLATFORMS = ["android"] * 6 + ["ios"] * 3 + ["web"]
_NEVER = date(2020, 1, 1)


@dataclass(frozen=True)
class Parent:
    account: UUID
    child: UUID


@dataclass(frozen=True)
class Stage:
    """The database, its environment, and who lives in it."""

    environment: dict[str, str]
    school: UUID
    parents: list[Parent]

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(plain_url(self.environment["OWNER_DATABASE_URL"]))


@contextlib.contextmanager
def stage(folder: Path, families: int) -> Iterator[Stage]:
    """Servers that keep what they commit, and `families` children with two parents, each with a phone and a key."""
    with running_servers(folder, durable=True) as servers:
        environment = servers.database(f"bench_{secrets.token_hex(4)}", SECRET)
        owner = "postgresql+asyncpg" + environment["OWNER_DATABASE_URL"].removeprefix("postgresql")
        asyncio.run(migrations.upgrade(owner))
        yield asyncio.run(_settle_families(environment, families))


@contextlib.contextmanager
def workers(made: Stage, fcm: FastFcm, number: int, quota: int = UNBOUND_QUOTA) -> Iterator[list[int]]:
    """Runs `diary push worker` in processes of their own. Gives their process ids."""
    environment = os.environ | made.environment | {
        "DIARY_SECRET": SECRET, "FCM_BASE_URL": fcm.base_url, "FCM_CA": str(fcm.identity.ca),
        "FIREBASE_CREDENTIALS": str(fcm.identity.service_account), "FCM_QUOTA": str(quota), "LOG_LEVEL": "warning",
    }  # fmt: skip
    command = [sys.executable, "-m", "backend.cli", "push", "worker"]
    processes = [subprocess.Popen(command, env=environment) for _ in range(number)]
    try:
        asyncio.run(_until_alive(made, number))
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


async def _until_alive(made: Stage, number: int) -> None:
    connection = await made.connect()
    try:
        for _ in range(300):
            if await connection.fetchval("SELECT count(*) FROM push_worker") >= number:
                return
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
    raise TimeoutError("the workers did not start within 30 s")


async def _settle_families(environment: dict[str, str], families: int) -> Stage:
    connection = await asyncpg.connect(plain_url(environment["OWNER_DATABASE_URL"]))
    keys = DeviceKeys(Keys(base64.b64decode(SECRET)).device_keys)
    now, school = datetime.now(UTC), uuid4()
    children = [uuid7() for _ in range(families)]
    parents = [Parent(uuid7(), child) for child in children for _ in range(2)]
    await connection.execute(
        "INSERT INTO school (id, short_name, full_name, timezone, created_at)"
        " VALUES ($1, 'Bench', 'Bench', 'Europe/Moscow', now())",
        school,
    )
    await _copy(connection, "account", ["id", "login", "family_name", "given_name", "created_at"],
                [(p.account, f"p-{p.account}", "Bench", "Parent", now) for p in parents])  # fmt: skip
    await _copy(connection, "student", ["id", "school_id", "family_name", "given_name"],
                [(child, school, "Bench", f"Child {place}") for place, child in enumerate(children)])  # fmt: skip
    await _copy(
        connection, "guardianship",
        ["id", "school_id", "student_id", "account_id", "kind", "may_view", "may_file_absence", "receives_push",
         "contact_order", "starts"],
        [(uuid7(), school, p.child, p.account, "parent", True, True, True, 1, _NEVER) for p in parents],
    )  # fmt: skip
    await _copy(connection, "recipient", ["account_id", "language", "quiet_from", "quiet_until"],
                [(p.account, "ru", datetime.min.time(), datetime.min.time()) for p in parents])  # fmt: skip
    phones = [_phone(keys, place, now) for place in range(len(parents))]
    await _copy(
        connection, "installation",
        ["id", "platform", "app_version", "locale", "timezone", "permission", "target_kind", "target",
         "registered_at", "key_id", "key_wrapped", "key_expires_at"],
        phones,
    )  # fmt: skip
    await _copy(connection, "installation_account", ["account_id", "installation_id", "session_id", "added_at"],
                [(p.account, phone[0], uuid4(), now) for p, phone in zip(parents, phones, strict=True)])  # fmt: skip
    await connection.execute("ANALYZE")
    await connection.close()
    return Stage(environment, school, parents)


def _phone(keys: DeviceKeys, place: int, now: datetime) -> tuple[object, ...]:
    installation = uuid4()
    key = keys.wrap(installation, os.urandom(32))
    token = f"{secrets.token_urlsafe(16)}:APA91b{secrets.token_urlsafe(98)}"
    platform = _PLATFORMS[place % len(_PLATFORMS)]
    return (installation, platform, "1.0", "ru-RU", "Europe/Moscow", "granted", "token", token, now,
            "k1", key, now + timedelta(days=90))  # fmt: skip


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> None:
    await connection.copy_records_to_table(table, columns=list(columns), records=rows)


async def write_alerts(connection: asyncpg.Connection, made: Stage, threads: Sequence[str]) -> int:
    """Alerts for every parent, one in each of `threads`, in the inbox but not in the queue yet."""
    now = datetime.now(UTC)
    day = now.date().isoformat()
    subjects = ["Математика", "Русский язык", "Литература", "Физика", "История", "Биология"]
    rows = []
    for number, parent in enumerate(made.parents):
        for thread in threads:
            body = {"kind": "mark-set", "child": "Иван", "subject": subjects[number % 6], "value": str(2 + number % 4),
                    "work": "answer", "day": day}  # fmt: skip
            target = {"screen": "diary-day", "childId": str(parent.child), "date": day}
            rows.append((uuid7(), made.school, parent.account, parent.child, "mark-set", f"{number}:{thread}",
                         json.dumps(body), json.dumps(target), f"marks:{parent.child}:{thread}", "normal", now,
                         now + timedelta(days=3), "Europe/Moscow"))  # fmt: skip
    await _copy(
        connection, "alert",
        ["id", "school_id", "account_id", "child_id", "kind", "entity", "body", "target", "thread", "lane",
         "occurred_at", "expires_at", "timezone"],
        rows,
    )  # fmt: skip
    return len(rows)


__all__ = ["AsyncIterator", "Parent", "Stage", "stage", "workers", "write_alerts"]
