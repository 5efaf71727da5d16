"""Subscriptions of phones to topics, by FCM's own API and by the Instance ID service that came before it.

Source: https://firebase.google.com/docs/reference/fcm/fcmtopics/rest/v1/projects.registrations.topicSubscriptions and
https://developers.google.com/instance-id/reference/server.
"""

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote

import msgspec

from push.standin.credentials import PROJECT
from push.standin.errors import not_found, status_error
from push.standin.messages import Request, Response
from push.standin.phones import Phones
from push.standin.validation import TOPIC

REGISTRATIONS = f"/v1/projects/{PROJECT}/registrations/"
INSTANCE_ID = "/iid/v1:batch"
MAX_TOKENS = 1000


class _Batch(msgspec.Struct):
    to: str
    registration_tokens: list[str]


class Subscriptions:
    """Answers both APIs. Topics need no making: one exists as soon as somebody is subscribed."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def answer(self, request: Request) -> Response:
        path, _, query = request.path.partition("?")
        if path.startswith(INSTANCE_ID):
            return self._batch(request, path.removeprefix(INSTANCE_ID))
        token, slash, topic = path.removeprefix(REGISTRATIONS).partition("/topicSubscriptions")
        parameters = parse_qs(query)
        if request.method == "POST" and slash and not topic:
            names = parameters.get("topic_name") or parameters.get("topicName") or [""]
            return self._create(unquote(token), names[0])
        if request.method == "DELETE" and topic.startswith("/"):
            allow = parameters.get("allow_missing") or parameters.get("allowMissing") or [""]
            return self._delete(unquote(token), unquote(topic[1:]), missing_is_fine=allow[0] == "true")
        return not_found()

    def _create(self, token: str, topic: str) -> Response:
        if not TOPIC.fullmatch(topic):
            return status_error(400, "INVALID_ARGUMENT", f"Malformed topic name: {topic[:100]}")
        phone = self._phones.find(token)
        if phone is None:
            return not_found()
        if not self._phones.subscribe(phone, topic):
            return status_error(409, "ALREADY_EXISTS", "Requested entity already exists")
        made = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        name = f"projects/{PROJECT}/registrations/{token}/topicSubscriptions/{topic}"
        return Response(200, msgspec.json.encode({"name": name, "topic_name": topic, "create_time": made}))

    def _delete(self, token: str, topic: str, *, missing_is_fine: bool) -> Response:
        phone = self._phones.find(token)
        if phone is None or not (self._phones.unsubscribe(phone, topic) or missing_is_fine):
            return not_found()
        return Response(200, b"{}")

    def _batch(self, request: Request, operation: str) -> Response:
        """One answer for many tokens: an empty object, or what is wrong with this one."""
        if request.method != "POST" or operation not in ("Add", "Remove"):
            return not_found()
        try:
            batch = msgspec.json.decode(bytes(request.body), type=_Batch)
        except msgspec.DecodeError:
            return Response(400, b'{"error":"InvalidRequest"}')
        topic = batch.to.removeprefix("/topics/")
        if topic == batch.to or not TOPIC.fullmatch(topic):
            return Response(400, b'{"error":"InvalidTopicName"}')
        if not 0 < len(batch.registration_tokens) <= MAX_TOKENS:
            return Response(400, b'{"error":"InvalidNumberOfRegistrationTokens"}')
        results = [self._one(token, topic, add=operation == "Add") for token in batch.registration_tokens]
        return Response(200, msgspec.json.encode({"results": results}))

    def _one(self, token: str, topic: str, *, add: bool) -> dict[str, str]:
        phone = self._phones.find(token)
        if phone is None:
            return {"error": "NOT_FOUND"}
        (self._phones.subscribe if add else self._phones.unsubscribe)(phone, topic)
        return {}
