"""Which labels make the better reward model? Majority, weighted, consensus hard and soft, Dawid-Skene, raw and cleaned,
on the same held-out truth.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from workbench.aggregation import DEFAULT, DEFAULT_LABELS
from workbench.cleaning import Cleaning, gather_evidence, select
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Finite
from workbench.progress import UNWATCHED, Watch
from workbench.studies.bench import Bench
from workbench.studies.cells import Cells, finish
from workbench.studies.label_set import SETS, checked_set, hidden_gold, label_set, on_items
from workbench.studies.measured import Measured
from workbench.studies.placebo import kept_judgements
from workbench.studies.policies import PolicyPlan, base_of, can_train_policies, policy_score
from workbench.studies.resampling import Resampler, Scores
from workbench.studies.training import PENALTY, checked_penalty, score_of

CLEANED = "cleaned"
USUAL_CLEANING = Cleaning(least_reliability=0.6)
"""What `cleaned` means where nobody says otherwise: annotators estimated to be right less often than this go."""


@dataclass(frozen=True)
class LabelSetSettings:
    """How the study is done.

    Attributes
    ----------
    sets : label sets compared; the first of them is what the others are compared with.
    cleaning : what `cleaned` means; by default annotators estimated below 0.6 go.
    seeds : splits.
    penalty : of the reward head.
    policy : a language model (folder, or `tiny`) that is also trained on each label set by DPO; empty = none.
    policy_steps : of each of these trainings; 0 = one pass over the pairs.
    """

    sets: tuple[str, ...] = (
        "majority",
        "weighted",
        DEFAULT,
        DEFAULT_LABELS,
        "dawid-skene-soft",
        "raw",
        CLEANED,
    )
    cleaning: Cleaning = USUAL_CLEANING
    seeds: int = 10
    penalty: float = PENALTY
    policy: str = ""
    policy_steps: int = 100

    def __post_init__(self) -> None:
        object.__setattr__(self, "sets", tuple(dict.fromkeys(s.replace("_", "-") for s in self.sets)))
        if len(self.sets) < 2:
            raise WorkbenchError("One label set alone cannot be compared.", f"Choose two or more of {', '.join(SETS)}.")
        if self.seeds < 1:
            raise WorkbenchError(f"{self.seeds} seeds are asked for.", "Give at least 1.")
        for name in self.sets:
            checked_set(name)
        checked_penalty(self.penalty)
        if self.policy_steps < 0:
            raise WorkbenchError(
                f"A policy cannot be trained for {self.policy_steps} steps.", "Give a number from 0 on; 0 is one pass."
            )

    @property
    def plan(self) -> PolicyPlan | None:
        """How policies are trained, or None."""
        if not self.policy:
            return None
        return PolicyPlan(base=self.policy, steps=self.policy_steps)


@dataclass(frozen=True, kw_only=True)
class OfSet(Finite):
    """How one label set did.

    Attributes
    ----------
    name : of the label set.
    accuracy, loss : held-out accuracy and mean log loss in nats.
    over_base : accuracy minus that of the first set, paired by seed and prompt group.
    loss_over_base : the same for the log loss; negative is better.
    labels : training labels, mean over seeds.
    set_aside : training items without a label, mean over seeds.
    policy, policy_over_base : implicit-reward accuracy of a policy trained on it, and that minus the first set's; None
        where none was trained.
    """

    name: str
    accuracy: Measured
    loss: Measured
    over_base: Measured
    loss_over_base: Measured
    labels: float
    set_aside: float
    policy: Measured | None = None
    policy_over_base: Measured | None = None

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "name": self.name,
            "accuracy": self.accuracy.to_dict(),
            "loss": self.loss.to_dict(),
            "over_base": self.over_base.to_dict(),
            "loss_over_base": self.loss_over_base.to_dict(),
            "labels": self.labels,
            "set_aside": self.set_aside,
            "policy": self.policy.to_dict() if self.policy else None,
            "policy_over_base": self.policy_over_base.to_dict() if self.policy_over_base else None,
        }


@dataclass(frozen=True, eq=False)
class LabelSetComparison:
    """What came of the study; `sets` in the order asked for, the first being what the others are compared with."""

    settings: LabelSetSettings
    sets: tuple[OfSet, ...]
    truth_is: str
    encoder: str
    set_aside: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        """What the others are compared with."""
        return self.sets[0].name

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "study": "label-sets",
            "base": self.base,
            "seeds": self.settings.seeds,
            "truth": self.truth_is,
            "encoder": self.encoder,
            "cleaning": self.settings.cleaning.chosen,
            "sets": [s.to_dict() for s in self.sets],
            "set_aside": dict(self.set_aside),
            "notes": list(self.notes),
        }


def compare_label_sets(
    bench: Bench, settings: LabelSetSettings | None = None, *, cells: Cells | None = None, watch: Watch = UNWATCHED
) -> LabelSetComparison:
    """Trains one head on each label set of the same training items, and measures all on the same held-out pairs.

    Labels are aggregated from the judgements of the training items alone, and no method sees gold.

    Raises
    ------
    WorkbenchError
        The bench has no judgements, or there is no such label set.
    """
    chosen = settings or LabelSetSettings()
    data = judged(bench, chosen)

    plan = chosen.plan
    base: list[Path] = []

    @lru_cache(maxsize=1)
    def of_seed(seed: int) -> tuple:
        split = bench.split(seed)
        return split, on_items(data, bench.item[split.train])

    def trained(name: str, seed: int) -> dict:
        split, part = of_seed(seed)
        source = cleaned(part, chosen.cleaning) if name == CLEANED else part
        labels = label_set(source, name)
        record = score_of(bench, split, labels, chosen.penalty)
        if record is None:
            raise WorkbenchError(
                f"The label set {name} has too few labels to train on.", "Open more data, or leave this set out."
            )
        judged = int((np.diff(part.codes.starts) > 0).sum())
        if plan is not None:
            record["policy"] = policy_score(bench, split, labels, plan, seed, base[0])
        return {"labels": len(labels), "set_aside": judged - len(np.unique(labels.item)), **record}

    kept = cells if cells is not None else Cells()
    work = [
        (f"{name}/{seed}", lambda name=name, seed=seed: trained(name, seed))
        for seed in range(chosen.seeds)
        for name in chosen.sets
    ]
    with tempfile.TemporaryDirectory() as place:
        if plan is not None:
            base.append(base_of(plan, bench, Path(place) / "tiny"))
        records = finish(kept, work, watch, "Training")
    return _summary(bench, chosen, records)


def judged(bench: Bench, settings: LabelSetSettings) -> AnnotationSet:
    """The judgements that become label sets, without gold; nothing is trained yet.

    Raises
    ------
    WorkbenchError
        There are none, or too few to hold some out.
    """
    if bench.data is None:
        raise WorkbenchError("These are arrays without judgements.", "Open data with annotators to compare label sets.")
    if settings.plan is not None:
        can_train_policies(settings.plan, bench)
    bench.split(0)
    return hidden_gold(bench.data)


def cleaned(data: AnnotationSet, cleaning: Cleaning) -> AnnotationSet:
    """The data after cleaning, items and annotators at their positions."""
    return kept_judgements(data, select(data, cleaning, gather_evidence(data)).kept, "set aside by the rules")


def _summary(bench: Bench, chosen: LabelSetSettings, records: Mapping[str, dict]) -> LabelSetComparison:
    sampler = Resampler(chosen.seeds, bench.buckets)
    each = {name: [records[f"{name}/{s}"] for s in range(chosen.seeds)] for name in chosen.sets}
    scores = {name: Scores.of_records(found) for name, found in each.items()}
    base = scores[chosen.sets[0]]
    losses = {name: sampler.of_scores(s, "loss") for name, s in scores.items()}
    mean = {name: float(s.loss.sum() / s.n.sum()) for name, s in scores.items()}
    first = chosen.sets[0]
    n = int(base.n.sum())
    of_policies: dict[str, Scores] = {}
    if chosen.plan is not None:
        of_policies = {name: Scores.of_records([r["policy"] for r in found]) for name, found in each.items()}
    rows = tuple(
        OfSet(
            name=name,
            accuracy=sampler.accuracy(scores[name]),
            loss=sampler.measured(mean[name], losses[name], n),
            over_base=sampler.difference(scores[name], base),
            loss_over_base=sampler.measured(mean[name] - mean[first], losses[name] - losses[first], n),
            labels=float(np.mean([r["labels"] for r in each[name]])),
            set_aside=float(np.mean([r["set_aside"] for r in each[name]])),
            policy=sampler.accuracy(of_policies[name]) if of_policies else None,
            policy_over_base=sampler.difference(of_policies[name], of_policies[first]) if of_policies else None,
        )
        for name in chosen.sets
    )
    notes = (f"Intervals are {sampler.note}; sets are compared on the same seeds and held-out pairs.",)
    return LabelSetComparison(chosen, rows, bench.truth_is, bench.encoder, bench.set_aside, notes)
