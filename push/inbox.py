"""The inbox: every alert of a person, whether a phone heard of it or not."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from push.models import Alert, AlertRead, AlertWithdrawn
from push.wording import Texts
from push.wording.renderer import render
from schemas.alerts import Body
from schemas.push import Inbox, InboxAlert

PAGE = 50


async def page(
    session: AsyncSession,
    texts: Texts,
    account_id: UUID,
    language: str,
    before: UUID | None,
    limit: int = PAGE,
) -> Inbox:
    """A page of the feed, newest first. `before`: the cursor, the id of the last alert of the page above."""
    statement = (
        select(Alert, col(AlertRead.alert_id).is_not(None), col(AlertWithdrawn.alert_id).is_not(None))
        .outerjoin(AlertRead, (col(AlertRead.alert_id) == col(Alert.id)) & (col(AlertRead.account_id) == account_id))
        .outerjoin(AlertWithdrawn, col(AlertWithdrawn.alert_id) == col(Alert.id))
        .where(col(Alert.account_id) == account_id)
        .order_by(col(Alert.id).desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(col(Alert.id) < before)
    rows = (await session.execute(statement)).all()
    items = [_item(texts, language, alert, read, withdrawn) for alert, read, withdrawn in rows[:limit]]
    return Inbox(items=items, next=str(items[-1].id) if len(rows) > limit else None)


async def unread_count(session: AsyncSession, account_id: UUID, now: datetime) -> int:
    """How many alerts of the last 28 days the person has not read."""
    read = exists().where(col(AlertRead.alert_id) == col(Alert.id), col(AlertRead.account_id) == account_id)
    withdrawn = exists().where(col(AlertWithdrawn.alert_id) == col(Alert.id))
    statement = select(func.count()).where(
        col(Alert.account_id) == account_id,
        col(Alert.id) >= func.uuid7_floor(now - func.make_interval(0, 0, 0, 28)),
        ~read,
        ~withdrawn,
    )
    return int((await session.execute(statement)).scalar_one())


def _item(texts: Texts, language: str, alert: Alert, read: bool, withdrawn: bool) -> InboxAlert:
    shown = render(texts, language, [msgspec.convert(alert.body, Body)])
    return InboxAlert(
        id=alert.id,
        kind=alert.kind,
        child_id=alert.child_id,
        title=shown.title,
        text=shown.body,
        body=alert.body,
        target=alert.target,
        occurred_at=alert.occurred_at,
        read=read,
        withdrawn=withdrawn,
    )
