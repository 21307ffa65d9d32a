"""Scorecards read back from the JSON of a run, for pages and reports, which load no model and no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from workbench.estimates import Estimate, Interval
from workbench.reward.calibration import Bin, Calibration
from workbench.reward.ceiling import AgainstEach, HumanCeiling
from workbench.reward.ranking import Compared, LeaveOneOut
from workbench.reward.reliability import Reliability
from workbench.reward.scorecard import Disagreement, Scorecard

_HUMAN = {
    "agreement": "Two labels name the same side",
    "single": "One label names the better side",
    "majority": "The majority names the better side",
    "one_person": "One label agrees with the majority of the others",
    "against_gold": "One label names the gold's side",
}
_HEADLINES = {
    "accuracy": "Ranking accuracy",
    "length_only": "Always the longer text",
    "over_length": "Model less the longer text",
}


def scorecard_from(content: Mapping[str, Any]) -> Scorecard:
    """The scorecard that `Scorecard.to_dict` wrote.

    >>> import numpy as np
    >>> from workbench.reward.pairs import Pairs
    >>> from workbench.reward.scorecard import scorecard
    >>> o = lambda *texts: np.array(texts, object)
    >>> held = Pairs(
    ...     prompt=o("p", "q"),
    ...     response_a=o("a longer text", "b"),
    ...     response_b=o("a", "c d"),
    ...     target=np.array([1.0, 0.0]),
    ...     level=np.array([0, 1]),
    ...     levels=2,
    ...     weight=np.ones(2),
    ...     group=np.arange(2),
    ...     source=o("", ""),
    ...     item=np.arange(2),
    ... )
    >>> card = scorecard(np.array([2.0, 1.0]), held, np.random.default_rng(0)).to_dict()
    >>> scorecard_from(card).to_dict() == card
    True
    """
    human, noise, out = content.get("human"), content.get("noise"), content.get("left_out")
    return Scorecard(
        **{name: estimate_from(content["estimates"][name], title) for name, title in _HEADLINES.items()},
        reliability=reliability_from(content["reliability"]),
        labels=str(content["labels"]),
        pairs=int(content["pairs"]),
        groups=int(content["groups"]),
        ties=int(content["ties"]),
        by_source=_named(content["by_source"]),
        by_slice={name: _named(values) for name, values in content["by_slice"].items()},
        by_strength=_named(content["by_strength"]),
        by_length=_named(content["by_length"]),
        ceiling=(
            HumanCeiling(
                **{name: estimate_from(human[name], title) for name, title in _HUMAN.items()},
                labels_per_item=human["labels_per_item"],
                kinds=tuple(human.get("kinds") or ("human",)),
            )
            if human
            else None
        ),
        against=AgainstEach(**{name: _named(values) for name, values in content["against"].items()}),
        left_out=(
            LeaveOneOut(
                _named(out["by_source"]),
                estimate_from(out["macro"], "Mean over sources"),
                estimate_from(out["pooled"], "All pairs"),
            )
            if out
            else None
        ),
        noise=compared_from(noise) if noise else None,
        disagreements=tuple(
            Disagreement(int(d["item"]), float(d["margin"]), float(d["target"])) for d in content["disagreements"]
        ),
    )


def evaluation_table(result: Mapping[str, Any]) -> pd.DataFrame:
    """The named test sets of a training run: a row each, with accuracy, its interval, the longer text, the right one of
    several completions where prompts have them, and pairs; empty where there are none.
    """
    rows = []
    for name, found in (result.get("evaluations") or {}).items():
        card = scorecard_from(found["eval"])
        at, best = card.accuracy.same_crew, (found.get("rewardbench") or {}).get("best_of") or {}
        rows.append(
            {
                "Test set": str(name),
                "Ranking accuracy": card.accuracy.value,
                "from": at.low if at else None,
                "to": at.high if at else None,
                "Longer text": card.length_only.value,
                "Best of several": (best.get("value") or {}).get("value"),
                "Pairs": card.accuracy.n,
            }
        )
    table = pd.DataFrame(rows)
    numbers = ["Ranking accuracy", "from", "to", "Longer text", "Best of several"]
    return table.astype(dict.fromkeys(numbers, float)) if rows else table


def estimate_from(content: Mapping[str, Any], name: str) -> Estimate:
    """An estimate from its JSON, which holds the bounds of its intervals and not how they were computed."""
    same, new = (
        Interval(float(bounds[0]), float(bounds[1]), crew, "") if bounds else None  # type: ignore[arg-type]
        for crew, bounds in (("same crew", content.get("same_crew")), ("new crew", content.get("new_crew")))
    )
    notes = tuple(str(note) for note in content.get("interval_notes", ()))
    return Estimate(
        name=name,
        value=content["value"],
        same_crew=same,
        new_crew=new,
        n=int(content["n"]),
        n_set_aside=int(content["n_set_aside"]),
        reason=content["reason"],
        interval_notes=notes,
    )


def compared_from(content: Mapping[str, Any]) -> Compared:
    """A comparison from its JSON."""
    first, second = (str(name) for name in content["names"])
    return Compared(
        (first, second),
        estimate_from(content["first"], first),
        estimate_from(content["second"], second),
        estimate_from(content["difference"], f"{first} less {second}"),
    )


def _named(content: Mapping[str, Any]) -> dict[str, Estimate]:
    return {str(name): estimate_from(values, str(name)) for name, values in content.items()}


def reliability_from(content: Mapping[str, Any]) -> Reliability:
    """Calibration from its JSON."""
    as_given, scaled = (_calibration(content[name]) for name in ("as_given", "scaled"))
    return Reliability(as_given, scaled, float(content["temperature"]), str(content["note"]))


def _calibration(content: Mapping[str, Any]) -> Calibration:
    bins = tuple(
        Bin(float(b["confidence"]), estimate_from(b["right"], "Right"), float(b["low"]), float(b["high"]))
        for b in content["bins"]
    )
    ece, brier = estimate_from(content["ece"], "Calibration error"), estimate_from(content["brier"], "Brier score")
    # A run of an earlier version holds a percentile interval of the biased error, which said too much.
    debiased = (
        estimate_from(content["debiased"], "Calibration error, debiased")
        if "debiased" in content
        else Estimate(
            name="Calibration error, debiased", value=None, reason="the run was made before it was worked out"
        )
    )
    ece = replace(ece, same_crew=None)
    return Calibration(
        ece=ece,
        ece_by_chance=content["ece_by_chance"],
        brier=brier,
        nll=content["nll"],
        bins=bins,
        debiased=debiased,
        p_value=content.get("p_value"),
    )
