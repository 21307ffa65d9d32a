"""Is a QA threshold worth it? Reward-model accuracy as a threshold moves, beside that after setting aside as much at
random.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from workbench.aggregation import DEFAULT_LABELS
from workbench.cleaning import Cleaning, gather_evidence, select
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Finite
from workbench.progress import UNWATCHED, Watch
from workbench.studies.bench import Bench
from workbench.studies.cells import Cells, finish
from workbench.studies.label_set import checked_set, hidden_gold, label_set, on_items
from workbench.studies.measured import Measured
from workbench.studies.placebo import kept_judgements, removed_at_random
from workbench.studies.resampling import Resampler, Scores
from workbench.studies.training import PENALTY, checked_penalty, score_of


@dataclass(frozen=True)
class Rule:
    """A rule whose threshold moves.

    Attributes
    ----------
    title : what is set aside, with `{}` for the threshold.
    unit : what the threshold is measured in.
    usual : thresholds tried where none are named.
    cleaning : the rules a threshold stands for.
    """

    title: str
    unit: str
    usual: tuple[float, ...]
    cleaning: Callable[[float], Cleaning]


RULES: Mapping[str, Rule] = {
    "reliability": Rule(
        "annotators with a reliability below {:g}",
        "estimated accuracy",
        (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8),
        lambda t: Cleaning(least_reliability=t),
    ),
    "agreement": Rule(
        "annotators who agree with others less often than {:g}",
        "share",
        (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7),
        lambda t: Cleaning(least_agreement=t),
    ),
    "confidence": Rule(
        "items whose label is less sure than {:g}",
        "posterior probability",
        (0.55, 0.6, 0.7, 0.8, 0.9, 0.95),
        lambda t: Cleaning(least_confidence=t),
    ),
    "pace": Rule(
        "judgements given in less than {:g} seconds per 100 words",
        "seconds per 100 words",
        (2.0, 4.0, 6.0, 8.0, 10.0, 15.0),
        lambda t: Cleaning(max_words_per_minute=6_000 / t),
    ),
}
"""Rules by name."""


@dataclass(frozen=True)
class ThresholdSettings:
    """How the study is done.

    Attributes
    ----------
    rule : one of `RULES`.
    thresholds : tried in turn; the rule's usual ones by default.
    labels : the label set trained on (`workbench.studies.label_set.SETS`).
    seeds : splits.
    draws : random removals for each seed and threshold; their scores are averaged.
    penalty : of the reward head.
    """

    rule: str = "reliability"
    thresholds: tuple[float, ...] = ()
    labels: str = DEFAULT_LABELS
    seeds: int = 10
    draws: int = 3
    penalty: float = PENALTY

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise WorkbenchError(f"There is no rule {self.rule!r}.", f"Choose one of {', '.join(RULES)}.")
        if self.seeds < 1 or self.draws < 1:
            raise WorkbenchError(
                f"{self.seeds} seeds and {self.draws} draws are asked for.", "Give at least 1 of each."
            )
        checked_set(self.labels)
        checked_penalty(self.penalty)
        given = tuple(sorted({float(t) for t in self.thresholds})) or RULES[self.rule].usual
        for t in given:
            if not 0 < t < math.inf:
                raise WorkbenchError(f"A threshold of {t:g} sets nothing aside.", "Give thresholds above 0.")
            RULES[self.rule].cleaning(t)
        object.__setattr__(self, "thresholds", given)


@dataclass(frozen=True, kw_only=True)
class AtThreshold(Finite):
    """What one threshold does.

    Attributes
    ----------
    threshold : where the line is drawn.
    kept : share of the training judgements that stay, mean over seeds.
    items : share of the training items that keep a label, mean over seeds.
    accuracy : held-out accuracy after cleaning.
    at_random : after setting aside as much at random.
    over_random : the first minus the second, paired by seed and prompt group.
    over_all : the first minus the accuracy with nothing set aside, paired.
    """

    threshold: float
    kept: float
    items: float
    accuracy: Measured
    at_random: Measured
    over_random: Measured
    over_all: Measured

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "threshold": self.threshold,
            "kept": self.kept,
            "items": self.items,
            "accuracy": self.accuracy.to_dict(),
            "at_random": self.at_random.to_dict(),
            "over_random": self.over_random.to_dict(),
            "over_all": self.over_all.to_dict(),
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class ThresholdEffect:
    """What came of the study.

    Attributes
    ----------
    settings : with which it was done.
    everything : accuracy with nothing set aside.
    thresholds : one row a threshold, ascending.
    truth_is, encoder : what accuracy is measured on, and what the features are.
    """

    settings: ThresholdSettings
    everything: Measured
    thresholds: tuple[AtThreshold, ...]
    truth_is: str
    encoder: str
    set_aside: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def helps(self) -> tuple[AtThreshold, ...]:
        """Thresholds whose whole interval over random lies above 0."""
        return tuple(t for t in self.thresholds if t.over_random.low is not None and t.over_random.low > 0)

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "study": "threshold",
            "rule": self.settings.rule,
            "unit": RULES[self.settings.rule].unit,
            "labels": self.settings.labels,
            "seeds": self.settings.seeds,
            "truth": self.truth_is,
            "encoder": self.encoder,
            "everything": self.everything.to_dict(),
            "thresholds": [t.to_dict() for t in self.thresholds],
            "set_aside": dict(self.set_aside),
            "notes": list(self.notes),
        }


def threshold_effect(
    bench: Bench, settings: ThresholdSettings | None = None, *, cells: Cells | None = None, watch: Watch = UNWATCHED
) -> ThresholdEffect:
    """Does a reward model get better where the threshold is drawn more strictly, and better than by chance?

    Rules see the judgements of the training items and no gold at all. Labels are aggregated anew from what is left.

    Raises
    ------
    WorkbenchError
        The bench has no judgements, or the rule needs what the data do not have (times, texts).
    """
    chosen = settings or ThresholdSettings()
    data = judged(bench, chosen)

    @lru_cache(maxsize=1)
    def of_seed(seed: int) -> tuple:
        split = bench.split(seed)
        part = on_items(data, bench.item[split.train])
        return split, part, gather_evidence(part)

    def everything(seed: int) -> dict:
        split, part, _ = of_seed(seed)
        return {
            "judgements": len(part.codes),
            **_needed(score_of(bench, split, label_set(part, chosen.labels), chosen.penalty)),
        }

    def cleaned(seed: int, threshold: float) -> dict:
        split, part, evidence = of_seed(seed)
        picked = select(part, RULES[chosen.rule].cleaning(threshold), evidence)
        left = kept_judgements(part, picked.kept, "set aside by the rule")
        own = _scored(bench, split, left, chosen)
        rng = np.random.default_rng([seed, 21, round(threshold * 1e6)])
        drawn = [_scored(bench, split, removed_at_random(part, picked, rng), chosen) for _ in range(chosen.draws)]
        at_random = [d for d in drawn if d is not None]
        if own is None or not at_random:
            return {"kept": int(picked.kept.sum()), "items": _judged(left), "of_items": _judged(part), "left": False}
        mean = {name: np.mean([d[name] for d in at_random], axis=0).tolist() for name in ("right", "loss", "n")}
        return {
            "kept": int(picked.kept.sum()),
            "items": _judged(left),
            "of_items": _judged(part),
            "left": True,
            "random": mean,
            **own,
        }

    kept = cells if cells is not None else Cells()
    work = [
        entry
        for seed in range(chosen.seeds)
        for entry in [
            (f"all/{seed}", lambda seed=seed: everything(seed)),
            *((f"{t!r}/{seed}", lambda seed=seed, t=t: cleaned(seed, t)) for t in chosen.thresholds),
        ]
    ]
    records = finish(kept, work, watch, "Training")
    return _summary(bench, chosen, records)


def judged(bench: Bench, settings: ThresholdSettings) -> AnnotationSet:
    """The judgements whose threshold moves, without gold; nothing is trained yet.

    Raises
    ------
    WorkbenchError
        There are none, too few to hold some out, or the rule needs what they do not have.
    """
    if bench.data is None:
        raise WorkbenchError(
            "These are arrays without judgements.", "Open data with annotators to study what setting some aside does."
        )
    data, split = hidden_gold(bench.data), bench.split(0)
    if settings.rule == "pace":
        evidence = gather_evidence(on_items(data, bench.item[split.train]))
        if not evidence.usable_words:
            raise WorkbenchError(
                f"Pace cannot be judged: {evidence.no_times or evidence.no_words}.", "Choose another rule."
            )
    return data


def _scored(bench: Bench, split, left, chosen: ThresholdSettings) -> dict | None:  # type: ignore[no-untyped-def]
    return score_of(bench, split, label_set(left, chosen.labels), chosen.penalty) if len(left.codes) else None


def _judged(data) -> int:  # type: ignore[no-untyped-def]
    return int((np.diff(data.codes.starts) > 0).sum())


def _needed(record: dict | None) -> dict:
    if record is None:
        raise WorkbenchError("There are too few labelled pairs to train on.", "Open more data.")
    return record


def _summary(bench: Bench, chosen: ThresholdSettings, records: Mapping[str, dict]) -> ThresholdEffect:
    sampler = Resampler(chosen.seeds, bench.buckets)
    seeds = range(chosen.seeds)
    base = Scores.of_records([records[f"all/{s}"] for s in seeds])
    total = np.array([records[f"all/{s}"]["judgements"] for s in seeds], float)
    rows = []
    for t in chosen.thresholds:
        found = [records[f"{t!r}/{s}"] for s in seeds]
        kept = float(np.mean([r["kept"] for r in found] / total))
        items = float(np.mean([r["items"] / max(r["of_items"], 1) for r in found]))
        emptied = sum(not r["left"] for r in found)
        if emptied:
            none = Measured(
                value=None,
                seeds=chosen.seeds,
                reason=f"too little is left to train on with {emptied} of {chosen.seeds} seeds",
            )
            rows.append(
                AtThreshold(
                    threshold=t, kept=kept, items=items, accuracy=none, at_random=none, over_random=none, over_all=none
                )
            )
            continue
        own, random = Scores.of_records(found), Scores.of_records([r["random"] for r in found])
        rows.append(
            AtThreshold(
                threshold=t,
                kept=kept,
                items=items,
                accuracy=sampler.accuracy(own),
                at_random=sampler.accuracy(random),
                over_random=sampler.difference(own, random),
                over_all=sampler.difference(own, base),
            )
        )
    notes = (
        f"Intervals are {sampler.note}; cleaned and random removals share seeds and held-out pairs.",
        (
            f"{len(rows)} thresholds were tried: where cleaning does nothing, one in twenty intervals excludes 0 by"
            " chance."
        ),
    )
    return ThresholdEffect(
        settings=chosen,
        everything=sampler.accuracy(base),
        thresholds=tuple(rows),
        truth_is=bench.truth_is,
        encoder=bench.encoder,
        set_aside=bench.set_aside,
        notes=notes,
    )
