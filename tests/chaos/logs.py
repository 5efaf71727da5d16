"""Check 5 of docs/chaos.md: the processes' logs hold no failure that nobody expects, and nothing that names a child."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.chaos.phones import Device
from tests.chaos.report import Report
from tests.chaos.school import SEEDED

# Alarms that the storms are meant to raise.
_ALARMS = frozenset({"fcm_unreachable"})
# asyncio, when a request's transaction and the connection under it end at the same moment: both are over by then.
_NOISE = "aclose(): asynchronous generator is already running"


def check_logs(logs: Iterable[Path], devices: Iterable[Device], report: Report) -> None:
    secrets = _secrets(devices)
    for log in logs:
        written = log.read_text(errors="replace")
        for name, secret in secrets:
            if secret in written:
                report.wrong("logs", f"{log.name} holds {name}")
        for line in written.splitlines():
            report.count("log lines")
            _check_line(log.name, line, report)


def _secrets(devices: Iterable[Device]) -> list[tuple[str, str]]:
    """Words and tokens, as they are and as JSON escapes them."""
    found = [("an access token", "eyJ")]
    for word in SEEDED:
        found += [(f"the word {word}", word), (f"the word {word}", json.dumps(word)[1:-1])]
    for device in devices:
        found += [("a device's token", token) for token in device.tokens]
        found.append(("a device's key", base64.b64encode(device.key).decode()))
    return found


def _check_line(log: str, line: str, report: Report) -> None:
    try:
        event: dict[str, Any] = json.loads(line)
    except ValueError:
        report.wrong("logs", f"{log}: {line[:300]}")
        return
    if _NOISE in event["event"]:
        report.count("log: two ends of one request at once")
    elif event.get("exception") is not None:
        report.wrong("logs", f"{log}: {event['event']} {event['exception']} at {event.get('at', [])[-3:]}")
    elif event.get("level") in ("error", "critical") and event["event"] not in _ALARMS:
        report.wrong("logs", f"{log}: {line[:300]}")
    if event.get("level") == "warning":
        report.count(f"log: {event['event']} {event.get('error', '')}".strip())
