"""`diary push`: the engine's processes, and what an operator asks it."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from backend.cli_tools import plain_errors, settings
from backend.core.settings import WORKER_NEEDS, read_settings

push = typer.Typer(no_args_is_help=True, help="The push engine.")


@push.command("worker")
@plain_errors
def push_worker() -> None:
    """Deliver alerts."""
    read_settings(*WORKER_NEEDS)
    # The same process without what only a command line needs: 4 MB less for as long as it runs.
    os.execv(sys.executable, [sys.executable, "-m", "backend.processes.worker"])  # noqa: S606 - no shell is wanted


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
    from backend.processes import leave

    finding = asyncio.run(check_firebase(settings("FIREBASE_CREDENTIALS")))
    typer.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.says}")
    leave(0 if finding.ok else 1)


@push.command("ledger")
@plain_errors
def push_ledger() -> None:
    """Show that every alert has exactly one end on every device it was meant for; exit 1 where not."""
    from backend.push_report import read_ledger

    found = asyncio.run(read_ledger(settings("PUSH_DATABASE_URL")))
    typer.echo("\n".join(found.lines()))
    if not found.balances:
        raise typer.Exit(1)


@push.command("status")
@plain_errors
def push_status(days: Annotated[int, typer.Option(min=1, max=28, help="how far back to count")] = 7) -> None:
    """Show workers, pauses and queues, and for each school what was sent, late, received, opened, and whom
    pushes do not reach."""
    from backend.push_report import read_status

    typer.echo(asyncio.run(read_status(settings("PUSH_DATABASE_URL", "DATABASE_URL"), days)))
