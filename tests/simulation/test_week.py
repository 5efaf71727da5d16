"""A week of a school of 1,000 students: whoever must be told is told, once, and nobody else."""

from pathlib import Path

import pytest

from backend.core.settings import Settings
from tests.simulation.run import simulate


@pytest.mark.long
async def test_a_week_tells_whom_it_must(settings: Settings, tmp_path: Path) -> None:
    outcome = await simulate(settings, tmp_path)
    assert not outcome.wrong, "\n".join(outcome.wrong)
    assert set(outcome.ends) == {"accepted", "superseded", "withdrawn"}
