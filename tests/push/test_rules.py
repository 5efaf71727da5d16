"""The pure rules of delivery, for whatever comes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
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


def test_retry_after_as_a_date() -> None:
    verdict = read_answer(503, {"retry-after": "Wed, 18 Nov 2026 09:02:00 GMT"}, b"{}", NOW)
    assert verdict.wait == timedelta(minutes=2)
