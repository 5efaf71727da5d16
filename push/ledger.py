"""The ledger of delivery: every alert on every device it was fanned out to has exactly one end, or is open.

Read in one statement, it balances at any moment, also while workers work.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Two sides that are written by different statements: `dispatch` counts devices when an alert is fanned out,
# `tray.pending` and `delivery` say where each of them is now.
_LEDGER = text("""
    WITH open_pairs AS (SELECT unnest(pending) AS alert_id, installation_id FROM tray),
    located AS (
        SELECT alert_id, count(*) AS places, count(DISTINCT installation_id) AS devices FROM (
            SELECT alert_id, installation_id FROM delivery UNION ALL SELECT * FROM open_pairs) AS pairs
         GROUP BY alert_id),
    wrong AS (
        SELECT coalesce(d.alert_id, l.alert_id) AS alert_id
          FROM dispatch d FULL JOIN located l ON l.alert_id = d.alert_id
         WHERE coalesce(d.devices, 0) <> coalesce(l.places, 0) OR coalesce(l.places, 0) <> coalesce(l.devices, 0)),
    unheard AS (
        SELECT id FROM alert a
         WHERE NOT feed_only
           AND NOT EXISTS (SELECT FROM dispatch d WHERE d.alert_id = a.id)
           AND NOT EXISTS (SELECT FROM fanout f WHERE f.alert_id = a.id))
    SELECT (SELECT count(*) FROM alert) AS alerts,
           (SELECT count(*) FROM alert WHERE feed_only) AS feed_only,
           (SELECT count(*) FROM fanout WHERE alert_id IS NOT NULL) AS queued,
           (SELECT count(*) FROM dispatch) AS fanned_out,
           (SELECT count(*) FROM dispatch WHERE devices = 0) AS without_device,
           (SELECT coalesce(sum(devices), 0) FROM dispatch)::bigint AS pairs,
           (SELECT count(*) FROM open_pairs) AS open,
           (SELECT coalesce(jsonb_object_agg(outcome, number), '{}')
              FROM (SELECT outcome, count(*) AS number FROM delivery GROUP BY 1) AS ends)::text AS ends,
           (SELECT count(*) FROM unheard) AS unheard,
           array(SELECT alert_id FROM wrong LIMIT 20) AS wrong
""")


class Balance(msgspec.Struct, frozen=True):
    """Alerts, and pairs of alert and device.

    Attributes:
        unheard: alerts for phones that are neither queued nor fanned out: lost.
        wrong: alerts (20 at most) whose devices are not each in exactly one place.
        ends: how many pairs ended in which way (PUSH.md section 3, "End states").
    """

    alerts: int
    feed_only: int
    queued: int
    fanned_out: int
    without_device: int
    pairs: int
    open: int
    ends: dict[str, int]
    unheard: int
    wrong: Sequence[object]

    @property
    def balances(self) -> bool:
        return (
            not self.unheard
            and not self.wrong
            and self.pairs == self.open + sum(self.ends.values())
            and self.alerts == self.feed_only + self.queued + self.fanned_out
        )

    def lines(self) -> list[str]:
        """The ledger for people."""
        ends = [f"  {outcome:<12}{number:>12,}" for outcome, number in sorted(self.ends.items())]
        return [
            f"alerts        {self.alerts:>12,}",
            f"  feed only   {self.feed_only:>12,}",
            f"  queued      {self.queued:>12,}",
            f"  fanned out  {self.fanned_out:>12,}   of these without a device {self.without_device:,}",
            f"alert x device{self.pairs:>12,}",
            *ends,
            f"  open        {self.open:>12,}",
            *(f"WRONG: alert {alert_id} is not in exactly one place for each device" for alert_id in self.wrong),
            *([f"LOST: {self.unheard:,} alerts are neither queued nor fanned out"] if self.unheard else []),
            "the ledger balances" if self.balances else "THE LEDGER DOES NOT BALANCE",
        ]


async def balance(session: AsyncSession) -> Balance:
    """Reads the ledger as the role `diary_push`."""
    row = (await session.execute(_LEDGER)).mappings().one()
    return Balance(**{**row, "ends": msgspec.json.decode(row["ends"], type=dict[str, int])})
