"""Half a minute of chaos in `make test`, three minutes in `make test-long`; `make chaos` is the long form."""

import random

import pytest
import uvloop

from tests.chaos.options import Options
from tests.chaos.run import run
from tests.chaos.trouble import kills


def survive(options: Options) -> None:
    """Whatever was lost or told twice is in the message, with the seed that helps to see it again."""
    report = uvloop.run(run(options))
    assert not report.violations, f"seed {options.seed}\n" + "\n".join(report.lines())
    assert kills(report.counts) == options.kills


def test_nothing_is_lost_or_told_twice_in_half_a_minute() -> None:
    survive(Options.short(random.randrange(10**6)))


@pytest.mark.long
def test_nothing_is_lost_or_told_twice_in_three_minutes() -> None:
    survive(Options.long(random.randrange(10**6), kills=30, minutes=3))
