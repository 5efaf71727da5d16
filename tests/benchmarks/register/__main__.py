"""`python -m tests.benchmarks.register`: saving a lesson's page with thirty marks; about three minutes."""

import os
import tempfile
from pathlib import Path

from tests.benchmarks.register.saves import compare_saves
from tests.benchmarks.register.stage import register_stage


def main() -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="my-diary-bench-") as name:
        folder = Path(name)
        # PostgreSQL may run as another user, who must be able to reach its own folder.
        folder.chmod(0o711)
        with register_stage(folder) as journal:
            compare_saves(journal)


main()
