"""A phone's screen, as docs/envelope.md tells an app to keep it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Screen:
    """What hangs on the screen: tag -> opened content. `rung`: how often it made a sound."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    rung: int = 0

    def receive(self, tag: str, content: dict[str, Any]) -> None:
        for cleared, revision in content.get("cleared", []):
            self._clear(cleared, revision)
        if not content.get("alertIds") or content["revision"] <= self.revisions.get(tag, 0):
            return
        self.revisions[tag] = content["revision"]
        self.items[tag] = content
        self.rung += not content.get("quiet", False)

    def texts(self) -> list[str]:
        return [f"{content['title']} | {content['body']}" for content in self.items.values()]

    def _clear(self, tag: str, revision: int) -> None:
        if revision >= self.revisions.get(tag, 0):
            self.revisions[tag] = revision
            self.items.pop(tag, None)
