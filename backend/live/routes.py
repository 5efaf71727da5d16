"""Server-sent events for an app in the foreground."""

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Router, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter
from litestar.response import Stream

from backend.core.access import Access
from backend.core.http import DiaryRequest, language_of
from backend.core.openapi import problems
from backend.identity.acting import Bearer
from backend.identity.tokens import ACCESS_LIFETIME
from backend.live.repository import Asked
from backend.live.service import LiveDesk
from schemas.live import LiveEvent

LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        description="The id of the last event seen, or `next` of listAlertChanges: what changed since is told first",
    ),
]
MEDIA_TYPE = "text/event-stream"
# A stream that is compressed would be kept back until it is worth it.
UNCOMPRESSED = "uncompressed"


@get(
    "/live",
    operation_id="openLive",
    summary="A stream of what changes in the inbox and in the diary that is open",
    access=Access.SELF,
    responses=problems(401, 403, 422, 429, 503)
    | {200: ResponseSpec(cast("Any", LiveEvent), media_type=MEDIA_TYPE, description="Events", generate_examples=False)},
    opt={UNCOMPRESSED: True},
    media_type=MEDIA_TYPE,
)
async def open_live(
    request: DiaryRequest,
    bearer: Bearer,
    live: LiveDesk,
    now: datetime,
    child: UUID | None = None,
    last_event_id: LastEventId = None,
) -> Stream:
    """`child`: whose diary is open. The stream ends after ten minutes; come back with a fresh token."""
    asked = Asked(bearer.account_id, bearer.session_id, child)
    events = await live.open(asked, language_of(request), last_event_id, now + ACCESS_LIFETIME)
    # Proxies must pass on what comes when it comes.
    return Stream(events, media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


router = Router("/", route_handlers=[open_live], tags=["live"])
