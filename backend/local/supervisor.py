"""`make run`: servers, migrations, demo, the processes, and all of it stopped by Ctrl-C."""

import asyncio
import base64
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO

from backend import migrations
from backend.core.errors import SetupError
from backend.core.settings import Settings, reachable, read_settings
from backend.demo.load import load_demo
from backend.demo.phones import register_phones
from backend.demo.story import welcome
from backend.local.environment import ENVIRONMENT, FOLDER
from backend.local.servers import Servers, running_servers


@dataclass(frozen=True)
class Ports:
    """The API listens on PORT; everything else that listens moves with it."""

    api: int

    @property
    def page(self) -> int:
        return self.api + 1

    @property
    def fcm(self) -> int:
        return self.api + 2

    @property
    def push_metrics(self) -> int:
        return self.api + 3


@dataclass(frozen=True)
class Running:
    """A demo that is up: its settings, its ports and its processes by name."""

    settings: Settings
    ports: Ports
    processes: dict[str, subprocess.Popen[bytes]]


def run_all() -> None:
    """Runs everything until Ctrl-C. Raises SetupError with one clear line for whatever stands in the way."""
    began = time.monotonic()
    # So that a plain `kill` and a closed terminal clean up as Ctrl-C does, also while asyncio is at work.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    # PostgreSQL may run as another user, who must be let into its own folders. What is secret has a mode of its own.
    os.umask(0o022)
    host = os.environ.get("HOST", "127.0.0.1")
    with _only_one():
        ports = read_ports(os.environ.get("PORT", "8000"))
        with running_demo(FOLDER.absolute(), _data_folder(), ports, host, durable=True) as demo:
            print(welcome(demo.settings, ports.page, time.monotonic() - began), flush=True)  # noqa: T201
            _wait_for_stop(demo.processes)
    print("Stopped. The data stays; `make reset` clears it.", flush=True)  # noqa: T201


@contextmanager
def running_demo(folder: Path, data: Path, ports: Ports, host: str, *, durable: bool) -> Iterator[Running]:
    """Servers, migrations, the demo school, the four processes and the demo's phones.

    Args:
        folder: for logs and the stand-in's keys.
        data: for the databases of own servers, and the secret that they need.
    """
    with running_servers(data, durable=durable) as servers:
        environment = _environment(folder, servers, _secret(data), ports, host) | {
            "FILES_URL": (data / "files").as_uri(), "MAIL_URL": (data / "mail").as_uri(),
            # All that these processes talk to is here.
            "NO_PROXY": "*", "no_proxy": "*",
        }  # fmt: skip
        os.environ.update(environment)
        settings = read_settings("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "DIARY_SECRET")
        asyncio.run(migrations.upgrade(settings.owner_database_url))
        asyncio.run(load_demo(settings))
        _write_environment(folder, environment)
        with _processes(folder, ports, host) as processes:
            asyncio.run(register_phones(settings, f"http://{reachable(host)}:{ports.page}"))
            yield Running(settings, ports, processes)


def reset() -> None:
    """Clears the data of `make run`. Raises SetupError while it runs."""
    with _only_one():
        shutil.rmtree(_data_folder(), ignore_errors=True)
        for path in FOLDER.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != "lock":
                path.unlink()


def read_ports(value: str) -> Ports:
    """The ports from the first one. Raises SetupError for one that is no number or in use."""
    if not value.isdigit() or not 1 <= int(value) <= 65_000:
        raise SetupError(f"PORT={value} is not a port from 1 to 65000")
    ports = Ports(int(value))
    for port in (ports.api, ports.page, ports.fcm, ports.push_metrics):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise SetupError(f"port {port} is in use: choose another start, PORT=8100 make run") from None
    return ports


def _data_folder() -> Path:
    """Below the project; for root outside of it, because PostgreSQL then runs as a user of its own."""
    if os.geteuid() != 0:
        return FOLDER.absolute() / "data"
    here = hashlib.sha256(str(Path.cwd()).encode()).hexdigest()[:12]
    return Path("/var/lib/my-diary") / here


@contextmanager
def _only_one() -> Iterator[None]:
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SetupError("`make run` is already running in this folder: stop it first (Ctrl-C there)") from None
        yield


def _secret(data: Path) -> str:
    """The demo's own secret, made once. It lasts as long as the data, of which its passwords are."""
    file = data / "secret"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    return file.read_text()


def _environment(folder: Path, servers: Servers, secret: str, ports: Ports, host: str) -> dict[str, str]:
    from push.standin.credentials import make_identity

    identity = make_identity(folder / "fcm", f"https://127.0.0.1:{ports.fcm}")
    return {
        **servers.database("diary", secret),
        "DIARY_SECRET": secret,
        "HOST": host,
        "PORT": str(ports.api),
        "FIREBASE_CREDENTIALS": str(identity.service_account),
        "FCM_BASE_URL": f"https://127.0.0.1:{ports.fcm}",
        "FCM_CA": str(identity.ca),
        "PUSH_METRICS_PORT": str(ports.push_metrics),
        "ADMINISTRATOR_EMAIL": "administrator@diary.example",
        "SUPPORT_EMAIL": "support@diary.example",
        "MAIL_FROM": "My Diary <diary@diary.example>",
    }


def _write_environment(folder: Path, environment: dict[str, str]) -> None:
    """So that `diary` commands in another terminal find the running demo."""
    file = folder / ENVIRONMENT.name
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in environment.items()))


@contextmanager
def _processes(folder: Path, ports: Ports, host: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The four processes, ready. If one ends before that, its last words are the error."""
    commands = {
        "fcm": ["push", "standin", str(folder / "fcm"), str(ports.fcm), str(ports.page), "--host", host],
        "api": ["api"],
        "push": ["push", "worker"],
        "scheduler": ["scheduler"],
    }
    running: dict[str, subprocess.Popen[bytes]] = {}
    logs: list[IO[bytes]] = []
    try:
        for name, words in commands.items():
            log: IO[bytes] = (folder / f"{name}.log").open("wb")
            logs.append(log)
            running[name] = subprocess.Popen(
                [sys.executable, "-m", "backend.cli", *words], stdout=log, stderr=log, start_new_session=True
            )
        here = reachable(host)
        urls = [f"http://{here}:{ports.api}/health/ready", f"http://{here}:{ports.page}/phones"]
        _wait_until_ready(folder, running, urls)
        yield running
    finally:
        for process in reversed(running.values()):
            process.terminate()
        for process in running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
        for log in logs:
            log.close()


def _wait_until_ready(folder: Path, running: dict[str, subprocess.Popen[bytes]], urls: list[str]) -> None:
    deadline = time.monotonic() + 60
    waiting = list(urls)
    while waiting:
        _refuse_if_ended(folder, running)
        if time.monotonic() > deadline:
            raise SetupError(f"not ready after 60 s: {waiting[0]} (the logs are in {folder})")
        try:
            with urllib.request.urlopen(waiting[0], timeout=2) as answer:  # noqa: S310 - our own loopback address
                if answer.status == 200:
                    waiting.pop(0)
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)


def _wait_for_stop(running: dict[str, subprocess.Popen[bytes]]) -> None:
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.wait(1):
        _refuse_if_ended(FOLDER, running)


def _refuse_if_ended(folder: Path, running: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, process in running.items():
        if process.poll() is not None:
            tail = (folder / f"{name}.log").read_text(errors="replace").strip().splitlines()[-1:]
            raise SetupError(f"the process `{name}` ended: {' '.join(tail)} ({folder}/{name}.log has more)")
