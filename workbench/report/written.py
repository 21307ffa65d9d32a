"""Values and intervals as people read them, and as programs do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from workbench.economics.amounts import dollars
from workbench.estimates import with_sign
from workbench.wording.numbers import number, p_value

Unit = Literal["number", "share", "points", "count", "p", "money", "weeks", "plain", "text", "id"]
"""How a value is written: three decimals, per cent, percentage points, whole, a p-value, dollars, weeks, a number as
short as it is, text, or an id."""


@dataclass(frozen=True)
class Span:
    """An interval that says what it is about.

    Attributes
    ----------
    about : `same crew`, `new crew`, or for other figures what varies, such as `new pairs`.
    low, high : its bounds.
    """

    about: str
    low: float
    high: float


def plain(value: Any) -> Any:
    """A cell as JSON can hold it: NaN and missing become null, numpy numbers become Python's."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if value is None or value is pd.NaT:
        return None
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def write(value: Any, unit: Unit) -> str:
    """A value as people read it; a dash where there is none.

    >>> write(0.0001, "p"), write(1234, "count"), write(None, "share"), write(-0.014, "points")
    ('p < 0.001', '1,234', '–', '−1.4 points')
    >>> write(78_823.53, "money"), write(7.8824, "money"), write(1.389, "weeks")
    ('$78,824', '$7.88', '1.4')
    """
    value = plain(value)
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) or unit in ("text", "id"):
        return str(value)
    said = {
        "number": lambda v: number(v, 3),
        "share": lambda v: f"{100 * v:.1f}%",
        "points": lambda v: f"{with_sign(100 * v)} points",
        "count": lambda v: f"{v:,.0f}",
        "p": p_value,
        "money": dollars,
        "weeks": lambda v: f"{v:,.1f}",
        "plain": lambda v: f"{v:,.4g}" if abs(v) < 1000 else f"{v:,.0f}",
    }[unit](value)
    return said.replace("-", "−")


def write_span(span: Span, unit: Unit) -> str:
    """Bounds as people read them: `0.330 to 0.410`, `20.0 to 26.0%`.

    >>> write_span(Span("same crew", 0.2, 0.26), "share")
    '20.0 to 26.0%'
    """
    low, high = write(span.low, unit), write(span.high, unit)
    for ending in ("%", " points"):
        if low.endswith(ending) and high.endswith(ending):
            low = low.removesuffix(ending)
    return f"{low} to {high}"
