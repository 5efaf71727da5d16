"""The `diary` command: clear lines, and imports as an operator runs them."""

import subprocess
import sys
from pathlib import Path

import pytest
from httpx import AsyncClient

from backend.core.settings import Settings
from tests.conftest import SECRET

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "exchange" / "data" / "oneroster-1.1-sample.zip"


def diary(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder without a demo."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "backend.cli", *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "PUSH_DATABASE_URL": settings.push_database_url,
        "OWNER_DATABASE_URL": settings.owner_database_url,
        "REDIS_URL": settings.redis_url,
        "DIARY_SECRET": SECRET,
        "FILES_URL": settings.files_url,
    }


def test_missing_settings_are_one_line(tmp_path: Path) -> None:
    ran = diary("api", folder=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr.startswith("diary: DATABASE_URL is missing from the environment")
    assert "Traceback" not in ran.stderr


def test_an_unreachable_database_is_one_line(tmp_path: Path) -> None:
    ran = diary("db", "prepare", "--admin-url", "postgresql://nobody@127.0.0.1:1/x", folder=tmp_path)
    assert ran.returncode == 1
    assert "PostgreSQL nobody@127.0.0.1/x is not reachable" in ran.stderr
    assert "Traceback" not in ran.stderr


async def test_doctor(tmp_path: Path, environment: dict[str, str]) -> None:
    ran = diary("doctor", folder=tmp_path, **environment)
    assert ran.returncode == 0, ran.stdout
    broken = diary("doctor", folder=tmp_path, **environment | {"REDIS_URL": "redis://127.0.0.1:1"})
    assert broken.returncode == 1
    assert "BAD  REDIS_URL" in broken.stdout


async def test_doctor_sees_a_wrong_role(tmp_path: Path, environment: dict[str, str]) -> None:
    broken = diary("doctor", folder=tmp_path, **environment | {"DATABASE_URL": environment["PUSH_DATABASE_URL"]})
    assert broken.returncode == 1
    assert "signs in as diary_push: this is for the role diary_app" in broken.stdout


async def test_commands_ask_for_what_they_need_and_no_more(tmp_path: Path, environment: dict[str, str]) -> None:
    for words, needed in (
        (("db", "upgrade"), "OWNER_DATABASE_URL"), (("push", "ledger"), "PUSH_DATABASE_URL"),
        (("audit", "verify"), "OWNER_DATABASE_URL"),
    ):  # fmt: skip
        ran = diary(*words, folder=tmp_path, **{needed: environment[needed]})
        assert ran.returncode == 0, ran.stderr


async def test_doctor_tries_the_storage(tmp_path: Path, environment: dict[str, str]) -> None:
    whole = diary("doctor", folder=tmp_path, **environment)
    assert f"ok   FILES_URL: {tmp_path}/files: a file was written, read and removed" in whole.stdout
    (tmp_path / "other").write_text("no folder")
    broken = diary("doctor", folder=tmp_path, **environment | {"FILES_URL": f"file://{tmp_path}/other"})
    assert broken.returncode == 1
    assert "BAD  FILES_URL: StorageFailed: " in broken.stdout


async def test_a_school_from_a_file(tmp_path: Path, environment: dict[str, str]) -> None:
    dry = diary("import", "oneroster", str(SAMPLE), "--dry-run", folder=tmp_path, **environment)
    assert "dry run, nothing was written" in dry.stdout, dry.stderr
    assert diary("schools", folder=tmp_path, **environment).stdout == ""
    sheet = tmp_path / "sheet.csv"
    done = diary("import", "oneroster", str(SAMPLE), folder=tmp_path, **environment)
    assert done.returncode == 0, done.stderr
    again = diary("import", "oneroster", str(SAMPLE), "--credentials", str(sheet), folder=tmp_path, **environment)
    assert " 0 created" in again.stdout
    assert sheet.read_text(encoding="utf-8-sig").splitlines() == ["name,role,login,one-time password"]
    assert "Pagac Elementary School" in diary("schools", folder=tmp_path, **environment).stdout


async def test_a_file_that_is_none(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip")
    ran = diary("import", "oneroster", "x.zip", folder=tmp_path, **environment)
    assert ran.returncode == 1
    assert "nothing was imported" in ran.stderr
    assert "Traceback" not in ran.stderr


async def test_init_makes_a_school_with_an_administrator(tmp_path: Path, environment: dict[str, str]) -> None:
    words = ("init", "--school", "Школа № 1", "--login", "admin", "--family-name", "Орлова", "--given-name", "Вера")
    made = diary(*words, folder=tmp_path, **environment)
    assert made.returncode == 0, made.stderr
    assert "one-time password" in made.stdout
    again = diary(*words, folder=tmp_path, **environment)
    assert "the login admin is taken" in again.stderr
    empty = diary(*words[:-1], "", folder=tmp_path, **environment)
    assert empty.stderr.startswith("diary: '' is no name: 1 to 100 characters")
    issued = diary("password", "ADMIN", folder=tmp_path, **environment)
    assert issued.stdout.startswith("login admin\none-time password ")
    unknown = diary("password", "nobody", folder=tmp_path, **environment)
    assert unknown.stderr == "diary: there is no account with the login nobody\n"


async def test_staff_is_appointed_and_dismissed(tmp_path: Path, environment: dict[str, str]) -> None:
    words = ("init", "--school", "Школа № 1", "--login", "admin", "--family-name", "Орлова", "--given-name", "Вера")
    school = diary(*words, folder=tmp_path, **environment).stdout.split()[1]

    def staff(*more: str) -> subprocess.CompletedProcess[str]:
        return diary("staff", more[0], "--school", school, *more[1:], folder=tmp_path, **environment)

    nobody = staff("appoint", "--role", "deputy", "--login", "deputy.one")
    assert nobody.stderr.endswith("give --family-name and --given-name\n")
    names = ("--family-name", "Белова", "--given-name", "Ольга")
    made = staff("appoint", "--role", "deputy", "--login", "deputy.one", *names)
    assert made.stdout.startswith("deputy.one is deputy from today on\none-time password ")
    assert staff("appoint", "--role", "teacher", "--login", "deputy.one").stdout == (
        "deputy.one is teacher from today on\n"
    )
    assert [line.split()[:2] for line in staff("list").stdout.splitlines()] == [
        ["deputy", "deputy.one"], ["teacher", "deputy.one"], ["administrator", "admin"],
    ]  # fmt: skip
    assert staff("dismiss", "--role", "deputy", "--login", "deputy.one").returncode == 0
    assert "does not hold the role" in staff("dismiss", "--role", "deputy", "--login", "deputy.one").stderr
    assert "deputy " not in staff("list").stdout
    assert "is no role: take one of" in staff("appoint", "--role", "cook", "--login", "admin").stderr


async def test_doctor_tries_mail(tmp_path: Path, environment: dict[str, str]) -> None:
    bare = diary("doctor", folder=tmp_path, **environment)
    assert "ok   MAIL_URL: not set: no mail is sent" in bare.stdout
    mail = {"MAIL_URL": f"file://{tmp_path}/mail", "MAIL_FROM": "diary@school.example"}
    assert f"ok   MAIL_URL: files in {tmp_path}/mail" in diary("doctor", folder=tmp_path, **environment, **mail).stdout
    broken = diary("doctor", folder=tmp_path, **environment, **mail | {"MAIL_URL": "smtp://127.0.0.1:1"})
    assert (broken.returncode, "BAD  MAIL_URL: " in broken.stdout) == (1, True)


async def test_operators_answer_support(tmp_path: Path, environment: dict[str, str], client: AsyncClient) -> None:
    body = {"kind": "sign-in", "subject": "Не пускает", "text": "Логин не подходит", "email": "anna@example.org"}
    number = (await client.post("/v1/app/support-requests", json=body)).json()["number"]
    assert number in diary("support", "list", folder=tmp_path, **environment).stdout
    assert "Логин не подходит" in diary("support", "show", number, folder=tmp_path, **environment).stdout
    bent = diary("support", "answer", number, "Го\u202eтово", folder=tmp_path, **environment)
    assert bent.stderr == "diary: the text is too long, or has control characters in it\n"
    answered = diary("support", "answer", number, "Готово", folder=tmp_path, **environment)
    assert answered.stdout.startswith(f"{number} is answered")
    assert diary("support", "close", number, folder=tmp_path, **environment).returncode == 0
    assert diary("support", "list", folder=tmp_path, **environment).stdout == ""
    missing = diary("support", "show", "2026-999999", folder=tmp_path, **environment)
    assert (missing.returncode, len(missing.stderr.splitlines())) == (1, 1)
