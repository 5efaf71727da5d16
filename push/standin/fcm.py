"""The two endpoints that Google serves: OAuth tokens for the service account, and `messages:send`."""

import asyncio
import secrets
import time
from typing import Any
from urllib.parse import parse_qs

import jwt
import msgspec

from push.standin.credentials import CLIENT_EMAIL, PROJECT
from push.standin.faults import Faults, answer_of, error, unauthenticated
from push.standin.messages import Request, Response
from push.standin.phones import Phones
from push.standin.validation import Refused, check_message

TOKEN_SECONDS = 3600
# google-auth names this audience whatever the service account's token_uri is.
_GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"
_SEND = f"/v1/projects/{PROJECT}/messages:send"


class FcmEndpoints:
    """Answers as FCM does. `sent` counts accepted messages, validate-only ones left out."""

    def __init__(self, phones: Phones, faults: Faults, public_key: str, token_uri: str) -> None:
        self._phones = phones
        self._faults = faults
        self._public_key = public_key
        self._token_uri = token_uri
        self._tokens: dict[str, float] = {}
        self.sent = 0

    async def handle(self, request: Request) -> Response:
        path = request.path.partition("?")[0]
        if request.method == "POST" and path == "/token":
            return self._token(request)
        if request.method == "POST" and path == _SEND:
            return await self._send(request)
        return Response(404, b'{"error":{"code":404,"message":"Not found","status":"NOT_FOUND"}}')

    def _token(self, request: Request) -> Response:
        """RFC 7523: a JWT signed by the service account buys an access token."""
        form = parse_qs(request.body.decode(errors="replace"))
        try:
            claims = jwt.decode(
                form.get("assertion", [""])[0],
                self._public_key,
                algorithms=["RS256"],
                audience=[self._token_uri, _GOOGLE_AUDIENCE],
            )
        except jwt.InvalidTokenError:
            claims = {}
        if claims.get("iss") != CLIENT_EMAIL or "/auth/firebase" not in str(claims.get("scope")):
            return Response(400, b'{"error":"invalid_grant","error_description":"Invalid JWT Signature."}')
        token = f"ya29.{secrets.token_urlsafe(40)}"
        self._tokens[token] = time.monotonic() + TOKEN_SECONDS
        answer = {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
        return Response(200, msgspec.json.encode(answer))

    async def _send(self, request: Request) -> Response:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(bearer, 0) < time.monotonic():
            return unauthenticated()
        try:
            envelope = msgspec.json.decode(bytes(request.body))
            message = check_message(envelope)
        except msgspec.DecodeError:
            return error("INVALID_ARGUMENT", "Invalid JSON payload received.")
        except Refused as refused:
            violation: dict[str, object] = {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": refused.field, "description": refused.description}],
            }
            return error("INVALID_ARGUMENT", refused.description, [violation])
        return await self._deliver(envelope, message)

    async def _deliver(self, envelope: dict[str, Any], message: dict[str, Any]) -> Response:
        target = str(next(message[name] for name in ("token", "fid", "topic", "condition") if name in message))
        fault = self._faults.take(target)
        if fault is not None:
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if fault.code is not None or fault.body is not None:
                return answer_of(fault)
        name = f"projects/{PROJECT}/messages/0:{secrets.randbelow(10**16):016d}%{secrets.token_hex(8)}"
        if envelope.get("validate_only") or envelope.get("validateOnly"):
            return Response(200, msgspec.json.encode({"name": f"projects/{PROJECT}/messages/fake_message_id"}))
        if "topic" not in message and "condition" not in message and not self._phones.knows(target):
            return error("UNREGISTERED", "Requested entity was not found.")
        self._phones.receive(target, message, name)
        self.sent += 1
        return Response(200, msgspec.json.encode({"name": name}))
