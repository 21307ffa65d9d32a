"""Can I trust this judge? All figures about it beside people on the same items, in one report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from workbench.agreement import Choice, krippendorff_alpha
from workbench.agreement.pairs import cohen_kappas
from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate, Interval
from workbench.judging.alternative_annotator import AlternativeAnnotatorTest, alternative_annotator_test
from workbench.judging.beside_people import BesidePeople, beside_people
from workbench.judging.biases import Bias, content_biases, position_bias
from workbench.judging.distributions import KeptDisagreement, kept_disagreement
from workbench.judging.from_data import verdicts_in_data
from workbench.judging.prediction_powered import PredictionPowered, prediction_powered_mean
from workbench.judging.principles import Principles, principle_report
from workbench.judging.reconciling import Reconciled
from workbench.judging.trust_by_slice import right_by_slice, without_verdict
from workbench.reward.calibration import Calibration, calibration, fit_temperature
from workbench.reward.ranking import clustered_share


@dataclass(frozen=True, eq=False, kw_only=True)
class Trust:
    """What is known about a judge.

    Attributes
    ----------
    judge : its name.
    agreement : how often it gives a person's direction; same crew over items, new crew over items and people.
    people : the same between two people.
    kappas : Cohen's kappa with each person: name, items, kappa, its interval.
    alpha, alpha_people : Krippendorff's of the direction on the items judged by both, the judge among the people, and
        of the people alone.
    no_verdict, no_verdict_by_slice : of the items it was asked about, the share it gave no verdict on.
    by_slice : slice -> value -> how often it gives the direction that most people do.
    test : the alternative-annotator test.
    biases : its leanings.
    calibration, recalibrated : whether its probabilities mean what they say, and after a temperature that was fitted on
        other items; None where it gives no probabilities.
    temperature : that temperature.
    kept : whether it keeps people's disagreement.
    principles : None where it was not asked for any.
    share : the share of preferences for A over all items that it judged, from people's labels on some: what it saves.
    correlation : of its scores with the people's mean; None where either does not vary.
    n, n_set_aside : items judged by both, and by one only.
    """

    judge: str
    agreement: Estimate
    people: Estimate
    kappas: pd.DataFrame
    alpha: Estimate
    alpha_people: Estimate
    no_verdict: Estimate
    no_verdict_by_slice: Mapping[str, Mapping[str, Estimate]]
    by_slice: Mapping[str, Mapping[str, Estimate]]
    test: AlternativeAnnotatorTest
    biases: tuple[Bias, ...]
    calibration: Calibration | None
    recalibrated: Calibration | None
    temperature: float | None
    kept: KeptDisagreement
    principles: Principles | None
    share: PredictionPowered
    correlation: float | None
    n: int
    n_set_aside: int

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "judge": self.judge,
            "n": self.n,
            "n_set_aside": self.n_set_aside,
            "agreement": self.agreement.to_dict(),
            "people": self.people.to_dict(),
            "kappas": self.kappas.astype(object).where(self.kappas.notna(), None).to_dict("records"),
            "alpha": self.alpha.to_dict(),
            "alpha_people": self.alpha_people.to_dict(),
            "no_verdict": self.no_verdict.to_dict(),
            "no_verdict_by_slice": _as_json(self.no_verdict_by_slice),
            "by_slice": _as_json(self.by_slice),
            "alternative_annotator_test": self.test.to_dict(),
            "biases": [bias.to_dict() for bias in self.biases],
            "calibration": self.calibration.to_dict() if self.calibration else None,
            "recalibrated": self.recalibrated.to_dict() if self.recalibrated else None,
            "temperature": self.temperature,
            "kept_disagreement": self.kept.to_dict(),
            "share_for_a": dict(self.share.__dict__),
            "correlation": self.correlation,
        }


def _as_json(by_slice: Mapping[str, Mapping[str, Estimate]]) -> dict[str, dict[str, object]]:
    return {name: {value: e.to_dict() for value, e in of.items()} for name, of in by_slice.items()}


def trust(
    data: AnnotationSet,
    judge: str,
    verdicts: Reconciled | None = None,
    *,
    epsilon: float = 0.1,
    kin: Sequence[str] = (),
    seed: int = 0,
) -> Trust:
    """Can this judge be trusted, and for what?

    Parameters
    ----------
    data : annotations with the judge among the annotators.
    judge : its name.
    verdicts : its answers in both orders, where they are known: position bias, probabilities and principles come from
        these. By default those in the data.
    epsilon : allowance of the alternative-annotator test.
    kin : beginnings of the names of models that are its own kin.
    seed : of the split and of what is drawn.

    Raises
    ------
    WorkbenchError : there is no such annotator, or it shares no item with people.
    """
    verdicts = verdicts if verdicts is not None else verdicts_in_data(data, judge)
    scores = None if verdicts is None else _scores(data, verdicts)
    found = beside_people(data, judge, scores)
    rng = np.random.default_rng(seed)
    position = [] if verdicts is None else [position_bias(verdicts, data)]
    before, after, temperature = _calibrations(found, rng)
    asked = verdicts is not None and verdicts.principles.shape[1] > 0
    alpha, alpha_people = _alphas(data, found, judge)
    no_verdict, no_verdict_by_slice = without_verdict(data, judge)
    return Trust(
        alpha=alpha,
        alpha_people=alpha_people,
        no_verdict=no_verdict,
        no_verdict_by_slice=no_verdict_by_slice,
        judge=judge,
        agreement=_agreement(found),
        people=_between_people(found),
        kappas=_kappas(data, judge),
        by_slice=right_by_slice(data, found),
        test=alternative_annotator_test(found, epsilon=epsilon),
        biases=(*position, *content_biases(data, found, kin)),
        calibration=before,
        recalibrated=after,
        temperature=temperature,
        kept=kept_disagreement(found, rng),
        principles=principle_report(verdicts, data, found) if asked and verdicts is not None else None,
        share=_share(data, found, judge, scores),
        correlation=_correlation(found),
        n=len(found),
        n_set_aside=found.n_set_aside,
    )


def _scores(data: AnnotationSet, verdicts: Reconciled) -> np.ndarray:
    by_id = verdicts.table.set_index("item_id")["score"]
    return by_id.reindex(data.items["item_id"].astype(str)).to_numpy(float)


def _agreement(found: BesidePeople) -> Estimate:
    """Share of (item, person) on which the judge gives the person's direction, with both intervals."""
    mine = (2 - 2 * found.said).astype(np.int8)[:, None]
    return _two_way("Direction agrees with a person's", found.by_person == mine, found.by_person >= 0, found.group)


