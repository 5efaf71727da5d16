"""Years and periods as ranges of days that may not overlap: which of ours is meant by which of theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Range:
    """A named range of days, both included. `key` is the other system's name for it."""

    key: str
    name: str
    starts: date
    ends: date

    def overlaps(self, other: "Range") -> bool:
        return self.starts <= other.ends and other.starts <= self.ends


def disjoint(spans: Iterable[tuple[date, date]]) -> bool:
    """Whether no two of the ranges share a day."""
    ordered = sorted(spans)
    return all(before[1] < after[0] for before, after in pairwise(ordered))


def place(
    wanted: list[Range], existing: Mapping[UUID, Range], linked: Mapping[str, UUID]
) -> tuple[dict[str, UUID | None], list[str]]:
    """Finds for each wanted range the existing one that it is.

    A link decides; without one the only free range that it overlaps is adopted.

    Args:
        linked: what earlier imports made of a key.

    Returns:
        By key the existing id, or None for a new one; and the keys that would overlap in the end.
    """
    found: dict[str, UUID | None] = {item.key: linked[item.key] for item in wanted if linked.get(item.key) in existing}
    for item in wanted:
        if item.key not in found:
            near = [id_ for id_, other in existing.items() if id_ not in found.values() and item.overlaps(other)]
            found[item.key] = near[0] if len(near) == 1 else None
    others = [other for id_, other in existing.items() if id_ not in found.values()]
    conflicts = []
    for index, item in enumerate(wanted):
        if any(item.overlaps(other) for other in [*others, *wanted[:index]]):
            conflicts.append(item.key)
    return found, conflicts
