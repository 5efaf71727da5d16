"""A fast FCM in a process of its own: HTTP/2 over TLS, a hundred streams a connection, as FCM gives them."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from push.standin.credentials import Identity, make_identity
from tests.benchmarks.push.answers import DELAY_VARIABLE, RECORD_VARIABLE

STREAMS = 100


@dataclass(frozen=True)
class FastFcm:
    """Where it listens, how long its answers take, and the files that clients need."""

    base_url: str
    folder: Path
    identity: Identity
    delay_ms: int = 0

    def count(self) -> int:
        """How many messages it has been sent so far."""
        return int(self._get("/count", 10))

    def arrivals(self) -> dict[str, float]:
        """When each target was last sent to, in seconds since 1970 (only of a server that records)."""
        found: dict[str, float] = json.loads(self._get("/arrivals", 10))
        return found

    def wait_until(self, count: int, seconds: float) -> None:
        """Returns at the moment when it has been sent so many. Raises TimeoutError."""
        try:
            self._get(f"/until/{count}", seconds)
        except TimeoutError:
            raise TimeoutError(f"{self.count()} of {count} messages within {seconds} s") from None

    def _get(self, path: str, seconds: float) -> bytes:
        context = ssl.create_default_context(cafile=str(self.identity.ca))
        # Else a proxy of the environment would be asked.
        opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.ProxyHandler({})
        )
        with opener.open(self.base_url + path, timeout=seconds) as answer:
            return bytes(answer.read())


@contextlib.contextmanager
def fast_fcm(folder: Path, delay_ms: int = 0, *, record: bool = False) -> Iterator[FastFcm]:
    """Runs the server for as long as the block lasts.

    Args:
        folder: for its certificates and its log; may be used again.
        delay_ms: how long each message waits for its answer, like FCM over the internet.
        record: whether it keeps when each target was sent to.
    """
    port = free_port()
    running = fcm_at(f"https://127.0.0.1:{port}", folder, delay_ms)
    words = ["--interface", "rsgi", "--no-ws", "--no-log", "--workers", "1", "--loop", "uvloop", "--port", str(port)]
    words += ["--http2-max-concurrent-streams", str(STREAMS), "--backlog", "4096", "--backpressure", "65536"]
    words += ["--ssl-certificate", str(running.identity.chain), "--ssl-keyfile", str(running.identity.chain)]
    environment = os.environ | {DELAY_VARIABLE: str(delay_ms)} | ({RECORD_VARIABLE: "1"} if record else {})
    with (folder / "fast-fcm.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", *words, "tests.benchmarks.push.answers:app"],
            stdout=log, stderr=log, env=environment,
        )  # fmt: skip
    try:
        _wait(running, process)
        yield running
    finally:
        process.terminate()
        process.wait(20)


def fcm_at(base_url: str, folder: Path, delay_ms: int = 0) -> FastFcm:
    """The same, in another process that was told where it is."""
    return FastFcm(base_url, folder, make_identity(folder, base_url), delay_ms)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(running: FastFcm, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        try:
            running.count()
        except urllib.error.URLError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the fast FCM did not start; its log lies in its folder")
