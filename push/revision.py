"""One tray's turn: what its revision says, the message that carries it, and what a verdict makes of both."""

import hashlib
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from structlog import get_logger

from push.catalogue import KIND_NAMES, SUMMARY_CHANNEL, kind_of
from push.devices import DeviceKeys
from push.envelope import Address, Cleared, Content, Envelopes, Neutral
from push.policy import Decision, ThreadAlert, decide, decide_summary, is_loud, rings_now
from push.queue import Taken
from push.retry import next_try
from push.settling import CLEARINGS_APART, Pause, Settlement
from push.threads import CLEAR, SUMMARY, ClaimedTray, threads_of
from push.verdict import Outcome, Verdict
from push.wording import LANGUAGES, Texts
from push.wording.renderer import render, render_summary
from schemas.alerts import AlertBody

log = get_logger()

_FOR_A_NEWER_WORKER = timedelta(minutes=1)
_CLEARING_LIFETIME = timedelta(days=1)
_INBOX: dict[str, object] = {"screen": "inbox"}
_NOTHING_SHOWN = hashlib.sha256(b"").digest()
# More cleared items than one message takes: the clearing tray comes again at once.
MOST_CLEARED = 40

_DEFAULT_PAUSE = timedelta(seconds=60)

Ends = dict[UUID, tuple[str, str | None, str | None]]


class Revision(msgspec.Struct, frozen=True):
    """A message that is ready to go, with what must be known once it has been answered.

    Attributes:
        carried: the alerts whose fate the answer decides.
        ends: alerts whose fate is known already; `held` go to the summary.
        again_at: when the tray's turn comes again whatever the answer.
        cleared: what the message takes off the screen.
    """

    tray: ClaimedTray
    message: bytes
    carried: list[UUID]
    ends: Ends
    held: dict[UUID, datetime]
    again_at: datetime | None
    digest: bytes
    loud: bool
    cleared: dict[str, int]


