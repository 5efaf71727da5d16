"""What the worker needs of a transport."""

from typing import Protocol

from push.verdict import Verdict


class Sender(Protocol):
    """Hands one encoded FCM message over. Answers with a verdict, also where it failed; never raises for that."""

    async def send(self, message: bytes) -> Verdict: ...

    async def close(self) -> None: ...
