"""The two kinds of Struct: what comes in refuses what it does not know; what goes out is plain."""

from datetime import datetime, time
from typing import Annotated

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=100, examples=["Телефон мамы"])]
ShortText = Annotated[str, Meta(min_length=1, max_length=200, examples=["Итоги четверти"])]
LongText = Annotated[str, Meta(min_length=1, max_length=4000, examples=["№ 412, 415"])]
Moment = Annotated[datetime, Meta(tz=True)]
# A time of day by the clock of the school; JSON Schema's own format `time` wants an offset.
ClockTime = Annotated[
    time, Meta(tz=False, extra_json_schema={"pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?$"})
]


class Input(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A request's body. Unknown fields are refused (DESIGN.md section 4)."""


class Output(Struct, rename="camel", kw_only=True):
    """An answer's body."""
