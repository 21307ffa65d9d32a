"""The agreement coefficients by name: each answers how far annotators agree, with both intervals.

All take an `AnnotationSet` (with a `Choice` of judgements) or a `Tally` made before, and return an `Estimate`. Only the
first judgement of an annotator on an item counts. An item with a single label says nothing about agreement and is
counted as set aside.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.agreement.choice import Choice
from workbench.agreement.coefficients import Coefficient, brennan, fleiss, gwet, krippendorff, percent
from workbench.agreement.intervals import estimate, why_undefined
from workbench.agreement.resampling import sums
from workbench.agreement.tally import Tally, tally
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate

COEFFICIENTS = (
    "krippendorff_alpha.nominal",
    "krippendorff_alpha.ordinal",
    "krippendorff_alpha.interval",
    "fleiss_kappa",
    "fleiss_kappa_generalised",
    "gwet_ac1",
    "gwet_ac2",
    "brennan_prediger",
    "percent_agreement",
    "percent_agreement_pooled",
)
"""Keys of the coefficients that `all_coefficients` computes."""

Data = AnnotationSet | Tally


def krippendorff_alpha(
    data: Data,
    level: str = "ordinal",
    choice: Choice | None = None,
    *,
    confidence: float = 0.95,
    method: str = "jackknife",
) -> Estimate:
    """How far annotators agree beyond chance, whatever the number of labels an item has.

    Parameters
    ----------
    level : `nominal`, `ordinal`, `interval` or `ratio`; the interval and ratio levels use the labels' numbers, or their
        positions.
    choice : which judgements to look at.
    confidence : nominal coverage of the intervals.
    method : of the same-crew interval, `jackknife`, `bca` or `percentile`.

    >>> from workbench.agreement.tally import tally_of
    >>> t = tally_of(
    ...     item=[0, 0, 1, 1, 2, 2, 3, 3], annotator=[0, 1] * 4, label=[0, 0, 1, 1, 1, 1, 0, 1], labels=("A", "B")
    ... )
    >>> round(krippendorff_alpha(t, "nominal").value, 4)
    0.5333
    """
    t = tally(data, choice)
    return estimate(t, krippendorff(level, t.values), confidence, method)


def fleiss_kappa(
    data: Data,
    choice: Choice | None = None,
    *,
    items: str = "modal",
    confidence: float = 0.95,
    method: str = "jackknife",
) -> Estimate:
    """Fleiss' kappa of the items with the most common number of labels, or generalised to all (`items="all"`).

    >>> from workbench.agreement.tally import tally_of
    >>> t = tally_of(
    ...     item=[0, 0, 1, 1, 2, 2, 3, 3], annotator=[0, 1] * 4, label=[0, 0, 1, 1, 1, 1, 0, 1], labels=("A", "B")
    ... )
    >>> round(fleiss_kappa(t).value, 4)
    0.4667
    """
    t = tally(data, choice)
    return estimate(t, fleiss(len(t.scale), items), confidence, method)


def gwet_ac1(
    data: Data, choice: Choice | None = None, *, confidence: float = 0.95, method: str = "jackknife"
) -> Estimate:
    """Gwet's AC1, which stays high where nearly all labels are the same; read it beside alpha."""
    t = tally(data, choice)
    return estimate(t, gwet("identity", t.values), confidence, method)


def gwet_ac2(
    data: Data,
    choice: Choice | None = None,
    *,
    weights: str = "quadratic",
    confidence: float = 0.95,
    method: str = "jackknife",
) -> Estimate:
    """Gwet's AC2: AC1 with partial credit for near labels (`linear`, `quadratic` or `ordinal` weights)."""
    t = tally(data, choice)
    return estimate(t, gwet(weights, t.values), confidence, method)


def brennan_prediger(
    data: Data,
    choice: Choice | None = None,
    *,
    weights: str = "identity",
    confidence: float = 0.95,
    method: str = "jackknife",
) -> Estimate:
    """Brennan-Prediger coefficient: agreement beyond that of labels drawn evenly from the scale."""
    t = tally(data, choice)
    return estimate(t, brennan(weights, t.values), confidence, method)


