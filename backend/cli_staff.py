"""`diary staff`: who works at a school."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from backend.cli_tools import plain_errors, settings

staff = typer.Typer(no_args_is_help=True, help="Who works at a school, where no import says so.")

School = Annotated[UUID, typer.Option(help="the school's id; `diary schools` lists them")]
Role = Annotated[str, typer.Option(help="teacher, deputy, administrator, director or health-worker")]
Login = Annotated[str, typer.Option(help="of the account")]


@staff.command("list")
@plain_errors
def list_them(school: School) -> None:
    """List the roles that people hold."""
    from backend.setup_staff import list_staff

    for line in asyncio.run(list_staff(settings("DATABASE_URL"), school)):
        typer.echo(line)


@staff.command()
@plain_errors
def appoint(
    school: School,
    role: Role,
    login: Login,
    family_name: Annotated[str, typer.Option(help="for a new account")] = "",
    given_name: Annotated[str, typer.Option(help="for a new account")] = "",
) -> None:
    """Give somebody a role from today on; makes the account where there is none, and prints a one-time password."""
    from backend.setup_staff import appoint

    made = asyncio.run(appoint(settings("DATABASE_URL"), school, role, login, family_name, given_name))
    typer.echo(f"{login} is {role} from today on")
    if made:
        typer.echo(f"one-time password {made.password}")


@staff.command()
@plain_errors
def dismiss(school: School, role: Role, login: Login) -> None:
    """End a role, from today on."""
    from backend.setup_staff import dismiss

    asyncio.run(dismiss(settings("DATABASE_URL"), school, role, login))
    typer.echo(f"{login} is not {role} any more")
