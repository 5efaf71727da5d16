"""Academic sessions to the school years and periods of each school."""

from uuid import UUID

from backend.core.ids import new_id
from backend.core.values import tidy
from backend.exchange.oneroster.bundle import Record
from backend.exchange.oneroster.structure import periods, root
from backend.exchange.oneroster.tables import CLASSES, SESSIONS
from backend.exchange.oneroster.work import Work, Year
from backend.exchange.ranges import Range, disjoint, place
from backend.school import roster
from backend.school.models import Period, SchoolYear


async def map_calendar(work: Work) -> None:
    """Makes the years of each school, then their periods. Sessions that become neither are kept aside."""
    sessions = work.bundle[SESSIONS].records
    names = [f"{session}@{school}" for session in sessions for school in work.schools]
    await work.links.load(work.session, "session", names)
    years = _years_of_schools(work)
    await _map_years(work, years)
    await _map_periods(work, years)
    # Kept aside, so that a later delta file may still refer to them.
    for school in work.schools:
        for record in sessions.values():
            year = root(work.bundle, record.id)
            if record.fresh and year is not None and (year.id, school) in work.years:
                link = work.links.find("session", f"{record.id}@{school}")
                entity = link.entity_id if link else work.years[year.id, school].id
                work.links.put("session", f"{record.id}@{school}", entity, record.raw)


def _years_of_schools(work: Work) -> dict[str, list[Record]]:
    """A school has the years that its classes meet in; without classes, those that do not overlap."""
    used: dict[str, dict[str, Record]] = {school: {} for school in work.schools}
    for taught in work.bundle[CLASSES].records.values():
        for term in taught.ids("termSourcedIds"):
            year = root(work.bundle, term)
            if year is not None and taught.text("schoolSourcedId") in used:
                used[taught.text("schoolSourcedId")][year.id] = year
    every = [record for record in work.bundle[SESSIONS].records.values() if record.text("type") == "schoolYear"]
    free = every if disjoint((year.must_day("startDate"), year.must_day("endDate")) for year in every) else every[:1]
    return {school: list(years.values()) or free for school, years in used.items()}


async def _map_years(work: Work, years: dict[str, list[Record]]) -> None:
    existing: dict[UUID, dict[UUID, Range]] = {}
    for year in await roster.of_schools(work.session, SchoolYear, work.school_ids):
        existing.setdefault(year.school_id, {})[year.id] = Range("", year.name, year.starts, year.ends)
    created: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    for school, records in years.items():
        school_id = work.schools[school]
        ours = existing.get(school_id, {})
        placed = _place(work, school, records, ours, "years-overlap")
        for record in records:
            id_ = placed[record.id] or new_id()
            row = {"id": id_, **_row(record)}
            if placed[record.id] is None:
                created.append(row | {"school_id": school_id})
            elif record.fresh and _differs(ours[id_], record):
                changed.append(row)
            work.years[record.id, school] = Year(id_, record.must_day("startDate"), record.must_day("endDate"))
            if record.fresh:
                work.links.put("session", f"{record.id}@{school}", id_, record.raw)
    work.problems.refuse()
    await roster.move(work.session, SchoolYear, changed)
    await roster.add(work.session, SchoolYear, created)
    _count(work, "school_year", len(created), len(changed), sum(map(len, years.values())))


async def _map_periods(work: Work, years: dict[str, list[Record]]) -> None:
    existing: dict[UUID, dict[UUID, Range]] = {}
    for period in await roster.of_schools(work.session, Period, work.school_ids):
        existing.setdefault(period.year_id, {})[period.id] = Range("", period.name, period.starts, period.ends)
    created: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    total = 0
    of_sender = {
        link.entity_id
        for link in (
            await work.links.load_of(work.session, "session", [id_ for known in existing.values() for id_ in known])
        ).values()
    }
    for school, records in years.items():
        for year in records:
            year_id = work.years[year.id, school].id
            ours = existing.get(year_id, {})
            chosen = periods(work.bundle, year)
            if ours and not of_sender & ours.keys():
                work.report.warn(
                    f"{year.text('title')}: the school has periods of its own; the file's were left aside."
                )
                continue
            placed = _place(work, school, chosen, ours, "periods-overlap")
            total += len(chosen)
            for record in chosen:
                id_ = placed[record.id] or new_id()
                row = {"id": id_, **_row(record)}
                if placed[record.id] is None:
                    created.append(row | {"school_id": work.schools[school], "year_id": year_id})
                elif record.fresh and _differs(ours[id_], record):
                    changed.append(row)
                if record.fresh:
                    work.links.put("session", f"{record.id}@{school}", id_, record.raw)
    work.problems.refuse()
    await roster.move(work.session, Period, changed)
    await roster.add(work.session, Period, created)
    _count(work, "period", len(created), len(changed), total)


def _place(
    work: Work, school: str, records: list[Record], existing: dict[UUID, Range], code: str
) -> dict[str, UUID | None]:
    wanted = [
        Range(record.id, record.text("title"), record.must_day("startDate"), record.must_day("endDate"))
        for record in records
    ]
    found = {record.id: work.links.find("session", f"{record.id}@{school}") for record in records}
    linked = {session: link.entity_id for session, link in found.items() if link is not None}
    placed, conflicts = place(wanted, existing, linked)
    for record in records:
        if record.id in conflicts and record.fresh:
            message = f"{record.text('title')} overlaps another of the same school."
            work.problems.add(SESSIONS, record.row, "startDate", code, message)
    return placed


def _row(record: Record) -> dict[str, object]:
    return {
        "name": tidy(record.text("title")),
        "starts": record.must_day("startDate"),
        "ends": record.must_day("endDate"),
    }


def _differs(known: Range, record: Record) -> bool:
    return {"name": known.name, "starts": known.starts, "ends": known.ends} != _row(record)


def _count(work: Work, kind: str, created: int, changed: int, total: int) -> None:
    count = work.report.of(kind)
    count.created, count.updated, count.unchanged = created, changed, total - created - changed
