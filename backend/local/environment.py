"""Where `make run` keeps what is its own, and where other commands find it."""

from pathlib import Path

FOLDER = Path(".local")
# The variables of the running demo, for `diary` commands in another terminal.
ENVIRONMENT = FOLDER / "env"
