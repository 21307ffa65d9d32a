"""What runs about judges found: the gain of people's labels, rounds on frozen pairs, slices and principles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workbench.estimates import Estimate, Interval
from workbench.figures.forest import forest_plot
from workbench.judging.anchor_rounds import Round
from workbench.judging.anchors import JudgeDrift
from workbench.judging.principles import Principles
from workbench.judging.trust import Trust


def gain_chart(result: Mapping[str, Any]) -> go.Figure:
    """Accuracy of a reward model by whose labels it learned from, less that from random pairs."""
    return forest_plot(
        {_WAYS[way]: _over_random(way, found) for way, found in result["over_random"].items()},
        reference=0.0,
        unit="held-out pairs",
        title="Accuracy of the reward model less that with people's labels on random pairs; 0 = no gain",
    )


_WAYS = {
    "judge only": "The judge labels all",
    "least sure": "People: least sure pairs",
    "measured gain": "People: kinds of largest gain",
    "people only": "People label all",
}


def _over_random(way: str, found: Mapping[str, Any]) -> Estimate:
    bounds = found["interval"]
    method = "over splits and held-out prompts, paired"
    reach = Interval(float(bounds[0]), float(bounds[1]), "same crew", method) if bounds else None
    return Estimate(
        name=_WAYS[way],
        value=found["value"],
        same_crew=reach,
        new_crew=None,
        n=found["n"],
        reason=found["reason"],
    )


def gain_table(result: Mapping[str, Any]) -> pd.DataFrame:
    """The same as a table, a row a way of choosing the pairs for people."""
    rows = []
    for way, found in result["accuracy"].items():
        over = result["over_random"].get(way, {})
        low, high = found["interval"] or (None, None)
        more = dict(zip(("over_random_low", "over_random_high"), over.get("interval") or (None, None), strict=True))
        row = {"way": way, "accuracy": found["value"], "low": low, "high": high, "over_random": over.get("value")}
        rows.append({**row, **more, "held_out": found["n"]})
    return pd.DataFrame(rows)


def kinds_table(result: Mapping[str, Any]) -> pd.DataFrame:
    """Kinds of pairs and what 100 labels of people on them save, the largest gain first."""
    rows = sorted(result["gains_per_100"].items(), key=lambda pair: -pair[1])
    return pd.DataFrame(rows, columns=["kind", "gain"])


def anchors_chart(rounds: Sequence[Round], drift: Sequence[JudgeDrift | None]) -> go.Figure:
    """On how many frozen pairs each round of a judge has another direction than its first."""
    return forest_plot(
        {_round_name(each, place): d.moved for place, (each, d) in enumerate(zip(rounds, drift, strict=True)) if d},
        reference=0.0,
        unit="frozen pairs",
        title="Share of the frozen pairs with another direction than in the first round",
    )


def anchors_table(rounds: Sequence[Round], drift: Sequence[JudgeDrift | None]) -> pd.DataFrame:
    """The same as a table, a row a round."""
    rows = []
    for each, found in zip(rounds, drift, strict=True):
        row = {"judged_at": each.judged_at, "version": each.version, "answered": ", ".join(each.answered)}
        moved, shift = (found.moved.value, found.shift.value) if found else (None, None)
        rows.append(
            {
                **row,
                "pairs": len(each.scores),
                "moved": moved,
                "shift": shift,
                "changed": found.changed if found else None,
            }
        )
    return pd.DataFrame(rows)


def _round_name(each: Round, place: int) -> str:
    return f"Round {place + 1}, {each.judged_at[:10]}"


def slice_table(found: Trust) -> pd.DataFrame:
    """How the judge does on each value of each slice: its direction beside most people's, and where it has none."""
    rows = []
    for name, values in found.by_slice.items():
        for value in dict.fromkeys([*values, *found.no_verdict_by_slice.get(name, {})]):
            right, none = values.get(value), found.no_verdict_by_slice.get(name, {}).get(value)
            reach = right.same_crew if right else None
            rows.append(
                {
                    "slice": name,
                    "value": value,
                    "items": right.n if right else 0,
                    "right": right.value if right else None,
                    "low": reach.low if reach else None,
                    "high": reach.high if reach else None,
                    "no_verdict": none.value if none else None,
                    "asked": none.n if none else None,
                }
            )
    return pd.DataFrame(rows, columns=["slice", "value", "items", "right", "low", "high", "no_verdict", "asked"])


def conflict_table(found: Principles) -> pd.DataFrame:
    """Two principles that prefer different sides, the most frequent conflict first."""
    names, share = [str(name) for name in found.conflicts], found.conflicts.to_numpy(float)
    above = zip(*np.triu_indices(len(names), 1), strict=True)
    rows = [(names[i], names[j], share[i, j]) for i, j in above if np.isfinite(share[i, j])]
    return pd.DataFrame(rows, columns=["one", "other", "conflict"]).sort_values("conflict", ascending=False)
