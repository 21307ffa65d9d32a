"""One label an item: the methods side by side, against gold they were not given, and against each other."""

from __future__ import annotations

import numpy as np

from workbench.aggregation import METHODS
from workbench.aggregation.comparison import LEAST
from workbench.auditing.audit import Audit
from workbench.report.contents import Column, Drawing, Figure, Section, Table
from workbench.report.drawing import Row, forest
from workbench.report.intervals import of_mean, of_share
from workbench.report.written import Span
from workbench.wording.aggregation import best_sentence, labels_sentence

_COLUMNS = (
    Column("title", "Method"),
    Column("decided", "Items with a label", "count"),
    Column("tied", "Tied", "count"),
    Column("gold_accuracy", "Right on gold", "share", low="gold_low", high="gold_high", n="gold_n"),
    Column("gold_direction_accuracy", "Right side", "share"),
    Column("posterior_nll", "Cost of its soft labels, nats", "number"),
    Column("iterations", "Iterations", "count"),
    Column("converged", "Settled"),
)
_FEW_GOLD = "one gold item has no spread"


def labels_section(result: Audit, code: str) -> Section:
    """What is the one label of each item, and how often is it right?"""
    found = result.labelled
    figures: list[Figure] = []
    items = len(result.data.items)
    for method, made in found.results.items():
        title, got = METHODS[method].title, found.scores[method]
        here = f"result.labelled.results[{method!r}]"
        scored = f"result.labelled.scores[{method!r}]"
        spans = (Span("same crew", *got.interval),) if got.interval else ()
        side = got.on_direction().same_crew
        paid = gold_costs(result, method)
        figures += [
            Figure(
                name=f"labels.{method}.decided",
                title=f"{title}: items with a label",
                value=made.n_decided,
                python=f"{here}.n_decided",
                unit="count",
                n=made.n_decided,
                of=items,
                measure="decided",
            ),
            Figure(
                name=f"labels.{method}.gold_accuracy",
                title=f"{title}: right on gold",
                value=got.accuracy,
                python=f"{scored}.accuracy",
                unit="share",
                spans=spans,
                n=got.n,
                of=got.n + got.n_set_aside,
                counted="gold items",
                reason=got.reason,
                measure="gold_accuracy_labels",
            ),
            Figure(
                name=f"labels.{method}.gold_direction",
                title=f"{title}: right side on gold",
                value=got.direction,
                python=f"{scored}.direction",
                unit="share",
                spans=(Span("same crew", side.low, side.high),) if side else (),
                n=got.n,
                of=got.n + got.n_set_aside,
                counted="gold items",
                reason=got.reason,
                measure="gold_accuracy_labels",
            ),
            Figure(
                name=f"labels.{method}.nll",
                title=f"{title}: cost of its soft labels, nats",
                value=got.nll,
                python=f"{scored}.nll",
                unit="number",
                spans=of_mean(paid),
                n=got.n,
                of=got.n + got.n_set_aside,
                counted="gold items",
                reason=got.reason,
                measure="posterior_nll",
                exact=_FEW_GOLD if got.n == 1 else "",
            ),
        ]
    if len(found.results) > 1:
        one, other = list(found.results)[:2]
        share = float(found.agreement.to_numpy()[0, 1])
        alike = None if share != share else share
        both = _both(result, one, other)
        figures.append(
            Figure(
                name="labels.methods_agree",
                title=f"{METHODS[one].title} and {METHODS[other].title} give the same label",
                value=alike,
                python=f"result.labelled.agreement.loc[{one!r}, {other!r}]",
                unit="share",
                spans=of_share(alike, both),
                n=both,
                of=items,
                reason=None if alike is not None else "no item is decided by both",
                measure="method_agreement",
            )
        )
    says = [labels_sentence(found, list(found.results)[-1])] + [s for s in (best_sentence(found),) if s]
    table = Table(
        name="methods",
        title="Methods side by side",
        frame=found.table,
        columns=_COLUMNS,
        python="result.labelled.table",
        shown=0,
    )
    rows = [
        Row(name=METHODS[m].title, value=s.accuracy, same=s.interval, new=None, beside=f"{s.n:,} gold items")
        for m, s in found.scores.items()
        if s.accuracy is not None
    ]
    drawings = (
        (
            Drawing(
                "Right on gold",
                forest(
                    rows,
                    unit="share",
                    alt="Share of gold items each method labels right, with its 95% interval.",
                    within=(0.0, 1.0),
                ),
            ),
        )
        if rows
        else ()
    )
    return Section(
        name="labels",
        title="Labels",
        says=tuple(says),
        code=code,
        figures=tuple(figures),
        tables=(table,),
        drawings=drawings,
    )


def gold_costs(result: Audit, method: str) -> np.ndarray:
    """-ln P(gold label) of each gold item that scores a method, in nats: what its mean and its interval rest on."""
    made, gold = result.labelled.results[method], result.data.gold
    judged = np.flatnonzero((gold >= 0) & ~made.clamped & ~np.isnan(made.posterior).any(1))
    costs: np.ndarray = -np.log(np.maximum(made.posterior[judged, gold[judged]], LEAST))
    return costs


def _both(result: Audit, one: str, other: str) -> int:
    a, b = (result.labelled.results[m].label for m in (one, other))
    return int(((a >= 0) & (b >= 0)).sum())
