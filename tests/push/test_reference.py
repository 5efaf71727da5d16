"""The reference decryptors open what must open, and refuse what must not: docs/samples/vectors.json."""

import importlib.util
import json
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.push.make_samples import FOLDER

JAVASCRIPT = Path(__file__).parents[2] / "push" / "standin" / "web" / "envelope.js"
_RUN = """
import { readFileSync } from "node:fs";
import { open } from "./envelope.mjs";
const found = [];
for (const { key, data } of JSON.parse(readFileSync("vectors.json", "utf8"))) {
  found.push(await open(key, data).catch(() => "refused"));
}
console.log(JSON.stringify(found));
"""


def _reference() -> ModuleType:
    """docs/samples is no package: app developers take the file as it is."""
    spec = importlib.util.spec_from_file_location("open_envelope", FOLDER / "open_envelope.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = _reference()
open_envelope: Callable[[bytes, dict[str, str]], dict[str, Any]] = reference.open_envelope
vectors: list[dict[str, Any]] = json.loads((FOLDER / "vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", vectors, ids=lambda vector: vector["name"])
def test_python(vector: dict[str, Any]) -> None:
    key = b64decode(vector["key"])
    if vector["expected"] == "refused":
        with pytest.raises(reference.Refused):
            open_envelope(key, vector["data"])
    else:
        assert open_envelope(key, vector["data"]) == vector["expected"]


@pytest.mark.parametrize("data", [{}, {"v": "1"}, {"v": "1", "t": "t", "k": "k", "n": "A", "c": "A"}])
def test_python_refuses_what_is_no_envelope(data: dict[str, str]) -> None:
    with pytest.raises(reference.Refused):
        open_envelope(bytes(32), data)


def test_javascript(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine")
    shutil.copy(JAVASCRIPT, tmp_path / "envelope.mjs")
    shutil.copy(FOLDER / "vectors.json", tmp_path)
    (tmp_path / "run.mjs").write_text(_RUN)
    ran = subprocess.run([node, "run.mjs"], cwd=tmp_path, capture_output=True, check=True, text=True)  # noqa: S603
    for vector, found in zip(vectors, json.loads(ran.stdout), strict=True):
        assert found == vector["expected"], vector["name"]


def test_there_is_something_to_open_and_something_to_refuse() -> None:
    names = {vector["name"]: vector["expected"] == "refused" for vector in vectors}
    assert {name for name, refused in names.items() if not refused} == {
        "ascii", "cyrillic-and-emoji", "alert-with-cleared", "clearing-only", "summary", "longest"
    }  # fmt: skip
    assert {name for name, refused in names.items() if refused} >= {
        "wrong-key", "swapped-tag", "swapped-key-id", "truncated-ciphertext", "unknown-version"
    }  # fmt: skip