def _between_people(found: BesidePeople) -> Estimate:
    """The same for a person against the others."""
    people = found.by_person
    known = people >= 0
    others = np.maximum(known.sum(axis=1, keepdims=True) - 1, 1)
    alike = np.zeros(people.shape)
    for side in (0, 1, 2):
        mine = people == side
        alike += mine * (mine.sum(axis=1, keepdims=True) - 1) / others
    return _two_way(
        "Direction of one person agrees with another's", alike, known & (known.sum(axis=1) > 1)[:, None], found.group
    )


def _two_way(name: str, hits: np.ndarray, known: np.ndarray, group: np.ndarray) -> Estimate:
    """A share over items and people: new items for these people, and (variances over both added) new people too."""
    row, column = np.nonzero(known)
    values = hits[row, column].astype(float)
    if len(values) == 0:
        return Estimate(name=name, value=None, reason="no two people judged one item")
    same = clustered_share(values, group[row], name)
    people = np.unique(column, return_inverse=True)[1]
    k = int(people.max()) + 1
    if k < 3 or same.value is None or same.same_crew is None:
        notes = ("fewer than three people: nothing is known about other people",)
        return Estimate(
            name=name,
            value=same.value,
            same_crew=same.same_crew,
            new_crew=None,
            n=same.n,
            n_set_aside=0,
            reason=same.reason,
            interval_notes=notes,
        )
    residual = values - values.mean()
    sums = [np.bincount(codes, weights=residual) for codes in (np.unique(group[row], return_inverse=True)[1], people)]
    variance = sum(len(s) / max(len(s) - 1, 1) * float(s @ s) for s in sums) / len(values) ** 2
    half = float(stats.t.ppf(0.975, k - 1)) * math.sqrt(variance)
    low, high = max(0.0, same.value - half), min(1.0, same.value + half)
    wider = Interval(
        min(low, same.same_crew.low), max(high, same.same_crew.high), "new crew", f"items and {k} people, t({k - 1})"
    )
    return Estimate(name=name, value=same.value, same_crew=same.same_crew, new_crew=wider, n=same.n)


