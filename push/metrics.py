"""What the worker counts, for Prometheus. Numbers and our own words only, never a person's data."""

from prometheus_client import Counter, Histogram

from push.catalogue import Lane
from push.queue import Settlement

ends_total = Counter("push_ends_total", "Alerts x devices by how they ended", ["lane", "outcome"])
retries_total = Counter("push_retries_total", "Revisions put off", ["lane"])
send_seconds = Histogram(
    "push_send_seconds", "From handing a message to the transport until its verdict",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
)  # fmt: skip


def count_ends(lane: Lane, settlement: Settlement) -> None:
    if settlement.retry_at is not None:
        retries_total.labels(lane).inc()
    for outcome, _, _ in settlement.ends.values():
        ends_total.labels(lane, outcome).inc()
