"""Which pairs are worth people's labels where a judge labels the rest? By the measured gain of a reward model.

A pilot part has labels of people and the judge. On it, each kind of pair (by the judge's sureness and a slice) is given
people's labels in turn while all others keep the judge's: how much better a small reward model then ranks held-out
pilot pairs, per label, is that kind's gain (after Miranda et al. 2024, Hybrid preferences, arXiv 2410.19133). The
budget then goes to the kinds in the order of their gain, beside random pairs and those the judge is least sure of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.routing.tiers import Verdicts
from workbench.studies.bench import Bench, Split, held_out_rows
from workbench.studies.bench_building import open_bench
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
    set_aside : reason -> pairs left out.
    """

    accuracy: Mapping[str, Measured]
    over_random: Mapping[str, Measured]
    labels: int
    pilot: int
    gains: Mapping[str, float]
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

    Raises
    ------
    WorkbenchError : too few pairs have labels of both.
    """
    checked_penalty(penalty)
    people = bench.truth if bench.label is None else bench.label
    known = np.isfinite(people) & np.isfinite(judge) & (people != 0.5)
    if known.sum() < 20 * FEWEST:
        raise WorkbenchError(
            f"Only {int(known.sum())} pairs have a side of people and a verdict of the judge.",
            f"The comparison takes {20 * FEWEST}.",
        )
    kind = _kinds(judge, known, kinds)
    records: dict[str, list[dict]] = {way: [] for way in WAYS}
    gains: dict[str, list[float]] = {}
    counts = []
    for seed in range(seeds):
        watch.step(seed, seeds, "Training on who labelled what")
        split, rng = bench.split(seed), np.random.default_rng([seed, 404])
        train = split.train[known[split.train]]
        first = held_out_rows(bench.group[train], pilot, rng)
        piloted, rest = train[first], train[~first]
        gain = _gains(bench, judge, people, kind, piloted, rng, penalty)
        for name, value in gain.items():
            gains.setdefault(name, []).append(value)
        k = round(budget * len(rest))
        counts.append((k, len(piloted)))
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
        for way, places in chosen.items():
            by_people = np.concatenate([piloted, rest[places]])
            records[way].append(_scored(bench, split, train, judge, people, by_people, penalty))
    scores = {way: Scores.of_records(each) for way, each in records.items()}
    sampler = Resampler(seeds, bench.buckets)
    labels, in_pilot = (round(float(np.mean(each))) for each in zip(*counts, strict=True))
    return PeopleOrJudge(
        accuracy={way: sampler.accuracy(each) for way, each in scores.items()},
        over_random={
            way: sampler.difference(each, scores["random"]) for way, each in scores.items() if way != "random"
        },
        labels=labels,
        pilot=in_pilot,
        gains={name: float(np.mean(each)) for name, each in sorted(gains.items())},
        set_aside={**bench.set_aside, "without a side of people or a verdict of the judge": int((~known).sum())},
    )


def _kinds(judge: np.ndarray, known: np.ndarray, slices: np.ndarray | None) -> np.ndarray:
    """A name of each pair's kind: the quarter of its sureness, and its slice."""
    sure = np.abs(judge - 0.5)
    cuts = np.quantile(sure[known], np.arange(1, SURENESS) / SURENESS)
    quarter = np.searchsorted(cuts, np.nan_to_num(sure))
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
    machine = (data.annotators["kind"] == "ai").to_numpy()
    # The judge's own labels may not be part of what it is held against.
    by_people = replace(data, annotations=data.annotations[~machine[data.annotations["annotator"].to_numpy()]])
    bench = open_bench(by_people, encoder=encoder, watch=watch)
    sure = np.where(np.isfinite(verdicts.confidence), verdicts.confidence, 1.0)
    score = np.where(verdicts.said == 0.5, 0.5, np.where(verdicts.said == 1, sure, 1 - sure))
    judge = np.where(np.isfinite(verdicts.said), score, np.nan)[bench.item]
    kinds = None if slice_name is None else data.items[f"slice.{slice_name}"].astype(str).to_numpy(object)[bench.item]
    return people_or_judge(bench, judge, kinds=kinds, seeds=seeds, watch=watch)
