"""Alerts of one thread -> what a person reads. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_date, format_datetime

from push.catalogue import kind_of
from push.wording import Texts
from schemas.alerts import AlertBody

ITEMS_SHOWN = 3
SUMMARY_LINES = 5


class Shown(msgspec.Struct, frozen=True):
    title: str
    body: str


@lru_cache(maxsize=512)
def render(texts: Texts, language: str, bodies: tuple[AlertBody, ...]) -> Shown:
    """The text of a thread's unread alerts, oldest first in `bodies`, merged into one item of the screen.

    Alike alerts are merged ("математика: 4, 5"), and past three items the rest is counted. The title is
    that of the newest.
    """
    items = _merge(texts, language, bodies)
    newest = bodies[-1]
    title = texts.format(
        language, f"{kind_of(newest).name}.title", _values(texts, language, newest) | {"count": len(bodies)}
    )
    lines = items[:ITEMS_SHOWN]
    if len(items) > ITEMS_SHOWN:
        lines.append(texts.format(language, "more", {"count": len(items) - ITEMS_SHOWN}))
    return Shown(title=title, body="; ".join(lines))


def render_summary(texts: Texts, language: str, threads: Sequence[tuple[AlertBody, ...]]) -> Shown:
    """The text of a summary: a line for each thread, past five lines the rest is counted."""
    items = [render(texts, language, bodies) for bodies in threads]
    lines = [f"{item.title} ({item.body})" for item in items[:SUMMARY_LINES]]
    if len(items) > SUMMARY_LINES:
        lines.append(texts.format(language, "more", {"count": len(items) - SUMMARY_LINES}))
    return Shown(title=texts.format(language, "summary-title", {"count": len(items)}), body="\n".join(lines))


def _merge(texts: Texts, language: str, bodies: Sequence[AlertBody]) -> list[str]:
    merged: dict[tuple[str, object], dict[str, Any]] = {}
    for number, body in enumerate(bodies):
        kind = kind_of(body)
        values = _values(texts, language, body)
        group = (kind.name, values[kind.merge.by] if kind.merge else number)
        if kind.merge and group in merged:
            merged[group][kind.merge.join] += f", {values[kind.merge.join]}"
        else:
            merged[group] = values
    return list(dict.fromkeys(texts.format(language, name, values) for (name, _), values in merged.items()))


def _values(texts: Texts, language: str, body: AlertBody) -> dict[str, Any]:
    """The fields of a body as words of the language: dates spelled, codes translated."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(body):
        value = getattr(body, field.name)
        if isinstance(value, datetime):
            local = value.astimezone(ZoneInfo(body.timezone))  # type: ignore[attr-defined]
            value = format_datetime(local, "d MMMM, HH:mm", locale=language)
        elif isinstance(value, date):
            value = format_date(value, "d MMMM", locale=language)
        elif isinstance(value, bool):
            value = "yes" if value else "no"
        elif field.name in {"value", "old"}:
            value = texts.format(language, "mark-value", {"value": value})
        elif value == "":
            value = "none"  # a text may choose by it
        values[field.encode_name] = value
    if "firstDay" in values and values["firstDay"] == values["lastDay"]:
        values["firstDay"] = "same"
    return values
