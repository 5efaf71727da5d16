"""The rows of a feed on their way: what each asks for, what is wrong with it, what became of it. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from schemas.feed import FeedRow, RowError, RowOutcome, RowResult

W = TypeVar("W", bound=FeedRow)


@dataclass
class Row(Generic[W]):
    """One row of the request. Refused as soon as something is wrong with it, unchanged until something is done."""

    pointer: str
    wish: W
    outcome: RowOutcome = "unchanged"
    errors: list[RowError] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return bool(self.errors)

    def refuse(self, name: str, code: str) -> None:
        """Notes what is wrong with a field, or with the row itself where `name` is empty."""
        pointer = f"{self.pointer}/{name}" if name else self.pointer
        self.errors.append(RowError(pointer=pointer, code=code))

    def result(self) -> RowResult:
        outcome: RowOutcome = "refused" if self.errors else self.outcome
        return RowResult(external_id=self.wish.external_id, outcome=outcome, errors=self.errors)


def rows_of(kind: str, wishes: Sequence[W], *needs: str) -> list[Row[W]]:
    """The rows of a kind, refused where a field that they need is missing or an id stands there for the second time.

    Args:
        needs: the fields as on the wire, without which a row cannot be written.
    """
    rows = [Row(f"/{kind}/{number}", wish) for number, wish in enumerate(wishes)]
    seen: set[str] = set()
    for row in rows:
        if row.wish.external_id in seen:
            row.refuse("externalId", "repeated")
        seen.add(row.wish.external_id)
        if not row.wish.removed:
            for name, attribute in needs_of(needs):
                if getattr(row.wish, attribute) is None:
                    row.refuse(name, "required")
    return rows


def needs_of(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(name on the wire, attribute) of fields."""
    for name in names:
        yield name, "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def standing(rows: Iterable[Row[W]]) -> list[Row[W]]:
    """Those that ask for something to be there and are not refused."""
    return [row for row in rows if not row.refused and not row.wish.removed]


def removed(rows: Iterable[Row[W]]) -> list[Row[W]]:
    return [row for row in rows if not row.refused and row.wish.removed]


class Named:
    """What rows may name in one field: ids of ours by the name that the sender uses."""

    def __init__(self, known: dict[str, UUID]) -> None:
        self._known = known
        self._refused: set[str] = set()

    def find(self, row: Row[W], name: str, reference: str | None) -> UUID | None:
        """What the row means; the row is refused where that is nothing, or was refused itself."""
        if reference is None:
            return None
        if reference in self._refused:
            row.refuse(name, "depends-on-refused")
            return None
        found = self._known.get(reference)
        if found is None:
            row.refuse(name, "unknown")
        return found

    def settle(self, rows: Collection[Row[W]], ids: dict[str, UUID]) -> None:
        """Takes over what became of the rows that may be named.

        Args:
            ids: what they are, by their external ids, as far as they are there now.
        """
        first: dict[str, Row[W]] = {}
        for row in rows:
            first.setdefault(row.wish.external_id, row)
        for external, row in first.items():
            self._known.pop(external, None)
            if row.refused:
                self._refused.add(external)
            elif external in ids:
                self._known[external] = ids[external]
