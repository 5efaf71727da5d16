"""The two kinds of Struct: what comes in refuses what it does not know; what goes out is plain."""

from typing import Annotated

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=100, examples=["Телефон мамы"])]
ShortText = Annotated[str, Meta(min_length=1, max_length=200, examples=["Итоги четверти"])]
LongText = Annotated[str, Meta(min_length=1, max_length=4000, examples=["№ 412, 415"])]


class Input(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A request's body. Unknown fields are refused (DESIGN.md section 4)."""


class Output(Struct, rename="camel", kw_only=True):
    """An answer's body."""
