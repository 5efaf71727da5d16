"""An alert kind is whole, or this fails: Struct, catalogue, wording in both languages, a screen for its link."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from push.catalogue import CHANNELS, KINDS
from push.wording import LANGUAGES, PUSH_WORDING, push_texts
from push.wording.check import WordingBroken, check_wording
from push.wording.renderer import render
from schemas.alerts import AlertBody, Body

texts = push_texts()
SAMPLES: dict[Any, Any] = {
    str: "Europe/Moscow", int: 3, bool: True, date: date(2026, 11, 18),
    datetime: datetime(2026, 11, 18, 9, tzinfo=UTC),
}  # fmt: skip


def sample(kind: type[AlertBody]) -> AlertBody:
    return kind(**{field.name: SAMPLES[field.type] for field in msgspec.structs.fields(kind)})


def test_every_struct_is_in_the_catalogue_and_the_other_way_round() -> None:
    assert set(KINDS) == set(get_args(Body)) == set(derived(AlertBody))


def derived(kind: type[AlertBody]) -> list[type[AlertBody]]:
    return [further for own in kind.__subclasses__() for further in (own, *derived(own))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_reads_in_every_language(kind: type[AlertBody], language: str) -> None:
    shown = render(texts, language, (sample(kind), sample(kind)))
    assert shown.title
    assert shown.body
    assert "{" not in shown.title + shown.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_channel_has_a_name(language: str) -> None:
    assert all(texts.format(language, f"channel-{channel}") for channel in CHANNELS)


def test_past_three_items_the_rest_is_counted() -> None:
    from schemas.alerts import HomeworkSet

    bodies = tuple(HomeworkSet(child="Иван", subject=name, due_on=date(2026, 11, 19)) for name in "абвгд")
    assert render(texts, "ru", bodies).body.endswith("; и ещё 2")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("mark-set = { $subject }", "mark-set = { $subjekt }"), "ru.ftl: mark-set uses $subjekt"),
        (("meeting-called = ", "meeting-cold = "), "ru.ftl: meeting-called is missing"),
        (("more = ", "more "), "ru.ftl: cannot be read"),
    ],
)
def test_broken_wording_keeps_the_worker_from_starting(tmp_path: Path, change: tuple[str, str], why: str) -> None:
    for language in LANGUAGES:
        written = (PUSH_WORDING / f"{language}.ftl").read_text(encoding="utf-8")
        (tmp_path / f"{language}.ftl").write_text(written.replace(*change) if language == "ru" else written)
    with pytest.raises(WordingBroken, match=re.escape(why)):
        check_wording(tmp_path)


def test_the_wording_is_whole() -> None:
    check_wording(PUSH_WORDING)
