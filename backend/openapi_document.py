"""The OpenAPI document without a running server, for the committed snapshot (docs/openapi.json)."""

import base64
import json

from backend.app import build_app
from backend.core.clock import system_clock
from backend.core.db import Database
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.parts import Parts


def document() -> str:
    """The document as text. Nothing is connected to: engines and clients connect when they are used."""
    settings = Settings(
        database_url="postgresql://diary_app@localhost/diary",
        redis_url="redis://localhost",
        files_url="file:///files",
        diary_secret=base64.b64encode(bytes(32)).decode(),
    )
    app = build_app(Parts(settings, Database(settings.database_url), connect_redis(settings.redis_url), system_clock))
    return json.dumps(app.openapi_schema.to_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
