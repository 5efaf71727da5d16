"""What is wrong with a file, place by place. An import is refused with all of it at once."""

from collections import Counter
from dataclasses import dataclass

# A person reads the first screens; a million lines of the same would help nobody.
SHOWN = 1000


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One thing wrong at one place.

    Attributes:
        file: the file inside the archive, or the file itself.
        row: counted from 1 as an editor shows it, the header line included; None: the whole file.
        column: the header; None: the whole row.
        code: stable, for machines and translations.
        message: one English sentence. Never holds a SNILS, a phone or an e-mail address.
    """

    file: str
    row: int | None
    column: str | None
    code: str
    message: str

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.message}"


class ImportRefused(Exception):
    """The file cannot be imported; nothing was written.

    Attributes:
        problems: the first `SHOWN` of them, in the order of the file.
        total: how many there are.
    """

    def __init__(self, problems: list[ImportProblem], total: int | None = None) -> None:
        self.problems = problems
        self.total = len(problems) if total is None else total
        super().__init__(f"{self.total} problem(s); the first: {problems[0]}")


class Problems:
    """Collects problems until it is time to refuse."""

    def __init__(self, shown: int = SHOWN) -> None:
        self._shown = shown
        self._found: list[ImportProblem] = []
        self._total = 0

    def __len__(self) -> int:
        return self._total

    def add(self, file: str, row: int | None, column: str | None, code: str, message: str) -> None:
        self._total += 1
        if len(self._found) < self._shown:
            self._found.append(ImportProblem(file, row, column, code, message))

    def extend(self, refused: ImportRefused) -> None:
        """Takes over what a part of the work was refused for."""
        for problem in refused.problems:
            self.add(problem.file, problem.row, problem.column, problem.code, problem.message)

    def refuse(self) -> None:
        """Raises ImportRefused if anything was found; otherwise nothing happens."""
        if self._found:
            order = {file: index for index, file in enumerate(Counter(item.file for item in self._found))}
            found = sorted(self._found, key=lambda item: (order[item.file], item.row or 0))
            raise ImportRefused(found, self._total)


def refused(file: str, code: str, message: str, *, row: int | None = None) -> ImportRefused:
    """A refusal for one reason, after which reading on makes no sense."""
    return ImportRefused([ImportProblem(file, row, None, code, message)])
