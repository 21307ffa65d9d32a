"""Which pairs are worth people's labels where a judge labels the rest? By the measured gain of a reward model.

A pilot part has labels of people and the judge. On it, each kind of pair (by the judge's sureness and a slice) is given
people's labels in turn while all others keep the judge's: how much better a small reward model then ranks held-out
pilot pairs, per label, is that kind's gain (after Miranda et al. 2024, Hybrid preferences, arXiv 2410.19133). The
budget then goes to the kinds in the order of their gain, beside random pairs and those the judge is least sure of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.routing.tiers import Verdicts
from workbench.studies.bench import Bench, Split, held_out_rows
from workbench.studies.bench_building import open_bench
from workbench.studies.cells import Cells, finish
from workbench.studies.measured import Measured
from workbench.studies.resampling import Resampler, Scores, scored
from workbench.studies.training import FEWEST, PENALTY, checked_penalty

WAYS: Mapping[str, str] = {
    "judge only": "no pair beyond the pilot has people's labels",
    "random": "pairs drawn at random",
    "least sure": "the pairs the judge is least sure of",
    "measured gain": "kinds of pairs in the order of their measured gain",
    "people only": "every pair has people's labels",
}
SURENESS = 4
"""Kinds by how sure the judge is: quarters of the pairs."""
ROUNDS = 6
"""Splits of the pilot over which a gain is averaged."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PeopleOrJudge:
    """Held-out accuracy of a reward model by who labelled what.

    Attributes
    ----------
    accuracy : way -> accuracy, against people's labels.
    over_random : way -> accuracy less that of random pairs, paired by seed and prompt group.
    labels : people's labels beyond the pilot, and `pilot` in it; means over the seeds.
    gains : kind of pair -> mean gain per 100 labels in the pilots.
    cuts : sureness (distance of the judge's probability from one half) between the quarters.
    set_aside : reason -> pairs left out.
    """

    accuracy: Mapping[str, Measured]
    over_random: Mapping[str, Measured]
    labels: int
    pilot: int
    gains: Mapping[str, float]
    cuts: tuple[float, ...]
    set_aside: Mapping[str, int]

    def verdict(self) -> str:
        """What to do, in one sentence."""
        gain = self.over_random["measured gain"]
        if gain.low is not None and gain.low > 0:
            return f"Send the kinds with the largest gain: {gain.value:+.1%} over random pairs with as many labels."
        if gain.high is not None and gain.high < 0:
            return "Draw the pairs at random: choosing by gain is worse here."
        return "Draw the pairs at random: no gain over that is seen here."

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "accuracy": {way: found.to_dict() for way, found in self.accuracy.items()},
            "over_random": {way: found.to_dict() for way, found in self.over_random.items()},
            "labels": self.labels,
            "pilot": self.pilot,
            "gains_per_100": dict(self.gains),
            "cuts": list(self.cuts),
            "set_aside": dict(self.set_aside),
            "verdict": self.verdict(),
        }


