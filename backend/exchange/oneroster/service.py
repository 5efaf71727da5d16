"""One OneRoster file, one transaction: all of it, or none of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.db import Database
from backend.core.versions import touch
from backend.exchange.links import Links
from backend.exchange.oneroster.bundle import Bundle
from backend.exchange.oneroster.calendar import map_calendar
from backend.exchange.oneroster.classes import map_classes
from backend.exchange.oneroster.enrollments import map_enrollments
from backend.exchange.oneroster.guardians import map_guardians
from backend.exchange.oneroster.people import map_accounts, persons
from backend.exchange.oneroster.pupils import map_students
from backend.exchange.oneroster.reader import read_bundle
from backend.exchange.oneroster.references import check_references
from backend.exchange.oneroster.schools import map_schools, map_subjects
from backend.exchange.oneroster.staff import map_staff
from backend.exchange.oneroster.stored import add_stored, roles_named
from backend.exchange.oneroster.structure import complete_years
from backend.exchange.oneroster.work import Work
from backend.exchange.problems import Problems
from backend.exchange.report import ImportReport, Progress, silent
from backend.exchange.transaction import contradiction, import_transaction
from backend.school import roster


async def import_oneroster(
    database: Database,
    file: Path | bytes,
    *,
    now: datetime,
    timezone: str = "Europe/Moscow",
    source: str = "oneroster",
    dry_run: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Imports a OneRoster CSV archive, version 1.1 or 1.2, bulk or delta. Never alerts anybody.

    Args:
        timezone: of the schools that the file creates, and for what "today" is.
        source: names the sending system; its sourcedIds are its own. Two senders, two names.
        dry_run: works everything out, writes nothing.

    Raises:
        ImportRefused: with everything that is wrong; nothing was written.
        zoneinfo.ZoneInfoNotFoundError: there is no such time zone.
    """
    ZoneInfo(timezone)
    problems, report = Problems(), ImportReport(dry_run)
    # Reading is all computing: other requests of this process go on meanwhile.
    bundle = await asyncio.to_thread(read_bundle, file, problems, report, progress)
    try:
        async with import_transaction(database, dry_run=dry_run) as session:
            links = Links(source)
            await _check(session, bundle, links, problems)
            today = school_date(now, timezone)
            work = Work(session, bundle, links, problems, report, progress, now, today, timezone)
            await _write(work)
            # Whatever it moved: no diary that was read before is still what it was.
            touch(session, await roster.school_ids(session))
    except IntegrityError as error:
        raise contradiction("archive.zip", error) from error
    return report


async def _check(session: AsyncSession, bundle: Bundle, links: Links, problems: Problems) -> None:
    await add_stored(session, bundle, links)
    complete_years(bundle)
    check_references(bundle, problems)
    problems.refuse()


async def _write(work: Work) -> None:
    unused: dict[str, int] = {}
    people = persons(work.bundle, unused)
    work.roles_named = roles_named(work.bundle, work.links)
    for role, times in sorted(unused.items()):
        work.report.warn(f"{times} × the role {role}: there is no place for it here, so it was kept aside.")
    steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
        ("schools", lambda: map_schools(work)),
        ("school years", lambda: map_calendar(work)),
        ("subjects", lambda: map_subjects(work)),
        ("classes", lambda: map_classes(work)),
        ("accounts", lambda: map_accounts(work, people)),
        ("students", lambda: map_students(work, people)),
        ("staff", lambda: map_staff(work, people)),
        ("guardians", lambda: map_guardians(work, people)),
        ("enrollments", lambda: map_enrollments(work)),
        ("external ids", lambda: work.links.save(work.session)),
    )
    for done, (what, step) in enumerate(steps):
        work.progress(done, len(steps), what)
        await step()
    work.progress(len(steps), len(steps), "done")
