"""Imports as the `diary` command runs them: a progress bar, a report, and the sheet of one-time passwords."""

import csv
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfoNotFoundError

from rich.console import Console
from rich.progress import Progress as Bar

from backend.core.clock import system_clock
from backend.core.db import Database
from backend.core.errors import SetupError
from backend.core.settings import Settings
from backend.exchange.oneroster import import_oneroster
from backend.exchange.problems import ImportRefused
from backend.exchange.report import ImportReport, Progress
from backend.exchange.roster import import_roster
from backend.identity.passwords import Passwords
from backend.identity.service import issue_one_time_password

Run = Callable[[Database, Progress], Awaitable[ImportReport]]


async def run_oneroster(
    settings: Settings, file: Path, timezone: str, source: str, *, dry_run: bool, credentials: Path | None
) -> str:
    """Imports a OneRoster file. Returns the report. Raises SetupError with every wrong place of the file."""

    async def run(database: Database, progress: Progress) -> ImportReport:
        return await import_oneroster(
            database, file, now=system_clock(), timezone=timezone, source=source, dry_run=dry_run, progress=progress
        )

    return await _run(settings, file, run, credentials)


async def run_roster(
    settings: Settings, file: Path, school_id: UUID, *, dry_run: bool, credentials: Path | None
) -> str:
    """Imports a class list. Returns the report. Raises SetupError with every wrong place of the file."""

    async def run(database: Database, progress: Progress) -> ImportReport:
        return await import_roster(
            database, settings.keys, file, school_id=school_id, now=system_clock(), dry_run=dry_run, progress=progress
        )

    return await _run(settings, file, run, credentials)


async def _run(settings: Settings, file: Path, run: Run, credentials: Path | None) -> str:
    if not file.is_file():
        raise SetupError(f"no such file: {file}")
    if credentials is not None:
        _open_sheet(credentials)
    database = Database(settings.database_url, pool=2, name="diary-import")
    try:
        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)

            def progress(done: int, total: int, what: str) -> None:
                bar.update(task, completed=done, total=total, description=what)

            report = await run(database, progress)
        if credentials is not None and not report.dry_run:
            await _issue(database, report, credentials)
    except ImportRefused as refused:
        lines = [str(problem) for problem in refused.problems]
        raise SetupError(
            f"nothing was imported, {refused.total} problem{'' if refused.total == 1 else 's'}:\n" + "\n".join(lines)
        ) from None
    except ZoneInfoNotFoundError:
        raise SetupError("there is no such time zone: take one like Europe/Moscow") from None
    finally:
        await database.close()
        if credentials is not None and credentials.stat().st_size == 0:
            credentials.unlink()
    return _told(report)


def _open_sheet(sheet: Path) -> None:
    """Makes the sheet before anything is imported, readable by its owner only: passwords that find no place
    afterwards would be lost."""
    try:
        sheet.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise SetupError(f"{sheet} exists already: passwords are not written over another sheet") from None
    except OSError as error:
        raise SetupError(f"{sheet} cannot be written: {error.strerror}") from None


async def _issue(database: Database, report: ImportReport, sheet: Path) -> None:
    """A one-time password for each new account, on a sheet that only its owner can read."""
    passwords = Passwords()
    with sheet.open("w", newline="", encoding="utf-8-sig") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "role", "login", "one-time password"])
        for account in report.accounts:
            async with database.transaction() as session:
                issued = await issue_one_time_password(session, account.account_id, passwords, system_clock())
            rows.writerow([account.display_name, account.role, issued.login, issued.password])


def _told(report: ImportReport) -> str:
    head = "dry run, nothing was written:" if report.dry_run else "imported:"
    lines = [head] + [
        f"  {kind:<14} {counts.created} created, {counts.updated} updated, {counts.ended} ended, "
        f"{counts.unchanged} unchanged"
        for kind, counts in report.counts.items()
    ]
    lines += [f"  warning: {warning}" for warning in report.warnings]
    return "\n".join(lines)
