"""`python -m tests.benchmarks.push.connections`: how many connections serve best, near and far.

Not in `make bench`: it takes some minutes, and is asked only when the default of `FCM_CONNECTIONS` is.
"""

from tests.benchmarks.push.senders import compare_ours
from tests.benchmarks.push.server import fast_fcm
from tests.benchmarks.push.transports import compare_connections
from tests.grounds import bench_folder


def main() -> None:
    with bench_folder() as folder:
        for delay_ms in (0, 100):
            with fast_fcm(folder, delay_ms) as fcm:
                compare_connections(fcm, delay_ms)
                compare_ours(fcm, delay_ms)


main()
