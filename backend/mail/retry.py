"""When a mail is tried again. Pure."""

from datetime import datetime, timedelta

GIVEN_UP_AFTER = timedelta(hours=24)
_FIRST = timedelta(minutes=1)
_LONGEST = timedelta(hours=2)


def next_try(attempt: int, now: datetime, spread: float) -> datetime:
    """After the first attempt in a minute, then doubling up to two hours.

    Args:
        spread: from 0 to 1, by chance: what failed together is not tried together.
    """
    wait = min(_FIRST * (1 << min(attempt - 1, 10)), _LONGEST)
    return now + wait * (1 + spread / 2)
