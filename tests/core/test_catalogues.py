"""Every catalogue of texts says each thing once: of two messages of one name Fluent would silently take the first."""

import re
from collections import Counter
from pathlib import Path

import pytest
from fluent.runtime import FluentResource
from fluent.syntax.ast import Junk

import backend
import push
from push.catalogue import CHANNELS
from push.wording import LANGUAGES

ROOMS = [Path(package.__file__).parent for package in (backend, push) if package.__file__]
CATALOGUES = sorted(file for room in ROOMS for file in room.rglob("*.ftl"))


def test_they_are_found() -> None:
    assert {file.stem for file in CATALOGUES} == set(LANGUAGES)
    assert len(CATALOGUES) >= 10


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_each_message_stands_once_and_can_be_read(file: Path) -> None:
    entries = FluentResource(file.read_text(encoding="utf-8")).body
    names = Counter(entry.id.name for entry in entries if hasattr(entry, "id"))
    assert [name for name, times in names.items() if times > 1] == []
    assert [entry.content for entry in entries if isinstance(entry, Junk)] == []


def test_apps_are_told_of_every_code_of_a_field() -> None:
    known = Path("docs/app.md").read_text(encoding="utf-8")
    wording = Path("backend/core/texts/en.ftl").read_text(encoding="utf-8")
    codes = re.findall(r"^field-([a-z0-9-]+)", wording, re.MULTILINE)
    assert len(codes) > 50
    assert [code for code in codes if f"`{code}`" not in known] == []


def test_apps_are_told_of_every_channel() -> None:
    known = Path("docs/app.md").read_text(encoding="utf-8")
    assert [channel for channel in CHANNELS if f"\n| `{channel}` |" not in known] == []
