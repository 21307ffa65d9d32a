"""One label set, one split, one policy: the step that label sets are compared by where a language model is trained on
each.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.reward.pairs import Pairs
from workbench.studies.bench import Bench, Split
from workbench.studies.label_set import LabelSet
from workbench.studies.resampling import scored
from workbench.studies.training import FEWEST


@dataclass(frozen=True, kw_only=True)
class PolicyPlan:
    """How the policies of a study are trained; all by DPO with the same settings.

    Attributes
    ----------
    base : folder of a causal language model, or `tiny`.
    steps : of each training, at most; 0 = one pass over the pairs.
    beta : of DPO; the learning rate is the usual one of low-rank additions, fifty times as much for `tiny`.
    max_length : tokens read of prompt and response.
    """

    base: str
    steps: int = 100
    beta: float = 0.1
    max_length: int = 512

    @property
    def learning_rate(self) -> float | None:
        """None = the usual one."""
        from workbench.policy.tiny import TINY

        return 1e-2 if self.base == TINY else None


def policy_score(
    bench: Bench, split: Split, labels: LabelSet, plan: PolicyPlan, seed: int, base: Path
) -> dict[str, list[float]] | None:
    """How well does a policy trained on these labels rank the held-out pairs, by its implicit reward? A record of
    `scored`; None with fewer than `FEWEST` labels.

    Parameters
    ----------
    labels : items outside the training part of the split are left out.
    base : folder of the language model.

    Raises
    ------
    WorkbenchError
        The bench has no texts, or an evaluation set of its own, whose texts it does not hold.
    """
    from workbench.policy.log_probabilities import pair_log_probabilities
    from workbench.policy.settings import PolicySettings
    from workbench.policy.texts import token_pairs
    from workbench.policy.training import open_base, train_on_texts

    trainable = np.zeros(len(bench), bool)
    trainable[split.train] = True
    row = bench.row_of_item[labels.item]
    used = np.flatnonzero((row >= 0) & trainable[row])
    if len(used) < FEWEST:
        return None
    train = texts_of(bench, row[used], labels.target[used], labels.weight[used])
    held = texts_of(bench, split.test, split.truth, np.ones(len(split.test)))
    settings = PolicySettings(
        base=str(base),
        max_steps=plan.steps,
        learning_rate=plan.learning_rate,
        beta=plan.beta,
        max_length=plan.max_length,
        saves=1,
        seed=seed,
    )
    ground = open_base(settings)
    read = token_pairs(ground.tokenizer, held, ground.longest)
    sides, pad = (read.a, read.b), int(ground.tokenizer.pad_token_id)
    both = [pair_log_probabilities(ground.model, sides, read.kept, pad, 8, half=ground.half)]
    with tempfile.TemporaryDirectory() as place:
        train_on_texts(ground, train, settings, Path(place) / "checkpoints")
    both.append(pair_log_probabilities(ground.model, sides, read.kept, pad, 8, half=ground.half))
    moved = both[1] - both[0]
    margin = np.zeros(len(held))  # what the model cannot read it cannot rank
    margin[read.kept] = plan.beta * (moved[:, 0] - moved[:, 1])
    return scored(margin, split.truth, split.bucket, split.buckets)


def can_train_policies(plan: PolicyPlan, bench: Bench) -> None:
    """Looks whether the language model and the texts are there.

    Raises
    ------
    WorkbenchError
        They are not.
    """
    from workbench.policy.tiny import TINY
    from workbench.reward.weights import find_weights

    texts_of(bench, np.empty(0, np.int64), np.empty(0), np.empty(0))
    if plan.base != TINY:
        find_weights(plan.base)


def base_of(plan: PolicyPlan, bench: Bench, folder: Path) -> Path:
    """The language model of a study; `tiny` is made of the texts of its pairs."""
    from workbench.policy.tiny import TINY, make_tiny_model, read_for_a_moment
    from workbench.reward.weights import find_weights

    if plan.base != TINY:
        return find_weights(plan.base)
    every = texts_of(bench, np.arange(len(bench)), np.full(len(bench), 0.5), np.ones(len(bench)))
    texts = [str(text) for column in (every.prompt, every.response_a, every.response_b) for text in column]
    make_tiny_model(folder, texts)
    return read_for_a_moment(folder, every.prompt.tolist(), every.response_a.tolist())


def texts_of(bench: Bench, rows: np.ndarray, target: np.ndarray, weight: np.ndarray) -> Pairs:
    """These rows of the bench as pairs of texts with labels."""
    if bench.data is None:
        raise WorkbenchError("These are arrays without texts.", "Open data with texts to train policies on them.")
    if bench.evaluation is not None:
        raise WorkbenchError(
            "Policies are compared on held-out prompts of the data themselves.", "Leave the evaluation set out."
        )
    texts = bench.data.item_texts(bench.item[rows])
    names = ("prompt", "response_a", "response_b")
    columns: dict[str, Any] = {name: texts[name].fillna("").to_numpy(object) for name in names}
    n = len(rows)
    return Pairs(
        **columns,
        target=np.asarray(target, float),
        level=np.full(n, -1, np.int8),
        levels=len(bench.data.scale),
        weight=np.asarray(weight, float),
        group=bench.group[rows],
        source=np.full(n, "", object),
        item=bench.item[rows],
        labels="study",
    )
