"""Redis carries only what may be lost. Here: what is told after a commit."""

from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from structlog import get_logger

from push import live, outbox

log = get_logger()


def connect_redis(url: str, *, blocking: bool = False) -> Redis:
    """A client that fails fast: without Redis everything goes on, a little slower.

    Args:
        blocking: for a client that only listens, whose reads may take for ever.
    """
    timeout = None if blocking else 1
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))


class Announcer:
    """Tells other processes what a transaction left for them in `session.info`: the push worker that there is work, the
    API's that screens show something old. A lost word costs the interval at which they look, nothing more."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def __call__(self, left: Mapping[str, Any]) -> None:
        words = [(outbox.CHANNEL, b"")] if left.get(outbox.WAKE) else []
        if (news := left.get(live.NEWS)) is not None:
            words.append((live.CHANNEL, news.written()))
        if not words:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for channel, word in words:
                    pipe.publish(channel, word)
                await pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("wakeup_lost", error=type(error).__name__)
