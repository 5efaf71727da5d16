"""`make bench`: the whole demo on this machine's loopback, bounded in count and time.

Prints medians of several rounds; contenders run side by side in one run, as ratios.
"""

import asyncio
import contextlib
import os
import secrets
import socket
import tempfile
from pathlib import Path

from backend.local.supervisor import Ports, running_demo
from tests.benchmarks.latency import measure_latency
from tests.benchmarks.memory import measure_memory
from tests.benchmarks.servers import compare_servers


def main() -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="my-diary-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with running_demo(folder, folder / "data", _free_ports(), "127.0.0.1", durable=True) as demo:
            print("\nmemory of the idle processes")
            measure_memory(demo.processes)
            print("\nfrom a mark to the phone (embedded servers, idle machine)")
            asyncio.run(measure_latency(demo))
            print("\nmemory after that")
            measure_memory(demo.processes)
            print("\nuvicorn and granian under the same load: a child's week")
            asyncio.run(compare_servers(demo))


def _free_ports() -> Ports:
    """Four ports in a row that nobody listens on."""
    while True:
        first = 20_000 + secrets.randbelow(30_000)
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + 4):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
        return Ports(first)


main()
