"""The inbox: every alert of a person, whether a phone heard of it or not."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from push.models import Alert, AlertRead, AlertWithdrawn
from push.queue import known_body
from push.wording import Texts
from push.wording.renderer import Shown, render
from schemas.push import Inbox, InboxAlert

PAGE = 50


async def page(
    session: AsyncSession,
    texts: Texts,
    account_id: UUID,
    children: Sequence[UUID],
    language: str,
    before: UUID | None,
) -> Inbox:
    """A page of the feed, newest first.

    Args:
        children: the children whom the account may see now; alerts about others are left out.
        before: the cursor, the id of the last alert of the page above.
    """
    statement = (
        select(Alert, col(AlertRead.alert_id).is_not(None), col(AlertWithdrawn.alert_id).is_not(None))
        .outerjoin(AlertRead, (col(AlertRead.alert_id) == col(Alert.id)) & (col(AlertRead.account_id) == account_id))
        .outerjoin(AlertWithdrawn, col(AlertWithdrawn.alert_id) == col(Alert.id))
        .where(col(Alert.account_id) == account_id, _about(children))
        .order_by(col(Alert.id).desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        statement = statement.where(col(Alert.id) < before)
    rows = (await session.execute(statement)).all()
    items = [_item(texts, language, alert, read, withdrawn) for alert, read, withdrawn in rows[:PAGE]]
    return Inbox(items=items, next=str(items[-1].id) if len(rows) > PAGE else None)


async def unread_count(session: AsyncSession, account_id: UUID, children: Sequence[UUID], now: datetime) -> int:
    """How many alerts of the last 28 days the person has not read."""
    read = exists().where(col(AlertRead.alert_id) == col(Alert.id), col(AlertRead.account_id) == account_id)
    withdrawn = exists().where(col(AlertWithdrawn.alert_id) == col(Alert.id))
    statement = select(func.count()).where(
        col(Alert.account_id) == account_id,
        _about(children),
        col(Alert.id) >= func.uuid7_floor(now - func.make_interval(0, 0, 0, 28)),
        ~read,
        ~withdrawn,
    )
    return int((await session.execute(statement)).scalar_one())


def _about(children: Sequence[UUID]) -> ColumnElement[bool]:
    return or_(col(Alert.child_id).is_(None), col(Alert.child_id).in_(children))


def _item(texts: Texts, language: str, alert: Alert, read: bool, withdrawn: bool) -> InboxAlert:
    body = known_body(msgspec.json.encode(alert.body).decode())
    if body is None:
        neutral = (texts.format(language, "neutral-title"), texts.format(language, "neutral-body"))
        shown = Shown(title=neutral[0], body=neutral[1])
    else:
        shown = render(texts, language, (body,))
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
