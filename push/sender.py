"""What the worker needs of a transport."""

from typing import Protocol

from push.verdict import Verdict


class Sender(Protocol):
    """Hands one encoded FCM message over. Answers with a verdict, also where it failed; never raises for that."""

    @property
    def capacity(self) -> int:
        """How many messages it can have under way at once."""
        ...

    async def send(self, message: bytes) -> Verdict: ...

    async def close(self) -> None: ...
