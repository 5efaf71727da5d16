"""`python -m tests.benchmarks.push.connections`: how many connections serve best, near and far.

Not in `make bench`: it takes some minutes, and is asked only when the default of `FCM_CONNECTIONS` is.
"""

import tempfile
from pathlib import Path

from tests.benchmarks.push.senders import compare_ours
from tests.benchmarks.push.server import fast_fcm
from tests.benchmarks.push.transports import compare_connections


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="my-diary-bench-") as name:
        for delay_ms in (0, 100):
            with fast_fcm(Path(name), delay_ms) as fcm:
                compare_connections(fcm, delay_ms)
                compare_ours(fcm, delay_ms)


main()
