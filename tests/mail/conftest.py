"""The loop of these tests."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """asyncio's own: uvloop is closed before it has let go of a TLS connection that was cut off a moment ago."""
    return "asyncio", {"use_uvloop": False}
