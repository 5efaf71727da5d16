"""Opens the encrypted envelope of a push: the reference in Python (docs/envelope.md). Needs `cryptography`, no more.

By hand, `data` of a message being in a file: python open_envelope.py KEY_IN_BASE64 < data.json
"""

import base64
import json
import sys
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "1"
KEY_BYTES = 32
NONCE_BYTES = 12


class Refused(Exception):
    """The envelope is of another version, was sealed with another key, or was altered on the way."""


def open_envelope(key: bytes, data: Mapping[str, str]) -> dict[str, Any]:
    """The content of an envelope.

    Args:
        key: the 32 bytes that the app registered under the id `data["k"]`.
        data: `data` of the FCM message.

    Raises:
        Refused: show the neutral text instead.
    """
    if data.get("v") != VERSION:
        raise Refused(f"unknown version {data.get('v')}")
    try:
        nonce, sealed = _bytes(data["n"]), _bytes(data["c"])
        bound = f"{data['v']}|{data['k']}|{data['t']}".encode()
    except (KeyError, ValueError) as wrong:
        raise Refused(f"not an envelope: {wrong!r}") from None
    if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise Refused("a key has 32 bytes, and a nonce 12")
    try:
        clear = AESGCM(key).decrypt(nonce, sealed, bound)
    except InvalidTag:
        raise Refused("another key, or altered") from None
    # The padding is spaces after the JSON, which parsers skip.
    content: dict[str, Any] = json.loads(clear)
    return content


def _bytes(text: str) -> bytes:
    """Base64 of the URL alphabet without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":
    opened = open_envelope(base64.b64decode(sys.argv[1]), json.load(sys.stdin))
    sys.stdout.write(json.dumps(opened, ensure_ascii=False, indent=1) + "\n")