class Composer:
    """Makes revisions of trays and settlements of verdicts. Touches neither database nor network."""

    def __init__(
        self, texts: Texts, device_keys: DeviceKeys, envelopes: Envelopes, clock: Callable[[], datetime]
    ) -> None:
        self._texts = texts
        self._device_keys = device_keys
        self._envelopes = envelopes
        self._clock = clock
        self._neutral = {
            language: Neutral(texts.format(language, "neutral-title"), texts.format(language, "neutral-body"))
            for language in LANGUAGES
        }

    def compose(self, tray: ClaimedTray, alerts: list[ThreadAlert]) -> Revision | Settlement:
        """The message of a tray's revision, or a settlement where there is nothing to send."""
        now = self._clock()
        if tray.thread == CLEAR:
            return self._clearing(tray, now)
        judge = decide_summary if tray.thread == SUMMARY else decide
        decision = judge(alerts, tray.pending, tray.wishes, signed_in=tray.signed_in, now=now)
        decision = _readable(decision, tray, now)
        digest = hashlib.sha256(b"".join(alert.id.bytes for alert in decision.shown)).digest()
        rings = rings_now(decision.shown, tray.wishes, tray.loud_at, now)
        if not decision.shown or (digest == tray.digest and not tray.doubtful and not rings):
            return _silent(tray, decision, digest)
        loud = rings or is_loud(decision.shown, tray.pending, tray.loud_at, now)
        revision = Revision(
            tray=tray,
            message=b"",
            carried=list(_undecided(decision, tray)),
            ends=_ended(decision),
            held=decision.held,
            again_at=decision.waits_until,
            digest=digest,
            loud=loud,
            cleared=tray.clears,
        )
        if tray.target is None or tray.target_kind is None:
            return self.settle(revision, Verdict(Outcome.GONE, "no-target"))
        content = self._content(tray, decision, loud=loud, now=now)
        return msgspec.structs.replace(revision, message=self._message(tray, content, now))

    def settle(self, revision: Revision, verdict: Verdict) -> Settlement:
        """What the transport's verdict makes of the revision and of the alerts it carried."""
        tray, now = revision.tray, self._clock()
        settled = Settlement(tray=tray, ends=revision.ends, held=revision.held, pause=_pause(tray, verdict, now))
        if verdict.outcome is Outcome.ACCEPTED:
            return _with(
                settled,
                ends=revision.ends | dict.fromkeys(revision.carried, ("accepted", verdict.message_name, None)),
                sent=True,
                digest=revision.digest,
                cleared=revision.cleared,
                loud_at=now if revision.loud else None,
                retry_at=revision.again_at,
            )
        outcome = "gone" if verdict.outcome is Outcome.GONE else "refused"
        if verdict.outcome in (Outcome.LATER, Outcome.MISCONFIGURED):
            attempt = tray.attempt + 1
            first = tray.waiting_since if tray.attempt else now
            jitter = random.random()  # noqa: S311 - spreads load, guards nothing
            retry_at = next_try(verdict, attempt, waiting_since=first, now=now, jitter=jitter)
            if retry_at is not None:
                return _with(settled, attempt=attempt, retry_at=retry_at, ambiguous=verdict.ambiguous)
            log.error("push_dead", code=verdict.code, alerts=len(revision.carried))
            outcome = "dead"
        return _with(
            settled,
            ends=revision.ends | dict.fromkeys(revision.carried, (outcome, None, verdict.code)),
            lost=verdict.lost,
            ambiguous=verdict.ambiguous,
            # What FCM refuses to carry is not carried again.
            cleared=revision.cleared if outcome == "refused" else {},
            retry_at=None if tray.thread == CLEAR else revision.again_at,
        )

    def broken(self, tray: ClaimedTray) -> Settlement:
        """A tray that cannot be composed, whatever the reason: it ends, and its neighbours go on."""
        waiting = {entry.alert_id for entry in tray.summary if entry.due_at > self._clock()}
        ends: Ends = dict.fromkeys(set(tray.pending) - waiting, ("refused", None, "internal"))
        again = min((entry.due_at for entry in tray.summary if entry.alert_id in waiting), default=None)
        return Settlement(tray=tray, ends=ends, retry_at=again)

    def _clearing(self, tray: ClaimedTray, now: datetime) -> Revision | Settlement:
        """The one message that takes items off a screen; none where an alert has carried the news already."""
        if not tray.clears or tray.target is None or tray.target_kind is None:
            return Settlement(tray=tray, ends={})
        content = Content(
            account_id=tray.account_id, alert_ids=[], revision=tray.wanted, issued_at=now,
            lifetime_seconds=int(_CLEARING_LIFETIME.total_seconds()), cleared=self._cleared(tray),
        )  # fmt: skip
        more = now + CLEARINGS_APART[tray.platform] if len(tray.clears) == MOST_CLEARED else None
        return Revision(
            tray=tray, message=self._message(tray, content, now), carried=[], ends={}, held={},
            again_at=more, digest=b"", loud=False, cleared=tray.clears,
        )  # fmt: skip

    def _content(self, tray: ClaimedTray, decision: Decision, *, loud: bool, now: datetime) -> Content:
        newest = decision.shown[-1]
        latest = max(alert.expires_at for alert in decision.shown)
        if tray.thread == SUMMARY:
            shown = render_summary(self._texts, tray.language, _by_thread(decision.shown, tray))
            kind, channel, child, target = "summary", SUMMARY_CHANNEL, None, _INBOX
        else:
            bodies = tuple(alert.body for alert in decision.shown if alert.body is not None)
            shown = render(self._texts, tray.language, bodies)
            known = kind_of(bodies[-1])
            kind, channel, child, target = known.name, known.channel, newest.child_id, newest.target
        return Content(
            account_id=tray.account_id,
            alert_ids=[alert.id for alert in decision.shown],
            revision=tray.wanted,
            issued_at=now,
            lifetime_seconds=max(int((latest - now).total_seconds()), 1),
            kind=kind,
            channel=channel,
            child_id=child,
            target=target,
            title=shown.title,
            body=shown.body,
            quiet=not loud,
            cleared=self._cleared(tray),
            unread=tray.unread,
        )

    def _cleared(self, tray: ClaimedTray) -> list[Cleared]:
        names = (tray.installation_id, tray.account_id)
        return [Cleared(self._envelopes.tag(*names, thread), revision) for thread, revision in tray.clears.items()]

    def _message(self, tray: ClaimedTray, content: Content, now: datetime) -> bytes:
        return self._envelopes.build(self._address(tray, now), tray.thread, content, self._neutral[tray.language])

    def _address(self, tray: ClaimedTray, now: datetime) -> Address:
        key = None
        if tray.key_wrapped is not None and tray.key_expires_at is not None and tray.key_expires_at > now:
            try:
                key = self._device_keys.unwrap(tray.installation_id, tray.key_wrapped)
            except InvalidTag:
                log.error("device_key_unreadable", installation=str(tray.installation_id))
        return Address(
            installation_id=tray.installation_id,
            account_id=tray.account_id,
            platform=tray.platform,
            target_kind=tray.target_kind or "token",
            target=tray.target or "",
            key_id=tray.key_id if key else None,
            key=key,
        )


