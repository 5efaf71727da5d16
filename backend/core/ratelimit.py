"""How often an address may ask for something without signing in. Counted in Redis, which may lose it (DESIGN.md section
1): what must hold in any case is counted in PostgreSQL."""

from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError
from structlog import get_logger

from backend.core.errors import TooMany
from backend.core.secrets import blind_index

log = get_logger()


class AddressLimit:
    """Counts in fixed windows of time.

    Args:
        key: of the hash under which addresses are counted.
    """

    def __init__(self, redis: Redis, key: bytes) -> None:
        self._redis, self._key = redis, key

    async def count(self, what: str, address: str, most: int, window: timedelta, now: datetime) -> None:
        """Counts one more. Without Redis everybody passes. Raises TooMany past `most` in a window."""
        seconds = int(window.total_seconds())
        number, gone = divmod(int(now.timestamp()), seconds)
        subject = blind_index(self._key, f"limit:{what}:{number}", address).hex()
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.incr(f"my-diary:limit:{subject}")
                pipe.expire(f"my-diary:limit:{subject}", seconds)
                counted, _ = await pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("limit_not_counted", what=what, error=type(error).__name__)
            return
        if counted > most:
            raise TooMany(seconds=seconds - gone)
