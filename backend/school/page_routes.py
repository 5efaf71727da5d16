"""A school's own page."""

from datetime import datetime
from uuid import UUID

from litestar import Router, get, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.school import page
from schemas.school_page import SchoolPage, SetSchoolPage


@get(
    "/schools/{school_id:uuid}/page", operation_id="getSchoolPage",
    summary="The school's address, phones, hours and contacts", access=Access.TIED, responses=problems(401, 403, 404),
)  # fmt: skip
async def get_page(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> SchoolPage:
    return await page.read(tx, acting, school_id, now)


@put(
    "/schools/{school_id:uuid}/page", operation_id="setSchoolPage", summary="Set the school's own page",
    access=Access.HEADS, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def set_page(school_id: UUID, data: SetSchoolPage, tx: AsyncSession, acting: Acting, now: datetime) -> SchoolPage:
    return await page.write(tx, acting, school_id, data, now)


router = Router("/", route_handlers=[get_page, set_page], tags=["school-page"])
