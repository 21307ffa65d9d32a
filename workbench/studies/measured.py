"""What a study reports: a figure with its interval over seeds and prompt groups, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One measured figure.

    Attributes
    ----------
    value : the figure, or None where it is undefined.
    low, high : its 95% interval, or None with the reason in `note`.
    n : held-out pairs it was measured on, all seeds together.
    seeds : how many seeds.
    reason : why the value is undefined; None where it is defined.
    note : what to keep in mind about the interval.

    >>> str(Measured(value=0.8, low=0.78, high=0.83, n=400, seeds=5))
    '0.800 [0.780, 0.830]'
    >>> str(Measured(value=None, reason="not reached"))
    'undefined (not reached)'
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    seeds: int = 0
    reason: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError("a measured figure has a value or a reason, and never both")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"{self.value} is not a value; give None and the reason")

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both bounds, or None."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    def excludes(self, value: float) -> bool:
        """Whether the whole interval lies above, or the whole interval below a value; False without an interval."""
        return self.low is not None and self.high is not None and (self.low > value or self.high < value)

    def to_dict(self) -> dict[str, object]:
        """The figure as the command line prints it."""
        interval = None if self.interval is None else list(self.interval)
        return {
            "value": self.value,
            "interval": interval,
            "n": self.n,
            "seeds": self.seeds,
            "reason": self.reason,
            "note": self.note,
        }

    @classmethod
    def from_dict(cls, given: dict) -> Measured:
        """Back from `to_dict`."""
        low, high = given["interval"] or (None, None)
        return cls(
            value=given["value"],
            low=low,
            high=high,
            n=given["n"],
            seeds=given["seeds"],
            reason=given["reason"],
            note=given["note"],
        )

    def __str__(self) -> str:
        if self.value is None:
            return f"undefined ({self.reason})"
        return f"{self.value:.3f}" + (f" [{self.low:.3f}, {self.high:.3f}]" if self.interval else "")
