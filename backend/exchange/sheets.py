"""CSV text to rows that remember where they stood in the file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from backend.core.values import clean
from backend.exchange.problems import Problems, refused

_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
# As long as any cell of a roster can sensibly be; csv's own limit is about the same.
_LONGEST_CELL = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row: the line it begins on, counted from 1 with the header, and its cells from left to right."""

    number: int
    cells: list[str]


def decode_utf8(content: bytes, file: str) -> str:
    """UTF-8 with or without a byte order mark.

    Raises:
        ImportRefused: with the row of the first byte that is not UTF-8.
    """
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            raise refused(file, "wrong-encoding", f"The file is {encoding}, not UTF-8: save it as CSV UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise refused(file, "wrong-encoding", "The text is not UTF-8: save it as CSV UTF-8.", row=row) from error


def lines(text: str, file: str, delimiter: str = ",") -> Iterator[Line]:
    """The rows of a CSV, blank ones left out. Quoted fields may hold delimiters and line ends.

    Raises:
        ImportRefused: a quote is never closed, or a cell is too long.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"From here on the file is not valid CSV: {error}."
            raise refused(file, "broken-row", message, row=start) from error
        if any(cell.strip() for cell in cells):
            yield Line(start, [cell.strip() for cell in cells])
        start = reader.line_num + 1


def check_cells(line: Line, header: list[str], file: str, problems: Problems) -> bool:
    """Whether the row has as many cells as the header, all fit to be stored."""
    if len(line.cells) != len(header):
        problems.add(
            file, line.number, None, "wrong-number-of-cells",
            f"The row has {len(line.cells)} cells, the header has {len(header)}.",
        )  # fmt: skip
        return False
    good = True
    for name, cell in zip(header, line.cells, strict=True):
        if len(cell) > _LONGEST_CELL:
            problems.add(file, line.number, name, "too-long", f"The cell is longer than {_LONGEST_CELL} characters.")
            good = False
        elif not cell.isprintable() and not clean(cell):
            problems.add(file, line.number, name, "control-character", "The cell holds a control character.")
            good = False
    return good
