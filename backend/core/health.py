"""Whether the process lives, and whether it can work."""

from litestar import Response, Router, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.plugins.prometheus import PrometheusController
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.core.access import Access
from backend.core.db import Database
from backend.core.errors import SetupError
from backend.core.revision import current_revision, is_behind


@get(
    "/live",
    operation_id="isAlive",
    summary="The process answers",
    access=Access.OPERATORS,
    sync_to_thread=False,
)
def live() -> dict[str, str]:
    return {"status": "ok"}


@get(
    "/ready",
    operation_id="isReady",
    summary="The database answers, and its tables are new enough; Redis may be away",
    access=Access.OPERATORS,
    responses={
        503: ResponseSpec(
            dict[str, str],
            description="The database does not answer, or its tables are too old",
            generate_examples=False,
        )
    },
)
async def ready(database: Database, redis: Redis) -> Response[dict[str, str]]:
    try:
        current = await current_revision(database)
        postgres = f"at {current or 'none'}: run `diary db upgrade`" if is_behind(current) else "ok"
    except SetupError:
        postgres = "unreachable"
    try:
        await redis.ping()
        wakeups = "ok"
    except (RedisError, OSError):
        wakeups = "unreachable, alerts take up to a second longer"
    status = HTTP_200_OK if postgres == "ok" else HTTP_503_SERVICE_UNAVAILABLE
    return Response(
        {"status": "ok" if postgres == "ok" else "unavailable", "postgres": postgres, "redis": wakeups},
        status_code=status,
    )


class Metrics(PrometheusController):
    """Prometheus reads here."""

    path = "/metrics"
    opt = {"access": Access.OPERATORS}
    openmetrics_format = True
    include_in_schema = False


router = Router("/health", route_handlers=[live, ready], tags=["operators"])