def percent_agreement(
    data: Data,
    choice: Choice | None = None,
    *,
    pooled: bool = False,
    confidence: float = 0.95,
    method: str = "jackknife",
) -> Estimate:
    """Share of pairs of labels that agree: the mean over items, or over all pairs pooled."""
    return estimate(tally(data, choice), percent(pooled), confidence, method)


def coefficient(key: str, data: Tally) -> Coefficient:
    """The coefficient of this key (one of `COEFFICIENTS`, or `krippendorff_alpha.ratio`) for the labels of a tally.

    Raises
    ------
    WorkbenchError
        There is no such coefficient.
    """
    if key.startswith("krippendorff_alpha"):
        return krippendorff(key.partition(".")[2] or "ordinal", data.values)
    made = {
        "fleiss_kappa": lambda: fleiss(len(data.scale)),
        "fleiss_kappa_generalised": lambda: fleiss(len(data.scale), "all"),
        "gwet_ac1": lambda: gwet("identity", data.values),
        "gwet_ac2": lambda: gwet("quadratic", data.values),
        "brennan_prediger": lambda: brennan("identity", data.values),
        "percent_agreement": lambda: percent(),
        "percent_agreement_pooled": lambda: percent(pooled=True),
    }
    if key not in made:
        raise WorkbenchError(
            f"There is no agreement coefficient called {key!r}.", f"Choose among {', '.join(COEFFICIENTS)}."
        )
    return made[key]()


def all_coefficients(data: Data, choice: Choice | None = None, *, confidence: float = 0.95) -> dict[str, Estimate]:
    """Every coefficient from one tally, by key; a part after a dot names the level of measurement.

    >>> from workbench.agreement.tally import tally_of
    >>> t = tally_of(
    ...     item=[0, 0, 1, 1, 2, 2, 3, 3], annotator=[0, 1] * 4, label=[0, 0, 1, 1, 1, 1, 0, 1], labels=("A", "B")
    ... )
    >>> all_coefficients(t)["percent_agreement"].value
    0.75
    """
    t = tally(data, choice)
    return {key: estimate(t, coefficient(key, t), confidence) for key in COEFFICIENTS}


def bootstrap(
    data: Data,
    key: str = "krippendorff_alpha.ordinal",
    choice: Choice | None = None,
    *,
    replicates: int = 2_000,
    rng: np.random.Generator,
) -> np.ndarray:
    """The coefficient on resampled items (groups, where items come in groups), (replicates,); NaN where undefined."""
    t = tally(data, choice)
    return sums(t, coefficient(key, t)).bootstrap(replicates, rng)


def leave_one_annotator_out(
    data: Data, key: str = "krippendorff_alpha.ordinal", choice: Choice | None = None
) -> pd.DataFrame:
    """What the coefficient would be without each annotator: who pulls agreement down, and by how much.

    Returns
    -------
    One row an annotator, the one whose absence helps most first: `annotator`, `labels` (used), `without` (the
    coefficient without them, NaN where undefined) and `change` (`without` less the value with everybody).

    Raises
    ------
    WorkbenchError
        The coefficient itself is undefined.
    """
    t = tally(data, choice)
    summed = sums(t, coefficient(key, t))
    reason = why_undefined(summed)
    if reason is not None:
        raise WorkbenchError(
            f"{summed.coefficient.name} is undefined: {reason}.", "Choose data in which annotators overlap."
        )
    without = summed.without_annotator()
    labels = np.asarray(t.cells.counts.sum(1)).ravel()
    table = pd.DataFrame(
        {
            "annotator": t.annotator_names(t.cells.annotators),
            "labels": labels,
            "without": without,
            "change": without - summed.value,
        }
    )
    return table.sort_values("change", ascending=False, kind="stable", ignore_index=True)
