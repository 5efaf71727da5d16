"""`make bench`: the whole demo on this machine's loopback, bounded in count and time.

Prints medians of several rounds; contenders run side by side in one run, as ratios.
"""

import asyncio

from backend.local.supervisor import running_demo
from tests.benchmarks.latency import measure_latency
from tests.benchmarks.memory import measure_memory
from tests.benchmarks.servers import compare_servers
from tests.grounds import bench_folder, demo_ports


def main() -> None:
    with (
        bench_folder() as folder,
        running_demo(folder, folder / "data", demo_ports(), "127.0.0.1", durable=True) as demo,
    ):
        print("\nmemory of the idle processes")
        measure_memory(demo.processes)
        print("\nfrom a mark to the phone (embedded servers, idle machine)")
        asyncio.run(measure_latency(demo))
        print("\nmemory after that")
        measure_memory(demo.processes)
        print("\nuvicorn and granian under the same load: a child's week")
        asyncio.run(compare_servers(demo))


main()
