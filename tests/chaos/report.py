"""What a run counted, and what it found wrong."""

from collections import Counter
from dataclasses import dataclass, field

_SHOWN = 12


@dataclass
class Report:
    """Counts by name, in the order in which they came; violations by the check that found them."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[str, str]] = field(default_factory=list)
    ledger: list[str] = field(default_factory=list)

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] += by

    def wrong(self, check: str, what: str) -> None:
        self.violations.append((check, what))

    def lines(self) -> list[str]:
        """The summary for people."""
        width = max((len(name) for name in self.counts), default=0)
        lines = [f"  {name:<{width}} {number:>9,}" for name, number in self.counts.items()]
        lines += ["", *(f"  {line}" for line in self.ledger), ""]
        if not self.violations:
            return [*lines, "Nothing was lost, and nothing was told twice."]
        for check, found in Counter(check for check, _ in self.violations).items():
            lines.append(f"WRONG, {check}: {found}")
            lines += [f"  {what}" for name, what in self.violations if name == check][:_SHOWN]
        return lines
