"""A real server that speaks S3: SeaweedFS, from a wheel. It checks signatures and their expiry as a service does."""

import json
import os
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ACCESS_KEY = "diary-test"
SECRET_KEY = "a secret of the tests"
BUCKET = "diary"
# The processes inside of it, each of which listens for HTTP and for gRPC.
_PARTS = ("master", "volume", "filer", "s3")
# A server of the tests' own keeps its data for as long as they run, and tells nobody that it does.
_OPTIONS = (
    "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", "-master.telemetry=false", "-master.electionTimeout=1s",
    "-master.heartbeatInterval=100ms", "-master.volumeSizeLimitMB=64", "-volume.max=3", "-s3.port.iceberg=0",
    "-s3.port.lance=0",
)  # fmt: skip


@dataclass(frozen=True)
class S3:
    """Where it is reached."""

    endpoint: str

    @property
    def files_url(self) -> str:
        return f"s3://{BUCKET}/files?endpoint={self.endpoint}&region=ru-central1"


@contextmanager
def running_s3() -> Iterator[S3]:
    """A server for as long as the block lasts, with a bucket that its first upload makes."""
    folder = Path(tempfile.mkdtemp(prefix="my-diary-s3-"))
    ports = _free_ports(2 * len(_PARTS))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        log = stack.enter_context((folder / "log").open("wb"))
        process = subprocess.Popen(  # noqa: S603 - our own words
            [_binary(), "server", f"-dir={folder}", *_OPTIONS, f"-s3.config={_identities(folder)}",
             f"-filer.localSocket={folder}/filer.sock", *_ports(ports)],
            stdout=log, stderr=log, cwd=folder, env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder)},
        )  # fmt: skip
        stack.callback(_stop, process, ports)
        server = S3(f"http://127.0.0.1:{ports[-2]}")
        _wait(server, process, folder / "log")
        yield server


def _stop(process: "subprocess.Popen[bytes]", ports: list[int]) -> None:
    process.kill()
    process.wait()
    # It names its sockets itself, outside of every folder that it is given.
    for port in ports:
        for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108
            left.unlink(missing_ok=True)


def _binary() -> str:
    return str(Path(sysconfig.get_path("scripts")) / "weed")


def _identities(folder: Path) -> Path:
    keys = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    file = folder / "identities.json"
    file.write_text(json.dumps({"identities": [{"name": "diary", "credentials": keys, "actions": ["Admin"]}]}))
    return file


def _ports(ports: list[int]) -> list[str]:
    pairs = zip(_PARTS, ports[::2], ports[1::2], strict=True)
    return [
        option for part, http, grpc in pairs for option in (f"-{part}.port={http}", f"-{part}.port.grpc={grpc}")
    ]  # fmt: skip


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _wait(server: S3, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it answers, if only that a stranger may not."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(server.endpoint, timeout=2).close()  # noqa: S310 - our own loopback address
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.05)
