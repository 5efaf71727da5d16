"""A table in XLSX or CSV to rows by column name."""

import io
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from backend.core.values import clean, tidy
from backend.exchange.archive import Archive, Limits, read_whole
from backend.exchange.headers import Columns
from backend.exchange.problems import Problems, refused
from backend.exchange.sheets import lines

Cell = str | date | None

_MOST_COLUMNS = 200
_TITLE_ROWS = 10
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TableLimits:
    """How large a table may be; a workbook is a ZIP, and its limits are those of the archive."""

    rows: int
    workbook: Limits


# A school has at most a few thousand students; a list of a million rows is a mistake.
COMMAND_LIMITS = TableLimits(50_000, Limits(50 * _MEGABYTE, member=200 * _MEGABYTE, total=300 * _MEGABYTE, members=500))


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` by the canonical name of the column; `others` are columns that we do not know."""

    number: int
    cells: dict[str, Cell]
    others: dict[str, str]


def read_table(
    file: Path | bytes, name: str, columns: Columns, problems: Problems, limits: TableLimits = COMMAND_LIMITS
) -> list[Row]:
    """Reads the table; what is wrong with single cells goes to `problems`.

    Raises:
        ImportRefused: it is neither XLSX nor CSV, or has no header with the columns needed.
    """
    content = read_whole(file, name, limits.workbook.archive)
    raw = _workbook(content, name, limits) if content.startswith(b"PK") else _csv(content, name)
    return _rows(raw, name, columns, problems, limits.rows)


def _rows(
    raw: Iterable[tuple[int, list[Cell]]], name: str, columns: Columns, problems: Problems, most: int
) -> list[Row]:
    header: list[str | None] = []
    titles: list[str] = []
    found: list[Row] = []
    for passed, (number, cells) in enumerate(raw):
        if not header:
            candidate = [columns.canonical(str(cell)) if cell is not None else None for cell in cells]
            if set(columns.telling) <= set(candidate):
                header, titles = candidate, [tidy(str(cell or "")) for cell in cells]
                _check_header(header, number, columns, name)
            elif passed >= _TITLE_ROWS:
                break
            continue
        if len(found) >= most:
            raise refused(name, "too-many-rows", f"The list has more than {most} rows.", row=number)
        if any(cell is not None for cell in cells):
            found.append(_row(number, cells, header, titles, name, problems))
    if not header:
        message = f"No header was found: the columns {', '.join(columns.required)} are needed."
        raise refused(name, "missing-column", message, row=1)
    return found


def _check_header(header: list[str | None], number: int, columns: Columns, name: str) -> None:
    problems = Problems()
    for column in columns.required:
        if column not in header:
            problems.add(name, number, column, "missing-column", f"The column {column} is missing.")
    for column in sorted({column for column in header if column is not None and header.count(column) > 1}):
        problems.add(name, number, column, "duplicate-column", f"The column {column} is there twice.")
    problems.refuse()


def _row(
    number: int, cells: list[Cell], header: list[str | None], titles: list[str], name: str, problems: Problems
) -> Row:
    row = Row(number, {}, {})
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        column = header[index] if index < len(header) else None
        title = titles[index] if index < len(titles) else ""
        if isinstance(cell, str) and not clean(cell):
            problems.add(name, number, title or None, "control-character", "The cell holds a control character.")
        elif column is not None:
            row.cells[column] = cell
        elif title:
            row.others[title] = cell if isinstance(cell, str) else cell.isoformat()
        else:
            message = "The row has a cell to the right of the last header."
            problems.add(name, number, None, "wrong-number-of-cells", message)
    return row


def _workbook(content: bytes, name: str, limits: TableLimits) -> Iterator[tuple[int, list[Cell]]]:
    # Here, so that an API process carries it only once somebody has brought a workbook.
    from openpyxl import load_workbook

    # openpyxl believes the archive, so the guard reads all of it first.
    Archive(content, name, limits.workbook).verify()
    try:
        with warnings.catch_warnings():
            # It warns of styles and validations that it drops; nothing of that is data.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            values = sheet.iter_rows(max_col=_MOST_COLUMNS, max_row=limits.rows + 100, values_only=True)
            rows = [(number, [_cell(value) for value in row]) for number, row in enumerate(values, 1)]
    except Exception as error:  # openpyxl lets through whatever its parsers raise
        raise refused(name, "broken-xlsx", f"The workbook cannot be read ({type(error).__name__}).") from error
    return iter(rows)


def _cell(value: object) -> Cell:
    """Numbers as people see them: Excel keeps a phone as 89161234567.0."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def _csv(content: bytes, name: str) -> Iterator[tuple[int, list[Cell]]]:
    text = _decode(content, name)
    head = text[:5000]
    # The header has no decimal commas, so the most frequent of the three divides.
    delimiter = max(";,\t", key=head.partition("\n")[0].count if "\n" in head else head.count)
    for line in lines(text, name, delimiter):
        yield line.number, [cell or None for cell in line.cells]


def _decode(content: bytes, name: str) -> str:
    """UTF-8, else windows-1251, which Russian Excel writes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refused(name, "wrong-encoding", "The file is UTF-16: save it as XLSX or as CSV UTF-8.")
    if b"\x00" in content[:5000]:
        raise refused(name, "unknown-format", "This is neither an XLSX workbook nor a CSV text.")
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            row = content.count(b"\n", 0, error.start) + 1
    raise refused(name, "wrong-encoding", "The text is neither UTF-8 nor windows-1251.", row=row)
