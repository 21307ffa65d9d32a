"""What a replay says to the cost model: how many labels a selected one stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.economics.inputs import Input

INPUT = "selection_gain"
"""The input of the cost model that a replay measures."""


def selection_gain(result: Mapping[str, Any], date: str, strategy: str | None = None) -> Input:
    """The saving of active selection as an input of the cost model, with its range.

    Parameters
    ----------
    result : of a replay, as its `to_dict` or the `result.json` of its run.
    date : when it was measured.
    strategy : whose saving; by default the one with the highest lower bound. Without a strategy whose whole interval
        lies above 1, the value is 1: what is not shown is not counted as a saving, and the range says what remains
        possible.

    Examples
    --------
    >>> ratio = {"value": 1.8, "interval": [1.3, 2.4]}
    >>> result = {
    ...     "strategies": {"random": {"saving": None}, "bald": {"saving": {"ratio": ratio}}},
    ...     "seeds": 10,
    ...     "encoder": "hashed",
    ... }
    >>> found = selection_gain(result, "2026-11")
    >>> found.value, found.low, found.high, found.measured
    (1.8, 1.3, 2.4, True)
    """
    from workbench.economics.inputs import Input

    rows = {
        name: s["saving"]["ratio"]
        for name, s in result["strategies"].items()
        if s["saving"] and s["saving"]["ratio"]["interval"]
    }
    source = f"replay on this data, {result['seeds']} seeds"
    named = strategy or max(rows, key=lambda name: rows[name]["interval"][0], default=None)
    if named is None or named not in rows:
        return Input(name=INPUT, value=1.0, source=source, date=date, measured=True, note="no saving could be computed")
    low, high = (min(max(float(v), 0.1), 20.0) for v in rows[named]["interval"])
    value = min(max(float(rows[named]["value"]), 0.1), 20.0)
    if strategy is None and low <= 1:
        return Input(
            name=INPUT,
            value=1.0,
            source=source,
            date=date,
            low=min(low, 1.0),
            high=max(high, 1.0),
            measured=True,
            note=f"no strategy is sure to save labels; {named} comes nearest",
        )
    return Input(
        name=INPUT,
        value=value,
        source=source,
        date=date,
        low=low,
        high=high,
        measured=True,
        note=f"{named}, labels at random over labels selected at equal accuracy",
    )
