"""The columns of a table that people fill in, however they write its headers."""

import re
from dataclasses import dataclass, field

from backend.core.values import fold

_MAIL = re.compile(r"^(электроннаяпочта|элпочта|почта|email)")


def _key(header: str) -> str:
    plain = re.sub(r"[^\w]", "", fold(header)).replace("_", "")
    return _MAIL.sub("email", plain)


@dataclass(frozen=True)
class Columns:
    """What a table's columns are called.

    Attributes:
        telling: those that make a row the header.
    """

    names: tuple[str, ...]
    required: tuple[str, ...]
    telling: tuple[str, ...]
    _by_key: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {_key(name): name for name in self.names})

    def canonical(self, header: str) -> str | None:
        """The column meant by a header: case, spaces, hyphens, dots and ё/е make no difference."""
        return self._by_key.get(_key(header))
