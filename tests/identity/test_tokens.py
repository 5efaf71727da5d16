"""The rules of refresh tokens, for every generation and moment."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend.identity import tokens
from backend.identity.rules import lock_after
from backend.identity.tokens import Refreshing, judge_refresh

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
moments = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))


@given(presented=st.integers(1, 50), current=st.integers(1, 50), age=moments, staff=st.booleans())
def test_a_token_rotates_only_if_it_is_the_current_one(
    presented: int, current: int, age: timedelta, staff: bool
) -> None:
    verdict = judge_refresh(presented, current, NOW - age, NOW, staff=staff)
    assert (verdict in (Refreshing.ROTATE, Refreshing.IDLE)) == (presented == current)
    if verdict is Refreshing.SAME_SUCCESSOR:
        assert presented == current - 1
        assert age <= timedelta(minutes=10)


@given(generation=st.integers(0, 10**8), seed=st.binary(min_size=32, max_size=32), session=st.uuids())
def test_a_refresh_token_tells_its_session_and_matches_only_it(generation: int, seed: bytes, session: UUID) -> None:
    token = tokens.refresh_token(b"k" * 32, session, seed, generation)
    assert tokens.parse_refresh(token) == (session, generation)
    assert tokens.matches(b"k" * 32, token, session, seed, generation)
    assert not tokens.matches(b"k" * 32, token, session, seed, generation + 1)
    assert not tokens.matches(b"j" * 32, token, session, seed, generation)


@given(st.text(max_size=80))
def test_any_text_is_no_refresh_token_or_parses(text: str) -> None:
    parsed = tokens.parse_refresh(text)
    assert parsed is None or text.count(".") == 2


@given(st.integers(0, 100))
def test_locks_only_grow(failures: int) -> None:
    shorter, longer = lock_after(failures, 5), lock_after(failures + 1, 5)
    assert (shorter or timedelta()) <= (longer or timedelta()) <= timedelta(hours=1)
