"""Secrets at rest: encrypted to be read back, or indexed blindly to be matched only."""

import hashlib
import hmac
import os
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# No letters or digits that look alike on a printed sheet.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def encrypt(key: bytes, clear: bytes, context: bytes) -> bytes:
    """AES-256-GCM with a random nonce in front; `context` binds the text to its row."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, clear, context)


def decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Opens what `encrypt` sealed. Raises cryptography's InvalidTag for a wrong key, context or text."""
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], context)


def blind_index(key: bytes, kind: str, value: str) -> bytes:
    """A keyed hash: equal values match, and without the key nothing can be looked up."""
    return hmac.digest(key, f"{kind}:{value}".encode(), hashlib.sha256)


def readable_code(length: int) -> str:
    """A random code for a person to type, of `length` letters and digits (4.95 bits each)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def readable_digest(key: bytes, kind: str, value: str, length: int) -> str:
    """A code like that of `readable_code` which follows from a value; without the key nobody can tell it."""
    digest = int.from_bytes(blind_index(key, kind, value))
    return "".join(_ALPHABET[digest // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(length))
