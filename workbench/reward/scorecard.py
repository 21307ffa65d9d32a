"""What a reward model is worth on pairs it has not seen, in the terms a data lead decides by.

Everything is computed from margins, so that any model has a scorecard: a head, a fine-tuned model, or scores from
elsewhere. Neither torch nor any text is kept in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate, Finite
from workbench.reward.ceiling import AgainstEach, HumanCeiling, against_each, human_ceiling
from workbench.reward.pairs import Pairs
from workbench.reward.ranking import Compared, LeaveOneOut, accuracy_by, clustered_share, hits, paired_difference
from workbench.reward.reliability import Reliability, reliability

LENGTHS = (
    (0.5, "preferred less than half as long"),
    (0.8, "preferred shorter"),
    (1.25, "about the same length"),
    (2.0, "preferred longer"),
    (np.inf, "preferred more than twice as long"),
)
"""Upper bounds of characters of the preferred response over those of the other one, and what pairs below them are
called."""

_NONE = np.empty(0)


@dataclass(frozen=True)
class Disagreement(Finite):
    """A pair that model and label see differently.

    Attributes
    ----------
    item : position of the item in the data.
    margin : score of A minus score of B.
    target : probability that A is preferred, by the label.
    """

    item: int
    margin: float
    target: float

    def to_dict(self) -> dict[str, float | int]:
        """As JSON has it."""
        return {"item": self.item, "margin": self.margin, "target": self.target}


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """A model on held-out pairs.

    Attributes
    ----------
    accuracy : how often the preferred response scores higher, interval over prompt groups.
    length_only : the same for the rule "the longer text is better".
    over_length : accuracy less that of the rule, paired.
    reliability : what its probabilities are worth.
    labels : where the labels come from.
    pairs, groups, ties : pairs held out, their prompt groups, and those whose label prefers neither side (which no
        accuracy counts).
    by_source, by_slice : accuracy by the source of the pairs, and by the values of each slice of the data.
    by_strength : accuracy by how sure or how strong the label is.
    by_length : accuracy by how much longer the preferred response is; where a model only counts words, it fails above
        and shines below.
    ceiling : what people's labels on these items allow; None where the data hold none.
    against : agreement with single labels, by kind of annotator and by annotator.
    left_out : each source judged by a model trained on the others, where that was asked for.
    noise : the noise-aware model beside a plain one, where that was asked for.
    disagreements : where model and label differ most, the model surest first.
    """

    accuracy: Estimate
    length_only: Estimate
    over_length: Estimate
    reliability: Reliability
    labels: str
    pairs: int
    groups: int
    ties: int
    by_source: Mapping[str, Estimate] = field(default_factory=dict)
    by_slice: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    by_strength: Mapping[str, Estimate] = field(default_factory=dict)
    by_length: Mapping[str, Estimate] = field(default_factory=dict)
    ceiling: HumanCeiling | None = None
    against: AgainstEach = field(default_factory=AgainstEach)
    left_out: LeaveOneOut | None = None
    noise: Compared | None = None
    disagreements: tuple[Disagreement, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """As `train --json` prints it under `eval`; `scorecard_from` reads it back."""
        interval, given, scaled = self.accuracy.same_crew, self.reliability.as_given, self.reliability.scaled
        highest = self.ceiling.against(self.labels) if self.ceiling else None
        return {
            "accuracy": self.accuracy.value,
            "interval": interval.to_list() if interval else None,
            "n": self.accuracy.n,
            "ece": given.ece.value,
            "ece_debiased": given.debiased.value,
            "ece_interval": given.debiased.same_crew.to_list() if given.debiased.same_crew else None,
            "ece_p": given.p_value,
            "ece_scaled": scaled.ece.value,
            "brier": given.brier.value,
            "nll": given.nll,
            "temperature": self.reliability.temperature,
            "length_only_accuracy": self.length_only.value,
            "ceiling": highest.value if highest else None,
            "labels": self.labels,
            "pairs": self.pairs,
            "groups": self.groups,
            "ties": self.ties,
            "estimates": {name: getattr(self, name).to_dict() for name in ("accuracy", "length_only", "over_length")},
            "reliability": self.reliability.to_dict(),
            "by_source": _dicts(self.by_source),
            "by_slice": {name: _dicts(values) for name, values in self.by_slice.items()},
            "by_strength": _dicts(self.by_strength),
            "by_length": _dicts(self.by_length),
            "human": self.ceiling.to_dict() if self.ceiling else None,
            "against": self.against.to_dict(),
            "left_out": self.left_out.to_dict() if self.left_out else None,
            "noise": self.noise.to_dict() if self.noise else None,
            "disagreements": [d.to_dict() for d in self.disagreements],
        }


def scorecard(
    margin: np.ndarray,
    pairs: Pairs,
    rng: np.random.Generator,
    *,
    data: AnnotationSet | None = None,
    cutpoints: np.ndarray = _NONE,
    left_out: LeaveOneOut | None = None,
    noise: Compared | None = None,
    most_disagreements: int = 100,
) -> Scorecard:
    """What is a model worth that gives these margins on these held-out pairs?

    Parameters
    ----------
    margin : (n,): score of A minus score of B; NaN where the model gives none.
    pairs : held out, with their labels.
    rng : deals prompt groups into folds for temperature scaling.
    data : the annotations the pairs come from: for what people reach, and for accuracy by slice and by annotator.
    cutpoints : of a cumulative logit, which say what a margin means.
    left_out, noise : comparisons that need further models.
    most_disagreements : how many are listed.

    Examples
    --------
    >>> o = lambda *texts: np.array(texts, object)
    >>> held = Pairs(
    ...     prompt=o("p", "q"),
    ...     response_a=o("a longer text", "b"),
    ...     response_b=o("a", "one more"),
    ...     target=np.array([1.0, 0.0]),
    ...     level=np.array([0, 1]),
    ...     levels=2,
    ...     weight=np.ones(2),
    ...     group=np.arange(2),
    ...     source=o("", ""),
    ...     item=np.arange(2),
    ... )
    >>> card = scorecard(np.array([2.0, 1.0]), held, np.random.default_rng(0))
    >>> card.accuracy.value, card.length_only.value, card.disagreements[0].item
    (0.5, 1.0, 1)
    """
    length_a, length_b = characters(pairs.response_a), characters(pairs.response_b)
    hit, longer = hits(margin, pairs.target), hits(length_a - length_b, pairs.target)
    group = pairs.group
    once = np.unique(pairs.item, return_index=True)[1] if data is not None else np.empty(0, np.int64)
    return Scorecard(
        accuracy=clustered_share(hit, group, "Ranking accuracy"),
        length_only=clustered_share(longer, group, "Always the longer text"),
        over_length=paired_difference(hit, longer, group, "Model less the longer text"),
        reliability=reliability(margin, pairs, rng, cutpoints),
        labels=pairs.labels,
        pairs=len(pairs),
        groups=pairs.groups,
        ties=pairs.ties,
        by_source=accuracy_by(pairs.source, margin, pairs),
        by_slice=_by_slice(data, margin, pairs),
        by_strength=by_strength(margin, pairs),
        by_length=_ordered(
            length_difference(length_a, length_b, pairs.target), [name for _, name in LENGTHS], margin, pairs
        ),
        ceiling=human_ceiling(data, pairs.item[once]) if data is not None and len(data.codes) else None,
        against=(
            against_each(data, pairs.item[once], margin[once])
            if data is not None and len(data.codes)
            else AgainstEach()
        ),
        left_out=left_out,
        noise=noise,
        disagreements=disagreements(margin, pairs, most_disagreements),
    )


def characters(texts: np.ndarray) -> np.ndarray:
    """Characters of each text, float64 (n,): for the rule of the longer text, which counting words makes a point worse
    on real arguments.

    >>> characters(np.array(["one two", ""], object)).tolist()
    [7.0, 0.0]
    """
    return np.array([len(str(text)) for text in texts], float)


def length_difference(length_a: np.ndarray, length_b: np.ndarray, target: np.ndarray) -> np.ndarray:
    """How much longer the preferred response is, in the words of `LENGTHS`; '' where neither is preferred.

    >>> length_difference(np.array([10.0, 10.0]), np.array([4.0, 10.0]), np.array([1.0, 0.5])).tolist()
    ['preferred more than twice as long', '']
    """
    for_a = target > 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (np.where(for_a, length_a, length_b) + 1) / (np.where(for_a, length_b, length_a) + 1)
    names = np.array([name for _, name in LENGTHS], object)
    found = names[np.searchsorted([bound for bound, _ in LENGTHS], ratio, side="right").clip(max=len(LENGTHS) - 1)]
    return np.where(target == 0.5, "", found).astype(object)


def by_strength(margin: np.ndarray, pairs: Pairs) -> dict[str, Estimate]:
    """Accuracy by the strength of graded labels, or else by how sure soft labels are; nothing where all labels are
    alike.

    Graded labels are named by their distance from the middle of the scale, the strongest first.
    """
    graded = pairs.levels > 3 and bool((pairs.level >= 0).all())
    if graded:
        distance = np.abs(2 * pairs.level.astype(int) - (pairs.levels - 1))
        steps = sorted({int(d) for d in range(pairs.levels - 1, 0, -2)}, reverse=True)
        names = {d: f"strength {len(steps) - i} of {len(steps)}" for i, d in enumerate(steps)}
        values = np.array([names.get(int(d), "") for d in distance], object)
        return _ordered(values, list(names.values()), margin, pairs)
    sure = np.maximum(pairs.target, 1 - pairs.target)
    bounds = (
        (0.95, "label 95% sure or more"),
        (0.8, "80 to 95% sure"),
        (0.65, "65 to 80% sure"),
        (0.0, "less than 65% sure"),
    )
    values = np.array([next(name for bound, name in bounds if s >= bound) for s in sure], object)
    found = _ordered(values, [name for _, name in bounds], margin, pairs)
    return found if len(found) > 1 else {}


def disagreements(margin: np.ndarray, pairs: Pairs, most: int) -> tuple[Disagreement, ...]:
    """Pairs on which the model prefers what the label does not, those first where both are surest."""
    side = 2 * pairs.target - 1
    against = np.where(np.isfinite(margin), -side * margin, -np.inf)
    order = np.argsort(-against, kind="stable")[:most]
    return tuple(
        Disagreement(int(pairs.item[i]), float(margin[i]), float(pairs.target[i])) for i in order if against[i] > 0
    )


def _by_slice(data: AnnotationSet | None, margin: np.ndarray, pairs: Pairs) -> dict[str, dict[str, Estimate]]:
    if data is None:
        return {}
    found = {}
    for name in data.slices:
        column = data.items[name]
        values = np.where(column.isna(), "", column.astype(str)).astype(object)[pairs.item]
        cut = accuracy_by(values, margin, pairs)
        if len(cut) > 1:
            found[name.removeprefix("slice.")] = cut
    return found


def _ordered(values: np.ndarray, names: list[str], margin: np.ndarray, pairs: Pairs) -> dict[str, Estimate]:
    found = accuracy_by(values, margin, pairs)
    return {name: found[name] for name in names if name in found}


def _dicts(estimates: Mapping[str, Estimate]) -> dict[str, object]:
    return {name: estimate.to_dict() for name, estimate in estimates.items()}
