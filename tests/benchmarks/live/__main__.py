"""`python -m tests.benchmarks.live`: a thousand apps in the foreground on one API process; about two minutes."""

import os
import tempfile
from pathlib import Path

from tests.benchmarks.live.listeners import measure_streams
from tests.benchmarks.push.stage import stage

FAMILIES = 500


def main() -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="my-diary-bench-") as name:
        folder = Path(name)
        # PostgreSQL may run as another user, who must be able to reach its own folder.
        folder.chmod(0o711)
        with stage(folder, FAMILIES) as made:
            measure_streams(folder, made)


main()
