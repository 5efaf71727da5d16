"""Accounts of a class list: the students' own and the parents', found or made."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.ids import new_id
from backend.core.settings import Keys
from backend.core.values import PersonName, fold
from backend.exchange.problems import Problems
from backend.exchange.report import ImportReport, NewAccount
from backend.exchange.roster.columns import SNILS, of_parent, parent
from backend.exchange.roster.entries import Adult, Contact, Entry
from backend.exchange.roster.snapshot import Snapshot, same_person
from backend.identity import logins
from backend.identity import roster as accounts
from backend.identity.roster import KnownAccount, snils_columns, snils_index
from backend.school.models import Student


@dataclass(slots=True)
class _New:
    id: UUID
    login: str
    name: PersonName
    contact: Contact
    role: str
    row: int


@dataclass(slots=True)
class People:
    """Finds or makes the accounts of the list; `write` puts them into the database.

    Attributes:
        owners: (row, column, account) of the parents who were known already by their SNILS.
    """

    school: Snapshot
    file: str
    keys: Keys
    problems: Problems
    report: ImportReport
    by_index: dict[bytes, KnownAccount] = field(default_factory=dict)
    owners: list[tuple[int, str, UUID]] = field(default_factory=list)
    _new: list[_New] = field(default_factory=list)
    _new_by_snils: dict[str, UUID] = field(default_factory=dict)
    _changed: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    _seen: set[UUID] = field(default_factory=set)

    async def prepare(self, session: AsyncSession, entries: list[Entry]) -> None:
        """Looks up every SNILS of the list, also those of people at other schools."""
        contacts = [entry.contact for entry in entries] + [adult.contact for e in entries for adult in e.parents]
        indexes = {snils_index(self.keys, contact.snils) for contact in contacts if contact.snils}
        found = await accounts.accounts_by_snils(session, indexes)
        known = await accounts.accounts_by_id(session, set(found.values()))
        self.by_index = {index: known[id_] for index, id_ in found.items()}

    def student(self, entry: Entry, student: Student | None) -> UUID:
        """The account of a student: the own one, or a new one; never one that only has the same login."""
        known = self.school.accounts.get(student.account_id) if student and student.account_id else None
        taken = self._by_snils(entry.contact)
        another = taken is not None and (known is None or taken.id != known.id)
        if another or entry.contact.snils in self._new_by_snils:
            self._wrong(entry.row, SNILS, "snils-taken", "This SNILS belongs to another person.")
        if known is None:
            login = entry.login or logins.from_name(entry.name)
            return self._add(login, entry.name, entry.contact, "student", entry.row)
        if entry.login and entry.login != known.login.lower():
            self.report.warn(f"{self.file}, row {entry.row}: the student keeps the login {known.login}.")
        self._complete(known, entry.contact, entry.row, SNILS)
        if entry.name.patronymic and not known.patronymic:
            self._changed.setdefault(known.id, {})["patronymic"] = entry.name.patronymic
        return known.id

    def adult(self, entry: Entry, adult: Adult, student: Student | None) -> UUID:
        """The account of a parent.

        By SNILS, wherever the person is known; else among the guardians of this very child by full
        name. Never by phone, and never by name across families (DOMAIN.md section 2).
        """
        column = of_parent(SNILS, adult.number)
        owner = self._by_snils(adult.contact)
        if owner is not None:
            self._check_name(owner, adult, entry.row, column)
            self.owners.append((entry.row, column, owner.id))
            self._complete(owner, adult.contact, entry.row, column)
            return owner.id
        if adult.contact.snils in self._new_by_snils:
            return self._new_by_snils[adult.contact.snils]
        same = [
            account
            for account in (self.school.guardians.get(student.id, []) if student else [])
            if same_person(adult.name, account.family_name, account.given_name, account.patronymic)
        ]
        if len(same) > 1:
            message = "The child has several guardians of this name: give the SNILS."
            self._wrong(entry.row, parent(adult.number), "ambiguous-parent", message)
        if same:
            self._complete(same[0], adult.contact, entry.row, column)
            if adult.contact.snils:
                self._new_by_snils[adult.contact.snils] = same[0].id
            return same[0].id
        return self._add(logins.from_name(adult.name), adult.name, adult.contact, "parent", entry.row)

    async def write(self, session: AsyncSession, now: datetime) -> None:
        given = await logins.make_unique(session, {str(item.id): item.login for item in self._new})
        rows = []
        for item in self._new:
            login = given[str(item.id)]
            if login != item.login and item.role == "student":
                place = f"{self.file}, row {item.row}"
                self.report.warn(f"{place}: the login {item.login} belongs to another account; {login} was given.")
            rows.append(self._row(item, login, now))
            self.report.accounts.append(NewAccount(item.id, login, str(item.name), item.role))
        await accounts.change_accounts(session, [{"id": id_, **row} for id_, row in self._changed.items()])
        await accounts.add_accounts(session, rows)
        count = self.report.of("account")
        count.created, count.updated = len(rows), len(self._changed)
        count.unchanged = len(self._seen) - len(self._changed)

    def _row(self, item: _New, login: str, now: datetime) -> dict[str, Any]:
        snils: dict[str, bytes | None] = {"snils_sealed": None, "snils_index": None}
        if item.contact.snils:
            snils |= snils_columns(self.keys, item.id, item.contact.snils)
        return {
            "id": item.id,
            "login": login,
            "family_name": item.name.family,
            "given_name": item.name.given,
            "patronymic": item.name.patronymic,
            "language": "ru",
            "email": item.contact.email,
            "phone": item.contact.phone,
            "password_state": "none",
            "created_at": now,
            **snils,
        }

    def _add(self, login: str, name: PersonName, contact: Contact, role: str, row: int) -> UUID:
        item = _New(new_id(), login, name, contact, role, row)
        self._new.append(item)
        if contact.snils:
            self._new_by_snils[contact.snils] = item.id
        return item.id

    def _by_snils(self, contact: Contact) -> KnownAccount | None:
        return self.by_index.get(snils_index(self.keys, contact.snils)) if contact.snils else None

    def _complete(self, known: KnownAccount, contact: Contact, row: int, column: str) -> None:
        """Fills in what the account lacks. People change and confirm their own e-mail and phone."""
        self._seen.add(known.id)
        change: dict[str, Any] = {}
        if contact.email and not known.email:
            change["email"] = contact.email
        if contact.phone and not known.phone:
            change["phone"] = contact.phone
        if contact.snils and known.snils_index is None:
            change |= snils_columns(self.keys, known.id, contact.snils)
        elif contact.snils and known.snils_index != snils_index(self.keys, contact.snils):
            self._wrong(row, column, "snils-differs", "The diary holds another SNILS of this person.")
        if change:
            self._changed.setdefault(known.id, {}).update(change)

    def _check_name(self, owner: KnownAccount, adult: Adult, row: int, column: str) -> None:
        if fold(owner.given_name) != fold(adult.name.given):
            message = "This SNILS belongs to a person of another given name."
            self._wrong(row, column, "snils-of-another-person", message)
        elif fold(owner.family_name) != fold(adult.name.family):
            self.report.warn(f"{self.file}, row {row}: the parent's family name differs from the account's.")

    def _wrong(self, row: int, column: str, code: str, message: str) -> None:
        self.problems.add(self.file, row, column, code, message)
