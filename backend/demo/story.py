"""What `make run` prints when everything is ready."""

from backend.core.settings import Settings
from backend.demo.accounts import ALL, demo_password


def welcome(settings: Settings, page_port: int, seconds: float) -> str:
    """The addresses to open, the logins, and one command to copy."""
    shown = "127.0.0.1" if settings.host in {"127.0.0.1", "0.0.0.0"} else settings.host  # noqa: S104
    people = "\n".join(f"    {account.login:<14} {account.who}" for account in ALL)
    return f"""
My Diary is ready ({seconds:.1f} s).

  Phones, live     http://{shown}:{page_port}/
  API, to try      http://{shown}:{settings.port}/schema
  API              http://{shown}:{settings.port}/v1/app
  Mail, as files   {settings.mail_url.removeprefix("file://")}

  Logins of the demo school, all with the password {demo_password(settings.keys)}
{people}

  Open the phones, then set a mark and see them light up:

    .venv/bin/diary demo say mark

  Also: demo say homework | absence | notice | meeting | message | announcement | evening and more
  (an unknown word lists all), and `demo play` for a lively day.
  Ctrl-C stops everything."""
