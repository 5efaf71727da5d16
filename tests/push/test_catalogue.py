"""An alert kind is whole, or this fails: Struct, catalogue, wording in both languages, a screen for its link."""

from datetime import UTC, date, datetime
from typing import Any, get_args

import msgspec
import pytest

from push.catalogue import CHANNELS, KINDS
from push.wording import LANGUAGES, push_texts
from push.wording.renderer import render
from schemas.alerts import AlertBody, Body

texts = push_texts()
SAMPLES: dict[Any, Any] = {
    str: "Europe/Moscow", int: 3, date: date(2026, 11, 18), datetime: datetime(2026, 11, 18, 9, tzinfo=UTC)
}  # fmt: skip


def sample(kind: type[AlertBody]) -> AlertBody:
    return kind(**{field.name: SAMPLES[field.type] for field in msgspec.structs.fields(kind)})


def test_every_struct_is_in_the_catalogue_and_the_other_way_round() -> None:
    assert set(KINDS) == set(get_args(Body)) == set(AlertBody.__subclasses__())


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