def _kappas(data: AnnotationSet, judge: str) -> pd.DataFrame:
    """Cohen's kappa of the judge with each person."""
    frame = cohen_kappas(data).to_frame()
    mine = frame[(frame["annotator_1"] == judge) | (frame["annotator_2"] == judge)]
    other = np.where(mine["annotator_1"] == judge, mine["annotator_2"], mine["annotator_1"])
    kinds = data.annotators.set_index("annotator")["kind"]
    people = [str(name) for name in other]
    return mine.assign(person=people)[[kinds[name] != "ai" for name in people]].drop(
        columns=["annotator_1", "annotator_2"]
    )


def _alphas(data: AnnotationSet, found: BesidePeople, judge: str) -> tuple[Estimate, Estimate]:
    """Agreement beyond chance on the items judged by both: with the judge among the people, and without."""
    shared = np.zeros(len(data.items), bool)
    shared[found.items] = True
    rows = data.annotations
    who = rows["annotator"].to_numpy()
    people = (data.annotators["kind"] != "ai").to_numpy()[who]
    mine = who == data.annotators["annotator"].astype(str).tolist().index(judge)
    here = shared[rows["item"].to_numpy()]
    with_judge, alone = (data.keep_annotations(here & kept, "not on the items") for kept in (people | mine, people))
    choice = Choice(direction=True)
    return krippendorff_alpha(with_judge, "nominal", choice), krippendorff_alpha(alone, "nominal", choice)


def _calibrations(
    found: BesidePeople, rng: np.random.Generator
) -> tuple[Calibration | None, Calibration | None, float | None]:
    """Calibration on a random half of the groups, before and after a temperature fitted on the other half."""
    soft = (found.score > 0) & (found.score < 1) & (found.score != 0.5)
    if soft.mean() < 0.05 or len(found) < 40:
        return None, None, None
    p = np.clip(found.score, 1e-4, 1 - 1e-4)
    margin = np.log(p / (1 - p))
    groups, codes = np.unique(found.group, return_inverse=True)
    fit = (rng.permutation(len(groups)) % 2 == 0)[codes]
    temperature = fit_temperature(margin[fit], found.people[fit])
    test = ~fit
    after = 1 / (1 + np.exp(-margin[test] / temperature))
    group = found.group[test]
    return calibration(p[test], found.people[test], group), calibration(after, found.people[test], group), temperature


def _correlation(found: BesidePeople) -> float | None:
    if len(found) < 3 or found.people.std() == 0 or found.score.std() == 0:
        return None
    return float(np.corrcoef(found.people, found.score)[0, 1])


def _share(data: AnnotationSet, found: BesidePeople, judge: str, scores: np.ndarray | None) -> PredictionPowered:
    """The share for A: people's labels where there are some, and the judge's on its other items."""
    names = data.annotators["annotator"].astype(str).tolist()
    codes = data.codes
    mine = codes.annotator == names.index(judge)
    said = np.full(len(data.items), np.nan)
    direction = data.scale.direction(codes.label[mine]).astype(float)
    said[codes.item[mine]] = 1 - (direction / 2 if data.scale.tie is not None else direction)
    value = said if scores is None else np.where(np.isfinite(scores), scores, said)
    rest = np.setdiff1d(np.flatnonzero(np.isfinite(value)), found.items)
    return prediction_powered_mean(found.people, found.score, value[rest])
