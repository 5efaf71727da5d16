"""The `diary` command."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from backend.core.errors import SetupError
from backend.core.logging import configure_logging
from backend.core.settings import Settings, read_settings

P = ParamSpec("P")
R = TypeVar("R")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
push = typer.Typer(no_args_is_help=True, help="The push engine.")
demo = typer.Typer(no_args_is_help=True, help="The demo school.")
local = typer.Typer(no_args_is_help=True, help="What make run and make reset call.")
imports = typer.Typer(no_args_is_help=True, help="Import people and classes. Never pushes an alert.")
database = typer.Typer(no_args_is_help=True, help="Roles and migrations.")
for name, group in {"push": push, "demo": demo, "local": local, "import": imports, "db": database}.items():
    app.add_typer(group, name=name)


def plain_errors(command: Callable[P, R]) -> Callable[P, R]:
    """A SetupError is one clear line for the operator, not a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SetupError as error:
            typer.echo(f"diary: {error}", err=True)
            raise typer.Exit(1) from None

    return run


@app.command()
@plain_errors
def api() -> None:
    """Serve the API."""
    from backend.processes import run_api

    run_api(_start())


@app.command()
@plain_errors
def scheduler() -> None:
    """Run the timed jobs."""
    from backend.processes import run_scheduler

    _run(run_scheduler(_start()))


@app.command()
@plain_errors
def doctor() -> None:
    """Check everything that this installation depends on."""
    from backend.doctor import examine

    _adopt_local_environment()
    findings = asyncio.run(examine())
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.says}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from backend.openapi_document import document

    sys.stdout.write(document())


@app.command()
@plain_errors
def init(
    school: Annotated[str, typer.Option(help="the short name")],
    login: Annotated[str, typer.Option(help="of the first administrator")],
    family_name: Annotated[str, typer.Option()],
    given_name: Annotated[str, typer.Option()],
    timezone: Annotated[str, typer.Option()] = "Europe/Moscow",
) -> None:
    """Make a school and its first administrator; prints a one-time password."""
    from backend.setup_school import make_school

    made = asyncio.run(make_school(_settings(), school, timezone, login, family_name, given_name))
    typer.echo(f"school {made.school_id}\nlogin {made.login}\none-time password {made.password}")


@database.command("prepare")
@plain_errors
def db_prepare(
    admin_url: Annotated[str, typer.Option(envvar="ADMIN_DATABASE_URL", help="a login that may create roles")],
    name: Annotated[str, typer.Option(help="of the database")] = "diary",
) -> None:
    """Make the database and its three roles; prints the URLs with new passwords."""
    import secrets

    from backend.core.roles import APP, OWNER, PUSH, prepare_database

    passwords = {role: secrets.token_urlsafe(24) for role in (OWNER, APP, PUSH)}
    urls = asyncio.run(prepare_database(admin_url, name, passwords))
    for variable, role in {
        "OWNER_DATABASE_URL": OWNER,
        "DATABASE_URL": APP,
        "PUSH_DATABASE_URL": PUSH,
    }.items():
        typer.echo(f"{variable}={urls[role]}")


@database.command("upgrade")
@plain_errors
def db_upgrade() -> None:
    """Bring the database to the newest migration."""
    from backend import migrations

    settings = _settings()
    if not settings.owner_database_url:
        raise SetupError("OWNER_DATABASE_URL is missing from the environment: migrations run as the owner")
    asyncio.run(migrations.upgrade(settings.owner_database_url))
    typer.echo(f"the database is at {migrations.newest_revision()}")


@push.command("worker")
@plain_errors
def push_worker() -> None:
    """Deliver alerts."""
    from backend.processes import run_push_worker

    _run(run_push_worker(_start()))


@push.command("standin")
@plain_errors
def push_standin(folder: Path, port: int, page_port: int, host: Annotated[str, typer.Option()] = "127.0.0.1") -> None:
    """Serve a local FCM on PORT and its page of phones on PAGE_PORT."""
    from push.standin.server import serve_standin

    asyncio.run(serve_standin(folder, host, port, page_port))


@push.command("check")
@plain_errors
def push_check() -> None:
    """Prove that Firebase is set up, by a send that nobody receives."""
    from backend.doctor import check_firebase

    finding = asyncio.run(check_firebase(_settings()))
    typer.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.says}")
    if not finding.ok:
        raise typer.Exit(1)


@demo.command("play")
@plain_errors
def demo_play(
    seconds: Annotated[int, typer.Option(help="how long")] = 600,
    pace: Annotated[float, typer.Option(help="seconds between events")] = 4.0,
) -> None:
    """Keep a lively school day going over HTTP, to be watched on the phones."""
    from backend.demo.play import play

    asyncio.run(play(_settings(), seconds, pace))


@demo.command("say")
@plain_errors
def demo_say(
    what: Annotated[str, typer.Argument(help="mark, correction, homework, absence, notice or meeting")],
) -> None:
    """Make one thing happen over HTTP, so that a phone lights up."""
    from backend.demo.play import say

    typer.echo(asyncio.run(say(_settings(), what)))


@local.command("run")
@plain_errors
def local_run() -> None:
    """Bring up everything, with a demo school."""
    from backend.local.supervisor import run_all

    run_all()


@local.command("reset")
@plain_errors
def local_reset() -> None:
    """Clear the data of make run."""
    from backend.local.supervisor import reset

    reset()


def _settings() -> Settings:
    """The environment's settings; where it has none, those of the `make run` of this folder."""
    _adopt_local_environment()
    return read_settings()


def _adopt_local_environment() -> None:
    from backend.local.environment import ENVIRONMENT

    if "DATABASE_URL" not in os.environ and ENVIRONMENT.exists():
        for line in ENVIRONMENT.read_text().splitlines():
            name, _, value = line.partition("=")
            os.environ.setdefault(name, value)


def _start() -> Settings:
    """What every serving process does first."""
    settings = read_settings()
    configure_logging(settings.log_level)
    return settings


def _run(main: Coroutine[object, object, None]) -> None:
    """On uvloop: measured at twice the throughput of the push worker's transport."""
    import uvloop

    uvloop.run(main)


if __name__ == "__main__":
    app()
