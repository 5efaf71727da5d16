"""`make run` as a newcomer meets it: real processes, every named alert on the demo's phones, and a crash."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.core.errors import SetupError
from backend.demo.accounts import demo_password
from backend.demo.play import WORDS, say
from backend.local.supervisor import Running, read_ports, running_demo
from tests.grounds import demo_ports, server_folder

pytestmark = pytest.mark.long


@contextmanager
def started(folder: Path) -> Iterator[Running]:
    """`make run` in a folder, with servers of its own whatever the environment names."""
    before = dict(os.environ)
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with running_demo(folder, folder / "data", demo_ports(), "127.0.0.1", durable=False) as running:
        yield running
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    with server_folder("demo") as folder, started(folder) as running:
        yield running


def messages(demo: Running) -> dict[str, list[dict[str, Any]]]:
    """Phone -> messages, as the page shows them."""
    phones = httpx.get(f"http://127.0.0.1:{demo.ports.page}/phones", trust_env=False).json()
    return {item["phone"]["name"].split()[0]: item["messages"] for item in phones}


def wait_for(demo: Running, lit: set[str], before: dict[str, int], seconds: float = 5) -> set[str]:
    """The phones that got something new, as soon as all of `lit` have."""
    deadline = time.monotonic() + seconds
    found: set[str] = set()
    while time.monotonic() < deadline and not lit <= found:
        found = {name for name, received in messages(demo).items() if len(received) > before[name]}
        time.sleep(0.02)
    return found


# What `diary demo say` takes, and the phones that light up for certain.
SAID: list[tuple[str, set[str]]] = [
    ("mark", {"Мама", "Папа", "Иван", "Мамин"}),
    ("homework", {"Мама", "Папа", "Иван", "Мамин"}),
    ("done", set()),
    ("absence", {"Мама", "Папа", "Мамин"}),
    ("remark", {"Мама", "Папа", "Мамин"}),
    ("notice", {"Папа"}),
    ("decision", {"Мама"}),
    ("timetable", set()),  # of the next day, if there are lessons
    ("meeting", {"Мама", "Папа", "Мамин"}),
    ("moved", {"Мама", "Папа", "Мамин"}),
    ("cancelled", {"Мама", "Папа", "Мамин"}),
    ("message", {"Классный"}),
    ("letter", {"Мама", "Мамин"}),
    ("urgent", {"Мама", "Мамин"}),
    ("correction", {"Мама", "Папа", "Иван", "Мамин"}),
    ("announcement", set()),  # waits around the quarter hours
    ("evening", set()),  # of the next day, if there is something to say
    ("week", set()),
]


@pytest.mark.parametrize(("what", "lit"), SAID)
def test_every_named_alert_lights_its_phones(demo: Running, what: str, lit: set[str]) -> None:
    before = {name: len(received) for name, received in messages(demo).items()}
    asyncio.run(say(demo.settings, what))
    assert lit <= wait_for(demo, lit, before)


def test_every_event_is_tried() -> None:
    assert {what for what, _ in SAID} == set(WORDS)


def test_a_killed_worker_loses_nothing(demo: Running) -> None:
    """kill -9, marks meanwhile, and another worker."""
    demo.processes["push"].send_signal(signal.SIGKILL)
    demo.processes["push"].wait(10)
    before = {name: len(received) for name, received in messages(demo).items()}
    for _ in range(3):
        asyncio.run(say(demo.settings, "mark"))
    assert wait_for(demo, set(), before, seconds=0.5) == set()
    demo.processes["push"] = subprocess.Popen([sys.executable, "-m", "backend.cli", "push", "worker"])
    lit = {"Мама", "Папа", "Иван", "Мамин"}
    assert wait_for(demo, lit, before, seconds=90) == lit


def test_another_start_goes_on_with_the_same_data() -> None:
    with server_folder("demo") as folder:
        with started(folder) as first:
            asyncio.run(say(first.settings, "mark"))
            assert wait_for(first, {"Мама"}, dict.fromkeys(messages(first), 0)) >= {"Мама"}
        with started(folder) as second:
            assert demo_password(second.settings.keys) == demo_password(first.settings.keys)
            asyncio.run(say(second.settings, "correction"))
            lit = {"Мама", "Папа", "Иван", "Мамин"}
            assert wait_for(second, lit, dict.fromkeys(messages(second), 0)) >= lit


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        if port > 65_000:
            pytest.skip("the system chose a port that PORT may not be")
        with pytest.raises(SetupError, match=f"port {port} is in use: choose another start"):
            read_ports(str(port))


@pytest.mark.parametrize("value", ["", "many", "0", "70000"])
def test_a_port_that_is_none(value: str) -> None:
    with pytest.raises(SetupError, match="is not a port"):
        read_ports(value)
