"""docs/samples is what the server sends: per kind and platform, in the shape of the schemas, and silent about names."""

import json
from base64 import b64decode
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from push.catalogue import KIND_NAMES
from push.envelope import SEALED_LIMIT, Content
from push.standin.validation import check_message
from tests.push.make_samples import FOLDER, NAMES, PLATFORMS, SAMPLES, everything
from tests.push.test_reference import open_envelope

BY_HAND = {"open_envelope.py", "push-data.schema.json"}
ALL = [(name, platform) for name in NAMES for platform in PLATFORMS]


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def validator(name: str) -> Draft202012Validator:
    schema = read(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


data_schema = validator("push-data.schema.json")
content_schema = validator("content.schema.json")


def test_they_are_what_the_server_sends_now() -> None:
    made = everything()
    assert {path.name for path in FOLDER.iterdir() if path.is_file()} == made.keys() | BY_HAND
    for name, text in made.items():
        message = f"{name} has changed: if that is meant, python -m tests.push.make_samples"
        assert (FOLDER / name).read_text(encoding="utf-8") == text, message


def test_every_kind_has_one_for_each_platform() -> None:
    assert set(SAMPLES) == KIND_NAMES
    assert all((FOLDER / f"{kind}.{platform}.json").exists() for kind in KIND_NAMES for platform in PLATFORMS)


@pytest.mark.parametrize(("name", "platform"), ALL)
def test_the_encrypted_part_opens_to_the_content(name: str, platform: str) -> None:
    sample = read(f"{name}.{platform}.json")
    assert open_envelope(b64decode(sample["key"]), sample["encrypted"]["message"]["data"]) == sample["content"]
    assert sample["content"].get("kind", "clearing") == name
    assert bool(sample["content"]["alertIds"]) == (name != "clearing")


@pytest.mark.parametrize(("name", "platform"), ALL)
def test_it_is_of_the_shape_that_the_schemas_say(name: str, platform: str) -> None:
    sample = read(f"{name}.{platform}.json")
    content_schema.validate(sample["content"])
    for form in ("encrypted", "neutral"):
        check_message(sample[form])
        data_schema.validate(sample[form]["message"]["data"])
    if "x" in sample["neutral"]["message"]["data"]:
        assert json.loads(sample["neutral"]["message"]["data"]["x"]) == sample["content"]["cleared"]


@pytest.mark.parametrize(("name", "platform"), ALL)
def test_the_message_names_nobody_and_nothing(name: str, platform: str) -> None:
    sample = read(f"{name}.{platform}.json")
    wire = json.dumps([sample["encrypted"], sample["neutral"]], ensure_ascii=False)
    words = {word for bodies, _ in SAMPLES.values() for body in bodies for word in _words(msgspec.to_builtins(body))}
    secret = words | KIND_NAMES | _words(sample["content"]) - _visible(sample["neutral"])
    assert {"Иван", "Математика", "5А", "homework-set"} <= secret
    assert [word for word in sorted(secret) if word in wire] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"t": None}, {"v": "2"}, {"k": None}, {"c": "short"}, {"r": "3"}, {"title": "a", "body": "b"},
        {"c": "A" * 3436}, {"t": "with a space in it, 22"},
    ],
    ids=str,
)  # fmt: skip
def test_the_schema_refuses_other_encrypted_data(changes: dict[str, str | None]) -> None:
    _refused(read("mark-set.android.json")["encrypted"]["message"]["data"], changes)


@pytest.mark.parametrize(
    "changes", [{"r": None}, {"r": "-1"}, {"a": None}, {"title": None}, {"q": "0"}, {"k": "k1"}, {"r": 3}], ids=str
)
def test_the_schema_refuses_other_neutral_data(changes: dict[str, str | None]) -> None:
    _refused(read("mark-set.android.json")["neutral"]["message"]["data"], changes)


@pytest.mark.parametrize(
    "changes",
    [{"revision": None}, {"alertIds": ["one"]}, {"title": None}, {"cleared": [["tag"]]}, {"cleared": [["t", 1]] * 41}],
    ids=lambda changes: "-".join(changes),
)
def test_the_schema_refuses_other_contents(changes: dict[str, object]) -> None:
    content = read("mark-set.android.json")["content"] | changes
    assert not content_schema.is_valid({name: value for name, value in content.items() if value is not None})


def test_the_schema_of_the_content_lets_fields_be_added() -> None:
    content_schema.validate(read("mark-set.android.json")["content"] | {"later": {"anything": 1}})


def test_vectors_have_the_shape_too_and_the_longest_fills_the_limit() -> None:
    vectors = {vector["name"]: vector for vector in read("vectors.json")}
    for vector in vectors.values():
        if vector["expected"] != "refused":
            data_schema.validate(vector["data"])
            content_schema.validate(vector["expected"])
            msgspec.convert(vector["expected"], Content)
    longest = vectors["longest"]
    assert len(b64decode(longest["data"]["c"] + "=", altchars=b"-_")) == SEALED_LIMIT + 16
    assert longest["expected"]["body"].endswith("…")


def _refused(data: dict[str, Any], changes: dict[str, str | None]) -> None:
    data_schema.validate(data)
    changed = {name: value for name, value in (data | changes).items() if value is not None}
    assert not data_schema.is_valid(changed)


def _words(value: object) -> set[str]:
    """The strings in it that would tell something: single letters and digits stand in any base64."""
    if isinstance(value, dict):
        return {word for part in value.values() for word in _words(part)}
    if isinstance(value, list):
        return {word for part in value for word in _words(part)}
    return {value} if isinstance(value, str) and len(value) > 1 else set()


def _visible(neutral: dict[str, Any]) -> set[str]:
    """What a neutral message may say: the newest alert's id, and the tags that it clears."""
    data = neutral["message"]["data"]
    return _words([data.get("a", ""), json.loads(data.get("x", "[]"))])
