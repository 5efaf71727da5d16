"""Looks at the wording of every kind before the first alert needs it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from push.catalogue import CHANNELS, KINDS, Kind
from push.wording import LANGUAGES


class WordingBroken(Exception):
    """A text that some alert would not find, or could not fill. Names the file, the message and the remedy."""


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802 - the visitor's convention
        self.names.add(node.id.name)


def check_wording(folder: Path) -> None:
    """Raises WordingBroken where a kind lacks a text in a language, or a text asks for what the kind has not."""
    wrong = [why for language in LANGUAGES for why in _wrong(folder / f"{language}.ftl")]
    if wrong:
        raise WordingBroken("; ".join(wrong))


def _wrong(file: Path) -> Iterator[str]:
    resource = FluentParser().parse(file.read_text(encoding="utf-8"))
    messages = {entry.id.name: entry for entry in resource.body if isinstance(entry, ast.Message)}
    for entry in resource.body:
        if isinstance(entry, ast.Junk):
            yield f"{file.name}: cannot be read: {(entry.content or '').strip().splitlines()[0]}"
    for name in ("neutral-title", "neutral-body", "more", "summary-title", *(f"channel-{of}" for of in CHANNELS)):
        if name not in messages:
            yield f"{file.name}: {name} is missing"
    for kind in KINDS.values():
        yield from _wrong_kind(file.name, kind, messages.get(kind.name))


def _wrong_kind(file: str, kind: Kind, message: ast.Message | None) -> Iterator[str]:
    if message is None or message.value is None:
        yield f"{file}: {kind.name} is missing"
        return
    if not any(attribute.id.name == "title" for attribute in message.attributes):
        yield f"{file}: {kind.name} has no .title"
    variables = _Variables()
    variables.visit(message)
    fields = {field.encode_name for field in msgspec.structs.fields(kind.body)} | {"count"}
    for name in sorted(variables.names - fields):
        yield f"{file}: {kind.name} uses ${name}, which the kind does not have (it has {', '.join(sorted(fields))})"
