"""What a school writes down how. Pure."""

from datetime import timedelta

ATTACH_CODE_LENGTH = 12
ATTACH_CODE_LIFETIME = timedelta(days=30)
FEED_ONLY_AFTER = timedelta(days=3)


def normal_code(typed: str) -> str:
    """A code as it was printed: people add spaces, hyphens and capitals."""
    return "".join(letter for letter in typed.lower() if letter.isalnum())


def is_old_news(age: timedelta) -> bool:
    """Facts older than 3 days go to the feed and ring no phone (DOMAIN.md section 12)."""
    return age > FEED_ONLY_AFTER
