"""`python -m tests.benchmarks.live`: a thousand apps in the foreground on one API process; about two minutes."""

from tests.benchmarks.live.listeners import measure_streams
from tests.benchmarks.push.stage import stage
from tests.grounds import bench_folder

FAMILIES = 500


def main() -> None:
    with bench_folder() as folder, stage(folder, FAMILIES) as made:
        measure_streams(folder, made)


main()
