"""What a thread shows, and when: for whatever alerts, wishes and hours."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.policy import Rule, ThreadAlert, Wishes, decide, decide_summary, held_until, is_loud, mode_of
from schemas.alerts import HomeworkSet

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
CHILD, OTHER = UUID(int=1), UUID(int=2)
ZONES = ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"]
modes = st.sampled_from(["instant", "summary", "feed"])
moments = st.timedeltas(timedelta(days=-300), timedelta(days=400)).map(lambda shift: NOW + shift)
wishes = st.builds(
    Wishes,
    quiet_from=st.times(),
    quiet_until=st.times(),
    summary_at=st.times(),
    rules=st.lists(
        st.builds(
            Rule,
            child=st.none() | st.sampled_from([CHILD, OTHER]),
            kind=st.none() | st.sampled_from(["homework-set", "mark-set"]),
            mode=modes,
        ),
        max_size=4,
    ).map(tuple),
)
thread_alerts = st.builds(
    ThreadAlert,
    id=st.uuids(version=4),
    thread=st.just("t"),
    entity=st.sampled_from("abc"),
    kind=st.sampled_from(["homework-set", "mark-set"]),
    child_id=st.none() | st.sampled_from([CHILD, OTHER]),
    body=st.just(HomeworkSet(child="И", subject="М", due_on=NOW.date())),
    target=st.just({}),
    urgent=st.booleans(),
    occurred_at=moments,
    expires_at=st.sampled_from([NOW - timedelta(hours=1), NOW + timedelta(hours=1)]),
    timezone=st.sampled_from(ZONES),
    silent_until=st.none() | st.sampled_from([NOW - timedelta(hours=1), NOW + timedelta(hours=1)]),
    read=st.booleans(),
    withdrawn=st.booleans(),
    summary_due=st.none() | st.sampled_from([NOW - timedelta(hours=1), NOW + timedelta(hours=1)]),
)
alerts_of_a_thread = st.lists(thread_alerts, max_size=8, unique_by=lambda alert: alert.id)


def alert(**changes: object) -> ThreadAlert:
    plain = ThreadAlert(
        id=uuid4(), thread="t", entity="e", kind="mark-set", child_id=CHILD,
        body=HomeworkSet(child="И", subject="М", due_on=NOW.date()), target={}, urgent=False, occurred_at=NOW,
        expires_at=NOW + timedelta(days=3), timezone="Europe/Moscow", silent_until=None, read=False, withdrawn=False,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


@given(alerts=alerts_of_a_thread, wishes=wishes, data=st.data(), signed_in=st.booleans())
def test_every_pending_alert_is_shown_held_or_has_an_end(
    alerts: list[ThreadAlert], wishes: Wishes, data: st.DataObject, signed_in: bool
) -> None:
    own = [alert for alert in alerts if alert.summary_due is None]
    pending = data.draw(st.lists(st.sampled_from([alert.id for alert in own] or [UUID(int=9)]), unique=True))
    lost = uuid4()
    decision = decide(alerts, [*pending, lost], wishes, signed_in=signed_in, now=NOW)
    shown = {alert.id for alert in decision.shown}
    fates = [shown & set(pending), decision.ended.keys() - {lost}, decision.held.keys()]
    assert set().union(*fates) == set(pending)
    assert sum(len(fate) for fate in fates) == len(pending), "one fate each"
    assert decision.ended[lost] == "expired"
    assert signed_in or not (shown or decision.held)
    assert len({alert.entity for alert in decision.shown}) == len(decision.shown)
    assert all(due > NOW for due in decision.held.values())
    for item in decision.shown:
        assert not item.read
        assert not item.withdrawn
        assert item.expires_at > NOW
        assert mode_of(wishes, item.child_id, item.kind) != "feed"


@given(alerts=alerts_of_a_thread, wishes=wishes)
def test_no_alert_hangs_in_its_thread_and_in_the_summary(alerts: list[ThreadAlert], wishes: Wishes) -> None:
    pending = [alert.id for alert in alerts]
    thread = decide(alerts, pending, wishes, signed_in=True, now=NOW)
    summary = decide_summary(alerts, pending, wishes, signed_in=True, now=NOW)
    assert not {alert.id for alert in thread.shown} & {alert.id for alert in summary.shown}
    assert all(alert.summary_due is not None and alert.summary_due <= NOW for alert in summary.shown)
    assert summary.waits_until is None or summary.waits_until > NOW


@given(item=thread_alerts, wishes=wishes, now=moments)
def test_who_waits_waits_at_most_two_days_and_then_is_told(item: ThreadAlert, wishes: Wishes, now: datetime) -> None:
    due = held_until(item, wishes, now)
    if due is not None:
        assert now < due
        if mode_of(wishes, item.child_id, item.kind) != "summary":
            assert due - now <= timedelta(days=1, hours=1)
            assert not item.urgent


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("hour", "waits"), [(20, False), (21, True), (2, True), (6, True), (7, False), (12, False)])
def test_quiet_hours_are_the_schools(zone: str, hour: int, waits: bool) -> None:
    now = datetime(2026, 11, 18, hour, 0, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    due = held_until(alert(timezone=zone), Wishes(), now)
    assert (due is not None) == waits
    if due is not None:
        assert due.astimezone(ZoneInfo(zone)).time() == time(7)
    assert held_until(alert(timezone=zone, urgent=True), Wishes(), now) is None


def test_equal_ends_mean_no_quiet_hours() -> None:
    night = datetime(2026, 11, 18, 23, tzinfo=UTC)
    assert held_until(alert(), Wishes(quiet_from=time(0), quiet_until=time(0)), night) is None


def test_a_summary_comes_once_at_its_hour() -> None:
    wishes = Wishes(rules=(Rule(None, None, "summary"),))
    item = alert(occurred_at=NOW)
    due = held_until(item, wishes, NOW)
    assert due == datetime(2026, 11, 18, 15, tzinfo=UTC), "18:00 in Moscow"
    assert held_until(item, wishes, due) is None


@pytest.mark.parametrize(
    ("rules", "mode"),
    [
        ((), "instant"),
        ((Rule(None, None, "feed"),), "feed"),
        ((Rule(None, None, "feed"), Rule(None, "mark-set", "summary")), "summary"),
        ((Rule(None, "mark-set", "summary"), Rule(CHILD, None, "feed")), "feed"),
        ((Rule(CHILD, None, "feed"), Rule(CHILD, "mark-set", "instant")), "instant"),
        ((Rule(OTHER, None, "feed"), Rule(None, "homework-set", "feed")), "instant"),
    ],
)
def test_the_closest_rule_holds(rules: tuple[Rule, ...], mode: str) -> None:
    assert mode_of(Wishes(rules=rules), CHILD, "mark-set") == mode


def test_a_correction_that_waits_leaves_the_old_mark_hanging() -> None:
    told, correction = alert(), alert(kind="mark-corrected")
    night = datetime(2026, 11, 18, 20, tzinfo=UTC)
    decision = decide([told, correction], [correction.id], Wishes(), signed_in=True, now=night)
    assert decision.shown == (told,)
    assert decision.held.keys() == {correction.id}


def test_lessons_make_an_alert_silent() -> None:
    until = NOW + timedelta(hours=2)
    item = alert(silent_until=until)
    assert not is_loud([item], [item.id], None, NOW)
    assert is_loud([item], [item.id], None, until)


@given(st.none() | st.timedeltas(timedelta(), timedelta(minutes=5)))
def test_a_thread_sounds_at_most_once_a_minute(age: timedelta | None) -> None:
    item = alert()
    loud = is_loud([item], [item.id], None if age is None else NOW - age, NOW)
    assert loud == (age is None or age > timedelta(seconds=60))
    assert not is_loud([item], [], None, NOW), "nothing new"


def test_an_urgent_message_sounds_although_another_of_its_thread_just_did() -> None:
    item = alert(kind="urgent-message", urgent=True)
    assert is_loud([alert(), item], [item.id], NOW - timedelta(seconds=5), NOW)
    assert not is_loud([alert(), item], [], NOW - timedelta(seconds=5), NOW), "nothing new"
