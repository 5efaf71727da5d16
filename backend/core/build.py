"""Which code this is: a tag that it gave out does not hold for another release."""

import hashlib
from pathlib import Path

_PACKAGES = ("backend", "push", "schemas")


def _digest() -> str:
    root = Path(__file__).resolve().parents[2]
    found = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


BUILD = _digest()
