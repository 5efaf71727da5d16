"""What the worker counts, for Prometheus. Numbers and our own words only, never a person's data."""

from collections import Counter as Counted
from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

from push.catalogue import Lane
from push.settling import Settlement

ends_total = Counter("push_ends_total", "Alerts x devices by how they ended", ["lane", "outcome"])
verdicts_total = Counter("push_verdicts_total", "Answers of FCM by what they mean", ["outcome", "code"])
retries_total = Counter("push_retries_total", "Revisions put off after a failed send", ["lane"])
send_seconds = Histogram(
    "push_send_seconds", "From handing a message to the transport until its verdict",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
)  # fmt: skip
in_flight = Gauge("push_in_flight", "Trays between claim and settlement", ["lane"])
queue_age_seconds = Gauge(
    "push_queue_age_seconds", "How long the oldest tray has waited since it was due, or first failed", ["lane"]
)
live_workers = Gauge("push_live_workers", "Workers whose heartbeat is fresh")
quota_used = Gauge("push_quota_level", "Part of this worker's share of FCM's quota that it may use now, 0 to 1")


def count_settled(lane: Lane, settlements: Sequence[Settlement]) -> None:
    """Counts a batch at once: a counter's lock and labels cost more than adding up."""
    ends = Counted(outcome for settlement in settlements for outcome, _, _ in settlement.ends.values())
    for outcome, number in ends.items():
        ends_total.labels(lane, outcome).inc(number)
    retried = sum(1 for settlement in settlements if settlement.attempt and settlement.retry_at is not None)
    if retried:
        retries_total.labels(lane).inc(retried)
