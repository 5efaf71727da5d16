"""Texts for people in ru and en, as Fluent messages."""

from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

LANGUAGES = ("ru", "en")


class Texts:
    """The messages of one folder of .ftl files, one file a language, checked when it is read."""

    def __init__(self, folder: Path) -> None:
        self._bundles: dict[str, FluentBundle] = {}
        for language in LANGUAGES:
            bundle = FluentBundle([language], use_isolating=False)
            bundle.add_resource(FluentResource((folder / f"{language}.ftl").read_text(encoding="utf-8")))
            self._bundles[language] = bundle

    def has(self, language: str, message: str) -> bool:
        return self._bundles[language].has_message(message)

    def format(self, language: str, message: str, values: dict[str, object] | None = None) -> str:
        """The message in the language; `name.attribute` asks for an attribute.

        Raises:
            LookupError: no such message, or a value that it needs is missing.
        """
        bundle = self._bundles[language]
        name, _, attribute = message.partition(".")
        if not bundle.has_message(name):
            raise LookupError(f"{message} is not in {language}.ftl")
        found = bundle.get_message(name)
        pattern = found.attributes.get(attribute) if attribute else found.value
        if pattern is None:
            raise LookupError(f"{message} has no text in {language}.ftl")
        text, errors = bundle.format_pattern(pattern, values or {})
        if errors:
            raise LookupError(f"{message} in {language}.ftl: {errors[0]}")
        return str(text)


PUSH_WORDING = Path(__file__).parent


@cache
def push_texts() -> Texts:
    """The wording of alerts."""
    return Texts(PUSH_WORDING)
