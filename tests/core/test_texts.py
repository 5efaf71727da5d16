"""What a text may hold: one rule for every text that comes in, so that what is shown is what was written."""

from typing import Annotated, Any, get_args, get_origin

import msgspec
import pytest

import backend.openapi_document
from backend.core.errors import Invalid
from backend.core.validation import decode_body
from backend.core.values import clean
from schemas.base import PLAIN, Input, LongText

_ = backend.openapi_document  # all bodies are known now


class Note(Input):
    text: LongText
    lines: list[LongText] = []


def refusal(body: str) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        decode_body(body.encode(), Note)
    return refused.value.fields


@pytest.mark.parametrize(
    "text",
    ["<b>№ 412</b>", "первая\nвторая\r\n\tтретья", "👩🏽‍🎨", "\\ud83d\\ude00", "שלום, world", "a\u200fb"],
)
def test_html_lines_and_other_scripts_are_text(text: str) -> None:
    escaped = text if "\\" in text else msgspec.json.encode(text).decode()[1:-1]
    found = decode_body(f'{{"text": "{escaped}"}}'.encode(), Note).text
    assert found == msgspec.json.decode(f'"{escaped}"')
    assert clean(found)


@pytest.mark.parametrize(
    "character", ["\\u0000", "\\u0007", "\\u001b", "\x7f", "\x85", *(chr(c) for c in range(0x202A, 0x202F)),
                  *(chr(c) for c in range(0x2066, 0x206A)), "\\u202e", "\\ud800", "\\uDFFF", "\\ude00\\ud83d"],
)  # fmt: skip
def test_controls_overrides_and_half_pairs_are_refused_where_they_stand(character: str) -> None:
    assert refusal(f'{{"text": "a{character}b"}}') == {"/text": "bad-character"}
    assert refusal(f'{{"text": "a", "lines": ["", "b{character}"]}}')["/lines/1"] == "bad-character"


def test_a_name_that_cannot_be_pointed_at_is_refused_at_its_object() -> None:
    assert refusal('{"text": "a", "\\ud800": "b"}') == {"": "bad-character"}


def test_a_text_that_is_too_long_or_missing_is_called_so() -> None:
    assert refusal('{"text": ""}') == {"/text": "out-of-range"}
    assert refusal('{"lines": ["a"]}') == {"/text": "required"}


def test_the_rule_holds_for_every_text_of_every_body() -> None:
    """But for passwords, which nobody is shown, and what has a pattern of its own."""
    bodies = [struct for struct in every(Input) if struct.__module__.startswith("schemas.")]
    assert len(bodies) > 60
    free = [
        f"{struct.__name__}.{field.name}"
        for struct in bodies
        for field in msgspec.structs.fields(struct)
        if any(pattern is None for pattern in patterns(field.type))
    ]
    assert [name for name in free if "assword" not in name] == []
    assert any(pattern == PLAIN for struct in bodies for field in msgspec.structs.fields(struct)
               for pattern in patterns(field.type))  # fmt: skip


def every(struct: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    return [further for own in struct.__subclasses__() for further in (own, *every(own))]


def patterns(annotation: Any, outer: str | None = None) -> list[str | None]:
    """The patterns of the strings in a type; None for a string that may hold anything."""
    if annotation is str:
        return [outer]
    if get_origin(annotation) is Annotated:
        inner, *metas = get_args(annotation)
        found = [meta.pattern for meta in metas if isinstance(meta, msgspec.Meta) and meta.pattern]
        return patterns(inner, found[-1] if found else None)
    parts = get_args(annotation) if get_origin(annotation) is not None and not is_literal(annotation) else ()
    return [pattern for part in parts for pattern in patterns(part)]


def is_literal(annotation: Any) -> bool:
    return all(isinstance(part, str) for part in get_args(annotation))
