"""Named sets of pairs that a trained model is held against, each with its own scorecard."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.drafts import drafted
from workbench.progress import UNWATCHED, Watch
from workbench.reward.fitted import Model
from workbench.reward.pairs import AUTOMATIC, Pairs, pairs_of
from workbench.reward.rewardbench import rewardbench_form
from workbench.reward.scorecard import Scorecard, scorecard
from workbench.reward.sequence_model import SequenceModel

RESULTS = "results"
"""Folder of a model with one JSON file a test set, in RewardBench's form."""


@dataclass(frozen=True, eq=False, kw_only=True)
class EvaluationSet:
    """Pairs to judge by.

    Attributes
    ----------
    name : what it is called.
    data : the annotations they come from.
    pairs : those that share neither prompt nor response with the training pairs.
    shared : how many do, and were left out.
    """

    name: str
    data: AnnotationSet
    pairs: Pairs
    shared: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluated:
    """A model on one of them.

    Attributes
    ----------
    name, card, shared : of the set.
    form : the results in RewardBench's form.
    """

    name: str
    card: Scorecard
    shared: int
    form: Mapping[str, object]

    def to_dict(self) -> dict[str, object]:
        """As `train --json` prints it under `evaluations`."""
        return {"eval": self.card.to_dict(), "shared": self.shared, "rewardbench": dict(self.form)}


def evaluation_sets(
    named: Mapping[str, Sequence[str]], train: Pairs, judge: str = "", slice: str | None = None
) -> list[EvaluationSet]:
    """Reads the sets and keeps them apart from the training pairs.

    Parameters
    ----------
    named : name -> paths.
    judge : label source they are judged by; '' = the usual one.
    slice : tells where pairs come from, where they have it.

    Raises
    ------
    WorkbenchError
        A set cannot be read, or shares every pair with the training data.
    """
    from workbench.formats import load

    found = []
    for name, paths in named.items():
        data = load([str(path) for path in paths])
        own = slice if slice and f"slice.{slice}" in data.slices else None
        pairs, shared = train.apart(pairs_of(data, judge or AUTOMATIC, own))
        found.append(EvaluationSet(name=name, data=data, pairs=pairs, shared=shared))
    return found


def evaluated(model: Model, held: EvaluationSet, seed: int, name: str, watch: Watch = UNWATCHED) -> Evaluated:
    """The model on one set.

    Parameters
    ----------
    name : of the model.
    """
    pairs = held.pairs
    margin = model.margin(pairs.prompt.tolist(), pairs.response_a.tolist(), pairs.response_b.tolist(), watch)
    margin = margin / model.temperature
    card = scorecard(
        margin, pairs, np.random.default_rng(seed), data=held.data, cutpoints=model.cutpoints / model.temperature
    )
    kind = "Seq. Classifier" if isinstance(model, SequenceModel) else "Custom Classifier"
    form = rewardbench_form(margin, pairs, subsets_of(held.data, pairs), name, kind)
    return Evaluated(name=held.name, card=card, shared=held.shared, form=form)


def subsets_of(data: AnnotationSet, pairs: Pairs) -> np.ndarray:
    """The subset of each pair, object (n,): the slice `subset`, or else what tells where pairs come from; '' where
    nothing does.
    """
    if "slice.subset" not in data.slices:
        return pairs.source
    column = data.items["slice.subset"]
    return np.where(column.isna(), "", column.astype(str)).astype(object)[pairs.item]


def write_results(folder: Path, found: Sequence[Evaluated]) -> None:
    """Writes the results of each set beside a model, in RewardBench's form."""
    for each in found:
        (folder / RESULTS).mkdir(exist_ok=True)
        safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in each.name).strip(".") or "set"
        with drafted(folder / RESULTS / f"{safe}.json") as draft:
            draft.write_text(json.dumps(_plain(each.form), indent=1, ensure_ascii=False), "utf-8")


def _plain(form: Mapping[str, Any]) -> dict[str, Any]:
    """RewardBench's own files hold each subset's accuracy at the top; ours hold both."""
    return {**dict(form["subsets"]), **form}
