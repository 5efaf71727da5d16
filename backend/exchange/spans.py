"""Links between people and groups, with their days: brings what is stored to what a file says.

The same rules for enrolments, group members, teaching loads and guardianships:

- A link is found by the sender's id, else by whom it links. What began is never moved or deleted; what
  is no longer wanted ends the day before the import. What would only begin later is taken back.
- The import owns an end only if it set it. What people ended or prolonged here stays as they left it:
  a guardianship ended by a court does not come back with the next night's file (DOMAIN.md section 1).
- What comes back after a pause is a new link, so that the pause stays visible.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.ids import new_id
from backend.exchange.links import Link, Links
from backend.exchange.report import ImportReport
from backend.school import roster
from backend.school.roster import SPAN_KEYS, Span, SpanModel

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Wanted:
    """A link as the file wants it.

    Attributes:
        key: the values of SPAN_KEYS of the model.
        externals: the sender's ids for it, each with the columns kept aside.
        values: further columns of a new link, such as its rights; those of an existing one stay.
        fresh: the file itself says so; otherwise it only refers to what is there.
        says_end: False where the file cannot know an end, so that a stored one is left alone.
    """

    key: tuple[UUID, ...]
    school_id: UUID
    starts: date
    ends: date | None
    place: str
    externals: dict[str, dict[str, Any]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    fresh: bool = True
    says_end: bool = True

    def covers(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of link behaves.

    Attributes:
        kind: in the report; `link`: the kind of external id.
        apart: what only one link at a time may have: for enrolments the student, else the whole key.
        since: how far back stored links matter; None: all, also those that ended long ago.
        judged: whether the file decides about an external id that it no longer wants.
        returns: what ended may begin again because the file says so, whoever ended it.
    """

    model: SpanModel
    kind: str
    link: str
    judged: Callable[[str, Link], bool]
    apart: Callable[[tuple[UUID, ...]], Hashable] = lambda key: key
    since: date | None = None
    returns: bool = False


async def settle(
    session: AsyncSession, links: Links, report: ImportReport, rule: Rule, wanted: list[Wanted],
    school_ids: list[UUID], today: date,
) -> None:  # fmt: skip
    """Writes what must change of one kind of link, and counts it."""
    rows = await roster.spans(session, rule.model, school_ids, rule.since)
    names: dict[UUID, dict[str, Link]] = {}
    for external, link in (await links.load_of(session, rule.link, [row.id for row in rows])).items():
        names.setdefault(link.entity_id, {})[external] = link
    shelves: dict[Hashable, tuple[list[Span], list[Wanted]]] = {}
    for row in sorted(rows, key=lambda row: row.starts):
        shelves.setdefault(rule.apart(row.key), ([], []))[0].append(row)
    for want in _merged(wanted):
        shelves.setdefault(rule.apart(want.key), ([], []))[1].append(want)
    plan = _Plan(rule, links, report, names, today)
    for stored, asked in shelves.values():
        plan.shelf(stored, asked)
    await plan.write(session)


def _merged(wanted: list[Wanted]) -> list[Wanted]:
    """Rows that say the same link for overlapping days are one link with several external ids."""
    found: list[Wanted] = []
    last: dict[tuple[UUID, ...], Wanted] = {}
    for want in sorted(wanted, key=lambda want: want.starts):
        before = last.get(want.key)
        if before is not None and before.covers(want.starts):
            before.externals.update(want.externals)
            before.fresh = before.fresh or want.fresh
            before.ends = None if before.ends is None or want.ends is None else max(before.ends, want.ends)
        else:
            last[want.key] = want
            found.append(want)
    return found


