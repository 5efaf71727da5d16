"""`python -m tests.simulation`: a week of a school, how much it was, and what took how long."""

import asyncio
import sys

import uvloop

from backend import migrations
from backend.core.logging import configure_logging
from backend.core.settings import Settings
from backend.local.servers import running_servers
from tests.conftest import SECRET
from tests.grounds import bench_folder
from tests.simulation.checks import Outcome
from tests.simulation.run import simulate

AIM_SECONDS = 60


def main() -> int:
    configure_logging("warning")
    with (
        bench_folder() as folder,
        running_servers(folder / "data", durable=True) as servers,
    ):
        urls = servers.database("diary_week", SECRET)
        settings = Settings(**{key.lower(): _driver(url) for key, url in urls.items()}, diary_secret=SECRET)  # type: ignore[arg-type]
        asyncio.run(migrations.upgrade(settings.owner_database_url))
        outcome = uvloop.run(simulate(settings, folder))
    _show(outcome)
    return 1 if outcome.wrong else 0


def _show(outcome: Outcome) -> None:
    print("\n".join(outcome.wrong) or "everybody was told what they had to be told, once, and nothing else")
    print(f"  facts       {outcome.facts:>8,}")
    print(f"  alerts      {outcome.alerts:>8,}   of these for the feed only {outcome.feed_only:,}")
    print(f"  messages    {outcome.messages:>8,}   of these only to take items off screens {outcome.clearings:,}")
    print("  ends        " + ", ".join(f"{number:,} {end}" for end, number in sorted(outcome.ends.items())))
    shares = ", ".join(f"{what} {seconds:.1f}" for what, seconds in outcome.spent.items())
    met = "met" if outcome.seconds < AIM_SECONDS else "MISSED"
    print(f"  seconds     {outcome.seconds:>8.1f}   ({shares})   aim {AIM_SECONDS}: {met}")


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)


if __name__ == "__main__":
    sys.exit(main())
