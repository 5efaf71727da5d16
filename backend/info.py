"""What an app asks before anybody signs in (docs/app.md)."""

from datetime import datetime

from litestar import get

from backend.core.access import Access
from backend.core.http import DiaryRequest, language_of
from backend.core.openapi import PublicOperation, problems
from backend.core.settings import Settings
from backend.identity.passwords import RULES
from push.catalogue import CHANNELS, KINDS
from push.wording import Texts
from schemas.app import AppInfo, Channel, Contact, Support

API_VERSION = "1.0"


@get(
    "/app",
    operation_id="getApp",
    summary="What an app needs before sign-in",
    access=Access.PUBLIC,
    operation_class=PublicOperation,
    responses=problems(),
    tags=["app"],
)
async def get_app(request: DiaryRequest, settings: Settings, texts: Texts, now: datetime) -> AppInfo:
    language = language_of(request)
    return AppInfo(
        server_time=now,
        api_version=API_VERSION,
        sign_in_methods=["password"],
        password_rules=RULES,
        administrator=Contact(email=settings.administrator_email or None, phone=settings.administrator_phone or None),
        support=Support(
            email=settings.support_email or None,
            phone=settings.support_phone or None,
            answers_by_mail=bool(settings.mail_url),
        ),
        minimum_app_versions={"android": "0", "ios": "0", "web": "0"},
        push_channels=[
            Channel(
                id=channel,
                name=texts.format(language, f"channel-{channel}"),
                kinds=[kind.name for kind in KINDS.values() if kind.channel == channel],
            )
            for channel in CHANNELS
        ],
    )
