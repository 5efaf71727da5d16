"""`python -m tests.benchmarks.diary`: the diary read against others, in one run; about three minutes."""

import os
import tempfile
from pathlib import Path

from tests.benchmarks.diary.compare import compare_weeks
from tests.benchmarks.diary.stage import diary_stage


def main() -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="my-diary-bench-") as name:
        folder = Path(name)
        # PostgreSQL may run as another user, who must be able to reach its own folder.
        folder.chmod(0o711)
        with diary_stage(folder) as week:
            compare_weeks(week)


main()
