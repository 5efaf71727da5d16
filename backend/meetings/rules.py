"""What a meeting may be, when it is reminded of, and what about it has moved. Pure."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

FURTHEST = timedelta(days=366)
LONGEST = timedelta(days=1)
# DOMAIN.md section 10.
HOURS_BEFORE = (24, 2)
# A reminder that comes late gives way to the next one if that follows so soon.
_NEAR = timedelta(hours=1)


def time_problems(starts_at: datetime, ends_at: datetime, now: datetime) -> dict[str, str]:
    """JSON pointer -> what is wrong with when it is."""
    wrong: dict[str, str] = {}
    if starts_at < now:
        wrong["/startsAt"] = "in-the-past"
    elif starts_at > now + FURTHEST:
        wrong["/startsAt"] = "too-far"
    if ends_at <= starts_at:
        wrong["/endsAt"] = "ends-before-it-begins"
    elif ends_at - starts_at > LONGEST:
        wrong["/endsAt"] = "too-long"
    return wrong


def place_problems(place: str | None, link: str | None) -> dict[str, str]:
    """JSON pointer -> what is wrong with where it is."""
    wrong: dict[str, str] = {}
    if not place and link is None:
        wrong["/place"] = "place-or-link"
    if link is not None and not is_https(link):
        wrong["/link"] = "not-https"
    return wrong


def is_https(link: str) -> bool:
    """Whether a link may be opened by everybody who is invited: an address of the web behind TLS."""
    if not link.isprintable() or " " in link:
        return False
    try:
        parts = urlsplit(link)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def reminders(starts_at: datetime, now: datetime) -> dict[int, datetime]:
    """Hours before -> when; without what would be due already."""
    due = {hours: starts_at - timedelta(hours=hours) for hours in HOURS_BEFORE}
    return {hours: moment for hours, moment in due.items() if moment > now}


def still_reminds(hours: int, starts_at: datetime, now: datetime) -> bool:
    """Whether a reminder that is due is still worth sending: not of what has begun, nor beside the next one. After an
    outage nobody gets two."""
    following = (starts_at - timedelta(hours=later) - _NEAR for later in HOURS_BEFORE if later < hours)
    return now < min(following, default=starts_at)


def moved(old: tuple[datetime, str, str | None], new: tuple[datetime, str, str | None]) -> str | None:
    """What has moved of (start, place, link): `time`, `place`, `both`, or only the `link`. None: nothing that who is
    invited must be told of."""
    elsewhere = old[1] != new[1] or (old[2] is None) != (new[2] is None)
    if old[0] != new[0]:
        return "both" if elsewhere or old[2] != new[2] else "time"
    if elsewhere:
        return "place"
    return "link" if old[2] != new[2] else None
