"""The two kinds of Struct: what comes in refuses what it does not know; what goes out is plain. And what a text is."""

from datetime import datetime, time
from typing import Annotated

from msgspec import Meta, Struct

# No control characters but tab and the ends of lines, and none that override or isolate the direction of writing: with
# those a text shows another order than it has. HTML is text like any other.
PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"
Text = Annotated[str, Meta(pattern=PLAIN)]
Name = Annotated[Text, Meta(min_length=1, max_length=100, examples=["Телефон мамы"])]
ShortText = Annotated[Text, Meta(min_length=1, max_length=200, examples=["Итоги четверти"])]
LongText = Annotated[Text, Meta(min_length=1, max_length=4000, examples=["№ 412, 415"])]
# A page on the web that somebody points to.
LINK = r"^https?://[^\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069<>\"\\^`{|}]+$(?!\n)"
Link = Annotated[
    str, Meta(min_length=10, max_length=500, pattern=LINK, examples=["https://my-diary.example/lesson/12"])
]
Moment = Annotated[datetime, Meta(tz=True)]
# A time of day by the clock of the school; JSON Schema's own format `time` wants an offset.
ClockTime = Annotated[
    time, Meta(tz=False, extra_json_schema={"pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?$"})
]


class Input(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A request's body. Unknown fields are refused (DESIGN.md section 4)."""


class Output(Struct, rename="camel", kw_only=True):
    """An answer's body."""
