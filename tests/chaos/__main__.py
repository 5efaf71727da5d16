"""`python -m tests.chaos`: the long form. Exits with 1 where something was lost or told twice."""

import argparse
import random
import signal
import sys
from pathlib import Path

import uvloop

from tests.chaos.options import Options
from tests.chaos.run import run
from tests.chaos.trouble import kills


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--kills", type=int, default=200, help="kill -9 of workers and APIs")
    parser.add_argument("--minutes", type=float, default=12, help="the bound of the whole run")
    parser.add_argument("--logs", type=Path, help="a folder to keep the logs of all processes in")
    parser.add_argument("--short", action="store_true", help="as in `make test`")
    chosen = parser.parse_args()
    options = Options.short(chosen.seed) if chosen.short else Options.long(chosen.seed, chosen.kills, chosen.minutes)
    # So that a plain `kill` cleans up as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"seed {options.seed}: {options.kills} kills, at most {options.seconds / 60:.0f} minutes", flush=True)
    report = uvloop.run(run(options, chosen.logs))
    print("\n".join(report.lines()))
    print(f"\n{kills(report.counts)} kills, seed {options.seed}")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
