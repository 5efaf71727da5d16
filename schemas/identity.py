"""Signing in, sessions, oneself."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, Name, Output, Text

Login = Annotated[Text, Meta(min_length=1, max_length=100, examples=["demo.mama"])]
# Whatever a keyboard gives: no database and no hash can keep what is excluded here.
Password = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$", examples=["Tram-Window-7-green"])]


class SignIn(Input):
    login: Login
    password: Password
    device_name: Name
    installation_id: UUID | None = None


class Tokens(Output):
    """`accessToken` is for ten minutes; `refreshToken` buys the next pair."""

    access_token: str
    expires_at: datetime
    refresh_token: str
    must_set_password: bool


class Refresh(Input):
    refresh_token: Annotated[Text, Meta(min_length=1, max_length=300, examples=["0193...e1.4.Yk3..."])]
    installation_id: UUID | None = None


class SetPassword(Input):
    current_password: Password
    new_password: Password


class Session(Output):
    id: UUID
    device_name: str
    created_at: datetime
    last_used_at: datetime
    current: bool


class Sessions(Output):
    items: list[Session]


class OneTimePassword(Output):
    """Shown once, to be handed over on paper."""

    login: str
    password: str
    valid_until: datetime


class ChangeMe(Input):
    language: Literal["ru", "en"]


class AttachChild(Input):
    code: Annotated[Text, Meta(min_length=4, max_length=40, examples=["k7mp-29qx-hd4w"])]
