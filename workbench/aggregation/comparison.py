"""Do the methods agree with gold, and with each other?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.aggregation.contract import Aggregation
from workbench.aggregation.gold_score import LEAST, GoldScore, score
from workbench.aggregation.paired import Lead, leads
from workbench.aggregation.registry import DEFAULT, METHODS, aggregate
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError, counted
from workbench.estimates import with_sign
from workbench.progress import UNWATCHED, Watch

__all__ = ["LEAST", "Comparison", "GoldScore", "compare", "score"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several methods on the same annotations.

    Attributes
    ----------
    results : method -> its labels.
    scores : method -> how they match gold.
    skipped : method -> why it did not run.
    clamped : whether gold was given to the methods (then only the rest of it scores them).
    group : int (n_items,): prompt group of each item, where items share prompts; they vary together.
    """

    results: Mapping[str, Aggregation]
    scores: Mapping[str, GoldScore]
    skipped: Mapping[str, str]
    clamped: bool = False
    group: np.ndarray | None = None

    @property
    def base(self) -> str | None:
        """The method that others are held against where none is named: the default where gold judges it, else the first
        that gold judges.
        """
        judged = [name for name, got in self.scores.items() if got.items is not None]
        return DEFAULT if DEFAULT in judged else next(iter(judged), None)

    def leads(self, over: str | None = None) -> dict[str, Lead]:
        """How much better each method does on gold than one of them, on the same items; empty where gold judges fewer
        than two.

        Parameters
        ----------
        over : the method the others are held against; `base` by default.
        """
        against = over or self.base
        if against not in self._found_leads:
            known = {name: got.items for name, got in self.scores.items() if got.items is not None}
            self._found_leads[against] = leads(known, against, self.group) if against in known else {}
        return dict(self._found_leads[against])

    @cached_property
    def _found_leads(self) -> dict[str | None, dict[str, Lead]]:
        """Those asked for already: over millions of gold items a page would wait for them at every visit."""
        return {}

    def without(self, left_out: np.ndarray) -> Comparison:
        """The same labels, scored without some gold items: bool (n_items,), such as `SuspectGold.distrusted`."""
        return replace(self, scores={name: got.without(left_out) for name, got in self.scores.items()})

    @property
    def table(self) -> pd.DataFrame:
        """One row a method: items decided, gold accuracy with interval (ties shared, and strict), what its soft labels
        cost, iterations.

        `ahead` is the gold accuracy less that of `over` on the same items, `costs_more` the same of the cost in nats,
        each with its 95% interval and its p-value (Holm's, over all methods).
        """
        rows, ahead = [], self.leads()
        for name, result in self.results.items():
            got = self.scores[name]
            low, high = got.interval or (np.nan, np.nan)
            rows.append(
                {
                    "method": name,
                    "title": METHODS[name].title,
                    "items": len(result.label),
                    "decided": result.n_decided,
                    "tied": result.undecided_counts.get("tied", 0),
                    "no_judgement": result.undecided_counts.get("no judgement", 0),
                    "gold_n": got.n,
                    "gold_accuracy": _or_nan(got.accuracy),
                    "gold_low": low,
                    "gold_high": high,
                    "gold_accuracy_strict": _or_nan(got.strict),
                    "gold_direction_accuracy": _or_nan(got.direction),
                    "posterior_nll": _or_nan(got.nll),
                    "direction_nll": _or_nan(got.direction_nll),
                    **_ahead(ahead.get(name)),
                    "iterations": result.iterations,
                    "converged": result.converged,
                }
            )
        return pd.DataFrame(rows)

    @property
    def agreement(self) -> pd.DataFrame:
        """Share of items decided by both on which two methods give the same label; a square frame, NaN where there are
        none.
        """
        names = list(self.results)
        square = np.full((len(names), len(names)), np.nan)
        for i, a in enumerate(names):
            for j, b in enumerate(names):
                one, other = self.results[a].label, self.results[b].label
                both = (one != NULL) & (other != NULL)
                if both.any():
                    square[i, j] = (one[both] == other[both]).mean()
        return pd.DataFrame(square, index=names, columns=names)

    def disagreements(self, data: AnnotationSet, methods: Sequence[str] | None = None) -> pd.DataFrame:
        """Items on which methods, or a method and gold, differ: id, each method's label, gold, votes."""
        names = np.array([*data.scale.labels, None], object)
        chosen = list(methods or self.results)
        labels = np.stack([self.results[m].label for m in chosen], 1) if chosen else np.empty((len(data.items), 0), int)
        with_gold = np.column_stack([labels, data.gold])
        high = np.where(with_gold == NULL, -1, with_gold).max(1, initial=-1)
        low = np.where(with_gold == NULL, 127, with_gold).min(1, initial=127)
        differ = np.flatnonzero((low < high) & (high >= 0))
        return pd.DataFrame(
            {
                "item_id": data.items["item_id"].to_numpy()[differ],
                **{m: names[self.results[m].label[differ]] for m in chosen},
                "gold": names[data.gold[differ]],
                "judgements": np.diff(data.codes.starts)[differ],
            }
        )

    def to_dict(self) -> dict[str, object]:
        """The comparison as the command line prints it: method -> its summary with its score."""
        ahead = self.leads()
        return {
            name: {
                **result.to_dict(),
                **self.scores[name].to_dict(),
                "beside": ahead[name].to_dict() if name in ahead else None,
            }
            for name, result in self.results.items()
        }

    def __str__(self) -> str:
        return in_columns(self)


