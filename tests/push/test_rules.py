"""The pure rules of delivery, for whatever comes."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from push.retry import GIVE_UP_AFTER, SOONEST, next_try
from push.verdict import Outcome, Verdict, read_answer

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
waits = st.none() | st.timedeltas(min_value=timedelta(), max_value=timedelta(days=1))


@given(
    attempt=st.integers(1, 10_000),
    wait=waits,
    since=st.timedeltas(timedelta(), timedelta(hours=3)),
    jitter=st.floats(0, 1),
)
def test_never_sooner_than_fcm_allows(attempt: int, wait: timedelta | None, since: timedelta, jitter: float) -> None:
    verdict = Verdict(Outcome.LATER, "UNAVAILABLE", wait=wait)
    moment = next_try(verdict, attempt, waiting_since=NOW - since, now=NOW, jitter=jitter)
    if moment is not None:
        assert moment >= NOW + max(SOONEST, wait or timedelta())
        assert moment <= NOW - since + GIVE_UP_AFTER


@example(200, {}, b'{"name": "\xff"}')
@example(400, {}, b'"\xff"')
@given(st.integers(100, 599), st.dictionaries(st.just("retry-after"), st.text(max_size=40)), st.binary(max_size=200))
def test_any_answer_gives_a_verdict(status: int, headers: dict[str, str], body: bytes) -> None:
    verdict = read_answer(status, headers, body, NOW)
    assert verdict.outcome is not Outcome.ACCEPTED or status == 200
    assert verdict.wait is None or timedelta() <= verdict.wait <= timedelta(days=1)
    if status == 429:
        assert verdict.outcome is Outcome.LATER
        assert verdict.wait


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_json_gives_a_verdict(answer: object) -> None:
    import msgspec

    assert read_answer(400, {}, msgspec.json.encode(answer), NOW).outcome is Outcome.REFUSED


answers = st.tuples(
    st.sampled_from([429, 500, 502, 503]), st.none() | st.integers(0, 4_000), st.floats(0, 1)
)  # (status, Retry-After, jitter)


@given(st.lists(st.tuples(answers, st.floats(-100, 2_000)), min_size=1, max_size=60))
def test_for_no_answers_and_clock_readings_a_send_comes_early(
    steps: list[tuple[tuple[int, int | None, float], float]],
) -> None:
    """A tray that fails again and again, looked at by clocks that jump, also backwards."""
    now, since, attempt = NOW, NOW, 0
    due: datetime | None = NOW
    allowed = NOW
    for (status, retry_after, jitter), passed in steps:
        now += timedelta(seconds=passed)
        if due is None or now < due:
            continue
        assert now >= allowed, "FCM was asked too early"
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        verdict = read_answer(status, headers, b"", now)
        attempt += 1
        least = 60 if status == 429 and retry_after is None else 10 * min(2 ** (attempt - 1), 60)
        allowed = now + timedelta(seconds=max(least, retry_after or 0))
        due = next_try(verdict, attempt, waiting_since=since, now=now, jitter=jitter)
        assert due is None or due <= since + GIVE_UP_AFTER


def test_what_cannot_be_kept_is_garbage() -> None:
    for name in ("", "a\x00b", "имя", "x" * 301):
        import msgspec

        assert read_answer(200, {}, msgspec.json.encode({"name": name}), NOW).code == "garbage"


def test_retry_after_as_a_date() -> None:
    verdict = read_answer(503, {"retry-after": "Wed, 18 Nov 2026 09:02:00 GMT"}, b"{}", NOW)
    assert verdict.wait == timedelta(minutes=2)
