"""Resident memory of the processes of an installation."""

import subprocess

import psutil


def measure_memory(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Prints the resident set of each process, in MB of 10^6 bytes."""
    for name, process in processes.items():
        resident = psutil.Process(process.pid).memory_info().rss / 1e6
        bar = "   (the bar: 130 MB)" if name == "api" else ""
        print(f"  {name:<10} {resident:6.0f} MB{bar}")
