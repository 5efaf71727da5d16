"""`python -m tests.benchmarks.fanout`: one announcement to a school and to a region; three minutes beside waiting."""

from tests.benchmarks.fanout.announcement import measure_fanout
from tests.grounds import bench_folder


def main() -> None:
    with bench_folder() as folder:
        measure_fanout(folder)


main()
