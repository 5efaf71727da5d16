"""Wrong settings are reported together, each with its remedy."""

import pytest

from backend.core.errors import SetupError
from backend.core.settings import read_settings


def test_all_wrong_settings_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "DIARY_SECRET", "PORT", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "mysql://x")
    monkeypatch.setenv("DIARY_SECRET", "c2hvcnQ=")
    monkeypatch.setenv("PORT", "many")
    with pytest.raises(SetupError) as caught:
        read_settings("DATABASE_URL", "REDIS_URL", "DIARY_SECRET")
    text = str(caught.value)
    assert "DATABASE_URL: must look like postgresql://" in text
    assert "REDIS_URL is missing" in text
    assert "DIARY_SECRET: must be at least 32 bytes" in text
    assert "PORT: " in text
