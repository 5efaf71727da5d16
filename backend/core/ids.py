"""Ids are UUIDv7 (RFC 9562): sorted by the time of creation, so new rows land side by side."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()
