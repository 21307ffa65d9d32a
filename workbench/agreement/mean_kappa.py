"""Mean of the pairwise Cohen's kappas, with both intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.agreement.choice import Choice
from workbench.agreement.intervals import Spread, few_groups, interval_around
from workbench.agreement.pairs import disagreement, kappa_of, tables, without_one
from workbench.agreement.tally import Tally, tally
from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate


def mean_pairwise_kappa(
    data: AnnotationSet | Tally,
    choice: Choice | None = None,
    *,
    kind: str = "kappa",
    min_items: int = 10,
    confidence: float = 0.95,
) -> Estimate:
    """Mean Cohen's kappa over the pairs with at least `min_items` common items, with both intervals; n counts pairs.

    Parameters
    ----------
    kind : `kappa`, `linear` or `quadratic`.
    min_items : pairs with fewer common items are set aside; so are those whose kappa is undefined.
    """
    t = tally(data, choice)
    name = {
        "kappa": "Mean Cohen's kappa",
        "linear": "Mean Cohen's kappa, linear",
        "quadratic": "Mean Cohen's kappa, quadratic",
    }[kind]
    first, second, table, there_are = tables(t)
    v = disagreement(kind, t)
    kappa = kappa_of(table, v)
    used = (table.sum((1, 2)) >= min_items) & np.isfinite(kappa)
    n = int(used.sum())
    left_out = there_are - n
    if n == 0:
        reason = (
            "no two annotators share an item"
            if len(used) == 0
            else f"no pair with a defined kappa has {min_items} common items"
        )
        return Estimate(name=name, value=None, n_set_aside=left_out, reason=reason)
    mean = float(kappa[used].mean())
    items, crew = _mean_spreads(t, first, second, table, v, kappa, used)
    same = interval_around(
        mean, items, confidence, "same crew", f"{'group' if t.n_shared_groups else 'item'} jackknife"
    )
    new = interval_around(mean, crew, confidence, "new crew", "annotator jackknife, at least the spread over items")
    notes = tuple(
        f"{crew_name}: {s.reason}"
        for crew_name, s in (("same crew", items), ("new crew", crew))
        if s.reason is not None
    )
    return Estimate(
        name=name,
        value=mean,
        same_crew=same,
        new_crew=new,
        n=n,
        n_set_aside=left_out,
        reason=None,
        interval_notes=(*notes, *few_groups(t, items)),
    )


def _mean_spreads(
    t: Tally,
    first: np.ndarray,
    second: np.ndarray,
    table: np.ndarray,
    v: np.ndarray,
    kappa: np.ndarray,
    used: np.ndarray,
) -> tuple[Spread, Spread]:
    """Variance of the mean kappa over items, and over items and annotators."""
    n = int(used.sum())
    # The mean is a sum over pairs, so what an item changes is the sum of what it changes in each pair it belongs to.
    change = np.where(used[:, None, None], without_one(table, v) - kappa[:, None, None], 0.0) / n
    if not np.isfinite(change[table > 0]).all():
        items = Spread(reason="without one item the kappa of some pair would be undefined")
    else:
        from workbench.agreement.kernels import add_over_pairs

        several = t.items[t.sizes[t.pattern[t.items]] >= 2]
        behind, n_people, k = t.judgements, len(t.judgements.names), len(t.scale)
        codes = (behind.starts, behind.annotator, behind.label, behind.kept)
        part: np.ndarray = add_over_pairs(
            several, *codes, n_people, k, first * n_people + second, change.reshape(-1, k * k)
        )
        if t.n_shared_groups and t.group is not None:
            part = np.bincount(pd.factorize(t.group[several])[0], weights=part)
        m = len(part)
        variance = (m - 1) / m * float(((part - part.mean()) ** 2).sum()) if m > 1 else 0.0
        items = Spread(variance, m - 1) if variance > 0 else Spread(reason="the data do not show how far it would vary")
    if items.reason is not None:
        return items, items
    people = np.unique(np.concatenate([first[used], second[used]]))
    if t.judgements.anonymous or len(people) < 4:
        return items, Spread(
            reason=(
                "the judgements carry no annotator ids"
                if t.judgements.anonymous
                else "it needs four annotators or more"
            )
        )
    total, count = np.zeros(len(t.judgements.names)), np.zeros(len(t.judgements.names))
    for side in (first[used], second[used]):
        np.add.at(total, side, kappa[used])
        np.add.at(count, side, 1)
    remaining = n - count[people]
    if (remaining == 0).any():
        return items, Spread(reason="without one annotator no pair would be left")
    without = (kappa[used].sum() - total[people]) / remaining
    k = len(people)
    variance = (k - 1) / k * float(((without - without.mean()) ** 2).sum())
    return items, Spread(max(items.variance, variance), min(k - 1, items.df))
