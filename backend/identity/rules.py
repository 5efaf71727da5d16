"""How lock-outs grow. Pure (DOMAIN.md section 2)."""

from datetime import timedelta

FREE_FAILURES_OF_LOGIN = 5
# A school is often one address.
FREE_FAILURES_OF_ADDRESS = 300
_FIRST_LOCK = timedelta(seconds=30)
_LONGEST_LOCK = timedelta(hours=1)


def lock_after(failures: int, free: int) -> timedelta | None:
    """How long to lock after so many failures in a row: none at first, then 30 s, doubling, up to an hour."""
    if failures < free:
        return None
    doublings = min(failures - free, 10)
    return min(_FIRST_LOCK * (1 << doublings), _LONGEST_LOCK)
