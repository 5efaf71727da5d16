"""`python -m tests.benchmarks.push`: the push engine against others, in one run; about eight minutes."""

import os
import tempfile
from pathlib import Path

from tests.benchmarks.push.celery_pipeline import compare_celery
from tests.benchmarks.push.limit import measure_limit
from tests.benchmarks.push.senders import compare_senders
from tests.benchmarks.push.server import fast_fcm
from tests.benchmarks.push.transports import compare_transports

# As long as FCM is away: on this machine, and over the internet.
DELAYS_MS = (0, 100)


def main() -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="my-diary-bench-") as name:
        folder = Path(name)
        # PostgreSQL may run as another user, who must be able to reach its own folder.
        folder.chmod(0o711)
        measure_limit(folder / "limit")
        _compare(folder)
        compare_celery(folder)
        _measure_ours(folder)


def _compare(folder: Path) -> None:
    for delay_ms in DELAYS_MS:
        with fast_fcm(folder / "fcm", delay_ms) as fcm:
            compare_transports(fcm, delay_ms)
            compare_senders(fcm, delay_ms)


def _measure_ours(folder: Path) -> None:
    """The place of our own whole pipeline: `measure_pipeline(folder)` of tests/benchmarks/push/pipeline.py."""


main()
