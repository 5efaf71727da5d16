"""The endpoints that Google serves: `messages:send`, and beside it OAuth tokens and subscriptions to topics."""

import asyncio
import secrets
from typing import Any

import msgspec

from push.standin.condition import parse_condition
from push.standin.credentials import PROJECT
from push.standin.errors import fcm_error, not_found, unauthenticated
from push.standin.faults import Endpoint, Faults, answer_of
from push.standin.messages import Request, Response
from push.standin.oauth import AccessTokens
from push.standin.phones import Phones
from push.standin.topics import INSTANCE_ID, REGISTRATIONS, Subscriptions
from push.standin.validation import TARGETS, Refused, check_envelope

_SEND = f"/v1/projects/{PROJECT}/messages:send"
_NOT_JSON = "Invalid JSON payload received. Unexpected token."


class FcmEndpoints:
    """Answers as FCM does.

    Attributes:
        sent: accepted messages, validate-only ones left out.
        send_requests: requests to `messages:send`, whatever became of them.
        tokens: the access tokens that were given out.
    """

    def __init__(self, phones: Phones, faults: Faults, public_key: str, token_uri: str) -> None:
        self.sent = 0
        self.send_requests = 0
        self.tokens = AccessTokens(public_key, token_uri)
        self._phones = phones
        self._faults = faults
        self._subscriptions = Subscriptions(phones)

    @property
    def token_requests(self) -> int:
        """How many requests came to the OAuth token endpoint."""
        return self.tokens.requests

    def expire_tokens(self) -> int:
        """Makes all access tokens invalid; the next use of one gets Google's 401. Returns how many they were."""
        return self.tokens.revoke()

    async def handle(self, request: Request) -> Response:
        path = request.path.partition("?")[0]
        if request.method == "POST" and path == "/token":
            self.tokens.requests += 1
            return await self._fault("token", path) or self.tokens.issue(request)
        if not self.tokens.allows(request):
            return unauthenticated()
        if request.method == "POST" and path == _SEND:
            self.send_requests += 1
            return await self._send(request)
        if path.startswith((REGISTRATIONS, INSTANCE_ID)):
            return await self._fault("topics", path) or self._subscriptions.answer(request)
        return not_found()

    async def _fault(self, endpoint: Endpoint, target: str) -> Response | None:
        """What a fault answers; None where there is none, or it was only slow."""
        fault = self._faults.take(target, endpoint)
        if fault is None:
            return None
        await asyncio.sleep(fault.delay)
        return answer_of(fault, target=target) if fault.strikes else None

    async def _send(self, request: Request) -> Response:
        try:
            envelope = check_envelope(msgspec.json.decode(bytes(request.body)))
        except msgspec.DecodeError:
            return Refused([("", _NOT_JSON)]).response()
        except Refused as refused:
            return refused.response()
        message = envelope["message"]
        kind = next(name for name in TARGETS if message.get(name))
        fault = self._faults.take(message[kind])
        if fault is None:
            return self._accept(envelope, kind)
        # Before the delay, so that a sender who stops waiting has been served as well.
        accepted = self._accept(envelope, kind) if fault.accept else None
        await asyncio.sleep(fault.delay)
        if fault.strikes:
            return answer_of(fault, kind, message[kind])
        return accepted or self._accept(envelope, kind)

    def _accept(self, envelope: dict[str, Any], kind: str) -> Response:
        """Hands the message to its phones. A validate-only one is checked in the same way and goes nowhere."""
        message = envelope["message"]
        target = message[kind]
        to_phone = kind in ("token", "fid")
        if to_phone and not self._phones.knows(target):
            return fcm_error("UNREGISTERED", "Requested entity was not found.")
        if envelope.get("validate_only"):
            return Response(200, msgspec.json.encode({"name": f"projects/{PROJECT}/messages/fake_message_id"}))
        number = f"{secrets.randbelow(10**16):016d}"
        name = f"projects/{PROJECT}/messages/" + (f"0:{number}%{secrets.token_hex(8)}" if to_phone else number)
        self.sent += 1
        if to_phone:
            self._phones.receive(target, message, name)
        else:
            holds = parse_condition(target if kind == "condition" else f"'{target}' in topics")
            for phone in self._phones.subscribed(holds):
                self._phones.receive(phone.token, message, name)
        return Response(200, msgspec.json.encode({"name": name}))
