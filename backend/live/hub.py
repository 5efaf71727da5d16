"""Who listens in this process, and the word from Redis that wakes them. The word is a hint: who is woken looks by
itself, and who is not looks all the same after a while."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError
from structlog import get_logger

from backend.core.errors import TooMany, Unavailable
from push.live import CHANNEL, News

log = get_logger()

# Without Redis everybody looks as often; with it only to be sure.
LOOK_SECONDS = 3.0
LOOK_TO_BE_SURE_SECONDS = 30.0
_RECONNECT_SECONDS = 1.0
MOST_OF_ONE = 5
MOST = 5_000


class Listener:
    """One stream. `entities` is what its open diary is made of."""

    __slots__ = ("_hub", "_woken", "account_id", "entities")

    def __init__(self, hub: "Hub", account_id: UUID) -> None:
        self._hub = hub
        self._woken = asyncio.Event()
        self.account_id = account_id
        self.entities: frozenset[UUID] = frozenset()

    def wake(self) -> None:
        self._woken.set()

    async def wait(self) -> bool:
        """Until something may be new, or it is time to look. False: the process ends."""
        try:
            async with asyncio.timeout(self._hub.patience):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()
        return not self._hub.ending

    def watch(self, entities: frozenset[UUID]) -> None:
        """From now on it is woken by what changes these."""
        self._hub.watch(self, entities)


class Hub:
    """The listeners of this process.

    Args:
        redis: a client whose reads may take for ever.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._by_account: dict[UUID, set[Listener]] = defaultdict(set)
        self._by_entity: dict[UUID, set[Listener]] = defaultdict(set)
        self._hearing = False
        self.ending = False
        self.number = 0

    @property
    def patience(self) -> float:
        """How long somebody waits for a word before looking, in seconds."""
        return LOOK_TO_BE_SURE_SECONDS if self._hearing else LOOK_SECONDS

    @contextmanager
    def join(self, account_id: UUID) -> Iterator[Listener]:
        """A listener for as long as its stream lasts.

        Raises:
            TooMany, Unavailable: the account has its share of streams, or the process has.
        """
        self._check_room(account_id)
        listener = Listener(self, account_id)
        self._by_account[account_id].add(listener)
        self.number += 1
        try:
            yield listener
        finally:
            self.number -= 1
            self.watch(listener, frozenset())
            _leave(self._by_account, account_id, listener)

    def _check_room(self, account_id: UUID) -> None:
        if len(self._by_account.get(account_id, ())) >= MOST_OF_ONE:
            raise TooMany(seconds=60)
        if self.number >= MOST or self.ending:
            raise Unavailable

    def watch(self, listener: Listener, entities: frozenset[UUID]) -> None:
        for entity in listener.entities - entities:
            _leave(self._by_entity, entity, listener)
        for entity in entities - listener.entities:
            self._by_entity[entity].add(listener)
        listener.entities = entities

    def tell(self, news: News) -> None:
        """Wakes whom the news may concern."""
        for account in news.accounts:
            for listener in self._by_account.get(account, ()):
                listener.wake()
        for entity in news.entities:
            for listener in self._by_entity.get(entity, ()):
                listener.wake()

    def end(self) -> None:
        """Streams end: apps come back to another process."""
        self.ending = True
        self._wake_all()

    async def listen(self) -> None:
        """Hears Redis until cancelled. Whenever it comes back everybody looks: nobody knows what was said meanwhile."""
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    self._hearing = True
                    self._wake_all()
                    async for message in pubsub.listen():
                        self._hear(message["data"])
            except (RedisError, OSError) as error:
                if self._hearing:
                    log.warning("live_unheard", error=type(error).__name__)
            finally:
                self._hearing = False
            self._wake_all()
            await asyncio.sleep(_RECONNECT_SECONDS)

    def _hear(self, written: bytes) -> None:
        try:
            self.tell(News.read(written))
        except msgspec.DecodeError:
            log.warning("live_not_understood")

    def _wake_all(self) -> None:
        for listeners in self._by_account.values():
            for listener in listeners:
                listener.wake()


def _leave(index: dict[UUID, set[Listener]], key: UUID, listener: Listener) -> None:
    index[key].discard(listener)
    if not index[key]:
        del index[key]
