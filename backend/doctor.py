"""`diary doctor`: everything an installation depends on, looked at, with what is wrong and the remedy."""

from dataclasses import dataclass

from redis.exceptions import RedisError

from backend.core.clock import system_clock
from backend.core.db import Database, describe
from backend.core.errors import SetupError
from backend.core.redis import connect_redis
from backend.core.revision import current_revision, is_behind, needed_revision
from backend.core.roles import APP, OWNER, PUSH
from backend.core.settings import Settings, read_settings
from backend.files.opening import open_storage
from backend.mail.opening import open_mail


@dataclass(frozen=True)
class Finding:
    what: str
    ok: bool
    says: str


async def examine() -> list[Finding]:
    """Looks at settings, each database role, the migrations, Redis, the storage, mail and Firebase. Never raises."""
    try:
        settings = read_settings("DATABASE_URL", "REDIS_URL", "DIARY_SECRET", "FILES_URL")
    except SetupError as error:
        return [Finding("settings", ok=False, says=str(error))]
    findings = [Finding("settings", ok=True, says="complete")]
    for variable, url, role in (
        ("DATABASE_URL", settings.database_url, APP), ("PUSH_DATABASE_URL", settings.push_database_url, PUSH),
        ("OWNER_DATABASE_URL", settings.owner_database_url, OWNER),
    ):  # fmt: skip
        if url:
            findings.append(await _database(variable, url, role))
    findings.append(await _migrations(settings))
    findings += [await _redis(settings), await _storage(settings), await _mail(settings)]
    if settings.firebase_credentials is not None:
        findings.append(await check_firebase(settings))
    return findings


async def check_firebase(settings: Settings) -> Finding:
    """A send that FCM validates and nobody receives."""
    from push.check import check_fcm
    from push.fcm import BadCredentials, Fcm, ServiceAccount

    if settings.firebase_credentials is None:
        return Finding("firebase", ok=False, says="FIREBASE_CREDENTIALS is missing (docs/firebase.md)")
    try:
        account = ServiceAccount(settings.firebase_credentials, clock=system_clock, ca=settings.fcm_ca)
    except BadCredentials as error:
        return Finding("firebase", ok=False, says=str(error))
    fcm = Fcm(account, base_url=settings.fcm_base_url, clock=system_clock, ca=settings.fcm_ca, connections=1)
    wrong = await check_fcm(fcm)
    await fcm.close()
    return Finding("firebase", ok=wrong is None, says=wrong or f"{settings.fcm_base_url} accepts our messages")


async def _database(variable: str, url: str, role: str) -> Finding:
    database = Database(url, pool=1, name="diary-doctor")
    try:
        found, version = await database.whoami()
    except SetupError as error:
        return Finding(variable, ok=False, says=f"{error} - is the server running, and the password right?")
    finally:
        await database.close()
    if int(version.split(".")[0]) < 17:
        return Finding(variable, ok=False, says=f"{describe(url)} is PostgreSQL {version}: 17 or newer is needed")
    if found != role:
        return Finding(variable, ok=False, says=f"{describe(url)} signs in as {found}: this is for the role {role}")
    return Finding(variable, ok=True, says=f"{describe(url)}, version {version}")


async def _migrations(settings: Settings) -> Finding:
    database = Database(settings.database_url, pool=1, name="diary-doctor")
    try:
        current = await current_revision(database)
    except SetupError as error:
        return Finding("migrations", ok=False, says=str(error))
    finally:
        await database.close()
    needed = needed_revision()
    if is_behind(current):
        return Finding("migrations", ok=False, says=f"at {current or 'none'}, needs {needed}: run `diary db upgrade`")
    newer = f", which a newer release made: this one needs {needed}" if current > needed else ""
    return Finding("migrations", ok=True, says=f"at {current}{newer}")


async def _redis(settings: Settings) -> Finding:
    redis = connect_redis(settings.redis_url)
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        return Finding("REDIS_URL", ok=False, says=f"{error} - alerts go out without it, up to half a second later")
    finally:
        await redis.aclose()
    return Finding("REDIS_URL", ok=True, says="answers")


async def _storage(settings: Settings) -> Finding:
    """Writes a file, reads it by what its links lead to, removes it."""
    try:
        where = await open_storage(settings).check(system_clock())
    except Exception as error:  # whatever it is: a folder's, a network's, a service's
        return Finding("FILES_URL", ok=False, says=f"{type(error).__name__}: {error}")
    return Finding("FILES_URL", ok=True, says=f"{where}: a file was written, read and removed")


async def _mail(settings: Settings) -> Finding:
    """Signs in at the mail server, and sends nothing."""
    try:
        sender = open_mail(settings)
        if sender is None:
            return Finding("MAIL_URL", ok=True, says="not set: no mail is sent; answers of support are read in the app")
        return Finding("MAIL_URL", ok=True, says=await sender.check())
    except Exception as error:  # whatever it is: a folder's, a network's, a server's
        return Finding("MAIL_URL", ok=False, says=f"{type(error).__name__}: {error}")
