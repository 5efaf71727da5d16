"""A OneRoster ZIP in memory: what each file says, and what the manifest says about it."""

from dataclasses import dataclass, field
from datetime import date

from backend.core.values import iso_day
from backend.exchange.oneroster.tables import ids

BULK, DELTA, ABSENT = "bulk", "delta", "absent"


@dataclass(frozen=True, slots=True)
class Record:
    """One row. `row` is None for what an earlier import left behind and this file only refers to."""

    file: str
    row: int | None
    id: str
    raw: dict[str, str]

    @property
    def fresh(self) -> bool:
        return self.row is not None

    def text(self, column: str) -> str:
        return self.raw.get(column, "")

    def ids(self, column: str) -> list[str]:
        return ids(self.raw.get(column, ""))

    def day(self, column: str) -> date | None:
        return iso_day(self.raw.get(column, ""))

    def flag(self, column: str, default: bool) -> bool:
        value = self.raw.get(column, "").lower()
        return value == "true" if value else default

    def must_day(self, column: str) -> date:
        """A day that reading has already checked to be there."""
        day = self.day(column)
        assert day is not None  # noqa: S101 - a required, checked column
        return day


@dataclass(slots=True)
class Sheet:
    """One file: its active rows and the rows marked `tobedeleted`, both by sourcedId.

    `whole` is False where rows could not be read: that others refer to them is then no second problem.
    """

    mode: str = ABSENT
    whole: bool = True
    records: dict[str, Record] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)

    @property
    def fresh(self) -> list[Record]:
        return [record for record in self.records.values() if record.fresh]

    def names(self, external: str) -> bool:
        """Whether the file has a row of this sourcedId, active or deleted."""
        record = self.records.get(external)
        return external in self.deleted or (record is not None and record.fresh)

    def judges(self, external: str) -> bool:
        """Whether the file's silence, or its word, decides about this sourcedId: bulk speaks of all."""
        return self.mode == BULK or self.names(external)


@dataclass(slots=True)
class Bundle:
    """All files. `deleted_at`: the schools of what a delta file deletes by its sourcedId alone."""

    version: str
    sheets: dict[str, Sheet]
    deleted_at: set[str] = field(default_factory=set)

    def __getitem__(self, file: str) -> Sheet:
        # roles.csv does not exist in 1.1; asking for it is still simple.
        return self.sheets.setdefault(file, Sheet())

    @property
    def size(self) -> int:
        return sum(len(sheet.records) for sheet in self.sheets.values())
