"""Links to our own download that expire: signed by a key of this server, so that no row has to remember them."""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from backend.core.secrets import blind_index


def sign(key: bytes, file_id: UUID, until: datetime) -> str:
    """The address of a file's content, good until some moment."""
    seconds = int(until.timestamp())
    return f"/v1/files/{file_id}/content?until={seconds}&signature={_signature(key, file_id, seconds)}"


def holds(key: bytes, file_id: UUID, until: int, signature: str, now: datetime, lasts: timedelta) -> bool:
    """Whether a link is of this server and not over, nor of longer life than any that it makes."""
    genuine = hmac.compare_digest(signature.encode(), _signature(key, file_id, until).encode())
    return genuine and now.timestamp() < until <= (now + lasts).timestamp()


def _signature(key: bytes, file_id: UUID, until: int) -> str:
    return blind_index(key, str(file_id), str(until)).hex()
