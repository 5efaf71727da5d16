"""`python -m tests.benchmarks.diary`: the diary read against others, in one run; about three minutes."""

from tests.benchmarks.diary.compare import compare_weeks
from tests.benchmarks.diary.stage import diary_stage
from tests.grounds import bench_folder


def main() -> None:
    with bench_folder() as folder, diary_stage(folder) as week:
        compare_weeks(week)


main()
