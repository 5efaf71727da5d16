"""`python -m tests.benchmarks.push`: the push engine against others, in one run; about twenty minutes."""

from pathlib import Path

from tests.benchmarks.push.celery_pipeline import compare_celery
from tests.benchmarks.push.latency import measure_latency
from tests.benchmarks.push.limit import measure_limit
from tests.benchmarks.push.memory import measure_blackout, measure_memory
from tests.benchmarks.push.pipeline import measure_pipeline
from tests.benchmarks.push.senders import compare_senders
from tests.benchmarks.push.server import fast_fcm
from tests.benchmarks.push.transports import compare_transports
from tests.grounds import bench_folder

# As long as FCM is away: on this machine, and over the internet.
DELAYS_MS = (0, 100)
CELERY_AIM = 10


def main() -> None:
    with bench_folder() as folder:
        measure_limit(folder / "limit")
        _compare(folder)
        _measure_ours(folder, compare_celery(folder))


def _compare(folder: Path) -> None:
    for delay_ms in DELAYS_MS:
        with fast_fcm(folder / "fcm", delay_ms) as fcm:
            compare_transports(fcm, delay_ms)
            compare_senders(fcm, delay_ms)


def _measure_ours(folder: Path, celery: dict[str, float]) -> None:
    rate = measure_pipeline(folder)
    near = {kind: celery[f"{kind} {DELAYS_MS[0]}"] for kind in ("alerts", "facts")}
    met = "met" if rate >= CELERY_AIM * near["alerts"] else "MISSED"
    print(f"  {rate / near['alerts']:.1f} x fcm-django and Celery with a task an alert, which is the same duty: a text "
          f"for each person   aim {CELERY_AIM} x: {met}")  # fmt: skip
    print(f"  {rate / near['facts']:.1f} x fcm-django and Celery that send one unsealed text to 500 devices a task")
    measure_latency(folder)
    measure_memory(folder)
    measure_blackout(folder)


main()
