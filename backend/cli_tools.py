"""What every command of `diary` needs: settings, plain errors, a loop."""

import os
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import ParamSpec, TypeVar

import asyncpg
import typer
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from backend.core.errors import SetupError
from backend.core.logging import configure_logging
from backend.core.settings import Settings, read_settings

SERVING = ("DATABASE_URL", "REDIS_URL", "DIARY_SECRET", "FILES_URL")

P = ParamSpec("P")
R = TypeVar("R")


def plain_errors(command: Callable[P, R]) -> Callable[P, R]:
    """A SetupError is one clear line for the operator, not a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SetupError as error:
            typer.echo(f"diary: {error}", err=True)
        except BrokenPipeError:
            raise  # whoever read us has seen enough, which typer knows
        except (IntegrityError, DataError) as error:
            typer.echo(f"diary: the database refuses this: {_first_line(error)}", err=True)
        except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ConnectionError) as error:
            typer.echo(f"diary: the database cannot be used: {_first_line(error)} (try `diary doctor`)", err=True)
        except OSError as error:
            typer.echo(f"diary: {_first_line(error)}", err=True)
        raise typer.Exit(1)

    return run


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def settings(*needed: str) -> Settings:
    """The environment's settings; where it has none, those of the `make run` of this folder."""
    adopt_local_environment()
    if not any(os.environ.get(name) for name in needed):
        raise SetupError("no installation is known here: start the demo with `make run`, or set the environment")
    return read_settings(*needed)


def adopt_local_environment() -> None:
    from backend.local.environment import ENVIRONMENT

    if "DATABASE_URL" not in os.environ and ENVIRONMENT.exists():
        for line in ENVIRONMENT.read_text().splitlines():
            name, _, value = line.partition("=")
            # Also over a PORT that is meant for another start.
            os.environ[name] = value


def start(*needed: str) -> Settings:
    """What every serving process does first."""
    settings = read_settings(*needed)
    configure_logging(settings.log_level)
    return settings


def run(main: Coroutine[object, object, None]) -> None:
    """On uvloop: measured at twice the throughput of the push worker's transport."""
    import uvloop

    uvloop.run(main)
