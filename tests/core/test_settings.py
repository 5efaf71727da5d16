"""Wrong settings are reported together, each with its remedy."""

import pytest

from backend.core.db import plain_url
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


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATABASE_URL", "postgresql://diary_app:pa:ss@w@host:5432/diary", "%3A"),
        ("DATABASE_URL", "postgresql://diary_app:p@ss:w@host:5432/diary", "%40"),
        ("DATABASE_URL", "postgresql://diary_app:secret@host:many/diary", "must look like"),
        ("PUSH_DATABASE_URL", "postgresql://h/diary?channel_binding=require", "channel_binding"),
        ("REDIS_URL", "redis://:sec:ret@host:many/0", "must look like redis://"),
        ("FCM_BASE_URL", "garbage", "must look like https://"),
        ("PUBLIC_URL", "https://host:many", "must look like https://"),
        ("FILES_URL", "s3://bucket?endpoint=s3.example.org", "endpoint=https://"),
        ("SUPPORT_EMAIL", "nobody", "must look like diary@"),
        ("FIREBASE_CREDENTIALS", "/nonexistent/file", "no such file"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SetupError, match=f"{name}: ") as caught:
        read_settings()
    assert says in str(caught.value)
    assert not any(part in str(caught.value) for part in ("ss@w", "ss:w", "secret", "sec:ret"))


def test_what_stands_for_nothing_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREBASE_CREDENTIALS", "")
    assert read_settings().firebase_credentials is None


def test_sslmode_reaches_the_driver_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://diary_app:a%40b@host/diary?sslmode=require")
    url = read_settings().database_url
    assert url == "postgresql+asyncpg://diary_app:a%40b@host/diary?ssl=require"
    assert plain_url(url) == "postgresql://diary_app:a%40b@host/diary?sslmode=require"