def alerts_for(tray: ClaimedTray, taken: Taken) -> list[ThreadAlert]:
    """The alerts that a tray may show, oldest first, each with the hour of this device's summary if it is in it."""
    alerts = [alert for thread in threads_of(tray) for alert in taken.alerts[tray.account_id, thread]]
    if not tray.summary:
        return alerts
    due = {entry.alert_id: entry.due_at for entry in tray.summary}
    alerts.sort(key=lambda alert: alert.id)
    return [msgspec.structs.replace(alert, summary_due=due.get(alert.id)) for alert in alerts]


def _by_thread(shown: Sequence[ThreadAlert], tray: ClaimedTray) -> list[tuple[AlertBody, ...]]:
    threads = {entry.alert_id: entry.thread for entry in tray.summary}
    grouped: dict[str, list[AlertBody]] = {}
    for alert in shown:
        if alert.body is not None:
            grouped.setdefault(threads[alert.id], []).append(alert.body)
    return [tuple(bodies) for bodies in grouped.values()]


def _silent(tray: ClaimedTray, decision: Decision, digest: bytes) -> Settlement:
    """Nothing new to say: it has been told before, and nothing came after it that nobody knows the fate of; or
    there is nothing left to show. What hangs on the screen then, or may hang there, is cleared."""
    ends = _ended(decision) | dict.fromkeys(_undecided(decision, tray), ("accepted", None, "told-before"))
    shows_something = tray.digest not in (None, _NOTHING_SHOWN)
    hangs = not decision.shown and (shows_something or tray.doubtful)
    return Settlement(
        tray=tray, ends=ends, held=decision.held, digest=digest, clear=hangs, retry_at=decision.waits_until
    )


def _readable(decision: Decision, tray: ClaimedTray, now: datetime) -> Decision:
    """Without alerts whose body cannot be read: of a kind that only a newer version knows, they wait for one; of a
    known kind, they are broken, and end. Their neighbours go on."""
    closed = [alert for alert in decision.shown if alert.body is None]
    if not closed:
        return decision
    pending = set(tray.pending)
    broken = {alert.id for alert in closed if alert.kind in KIND_NAMES} & pending
    later = frozenset(alert.id for alert in closed if alert.kind not in KIND_NAMES) & pending
    again = [moment for moment in (decision.waits_until, now + _FOR_A_NEWER_WORKER if later else None) if moment]
    return Decision(
        shown=tuple(alert for alert in decision.shown if alert.body is not None),
        ended=decision.ended | dict.fromkeys(broken, "refused"),
        held=decision.held,
        waits_until=min(again, default=None),
        later=later,
    )


def _undecided(decision: Decision, tray: ClaimedTray) -> set[UUID]:
    """The alerts whose fate hangs on this turn: not ended, not held, nor waiting for their summary's hour."""
    left = set(tray.pending) - decision.ended.keys() - decision.held.keys() - decision.later
    if tray.thread == SUMMARY:
        left &= {alert.id for alert in decision.shown}
    return left


def _ended(decision: Decision) -> Ends:
    return {alert_id: (end, None, None) for alert_id, end in decision.ended.items()}


def _pause(tray: ClaimedTray, verdict: Verdict, now: datetime) -> Pause | None:
    """What an answer asks of everybody: FCM's patience for the project, a platform or a device."""
    if verdict.scope is None:
        return None
    scope = tray.platform if verdict.scope == "platform" else verdict.scope
    return Pause(scope, now + (verdict.wait or _DEFAULT_PAUSE), verdict.code)


def _with(settlement: Settlement, **changes: Any) -> Settlement:
    return msgspec.structs.replace(settlement, **changes)
