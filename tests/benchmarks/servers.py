"""uvicorn or granian: the same application, database and load, in turns."""

import asyncio
import statistics
import subprocess
import sys
import time

import httpx
import psutil
from pyreqwest.client import Client, ClientBuilder

from backend.demo.accounts import IVAN_ID, MOTHER
from backend.local.supervisor import Running
from tests.benchmarks.latency import signed_in_stage

REQUESTS = 400
AT_ONCE = 16
ROUNDS = 3


async def compare_servers(demo: Running) -> None:
    """Prints requests a second and memory of both, and their ratio."""
    stage, client = signed_in_stage(demo)
    await stage.call(MOTHER, "GET", "/v1/me")
    token = stage._tokens[MOTHER.login]
    await client.aclose()
    commands = {
        "uvicorn": ["uvicorn", "--factory", "--no-access-log", "--log-level", "error", "--port", "{port}"],
        "granian": ["granian", "--interface", "asgi", "--factory", "--no-log", "--workers", "1", "--port", "{port}"],
    }
    rates: dict[str, list[float]] = {name: [] for name in commands}
    memory: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, words in commands.items():
            port = demo.ports.api + 100
            command = [sys.executable, "-m", *(word.format(port=port) for word in words), "tests.benchmarks.asgi:build"]
            process = subprocess.Popen(  # noqa: ASYNC220, S603 - a benchmark has the process to itself
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                await _until_ready(port)
                rates[name].append(await _load(port, token))
                root = psutil.Process(process.pid)
                memory[name] = sum(each.memory_info().rss for each in [root, *root.children(recursive=True)]) / 1e6
            finally:
                process.terminate()
                process.wait(20)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    for name, median in medians.items():
        ratio = median / medians["uvicorn"]
        print(f"  {name:<10} {median:6.0f} requests/s ({ratio:.2f} x uvicorn), {memory[name]:.0f} MB")


async def _until_ready(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(300):
            try:
                if (await client.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise TimeoutError("the server did not start within 30 s")


async def _load(port: int, token: str) -> float:
    url = f"http://127.0.0.1:{port}/v1/children/{IVAN_ID}/week"
    left = REQUESTS

    async def ask(client: Client) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            answer = await client.get(url).bearer_auth(token).build().send()
            if answer.status != 200:
                raise RuntimeError(f"answered {answer.status}")
            await answer.bytes()

    async with ClientBuilder().build() as client:
        await asyncio.gather(*(ask(client) for _ in range(AT_ONCE)))  # to warm up
        left = REQUESTS
        began = time.perf_counter()
        await asyncio.gather(*(ask(client) for _ in range(AT_ONCE)))
        return REQUESTS / (time.perf_counter() - began)
