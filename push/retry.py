"""When to try again, or that it is over. Pure (PUSH.md section 1: never sooner than 10 s, at most 60 minutes)."""

from datetime import datetime, timedelta

from push.verdict import Verdict

SOONEST = timedelta(seconds=10)
LONGEST_STEP = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(minutes=60)


def next_try(
    verdict: Verdict, attempt: int, *, waiting_since: datetime, now: datetime, jitter: float
) -> datetime | None:
    """The moment of the next attempt, or None: dead.

    Args:
        attempt: how many attempts have been made, from 1.
        waiting_since: when the first attempt was made.
        jitter: a random number from 0 to 1; it only ever lengthens the wait.
    """
    backoff = min(SOONEST * 2 ** min(attempt - 1, 10), LONGEST_STEP)
    wait = max(backoff * (1 + jitter / 2), verdict.wait or timedelta())
    moment = now + wait
    return None if moment - waiting_since > GIVE_UP_AFTER else moment
