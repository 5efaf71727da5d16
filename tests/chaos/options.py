"""How long a run lasts, and how much trouble it makes."""

from dataclasses import dataclass, field

_SETTING_UP = 30.0


@dataclass(frozen=True)
class Options:
    """One run.

    Attributes:
        seed: decides what happens; when exactly, the machine decides.
        kills: how often a worker or an API process gets SIGKILL.
        seconds: the bound of the whole run.
        draining: of these, how long the workers may take at the end for what is left.
        rate: requests a second to the API.
        postgres, valkey: how often each server is killed or restarted; `flushes`: how often Valkey is emptied.
        storms: how often the stand-in begins to misbehave.
        impatient: leases that nobody holds any more are ended by hand instead of waiting for them to run out.
    """

    seed: int
    kills: int = 200
    seconds: float = 720
    draining: float = 180
    rate: float = 20
    classes: int = 2
    children: int = 10
    workers: int = 3
    apis: int = 2
    postgres: int = 9
    valkey: int = 9
    flushes: int = 12
    storms: int = 60
    impatient: bool = False
    troubled: float | None = field(default=None, repr=False)

    @property
    def trouble_seconds(self) -> float:
        """How long load and trouble go on."""
        return self.troubled if self.troubled is not None else self.seconds - self.draining - _SETTING_UP

    @classmethod
    def long(cls, seed: int, kills: int, minutes: float) -> "Options":
        """Trouble of every kind in proportion to the time."""
        part = minutes / 12
        return cls(
            seed=seed,
            kills=kills,
            seconds=minutes * 60,
            draining=min(180.0, minutes * 20),
            postgres=max(3, round(9 * part)),
            valkey=max(2, round(9 * part)),
            flushes=max(2, round(12 * part)),
            storms=max(10, round(60 * part)),
        )

    @classmethod
    def short(cls, seed: int) -> "Options":
        """Half a minute of it, for `make test`."""
        return cls(
            seed=seed, kills=8, seconds=90, draining=45, rate=25, classes=1, children=6, workers=2, apis=2,
            postgres=1, valkey=1, flushes=1, storms=6, impatient=True, troubled=11,
        )  # fmt: skip
