"""A school's own page: read by whoever belongs to it, written by those who head it (DOMAIN.md section 10)."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import values
from backend.core.errors import Invalid
from backend.identity.acting import Acting
from backend.school import school_rights, setup_repository, setup_rights
from backend.school.models import School, SchoolContact
from schemas import school_page as wire


async def read(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.SchoolPage:
    """The page. Raises NotFound for who does not belong to the school."""
    await school_rights.require_tie(session, acting.account_id, school_id, now)
    return await _page(session, school_id)


async def write(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.SetSchoolPage, now: datetime
) -> wire.SchoolPage:
    """Makes the page what it is to be.

    Raises:
        NotFound: the caller does not head the school.
        Invalid: names every phone and link that is none.
    """
    await school_rights.school_to_manage(session, acting.account_id, school_id, now, school_rights.HEADS)
    wrong = _problems(wish)
    if wrong:
        raise Invalid(wrong)
    await setup_rights.hold_school(session, school_id)
    school = await session.get_one(School, school_id)
    phones = [values.phone(phone) for phone in wish.phones]
    school.phone = phones[0] if phones else None
    school.further_phones = [phone for phone in phones[1:] if phone]
    school.address, school.hours = wish.address, wish.hours
    school.email = wish.email and values.email(wish.email)
    school.site = wish.site and wish.site.strip()
    contacts = [
        SchoolContact(
            school_id=school_id, position=place, name=contact.name, role=contact.role,
            phone=contact.phone and values.phone(contact.phone),
        )
        for place, contact in enumerate(wish.contacts)
    ]  # fmt: skip
    await setup_repository.set_contacts(session, school_id, contacts)
    return await _page(session, school_id)


async def _page(session: AsyncSession, school_id: UUID) -> wire.SchoolPage:
    school = await session.get_one(School, school_id)
    contacts = await setup_repository.contacts(session, school_id)
    return wire.SchoolPage(
        school_id=school.id, short_name=school.short_name, full_name=school.full_name, address=school.address,
        phones=[phone for phone in (school.phone, *school.further_phones) if phone], email=school.email,
        site=school.site, hours=school.hours,
        contacts=[wire.SchoolContact(name=one.name, role=one.role, phone=one.phone) for one in contacts],
    )  # fmt: skip


def _problems(wish: wire.SetSchoolPage) -> dict[str, str]:
    phones = {f"/phones/{place}": phone for place, phone in enumerate(wish.phones)}
    phones |= {f"/contacts/{place}/phone": one.phone for place, one in enumerate(wish.contacts) if one.phone}
    wrong = {pointer: "bad-phone" for pointer, phone in phones.items() if values.phone(phone) is None}
    if wish.email is not None and values.email(wish.email) is None:
        wrong["/email"] = "bad-email"
    if wish.site is not None and not _is_link(wish.site.strip()):
        wrong["/site"] = "bad-link"
    return wrong


def _is_link(written: str) -> bool:
    """An address of the web that a browser opens, and nothing that runs."""
    try:
        parts = urlsplit(written)
        host = parts.hostname or ""
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return False
    plain = not any(character.isspace() or character in '<>"\\' for character in written)
    return parts.scheme in ("http", "https") and plain and "." in host.strip(".") and parts.username is None
