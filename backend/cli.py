"""The `diary` command."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from backend.cli_push import push
from backend.cli_staff import staff
from backend.cli_support import support
from backend.cli_tools import SERVING, adopt_local_environment, plain_errors, run, settings, start

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
demo = typer.Typer(no_args_is_help=True, help="The demo school.")
local = typer.Typer(no_args_is_help=True, help="What make run and make reset call.")
imports = typer.Typer(no_args_is_help=True, help="Import people and classes. Never pushes an alert.")
database = typer.Typer(no_args_is_help=True, help="Roles and migrations.")
audit = typer.Typer(no_args_is_help=True, help="Proof that the journals are what was written.")
_GROUPS = {
    "push": push,
    "support": support,
    "staff": staff,
    "demo": demo,
    "local": local,
    "import": imports,
    "db": database,
    "audit": audit,
}
for name, group in _GROUPS.items():
    app.add_typer(group, name=name)


@app.command()
@plain_errors
def api() -> None:
    """Serve the API."""
    from backend.processes.api import run_api

    run_api(start(*SERVING))


@app.command()
@plain_errors
def scheduler() -> None:
    """Run the timed jobs."""
    from backend.processes.scheduler import run_scheduler

    run(run_scheduler(start(*SERVING)))


@app.command()
@plain_errors
def jobs() -> None:
    """List what the scheduler has run, what is due, and what comes next."""
    from backend.core.clock import system_clock
    from backend.jobs_report import read_jobs

    found = asyncio.run(read_jobs(settings("DATABASE_URL", "REDIS_URL"), system_clock()))
    typer.echo("\n".join(found.lines()))


@app.command()
@plain_errors
def doctor() -> None:
    """Check everything that this installation depends on."""
    from backend.doctor import examine
    from backend.processes import leave

    adopt_local_environment()
    findings = asyncio.run(examine())
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.says}")
    leave(0 if all(finding.ok for finding in findings) else 1)


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

    made = asyncio.run(make_school(settings("DATABASE_URL"), school, timezone, login, family_name, given_name))
    typer.echo(f"school {made.id}\nlogin {made.login}\none-time password {made.password}")


@app.command()
@plain_errors
def password(login: Annotated[str, typer.Argument(help="of the account")]) -> None:
    """Issue a one-time password for an account; its sessions end."""
    from backend.setup_school import issue_password

    made = asyncio.run(issue_password(settings("DATABASE_URL"), login))
    typer.echo(f"login {made.login}\none-time password {made.password}")


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
    from backend.core.revision import needed_revision

    known = settings("OWNER_DATABASE_URL")
    asyncio.run(migrations.upgrade(known.owner_database_url))
    typer.echo(f"the database is at {needed_revision()} or newer")


@imports.command("oneroster")
@plain_errors
def import_oneroster_file(
    file: Annotated[Path, typer.Argument(help="OneRoster CSV 1.1 or 1.2, zipped")],
    timezone: Annotated[str, typer.Option(help="of the schools in the file")] = "Europe/Moscow",
    source: Annotated[str, typer.Option(help="the sending system: one name for each")] = "oneroster",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would change, write nothing")] = False,
    credentials: Annotated[Path | None, typer.Option(help="write one-time passwords of new accounts here")] = None,
) -> None:
    """Import schools, people and groups from OneRoster."""
    from backend.exchange.command import run_oneroster

    known = settings("DATABASE_URL", "DIARY_SECRET")
    typer.echo(asyncio.run(run_oneroster(known, file, timezone, source, dry_run=dry_run, credentials=credentials)))


@imports.command("roster")
@plain_errors
def import_class_list(
    file: Annotated[Path, typer.Argument(help="a class list: XLSX or CSV with Russian headers")],
    school: Annotated[UUID, typer.Option(help="the school's id; `diary schools` lists them")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would change, write nothing")] = False,
    credentials: Annotated[Path | None, typer.Option(help="write one-time passwords of new accounts here")] = None,
) -> None:
    """Import a Russian class list: classes, students, parents."""
    from backend.exchange.command import run_roster

    known = settings("DATABASE_URL", "DIARY_SECRET")
    typer.echo(asyncio.run(run_roster(known, file, school, dry_run=dry_run, credentials=credentials)))


@imports.command("template")
@plain_errors
def import_template(file: Annotated[Path, typer.Argument(help="where to write the XLSX")]) -> None:
    """Write an empty class list to fill in."""
    from backend.exchange.roster import template

    file.write_bytes(template())


@app.command()
@plain_errors
def schools() -> None:
    """List the schools of this server."""
    from backend.setup_school import list_schools

    for school_id, name in asyncio.run(list_schools(settings("DATABASE_URL"))):
        typer.echo(f"{school_id}  {name}")


# Without it `verify` would be the group itself.
@audit.callback()
def _audit() -> None: ...


@audit.command("verify")
@plain_errors
def audit_verify() -> None:
    """Prove that nothing in any journal was rewritten or taken out; exit 1 where it was."""
    from backend.audit_report import verify_journals

    found = asyncio.run(verify_journals(settings("OWNER_DATABASE_URL")))
    for finding in found:
        typer.echo(finding.line())
    if not all(finding.holds for finding in found):
        raise typer.Exit(1)


@demo.command("play")
@plain_errors
def demo_play(
    seconds: Annotated[int, typer.Option(help="how long")] = 600,
    pace: Annotated[float, typer.Option(help="seconds between events")] = 4.0,
) -> None:
    """Keep a lively school day going over HTTP, to be watched on the phones."""
    from backend.demo.play import play

    asyncio.run(play(settings("DIARY_SECRET"), seconds, pace))


@demo.command("say")
@plain_errors
def demo_say(
    what: Annotated[
        str,
        typer.Argument(help="mark, homework, absence, notice, meeting, message and more: an unknown word lists all"),
    ],
) -> None:
    """Make one thing happen over HTTP, so that a phone lights up."""
    from backend.demo.play import say

    typer.echo(asyncio.run(say(settings("DIARY_SECRET"), what)))


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


if __name__ == "__main__":
    app()
