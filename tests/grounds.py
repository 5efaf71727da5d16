"""Where servers of a test's or a benchmark's own stand: an empty folder, ports that nobody listens on."""

import contextlib
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from backend.core.errors import SetupError
from backend.local.supervisor import Ports, read_ports


@contextlib.contextmanager
def server_folder(name: str) -> Iterator[Path]:
    """A temporary folder in which PostgreSQL can work."""
    with tempfile.TemporaryDirectory(prefix=f"my-diary-{name}-") as made:
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
