"""From the ZIP to a bundle. Form only: encodings, headers, cells, double ids; no look across files."""

from pathlib import Path

from backend.exchange.archive import Archive, read_whole
from backend.exchange.oneroster.bundle import ABSENT, BULK, DELTA, Bundle, Record, Sheet
from backend.exchange.oneroster.tables import DELETED, MANIFEST, VERSIONS, Column, tables
from backend.exchange.problems import ImportRefused, Problems, refused
from backend.exchange.report import ImportReport, Progress
from backend.exchange.sheets import Line, check_cells, decode_utf8, lines


def read_bundle(file: Path | bytes, problems: Problems, report: ImportReport, progress: Progress) -> Bundle:
    """Reads the archive. What is wrong inside the files goes to `problems`.

    Raises:
        ImportRefused: the archive or its manifest cannot be read at all.
    """
    name = file.name if isinstance(file, Path) else "archive.zip"
    archive = Archive(read_whole(file, name), name)
    paths = _members(archive)
    if MANIFEST not in paths:
        raise refused(MANIFEST, "missing-file", "The archive has no manifest.csv: is it OneRoster CSV?")
    manifest = _manifest(decode_utf8(archive.read(paths[MANIFEST]), MANIFEST))
    bundle = Bundle(manifest["oneroster.version"], {})
    known = tables(bundle.version)
    for done, (table, columns) in enumerate(known.items()):
        progress(done, len(known), "reading")
        mode = manifest.get(f"file.{table.removesuffix('.csv')}", ABSENT)
        bundle.sheets[table] = sheet = Sheet(mode)
        if mode == ABSENT:
            if table in paths:
                report.warn(f"{table}: the manifest does not announce it, so it was not read.")
        elif table not in paths:
            problems.add(table, None, None, "missing-file", f"The manifest announces {table}, but it is missing.")
            sheet.whole = False
        else:
            try:
                _read_sheet(archive.read(paths[table]), table, columns, sheet, problems)
            except ImportRefused as refusal:
                problems.extend(refusal)
                sheet.whole = False
    progress(len(known), len(known), "reading")
    return bundle


def _members(archive: Archive) -> dict[str, str]:
    """File name to member. People zip the folder and not its files: one common folder is looked into."""
    folders = {member.rpartition("/")[0] for member in archive.names}
    common = folders.pop() if len(folders) == 1 else ""
    prefix = f"{common}/" if common else ""
    return {member.removeprefix(prefix): member for member in archive.names}


def _manifest(text: str) -> dict[str, str]:
    """The properties of the manifest. Raises ImportRefused with all that is wrong with it."""
    problems = Problems()
    found: dict[str, str] = {}
    rows = list(lines(text, MANIFEST))
    if not rows or [cell.lower() for cell in rows[0].cells[:2]] != ["propertyname", "value"]:
        raise refused(MANIFEST, "missing-column", "The header must be propertyName,value.", row=1)
    for line in rows[1:]:
        key, value = (*line.cells, "")[:2]
        if key in found:
            problems.add(MANIFEST, line.number, "propertyName", "duplicate-property", f"{key} is there twice.")
        found[key] = value.lower() if key.startswith("file.") else value
        if key.startswith("file.") and found[key] not in (BULK, DELTA, ABSENT):
            problems.add(MANIFEST, line.number, "value", "bad-value", f"{key} must be bulk, delta or absent.")
        if key == "oneroster.version" and value not in VERSIONS:
            problems.add(MANIFEST, line.number, "value", "unknown-version", "OneRoster 1.1 and 1.2 are understood.")
    if "oneroster.version" not in found:
        problems.add(MANIFEST, None, None, "unknown-version", "The manifest does not say oneroster.version.")
    problems.refuse()
    return found


def _read_sheet(content: bytes, file: str, columns: tuple[Column, ...], sheet: Sheet, problems: Problems) -> None:
    rows = lines(decode_utf8(content, file), file)
    first = next(rows, None)
    if first is None:
        problems.add(file, None, None, "empty-file", "The file has no header.")
        sheet.whole = False
        return
    header = _header(first, file, columns, problems)
    if header is None:
        sheet.whole = False
        return
    seen: dict[str, int] = {}
    for line in rows:
        if not check_cells(line, header, file, problems):
            sheet.whole = False
            continue
        # Names are shared between rows, so 300,000 rows take one set of keys.
        raw = {name: cell for name, cell in zip(header, line.cells, strict=True) if cell}
        _take(line, raw, file, columns, sheet, seen, problems)


def _header(line: Line, file: str, columns: tuple[Column, ...], problems: Problems) -> list[str] | None:
    """The names of the columns as the specification spells them; None where reading on makes no sense."""
    spelling = {column.name.lower(): column.name for column in columns}
    header = [spelling.get(cell.lower(), cell) for cell in line.cells]
    twice = {name for name in header if name and header.count(name) > 1}
    for name in sorted(twice):
        problems.add(file, line.number, name, "duplicate-column", f"The column {name} is there twice.")
    missing = [column.name for column in columns if column.required and column.name not in header]
    for name in missing:
        problems.add(file, line.number, name, "missing-column", f"The column {name} is missing.")
    return None if twice or missing else header


def _take(
    line: Line,
    raw: dict[str, str],
    file: str,
    columns: tuple[Column, ...],
    sheet: Sheet,
    seen: dict[str, int],
    problems: Problems,
) -> None:
    """Checks one row by itself and puts it into the sheet."""
    external = raw.get("sourcedId", "")
    deleted = raw.get("status", "").lower() == DELETED
    for column in columns:
        value = raw.get(column.name)
        if value is None:
            # Of a row that goes, only its id is needed.
            if column.required and (not deleted or column.name == "sourcedId"):
                problems.add(file, line.number, column.name, "missing-value", f"{column.name} must not be blank.")
        elif column.check is not None and not column.check(value) and not (deleted and column.name == "status"):
            message = f"{_quoted(value)} is not {column.expected}."
            problems.add(file, line.number, column.name, "bad-value", message)
    if external in seen:
        message = f"The sourcedId {_quoted(external)} is already in row {seen[external]}."
        problems.add(file, line.number, "sourcedId", "duplicate-id", message)
    elif external:
        seen[external] = line.number
        if deleted:
            sheet.deleted[external] = line.number
        else:
            sheet.records[external] = Record(file, line.number, external, raw)


def _quoted(value: str) -> str:
    short = value if len(value) <= 60 else f"{value[:60]}…"
    return f"“{short}”"