def people_or_judge(
    bench: Bench,
    judge: np.ndarray,
    *,
    kinds: np.ndarray | None = None,
    budget: float = 0.3,
    pilot: float = 0.3,
    seeds: int = 10,
    penalty: float = PENALTY,
    cells: Cells | None = None,
    watch: Watch = UNWATCHED,
) -> PeopleOrJudge:
    """Which pairs should people label?

    Parameters
    ----------
    bench : pairs with people's sides as its truth (and `label` where single labels differ from it).
    judge : float (n,): the judge's probability that A is better, NaN where it has no verdict.
    kinds : str (n,): a slice beside the judge's sureness; none by default.
    budget : share of the pairs beyond the pilot that people label.
    pilot : share of the training pairs with labels of both.
    seeds : splits.
    cells : finished splits, which are not done again.

    Raises
    ------
    WorkbenchError : too few pairs have labels of both.
    """
    checked_penalty(penalty)
    people, known = sides_of_both(bench, judge)
    cuts = np.quantile(np.abs(judge[known] - 0.5), np.arange(1, SURENESS) / SURENESS)
    kind = kinds_of(judge, cuts, kinds)
    split_of = partial(_one_split, bench, judge, people, known, kind, budget=budget, pilot=pilot, penalty=penalty)
    work = [(f"split {seed}", partial(split_of, seed=seed)) for seed in range(seeds)]
    done = list(finish(Cells() if cells is None else cells, work, watch, "Training on who labelled what").values())
    gains: dict[str, list[float]] = {}
    for record in done:
        for name, value in record["gains"].items():
            gains.setdefault(name, []).append(value)
    scores = {way: Scores.of_records([record["ways"][way] for record in done]) for way in WAYS}
    sampler = Resampler(seeds, bench.buckets)
    labels, in_pilot = (round(float(np.mean([record[part] for record in done]))) for part in ("labels", "pilot"))
    return PeopleOrJudge(
        accuracy={way: sampler.accuracy(each) for way, each in scores.items()},
        over_random={
            way: sampler.difference(each, scores["random"]) for way, each in scores.items() if way != "random"
        },
        labels=labels,
        pilot=in_pilot,
        gains={name: float(np.mean(each)) for name, each in sorted(gains.items())},
        cuts=tuple(cuts.tolist()),
        set_aside={**bench.set_aside, "without a side of people or a verdict of the judge": int((~known).sum())},
    )


def _one_split(
    bench: Bench,
    judge: np.ndarray,
    people: np.ndarray,
    known: np.ndarray,
    kind: np.ndarray,
    *,
    seed: int,
    budget: float,
    pilot: float,
    penalty: float,
) -> dict[str, Any]:
    """All ways on one split: their records, the gain of each kind, and how many labels people gave."""
    split, rng = bench.split(seed), np.random.default_rng([seed, 404])
    train = split.train[known[split.train]]
    first = held_out_rows(bench.group[train], pilot, rng)
    piloted, rest = train[first], train[~first]
    gain = _gains(bench, judge, people, kind, piloted, rng, penalty)
    k = round(budget * len(rest))
    sure = np.abs(judge[rest] - 0.5)
    worth = np.array([gain.get(each, 0.0) for each in kind[rest]])
    shuffled = rng.permutation(len(rest))
    chosen = {
        "judge only": shuffled[:0],
        "random": shuffled[:k],
        "least sure": shuffled[np.argsort(sure[shuffled], kind="stable")][:k],
        "measured gain": shuffled[np.argsort(-worth[shuffled], kind="stable")][:k],
        "people only": shuffled,
    }
    ways = {
        way: _scored(bench, split, train, judge, people, np.concatenate([piloted, rest[places]]), penalty)
        for way, places in chosen.items()
    }
    return {"ways": ways, "gains": gain, "labels": k, "pilot": len(piloted)}


