"""Redis carries only what may be lost. Here: waking the push worker after a commit."""

from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from structlog import get_logger

log = get_logger()


def connect_redis(url: str, *, blocking: bool = False) -> Redis:
    """A client that fails fast: without Redis everything goes on, a little slower.

    Args:
        blocking: for a client that only listens, whose reads may take for ever.
    """
    timeout = None if blocking else 1
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))


class Wakeups:
    """Tells the push worker that there is work. A lost wake-up costs its polling interval, nothing more."""

    def __init__(self, redis: Redis, channel: str) -> None:
        self._redis = redis
        self._channel = channel

    async def wake(self) -> None:
        try:
            await self._redis.publish(self._channel, b"")
        except (RedisError, OSError) as error:
            log.warning("wakeup_lost", error=type(error).__name__)
