"""What an operator must hear of: answers that mean that the set-up is wrong, not one message."""

from collections import deque
from datetime import datetime, timedelta

import msgspec
from structlog import get_logger

from push import metrics
from push.verdict import Outcome, Verdict

log = get_logger()

_WINDOW = 200
_WIDESPREAD = 20
_UNREACHED = frozenset({"connection", "timeout"})
_QUIET_FOR = timedelta(minutes=1)


class Alarms:
    """Watches one worker's verdicts, and tells of each trouble at most once a minute. `told`: when it last did."""

    def __init__(self) -> None:
        self._mismatches: deque[bool] = deque(maxlen=_WINDOW)
        self.told: dict[str, datetime] = {}

    def watch(self, verdict: Verdict, now: datetime) -> Verdict:
        """The verdict to act on. One target of another project is switched off; if many are, it is our
        credential that is of another project, and no target is lost over that."""
        metrics.verdicts_total.labels(verdict.outcome, verdict.code).inc()
        self._mismatches.append(verdict.code == "SENDER_ID_MISMATCH")
        if verdict.outcome is Outcome.REFUSED:
            self._tell("fcm_refuses_messages", verdict.code, now)
        if verdict.outcome is Outcome.MISCONFIGURED:
            self._tell("fcm_set_up_wrong", verdict.code, now)
        if verdict.code in _UNREACHED:
            self._tell("fcm_unreachable", verdict.code, now)
        if verdict.code == "SENDER_ID_MISMATCH" and sum(self._mismatches) >= _WIDESPREAD:
            self._tell("fcm_targets_of_another_project", verdict.code, now)
            return msgspec.structs.replace(
                verdict, outcome=Outcome.MISCONFIGURED, lost=None, wait=timedelta(minutes=5), scope="project"
            )
        return verdict

    def _tell(self, event: str, code: str, now: datetime) -> None:
        if now - self.told.get(event, now - _QUIET_FOR) >= _QUIET_FOR:
            self.told[event] = now
            log.error(event, code=code, see="docs/firebase.md")
