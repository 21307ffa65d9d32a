"""What cleaning changes: counts, agreement, labels, accuracy on gold, money; and what setting aside as much at random
would have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from workbench.aggregation.gold_score import interval_on_gold
from workbench.aggregation.paired import mean_difference
from workbench.agreement.intervals import estimate
from workbench.agreement.tally import Tally
from workbench.cleaning.evidence import Evidence
from workbench.cleaning.placebo import Placebo, random_removal
from workbench.cleaning.rules import Cleaning
from workbench.cleaning.selection import Selection, select
from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate, Finite, Interval


@dataclass(frozen=True)
class Counts:
    """How much data there is.

    Attributes
    ----------
    annotations : judgements, repeats and skips included.
    labels : first judgements with a label: what agreement and labels are computed from.
    items, overlapping : items with a label, and with two or more.
    annotators : annotators with a label.
    """

    annotations: int
    labels: int
    items: int
    overlapping: int
    annotators: int

    @property
    def labels_per_item(self) -> float:
        """Labels of a labelled item, on average."""
        return self.labels / self.items if self.items else 0.0


@dataclass(frozen=True)
class Flips:
    """Labels before and after.

    Attributes
    ----------
    items : items with a judgement before and after.
    label, direction : of these, with another label, and with another direction (one of them undecided counts).
    lost : items that had a judgement and have none left.
    """

    items: int
    label: int
    direction: int
    lost: int


@dataclass(frozen=True, kw_only=True)
class Effect(Finite):
    """What some rules change.

    Attributes
    ----------
    cleaning : the rules.
    before, after : how much data there is.
    set_aside : reason -> judgements, repeats and skips included; they add up to `before.annotations -
        after.annotations`.
    annotators_gone : ids of the annotators who go, in the order of the data.
    by_annotator : judgements set aside with their annotator.
    alpha_before, alpha_after : Krippendorff's alpha with both intervals.
    flips : labels that change, annotators' confusion tables held fixed.
    gold_before, gold_after : share of aggregated labels that name the side (the category) of the gold, equally probable
        sides shared, with the interval for new items; gold was never given to the method.
    gold_change : change on the items that have a label before and after, with the interval of a paired difference.
    cost_per_label, spent : price of a judgement, and what was paid for those set aside; None where the price is not
        given.
    placebo : the same for equal-sized random removals; None where nothing, or everything, is set aside.
    notes : what to keep in mind.
    """

    cleaning: Cleaning
    before: Counts
    after: Counts
    set_aside: Mapping[str, int]
    annotators_gone: tuple[str, ...]
    by_annotator: int
    alpha_before: Estimate
    alpha_after: Estimate
    flips: Flips
    gold_before: Estimate
    gold_after: Estimate
    gold_change: Estimate
    cost_per_label: float | None
    spent: float | None
    placebo: Placebo | None
    notes: tuple[str, ...] = ()

    @property
    def n_set_aside(self) -> int:
        """Judgements that go, repeats and skips included."""
        return sum(self.set_aside.values())

    @property
    def nothing_left(self) -> bool:
        """Whether no label is left."""
        return self.after.labels == 0 and self.before.labels > 0

    @property
    def spent_in_all(self) -> float | None:
        """What was paid for all judgements; None where the price is not given."""
        return None if self.cost_per_label is None else self.cost_per_label * self.before.annotations

    @property
    def alpha_change(self) -> float | None:
        """Alpha after less alpha before."""
        a, b = self.alpha_after.value, self.alpha_before.value
        return None if a is None or b is None else a - b

    def to_dict(self) -> dict[str, object]:
        """The effect as the command line prints it."""
        return {
            "rules": self.cleaning.chosen,
            "before": asdict(self.before),
            "after": asdict(self.after),
            "set_aside": dict(self.set_aside),
            "annotators_gone": list(self.annotators_gone),
            "alpha_before": self.alpha_before.to_dict(),
            "alpha_after": self.alpha_after.to_dict(),
            "flips": asdict(self.flips),
            "gold_before": self.gold_before.to_dict(),
            "gold_after": self.gold_after.to_dict(),
            "gold_change": self.gold_change.to_dict(),
            "spent": self.spent,
            "placebo": None if self.placebo is None else self.placebo.to_dict(),
            "notes": list(self.notes),
        }


def cleaning_effect(
    data: AnnotationSet, cleaning: Cleaning, evidence: Evidence, cost_per_label: float | None = None
) -> Effect:
    """What would these rules change, and would setting aside as much at random have changed it too?

    Labels before are those of the default. After, the judgements left are read with the annotators' tables as they were
    fitted to all data, and what the default said of an item beyond these counts by the square of the share that is
    left; `flipped_labels(refit=True)` fits everything again.

    Parameters
    ----------
    evidence : of `gather_evidence(data)`, gathered once.
    cost_per_label : what a judgement costs; repeats and skips are paid too.

    Raises
    ------
    WorkbenchError
        An annotator named is not in the data.

    Examples
    --------
    >>> from workbench.cleaning import gather_evidence
    >>> from workbench.simulation.simulate import simulate
    >>> data = simulate(1_000, annotators=12, seed=1).data
    >>> found = cleaning_effect(
    ...     data, Cleaning(without=(data.annotators["annotator"][0],)), gather_evidence(data), cost_per_label=0.5
    ... )
    >>> found.before.annotators - found.after.annotators, found.spent == 0.5 * found.n_set_aside
    (1, True)
    """
    chosen = select(data, cleaning, evidence)
    kept_all = chosen.n_rows == 0
    swept = chosen.swept
    score, was = swept.credit[evidence.golden].astype(float), evidence.whole.credit[evidence.golden].astype(float)
    scored = np.isfinite(score)
    gain = (score - was)[scored]
    prompt = None if data.group_codes is None else data.group_codes[evidence.golden]
    prompt_left = None if prompt is None else prompt[scored]
    before, after = _counts(data, evidence.tally, 0), _counts(data, chosen.left, chosen.n_rows)
    ids = data.annotators["annotator"].to_numpy()
    return Effect(
        cleaning=cleaning,
        before=before,
        after=after,
        set_aside=dict(chosen.rows),
        annotators_gone=tuple(str(a) for a in ids[chosen.gone]),
        by_annotator=chosen.rows_by_annotator,
        alpha_before=evidence.alpha,
        alpha_after=evidence.alpha if kept_all else _alpha(chosen.left, evidence, after),
        flips=Flips(chosen.left.n_items, *(int(n) for n in swept.changes)),
        gold_before=_gold(was, prompt),
        gold_after=_gold(score[scored], prompt_left, after.labels == 0),
        gold_change=_paired(gain, prompt_left),
        cost_per_label=cost_per_label,
        spent=None if cost_per_label is None else cost_per_label * chosen.n_rows,
        placebo=None if kept_all or after.labels == 0 else random_removal(evidence, chosen),
        notes=_notes(cleaning, chosen),
    )


def _counts(data: AnnotationSet, counted: Tally, rows_gone: int) -> Counts:
    annotators = len(counted.cells.annotators) if counted.n_labels else 0
    return Counts(
        len(data.annotations) - rows_gone, counted.n_labels, counted.n_items, counted.n_overlapping, annotators
    )


def _alpha(counted: Tally, evidence: Evidence, after: Counts) -> Estimate:
    if after.labels == 0:
        return Estimate(name=evidence.alpha.name, value=None, reason="everything is set aside")
    return estimate(counted, evidence.coefficient)


def _gold(credit: np.ndarray, prompt: np.ndarray | None, nothing_left: bool = False) -> Estimate:
    """Share of gold items whose label is right: over prompts where they share some, else with Jeffreys' interval."""
    name = "direction accuracy of the labels on gold"
    if len(credit) == 0:
        return Estimate(
            name=name, value=None, reason="everything is set aside" if nothing_left else "no labelled item has gold"
        )
    (low, high), over = interval_on_gold(credit, prompt)
    return Estimate(
        name=name,
        value=float(credit.mean()),
        same_crew=Interval(low, high, "same crew", over),
        n=len(credit),
        interval_notes=("new crew: gold accuracy of labels is not resampled over annotators",),
    )


def _paired(gain: np.ndarray, prompt: np.ndarray | None) -> Estimate:
    """Change of accuracy on the same items, with the interval of paired differences (Agresti & Min 2005), over prompts
    where items share some.
    """
    name = "change of accuracy on gold, same items"
    if len(gain) == 0:
        return Estimate(name=name, value=None, reason="no gold item has a label before and after")
    return mean_difference(name, gain, prompt, share=True)[0]


def _notes(cleaning: Cleaning, chosen: Selection) -> tuple[str, ...]:
    """What rises by construction."""
    if not chosen.n_rows:
        return ()
    notes = []
    if cleaning.least_confidence or cleaning.most_contested < 1:
        notes.append(
            "Items are chosen by how their labels agree, so agreement rises by construction: look at the accuracy on"
            " gold, and at what is lost."
        )
    elif cleaning.by_agreement and chosen.gone.any():
        notes.append(
            "Annotators are chosen partly by how they agree on these very items, so some of the rise in agreement is by"
            " construction."
        )
    if cleaning.by_gold and chosen.gone.any():
        notes.append(
            "Annotators are chosen partly by their answers on the gold that scores the labels, so its accuracy leans"
            " upwards."
        )
    return tuple(notes)
