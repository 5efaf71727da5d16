"""What a process is told from outside. Read once, at the start; every wrong value is reported together."""

import base64
import binascii
import os
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from backend.core.errors import SetupError
from backend.core.values import email

_ESCAPED = "What is special in a password is written as its code: : is %3A, / is %2F, @ is %40"


class Settings(BaseSettings):
    """The environment of one process. The names in the environment are these fields in upper case."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    database_url: str = Field(default="", description="PostgreSQL as the role `diary_app`, which serves requests")
    push_database_url: str = Field(default="", description="PostgreSQL as `diary_push`, for the push worker")
    owner_database_url: str = Field(default="", description="PostgreSQL as `diary_owner`, for migrations")
    redis_url: str = Field(default="", description="Redis or Valkey: wake-ups only, it may be flushed at any time")
    diary_secret: str = Field(default="", description="32 random bytes in base64; signs tokens and wraps keys")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    database_pool: int = Field(default=10, ge=1, le=200, description="connections per process")
    client_address_header: str = Field(default="", description="set by the proxy in front: Fly-Client-IP")
    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    log_level: str = "info"

    firebase_credentials: Path | None = Field(default=None, description="the service-account file")
    fcm_base_url: str = "https://fcm.googleapis.com"
    fcm_ca: Path | None = Field(default=None, description="an own CA, for the stand-in")
    fcm_connections: int = Field(default=8, ge=1, le=100, description="of the normal lane, 100 messages each")
    fcm_quota: int = Field(default=600_000, ge=60, description="messages a minute that FCM allows the project")
    push_metrics_port: int = Field(default=0, ge=0, le=65535, description="0: no metrics of the worker")

    files_url: str = Field(default="", description="where files lie: file:///folder or s3://bucket?endpoint=...")
    files_access_key: str = Field(default="", description="of the S3")
    files_secret_key: str = Field(default="", description="of the S3")

    mail_url: str = Field(default="", description="smtp+starttls://user:password@host:587; without it no mail is sent")
    mail_from: str = Field(default="", description="who mail is from: an address, or Name <address>")

    app_address: str = Field(default="", description="where people get the app: printed on sheets of credentials")
    public_url: str = Field(
        default="", description="where the API is reached from outside; empty: as a request names it"
    )
    administrator_email: str = Field(default="", description="shown before sign-in: who gives out accounts")
    administrator_phone: str = ""
    support_email: str = ""
    support_phone: str = ""

    @field_validator("database_url", "push_database_url", "owner_database_url")
    @classmethod
    def _async_driver(cls, value: str) -> str:
        return postgres_url(value) if value else value

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: str) -> str:
        if value and not (value.startswith(("redis://", "rediss://", "unix://")) and _has_a_port_or_none(value)):
            raise ValueError(f"must look like redis://host:6379/0. {_ESCAPED}")
        return value

    @field_validator("fcm_base_url", "public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        url = urlsplit(value)
        if value and not (url.scheme in {"http", "https"} and url.hostname and _has_a_port_or_none(value)):
            raise ValueError("must look like https://diary.example.org")
        return value

    @field_validator("administrator_email", "support_email")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and email(value) is None:
            raise ValueError("must look like diary@example.org")
        return value

    @field_validator("files_url")
    @classmethod
    def _files_scheme(cls, value: str) -> str:
        url = urlsplit(value)
        folder = url.scheme == "file" and not url.netloc and len(url.path) > 1
        endpoint = parse_qs(url.query).get("endpoint", ["https://"])[0]
        bucket = url.scheme == "s3" and url.netloc and endpoint.startswith(("https://", "http://"))
        if value and not folder and not bucket:
            raise ValueError(
                "must look like file:///var/lib/diary/files or s3://bucket?endpoint=https://s3.example.org"
            )
        return value

    @field_validator("mail_url")
    @classmethod
    def _mail_scheme(cls, value: str) -> str:
        url = urlsplit(value)
        folder = url.scheme == "file" and not url.netloc and len(url.path) > 1
        server = url.scheme in {"smtp", "smtp+starttls", "smtps"} and url.hostname and url.path in {"", "/"}
        _ = url.port  # raises for what is none
        if value and not folder and not server:
            raise ValueError(
                "must look like smtp+starttls://user:password@host:587, smtps://..., smtp://relay or file:///folder"
            )
        if url.scheme == "smtp" and url.password:
            raise ValueError("a password does not go over the net in the clear: take smtp+starttls:// or smtps://")
        return value

    @field_validator("mail_from")
    @classmethod
    def _mail_from_is_an_address(cls, value: str) -> str:
        if value and (not value.isprintable() or email(parseaddr(value)[1]) is None):
            raise ValueError("must look like diary@example.org or Diary <diary@example.org>")
        return value

    @field_validator("diary_secret")
    @classmethod
    def _secret_is_long(cls, value: str) -> str:
        if not value:
            return value
        try:
            secret = base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise ValueError("must be base64: openssl rand -base64 32") from error
        if len(secret) < 32:
            raise ValueError("must be at least 32 bytes: openssl rand -base64 32")
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("must be debug, info, warning or error")
        return value.lower()

    @field_validator("firebase_credentials", "fcm_ca", mode="before")
    @classmethod
    def _empty_is_none(cls, value: str | Path | None) -> str | Path | None:
        return value or None

    @field_validator("firebase_credentials", "fcm_ca")
    @classmethod
    def _file_exists(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"no such file: {value}")
        return value

    @cached_property
    def keys(self) -> "Keys":
        """The keys of this server, each derived from the one secret for one purpose."""
        return Keys(base64.b64decode(self.diary_secret))


class Keys:
    """One secret, one key per purpose (RFC 5869), so that none can stand in for another."""

    def __init__(self, secret: bytes) -> None:
        self.tokens = self._derive(secret, b"my-diary access tokens")
        self.refresh = self._derive(secret, b"my-diary refresh tokens")
        self.index = self._derive(secret, b"my-diary blind index")
        self.data = self._derive(secret, b"my-diary secrets at rest")
        self.device_keys = self._derive(secret, b"my-diary device keys")
        self.tags = self._derive(secret, b"my-diary push tags")
        self.files = self._derive(secret, b"my-diary links to files")

    @staticmethod
    def _derive(secret: bytes, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)


def postgres_url(value: str) -> str:
    """The address of a database as SQLAlchemy takes it with asyncpg.

    Raises:
        ValueError: it cannot be read, or says more than that. The message shows nothing of it: there is a password in
            it.
    """
    scheme, _, rest = value.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise ValueError("must look like postgresql://role:password@host:5432/database")
    try:
        url = make_url(f"postgresql+asyncpg://{rest}")
    except (ArgumentError, ValueError):
        url = None
    if url is None or "@" in (url.host or ""):
        raise ValueError(f"must look like postgresql://role:password@host:5432/database. {_ESCAPED}")
    # What libpq calls sslmode, asyncpg calls ssl.
    query = {("ssl" if name == "sslmode" else name): found for name, found in url.query.items()}
    if unknown := query.keys() - {"host", "port", "ssl"}:
        raise ValueError(f"says {', '.join(sorted(unknown))}: only host, port and sslmode may stand after the ?")
    return url.set(query=query).render_as_string(hide_password=False)


def _has_a_port_or_none(value: str) -> bool:
    try:
        _ = urlsplit(value).port
    except ValueError:
        return False
    return True


def reachable(host: str) -> str:
    """Where this machine reaches a process that listens on `host`: one that listens everywhere, here."""
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104


# Without these there is no push worker.
WORKER_NEEDS = ("PUSH_DATABASE_URL", "REDIS_URL", "DIARY_SECRET", "FIREBASE_CREDENTIALS")


def read_settings(*needed: str) -> Settings:
    """Reads the environment.

    Args:
        needed: the variables that this process cannot do without; each process asks for its own only.

    Raises:
        SetupError: names every missing or wrong variable, with the remedy, in one message.
    """
    missing = [
        f"{name} is missing from the environment (docs/install.md lists all)"
        for name in needed
        if not os.environ.get(name)
    ]
    wrong: list[str] = []
    try:
        settings = Settings()
    except ValidationError as error:
        for item in error.errors():
            name = str(item["loc"][0]).upper() if item["loc"] else "settings"
            wrong.append(f"{name}: {item['msg'].removeprefix('Value error, ')}")
    if missing or wrong:
        raise SetupError("; ".join([*missing, *wrong]))
    return settings