class _Plan:
    """Collects the writes of one kind of link."""

    def __init__(
        self, rule: Rule, links: Links, report: ImportReport, names: dict[UUID, dict[str, Link]], today: date
    ) -> None:
        self._rule, self._links, self._report, self._names, self._today = rule, links, report, names, today
        self._count = report.of(rule.kind)
        self._columns = SPAN_KEYS[rule.model]
        self._created: list[dict[str, Any]] = []
        self._shortened: list[dict[str, Any]] = []
        self._others: list[dict[str, Any]] = []
        self._removed: list[UUID] = []

    def shelf(self, rows: list[Span], wanted: list[Wanted]) -> None:
        """Settles links that exclude each other in time."""
        claimed: dict[int, Span] = {}
        taken: set[UUID] = set()
        for index, want in enumerate(wanted):
            row = self._claim(want, [row for row in rows if row.id not in taken])
            if row is not None:
                claimed[index] = row
                taken.add(row.id)
        free = [row for row in rows if row.id not in taken]
        waiting = [want for index, want in enumerate(wanted) if index not in claimed]
        self._retire(free, rows, waiting, wanted)
        for index, row in claimed.items():
            if not self._renew(row, wanted[index], rows):
                waiting.append(wanted[index])
        for want in waiting:
            self._create(want, rows)

    def _claim(self, want: Wanted, rows: list[Span]) -> Span | None:
        """The stored link that is meant: by the sender's id, else by whom it links and when."""
        known = {link.entity_id for name in want.externals if (link := self._links.find(self._rule.link, name))}
        same = [row for row in rows if row.key == want.key and not (self._rule.returns and self._over(row))]
        for row in same:
            if row.id in known:
                return row
        # All time counts for a kind that is read whole: a link that people ended is then still found.
        near = [row for row in same if self._rule.since is None or _overlap(row, want)]
        return max(near, key=lambda row: row.ends or date.max) if near else None

    def _retire(self, free: list[Span], rows: list[Span], waiting: list[Wanted], wanted: list[Wanted]) -> None:
        """Ends stored links that the file decides about and no longer wants, or that others replace."""
        for row in free:
            if self._over(row):
                continue
            names = self._names.get(row.id, {})
            silent = bool(names) and all(self._rule.judged(name, link) for name, link in names.items())
            replacing = next((want for want in wanted if want.key != row.key and _overlap(row, want)), None)
            if replacing is not None and replacing in waiting and row.starts >= self._today:
                self._correct(row, replacing)
                waiting.remove(replacing)
            elif replacing is not None and replacing.fresh:
                self._end(row, rows, max(self._today, replacing.starts) - _DAY)
            elif silent:
                self._end(row, rows, self._today - _DAY)

    def _correct(self, row: Span, want: Wanted) -> None:
        """What began today or later is put right in place: it has no history yet."""
        row.key, row.ends = want.key, want.ends
        self._others.append({"id": row.id, "ends": row.ends, **dict(zip(self._columns, want.key, strict=True))})
        self._count.updated += 1
        self._remember(want, row)

    def _end(self, row: Span, rows: list[Span], last: date) -> None:
        if row.starts > self._today and last < row.starts:
            self._removed.append(row.id)
            rows.remove(row)
        elif row.ends == max(row.starts, last):
            return
        else:
            row.ends = max(row.starts, last)
            self._shortened.append({"id": row.id, "ends": row.ends})
        self._count.ended += 1
        for name, link in self._names.get(row.id, {}).items():
            current = self._links.find(self._rule.link, name)
            if current is not None and current.entity_id == row.id:
                self._links.put(self._rule.link, name, row.id, link.kept | {"until": _iso(row.ends)})

    def _renew(self, row: Span, want: Wanted, rows: list[Span]) -> bool:
        """Brings a known link to the wanted end. False where it must begin anew after a pause."""
        names = self._names.get(row.id, {})
        untils = [link.kept.get("until") for link in names.values()]
        owned = _iso(row.ends) in untils if names else not self._over(row)
        wished = self._wished_end(row, want, rows)
        if not owned:
            self._count.unchanged += 1
            if self._over(row) and want.fresh and want.covers(self._today):
                self._report.warn(f"{want.place}: this was ended in the diary by hand and stays ended.")
            return True
        if wished == row.ends:
            self._count.unchanged += 1
        elif row.ends is not None and row.ends < self._today - _DAY and want.covers(self._today):
            want.starts = max(want.starts, self._today)
            return False
        else:
            shorter = row.ends is None or (wished is not None and wished < row.ends)
            row.ends = wished
            (self._shortened if shorter else self._others).append({"id": row.id, "ends": wished})
            self._count.updated += 1
        if want.fresh:
            self._remember(want, row)
        return True

    def _wished_end(self, row: Span, want: Wanted, rows: list[Span]) -> date | None:
        """The end that the file asks for, before its start never and up to the next link at the most."""
        if not want.fresh or (not want.says_end and not self._over(row)):
            return row.ends
        ends = None if want.ends is None else max(row.starts, want.ends)
        later = [other.starts - _DAY for other in rows if other.starts > row.starts]
        return min([*later, *([] if ends is None else [ends])], default=None)

    def _create(self, want: Wanted, rows: list[Span]) -> None:
        """Adds a link in the time that the stored ones leave free."""
        span = Span(new_id(), want.school_id, want.key, want.starts, want.ends)
        for row in sorted(rows, key=lambda row: row.starts):
            if not _overlap(row, span):
                continue
            if row.starts > span.starts and (row.starts > self._today or not want.covers(self._today)):
                span.ends = row.starts - _DAY
            elif row.ends is not None:
                # Nobody was there between the end of the old link and today.
                span.starts = self._today if self._over(row) and want.covers(self._today) else row.ends + _DAY
        empty = span.ends is not None and span.ends < span.starts
        if not want.fresh or empty or any(_overlap(row, span) for row in rows):
            self._count.unchanged += 1
            return
        rows.append(span)
        columns = dict(zip(self._columns, want.key, strict=True))
        days = {"starts": span.starts, "ends": span.ends}
        self._created.append({"id": span.id, "school_id": want.school_id, **days, **columns, **want.values})
        self._count.created += 1
        self._remember(want, span)

    def _over(self, row: Span) -> bool:
        return row.ends is not None and row.ends < self._today

    def _remember(self, want: Wanted, row: Span) -> None:
        for name, aside in want.externals.items():
            self._links.put(self._rule.link, name, row.id, aside | {"until": _iso(row.ends)})

    async def write(self, session: AsyncSession) -> None:
        # Room is made before it is taken: the database lets no two of these overlap even for a moment.
        await roster.remove_unstarted(session, self._rule.model, self._removed)
        await roster.change(session, self._rule.model, self._shortened)
        await roster.change(session, self._rule.model, self._others)
        await roster.add(session, self._rule.model, self._created)


def _overlap(row: Span, other: Span | Wanted) -> bool:
    return (other.ends is None or row.starts <= other.ends) and (row.ends is None or other.starts <= row.ends)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
