"""`python -m tests.benchmarks.fanout`: one announcement to a school and to a region; about six minutes."""

import os
import tempfile
from pathlib import Path

from tests.benchmarks.fanout.announcement import measure_fanout


def main() -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="my-diary-bench-") as name:
        folder = Path(name)
        # PostgreSQL may run as another user, who must be able to reach its own folder.
        folder.chmod(0o711)
        measure_fanout(folder)


main()
