"""Google's OAuth token endpoint: access tokens for the service account (RFC 7523), and their end."""

import secrets
import time
from urllib.parse import parse_qs

import jwt
import msgspec

from push.standin.credentials import CLIENT_EMAIL
from push.standin.messages import Request, Response

TOKEN_SECONDS = 3600
# google-auth names this audience whatever the service account's token_uri is.
_GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"


class AccessTokens:
    """Gives and checks access tokens.

    Args:
        public_key: checks what the service account signed; PEM.
        token_uri: the audience that the service account's file names.

    Attributes:
        requests: how many came to the endpoint, those that met a fault included.
    """

    def __init__(self, public_key: str, token_uri: str) -> None:
        self.requests = 0
        self._public_key = public_key
        self._token_uri = token_uri
        self._until: dict[str, float] = {}

    @property
    def valid(self) -> int:
        """How many access tokens are good now."""
        now = time.monotonic()
        return sum(until >= now for until in self._until.values())

    def revoke(self) -> int:
        """Makes all access tokens invalid, so that Google's 401 answers the next use. Returns how many they were."""
        count = self.valid
        self._until.clear()
        return count

    def allows(self, request: Request) -> bool:
        """Whether the request carries a good access token."""
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self._until.get(bearer, 0) >= time.monotonic()

    def issue(self, request: Request) -> Response:
        """A JWT signed by the service account buys an access token."""
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
        now = time.monotonic()
        self._until = {token: until for token, until in self._until.items() if until >= now}
        token = f"ya29.{secrets.token_urlsafe(40)}"
        self._until[token] = now + TOKEN_SECONDS
        answer = {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
        return Response(200, msgspec.json.encode(answer))
