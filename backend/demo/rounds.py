"""Rounds of the scheduler before their time: what a phone would show at 18:30, or on Friday."""

from datetime import UTC, date, datetime, timedelta

from backend.core.clock import school_date
from backend.core.db import Database
from backend.core.redis import Announcer, connect_redis
from backend.core.settings import Settings
from backend.demo.accounts import SCHOOL_ID
from backend.demo.school import TIMEZONE
from backend.rounds import ROUNDS, SchoolDay

# By the word of `diary demo say`: the round, and what is said of it.
EARLY = {
    "evening": ("remind-of-tomorrow", "18:30 раньше времени: Иван узнаёт, что завтра"),
    "week": (
        "ask-for-weeks",
        "Как в пятницу: родителей просят подписать неделю; около :00, :15, :30 и :45 ждут",
    ),
}


async def run_early(settings: Settings, word: str) -> str:
    """Makes a round of the demo school now, beside the one that the scheduler makes in its time."""
    name, says = EARLY[word]
    round_ = next(one for one in ROUNDS if one.name == name)
    redis = connect_redis(settings.redis_url)
    database = Database(settings.database_url, pool=1, name="diary-demo", after_commit=Announcer(redis))
    now = datetime.now(UTC)
    try:
        async with database.transaction() as session:
            day = _last_friday(school_date(now, TIMEZONE)) if word == "week" else school_date(now, TIMEZONE)
            await round_.work(session, SchoolDay(SCHOOL_ID, TIMEZONE, day, now))
    finally:
        await database.close()
        await redis.aclose()
    return says


def _last_friday(today: date) -> date:
    """Of the week that can be signed today."""
    return today - timedelta(days=(today.isoweekday() + 2) % 7)
