"""`diary support`: requests that no school answers."""

import asyncio
import sys
from typing import Annotated

import typer

from backend.cli_tools import plain_errors, settings

support = typer.Typer(no_args_is_help=True, help="Requests to support that no school's administrator answers.")

Number = Annotated[str, typer.Argument(help="of the request, like 2026-000123")]
NEEDS = ("DATABASE_URL", "REDIS_URL", "DIARY_SECRET")


@support.command("list")
@plain_errors
def list_them(closed: Annotated[bool, typer.Option("--closed", help="also those that are closed")] = False) -> None:
    """List the requests."""
    from backend.core.clock import system_clock
    from backend.support_desk import list_requests

    for line in asyncio.run(list_requests(settings(*NEEDS), system_clock(), closed=closed)):
        typer.echo(line)


@support.command()
@plain_errors
def show(number: Number) -> None:
    """Show a request with all that was written, and how to reach who asked."""
    from backend.core.clock import system_clock
    from backend.support_desk import show_request

    typer.echo("\n".join(asyncio.run(show_request(settings(*NEEDS), number, system_clock()))))


@support.command()
@plain_errors
def answer(
    number: Number,
    text: Annotated[str, typer.Argument(help="the answer; - reads it from standard input")],
    state: Annotated[str, typer.Option(help="answered, waiting (for the person), or in-progress")] = "answered",
) -> None:
    """Answer a request; who asked is told."""
    from backend.core.clock import system_clock
    from backend.support_desk import go_on

    words = sys.stdin.read().strip() if text == "-" else text
    typer.echo(asyncio.run(go_on(settings(*NEEDS), number, state, words, system_clock())))


@support.command()
@plain_errors
def close(number: Number, text: Annotated[str, typer.Argument(help="a last word")] = "") -> None:
    """Close a request; who asked is told."""
    from backend.core.clock import system_clock
    from backend.support_desk import go_on

    typer.echo(asyncio.run(go_on(settings(*NEEDS), number, "closed", text, system_clock())))
