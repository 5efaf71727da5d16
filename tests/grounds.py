"""Where servers of a test's or a benchmark's own stand: an empty folder, ports that nobody listens on."""

import contextlib
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from backend.core.errors import SetupError
from backend.local.supervisor import Ports, read_ports

_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of our own are made in it
_ROOM = 4 * 2**30


def in_memory() -> Path | None:
    """Where files never see a disk, if there is room: a database is 900 of them, which takes a disk six times as long.
    None: the usual place."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM else None


@contextlib.contextmanager
def server_folder(name: str, where: Path | None = None) -> Iterator[Path]:
    """A temporary folder in which PostgreSQL can work."""
    with tempfile.TemporaryDirectory(prefix=f"my-diary-{name}-", dir=where) as made:
        folder = Path(made)
        # PostgreSQL may run as another user, who must be able to reach its own folder.
        folder.chmod(0o711)
        yield folder


@contextlib.contextmanager
def bench_folder() -> Iterator[Path]:
    """The same for a benchmark, which brings its own servers whatever the environment names."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with server_folder("bench") as folder:
        yield folder


def demo_ports() -> Ports:
    """Ports for a whole demo."""
    for first in random.sample(range(23_000, 40_000, 10), 50):
        try:
            return read_ports(str(first))
        except SetupError:
            continue
    raise AssertionError("no free ports")