def compare(
    data: AnnotationSet,
    methods: Sequence[str] | None = None,
    *,
    clamp_gold: bool | np.ndarray = False,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    watch: Watch = UNWATCHED,
) -> Comparison:
    """Which method fits these annotations, by gold and by each other?

    Parameters
    ----------
    data : the annotations.
    methods : names of `METHODS`; by default all that can run on this data with the options given.
    clamp_gold : give methods all gold, or that of some items (bool (n_items,)); they are scored on the rest.
    options : method -> its own options.
    watch : is told each iteration of each method.

    Raises
    ------
    WorkbenchError
        A method that was asked for by name cannot run. Without names, methods that cannot are skipped with the reason.
    """
    given = options or {}
    results: dict[str, Aggregation] = {}
    skipped: dict[str, str] = {}
    for name in methods if methods is not None else METHODS:
        try:
            results[name] = aggregate(data, name, clamp_gold=clamp_gold, watch=watch, **given.get(name, {}))
        except WorkbenchError as error:
            if methods is not None:
                raise
            skipped[name] = error.what
    return scored(data, results, skipped)


def scored(
    data: AnnotationSet,
    results: Mapping[str, Aggregation],
    skipped: Mapping[str, str],
    *,
    after: Callable[[Aggregation], None] = lambda _: None,
) -> Comparison:
    """The comparison of results at hand, each scored on the gold it was not given.

    Parameters
    ----------
    skipped : method -> why it did not run.
    after : is told of each result that has been scored, before the next one is.
    """
    scores = {}
    for name, result in results.items():
        scores[name] = score(result, data.gold, data.group_codes)
        after(result)
    clamped = any(bool(result.clamped.any()) for result in results.values())
    return Comparison(results, scores, skipped, clamped, data.group_codes)


def in_columns(found: Comparison) -> str:
    """The comparison as a text for the terminal: one line a method, figures with their 95% intervals, then what they
    mean.
    """
    base, ahead = found.base, found.leads()
    rows = [
        [
            "Method",
            "Items with a label",
            "Right on gold",
            f"beside {METHODS[base].title}, points" if base else "",
            "Cost, nats",
            "Cost of side",
        ]
    ]
    for name, result in found.results.items():
        got, lead = found.scores[name], ahead.get(name)
        rows.append(
            [
                METHODS[name].title,
                f"{result.n_decided:,}",
                (
                    f"{got.accuracy:.1%} [{got.interval[0]:.1%}, {got.interval[1]:.1%}]"
                    if got.accuracy is not None and got.interval
                    else "-"
                ),
                _points(lead),
                f"{got.nll:.3f}" if got.nll is not None else "-",
                f"{got.direction_nll:.3f}" if got.direction_nll is not None else "-",
            ]
        )
    # Where labels have no strength, the cost of the side is that of the label.
    same = all(row[5] == row[4] for row in rows[1:])
    shown = [
        i
        for i in range(len(rows[0]))
        if i < 2 or (any(row[i] not in ("-", "") for row in rows[1:]) and not (i == 5 and same))
    ]
    wide = {i: max(len(row[i]) for row in rows) for i in shown}
    lines = [
        "  ".join(row[i].ljust(wide[i]) if i == 0 else row[i].rjust(wide[i]) for i in shown).rstrip() for row in rows
    ]
    scores = list(found.scores.values())
    if not any(got.accuracy is not None for got in scores):
        why = sorted({got.reason for got in scores if got.reason})
        return "\n".join([*lines, f"Not compared with gold: {'; '.join(why)}." if why else ""]).rstrip()
    most = max(got.n for got in scores)
    lines.append(f"On {counted(most, 'gold item')}, ties shared; in brackets 95% intervals.")
    if any(lead.told_apart for lead in ahead.values()):
        lines.append(f"* = more than chance, {counted(len(ahead), 'comparison')} on the same gold items allowed for.")
    if ahead:
        few = next((lead.accuracy.few for lead in ahead.values() if lead.accuracy.few), None)
        lines += [f"The comparison {few}: it speaks of new items of these, not of new prompts."] if few else []
    lines.append(f"Taking every label for equally likely costs {uniform_cost(found):.3f} nats.")
    return "\n".join(lines)


def uniform_cost(found: Comparison, *, sides: bool = False) -> float:
    """What a guess costs that takes every label (or every direction) for equally likely, in nats: ln K."""
    scale = next(iter(found.results.values())).scale
    return float(np.log(len(scale.directional() if sides else scale)))


def _points(lead: Lead | None) -> str:
    if lead is None or lead.accuracy.value is None:
        return "-"
    around = lead.accuracy.same_crew
    spans = f" [{with_sign(100 * around.low)}, {with_sign(100 * around.high)}]" if around else ""
    return f"{with_sign(100 * lead.accuracy.value)}{spans}{'*' if lead.told_apart else ' '}"


def _ahead(lead: Lead | None) -> dict[str, object]:
    """The columns of a lead."""
    columns: dict[str, object] = {"over": lead.over if lead else None}
    parts = (
        (("ahead", lead.accuracy, lead.accuracy_p), ("costs_more", lead.cost, lead.cost_p))
        if lead
        else (("ahead", None, None), ("costs_more", None, None))
    )
    for name, found, p in parts:
        around = found.same_crew if found else None
        columns |= {
            name: _or_nan(found.value if found else None),
            f"{name}_low": around.low if around else np.nan,
            f"{name}_high": around.high if around else np.nan,
            f"{name}_p": _or_nan(p),
        }
    return columns


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
