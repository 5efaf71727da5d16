"""Requests to support: asked, read, answered."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post, put
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.db import Database
from backend.core.http import DiaryRequest, IdempotencyKey, client_address, language_of
from backend.core.idempotency import once
from backend.core.openapi import PublicOperation, problems
from backend.core.ratelimit import AddressLimit
from backend.core.secrets import blind_index
from backend.core.settings import Settings
from backend.identity.acting import Acting
from backend.support import asking, rules, service
from backend.support.letters import Letters
from schemas import support as wire

# Litestar keeps the word `state` for itself.
State = Annotated[wire.SupportState | None, QueryParameter(name="state", description="Only those in this state")]
Number = Annotated[str | None, QueryParameter(max_length=20, description="Only the one of this number")]
After = Annotated[UUID | None, QueryParameter(description="`next` of the page before")]

_HOUR = timedelta(hours=1)
# Stands for everybody who is not signed in where an answer is remembered.
_NOBODY = UUID(int=0)


@post(
    "/support-requests", operation_id="createSupportRequest", summary="Ask support", access=Access.SELF,
    responses=problems(401, 403, 404, 409, 422, 429),
)  # fmt: skip
async def create(
    data: wire.AskSupport, tx: AsyncSession, acting: Acting, letters: Letters, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.SupportRequest:  # fmt: skip
    async def work() -> wire.SupportRequest:
        made = await asking.ask(tx, acting, data, letters, now)
        return await service.as_wire(tx, made, letters, named=False)

    return await once(
        tx, acting.account_id, "createSupportRequest", idempotency_key, data, wire.SupportRequest, now, work
    )  # fmt: skip


@post(
    "/app/support-requests", operation_id="askSupport", summary="Ask support from the entry screen, not signed in",
    description="The answer is the same whoever has the e-mail address. A mail with a code goes there, and nothing "
    "else until the code has come back by confirmSupportEmail",
    access=Access.PUBLIC, operation_class=PublicOperation, responses=problems(409, 422, 429),
)  # fmt: skip
async def ask(
    request: DiaryRequest, data: wire.AskSupportFromEntry, database: Database, letters: Letters, limits: AddressLimit,
    settings: Settings, now: datetime, idempotency_key: IdempotencyKey = None,
) -> wire.SupportAsked:  # fmt: skip
    address = client_address(request, settings.client_address_header)
    await limits.count("support", address, rules.REQUESTS_OF_ADDRESS, _HOUR, now)

    async with database.transaction() as session:

        async def work() -> wire.SupportAsked:
            made = await asking.ask_from_entry(session, data, language_of(request), letters, now)
            return wire.SupportAsked(number=made.number, answers_by_mail=letters.state(made))

        who = blind_index(settings.keys.index, "support", data.email.lower()).hex()
        return await once(
            session, _NOBODY, f"askSupport/{who}", idempotency_key, data, wire.SupportAsked, now, work
        )  # fmt: skip


@post(
    "/app/support-confirmations", operation_id="confirmSupportEmail",
    summary="Say the code of the mail: from then on answers go to that address", access=Access.PUBLIC,
    operation_class=PublicOperation, status_code=HTTP_204_NO_CONTENT, responses=problems(422, 429),
)  # fmt: skip
async def confirm_email(
    request: DiaryRequest, data: wire.ConfirmSupportEmail, database: Database, letters: Letters, limits: AddressLimit,
    settings: Settings, now: datetime,
) -> None:  # fmt: skip
    address = client_address(request, settings.client_address_header)
    await limits.count("support-code", address, rules.CODES_OF_ADDRESS, _HOUR, now)
    async with database.transaction() as session:
        await asking.confirm_email(session, data, letters, now)


@get(
    "/support-requests", operation_id="listSupportRequests", summary="One's own requests to support",
    access=Access.SELF, responses=problems(401, 403, 422),
)  # fmt: skip
async def list_own(tx: AsyncSession, acting: Acting, wanted: State = None, after: After = None) -> wire.SupportRequests:
    return await service.own(tx, acting, wanted, after)


@get(
    "/schools/{school_id:uuid}/support-requests", operation_id="listSchoolSupportRequests",
    summary="Requests of a school's people to its administrator", access=Access.ADMINISTRATOR,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def list_of_school(
    school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, wanted: State = None, number: Number = None,
    after: After = None,
) -> wire.SupportRequests:  # fmt: skip
    return await service.of_school(tx, acting, school_id, wanted, number, after, now)


@get(
    "/support-requests/{request_id:uuid}", operation_id="getSupportRequest",
    summary="A request with all that was written", access=Access.SUPPORT, responses=problems(401, 403, 404),
)  # fmt: skip
async def show(
    request_id: UUID, tx: AsyncSession, acting: Acting, letters: Letters, now: datetime
) -> wire.SupportRequest:
    return await service.show(tx, acting, request_id, letters, now)


@post(
    "/support-requests/{request_id:uuid}/messages", operation_id="addSupportMessage",
    summary="Write more in one's own request; what was answered is opened again", access=Access.SELF,
    responses=problems(401, 403, 404, 409, 422, 429),
)  # fmt: skip
async def add_message(
    request_id: UUID, data: wire.AddSupportMessage, tx: AsyncSession, acting: Acting, letters: Letters, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.SupportRequest:  # fmt: skip
    return await once(
        tx, acting.account_id, f"addSupportMessage/{request_id}", idempotency_key, data, wire.SupportRequest, now,
        lambda: service.add_message(tx, acting, request_id, data, letters, now),
    )  # fmt: skip


@put(
    "/support-requests/{request_id:uuid}/closing", operation_id="closeSupportRequest",
    summary="Close one's own request", access=Access.SELF, status_code=HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404),
)  # fmt: skip
async def close(request_id: UUID, tx: AsyncSession, acting: Acting, letters: Letters, now: datetime) -> None:
    await service.close(tx, acting, request_id, letters, now)


@put(
    "/support-requests/{request_id:uuid}/answer", operation_id="answerSupportRequest",
    summary="Answer a request, ask back, take it up, close it; who asked is told", access=Access.ADMINISTRATOR,
    responses=problems(401, 403, 404, 409, 412, 422),
)  # fmt: skip
async def answer(
    request_id: UUID, data: wire.AnswerSupport, tx: AsyncSession, acting: Acting, letters: Letters, now: datetime
) -> wire.SupportRequest:
    return await service.answer(tx, acting, request_id, data, letters, now)


router = Router(
    "/",
    route_handlers=[
        create, ask, confirm_email, list_own, list_of_school, show, add_message, close, answer,
    ],
    tags=["support"],
)  # fmt: skip
