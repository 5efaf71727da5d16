"""`python -m tests.benchmarks.register`: saving a lesson's page with thirty marks; about three minutes."""

from tests.benchmarks.register.saves import compare_saves
from tests.benchmarks.register.stage import register_stage
from tests.grounds import bench_folder


def main() -> None:
    with bench_folder() as folder, register_stage(folder) as journal:
        compare_saves(journal)


main()