def sides_of_both(bench: Bench, judge: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """People's sides, and which pairs have one and a verdict of the judge.

    Raises
    ------
    WorkbenchError : too few have.
    """
    people = bench.truth if bench.label is None else bench.label
    known = np.isfinite(people) & np.isfinite(judge) & (people != 0.5)
    if known.sum() < 20 * FEWEST:
        raise WorkbenchError(
            f"Only {int(known.sum())} pairs have a side of people and a verdict of the judge.",
            f"The comparison takes {20 * FEWEST}.",
        )
    groups = len(np.unique(bench.group[known]))
    if groups < FEWEST:
        raise WorkbenchError(
            f"These pairs are of {groups} prompts alone, which are split over pilot, training and measuring.",
            f"The comparison takes pairs of {FEWEST} prompts or more.",
        )
    return people, known


def kinds_of(judge: np.ndarray, cuts: np.ndarray, slices: np.ndarray | None) -> np.ndarray:
    """A name of each pair's kind: the quarter of its sureness, and its slice."""
    quarter = np.searchsorted(cuts, np.nan_to_num(np.abs(judge - 0.5)))
    names = np.array([f"sureness {q + 1} of {SURENESS}" for q in quarter], object)
    return names if slices is None else np.array([f"{s}, {n}" for s, n in zip(slices, names, strict=True)], object)


def _gains(
    bench: Bench,
    judge: np.ndarray,
    people: np.ndarray,
    kind: np.ndarray,
    piloted: np.ndarray,
    rng: np.random.Generator,
    penalty: float,
) -> dict[str, float]:
    """Gain of each kind per 100 labels, on held-out parts of the pilot."""
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        held = held_out_rows(bench.group[piloted], 0.4, rng)
        test, fit = piloted[held], piloted[~held]
        inner = Split(fit, bench.features[test], people[test], np.zeros(len(test), np.int64), 1)
        base = _loss(_scored(bench, inner, fit, judge, people, fit[:0], penalty))
        for name in np.unique(kind[fit]):
            mine = fit[kind[fit] == name]
            if len(mine) >= FEWEST:
                better = base - _loss(_scored(bench, inner, fit, judge, people, mine, penalty))
                found.setdefault(str(name), []).append(100 * better / len(mine))
    return {name: float(np.mean(each)) for name, each in found.items()}


def _loss(record: dict) -> float:
    """Mean log loss: it tells a gain with far fewer pairs than the accuracy does."""
    return float(np.sum(record["loss"]) / np.sum(record["n"]))


def _scored(
    bench: Bench,
    split: Split,
    train: np.ndarray,
    judge: np.ndarray,
    people: np.ndarray,
    by_people: np.ndarray,
    penalty: float,
) -> dict:
    """A head trained with people's labels on some pairs and the judge's on the others, on the held-out pairs."""
    from workbench.reward.heads import fit_bradley_terry

    target = judge.copy()
    target[by_people] = people[by_people]
    head = fit_bradley_terry(bench.features[train], target[train], np.ones(len(train)), penalty)
    return scored(head.margin(split.features), split.truth, split.bucket, split.buckets)


def gain_on_data(
    data: AnnotationSet,
    verdicts: Verdicts,
    *,
    slice_name: str | None = None,
    encoder: str | None = None,
    seeds: int = 10,
    cells: Cells | None = None,
    watch: Watch = UNWATCHED,
) -> PeopleOrJudge:
    """The same for a judge of these data, against their people.

    Parameters
    ----------
    verdicts : of the judge, for all items.
    slice_name : a slice whose values make kinds of pairs.
    encoder : of the texts.

    Raises
    ------
    WorkbenchError : there are no texts, or too few pairs have labels of both.
    """
    bench = open_bench(people_alone(data), encoder=encoder, watch=watch)
    slices = slice_values(data, slice_name)
    return people_or_judge(
        bench,
        score_of(verdicts)[bench.item],
        kinds=None if slices is None else slices[bench.item],
        seeds=seeds,
        cells=cells,
        watch=watch,
    )


def people_alone(data: AnnotationSet) -> AnnotationSet:
    """The data without what machines said: a judge's own labels may not be part of what it is held against."""
    machine = (data.annotators["kind"] == "ai").to_numpy()
    return replace(data, annotations=data.annotations[~machine[data.annotations["annotator"].to_numpy()]])


def score_of(verdicts: Verdicts) -> np.ndarray:
    """The judge's probability that A is better, float (n_items,); NaN where it has no verdict."""
    sure = np.where(np.isfinite(verdicts.confidence), verdicts.confidence, 1.0)
    score = np.where(verdicts.said == 0.5, 0.5, np.where(verdicts.said == 1, sure, 1 - sure))
    return np.where(np.isfinite(verdicts.said), score, np.nan)


def slice_values(data: AnnotationSet, name: str | None) -> np.ndarray | None:
    """The values of a slice, str (n_items,); None where none is named."""
    return None if name is None else data.items[f"slice.{name}"].astype(str).to_numpy(object)
