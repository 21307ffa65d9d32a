r"""What fine-tuning minimises: the loss of pairs whose labels need not be certain, with margins by strength, weights.

Importing this module loads torch; `workbench.reward.finetune` does so when a model is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.functional import logsigmoid

from workbench.reward.loop import Sums
from workbench.reward.tokens import Tokens

__all__ = ["PairObjective", "padded", "preference_loss"]

FAR_ENOUGH = 10.0
"""Margin towards its label beyond which a pair whose target lies outside 0 to 1 teaches nothing more."""


def preference_loss(margin: torch.Tensor, target: torch.Tensor, push: torch.Tensor | float = 0.0) -> torch.Tensor:
    r"""Loss of each pair: $-[q \ln\sigma(\Delta - m) + (1 - q) \ln\sigma(-\Delta - m)]$.

    Parameters
    ----------
    margin : (n,): score of A minus score of B, $\Delta$.
    target : (n,): probability $q$ that A is preferred; outside [0, 1] after a correction for label noise, in which the
        loss is linear.
    push : (n,): how far apart the two are to be at least, $m$ (the margin of Llama 2, Touvron et al. 2023, eq. 2); with
        $m = 0$ this is the Bradley-Terry loss with soft labels.

    >>> preference_loss(torch.zeros(2), torch.tensor([1.0, 0.5])).tolist()
    [0.6931471824645996, 0.6931471824645996]
    """
    return -(target * logsigmoid(margin - push) + (1 - target) * logsigmoid(-margin - push))


def bounded(margin: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The margin for the loss: of a target outside 0 to 1, whose loss would fall without end, at most `FAR_ENOUGH`
    towards its label.

    >>> bounded(torch.tensor([50.0, 50.0, -50.0]), torch.tensor([1.2, 1.0, 1.2])).tolist()
    [10.0, 50.0, -50.0]
    """
    side = torch.sign(target - 0.5)
    held = torch.minimum(margin * side, torch.full_like(margin, FAR_ENOUGH)) * side
    return torch.where((target > 1) | (target < 0), held, margin)


def padded(lists: Sequence[Sequence[int]], fill: int, device: Any) -> torch.Tensor:
    """Lists of numbers as one tensor, filled up to the longest.

    >>> padded([[1, 2, 3], [4]], 0, "cpu").tolist()
    [[1, 2, 3], [4, 0, 0]]
    """
    width = max(len(each) for each in lists)
    rows = [[*each, *([fill] * (width - len(each)))] for each in lists]
    return torch.tensor(rows, dtype=torch.int64, device=device)


@dataclass(frozen=True, eq=False, kw_only=True)
class PairObjective:
    """Pairs to learn from.

    Attributes
    ----------
    a, b : tokens of both texts of all pairs.
    kept : int64 (n,): positions of the pairs that are learned from.
    target, push, weight : float64 (n,) of these; weights have the mean 1.
    pad : the token that fills up.
    centre : weight of the mean squared sum of both scores.
    aside : pairs that are looked at and not learned from, in the same form; None where there are none.
    """

    a: Tokens
    b: Tokens
    kept: np.ndarray
    target: np.ndarray
    push: np.ndarray
    weight: np.ndarray
    pad: int
    centre: float
    aside: PairObjective | None = None

    @property
    def units(self) -> int:
        """Pairs to learn from."""
        return len(self.kept)

    def loss(self, model: Any, part: np.ndarray) -> tuple[torch.Tensor, Sums]:
        """Loss of each of these pairs: one forward pass for both texts; accuracy on pairs that prefer a side, and the
        spread of scores.
        """
        device = next(model.parameters()).device
        scores = model(**self._batch(part, device)).logits.squeeze(-1).float()
        a, b = scores.chunk(2)
        target, push, weight = (
            torch.tensor(column[part], dtype=torch.float32, device=device)
            for column in (self.target, self.push, self.weight)
        )
        loss = weight * preference_loss(bounded(a - b, target), target, push)
        if self.centre:
            loss = loss + self.centre * (a + b) ** 2
        return loss, _figures((a - b).detach(), target, (a + b).detach() / 2)

    def held_back(self, model: Any, at_once: int = 16) -> dict[str, float]:
        """Mean loss and accuracy on the pairs that are not learned from."""
        if self.aside is None or self.aside.units == 0:
            return {}
        total: dict[str, np.ndarray] = {}
        for begin in range(0, self.aside.units, at_once):
            part = np.arange(begin, min(begin + at_once, self.aside.units))
            loss, said = self.aside.loss(model, part)
            for name, pair in {"loss": (float(loss.sum()), float(len(part))), **said}.items():
                total[name] = total.get(name, np.zeros(2)) + pair
        return {name: float(each / n) for name, (each, n) in total.items() if n > 0}

    def _batch(self, part: np.ndarray, device: Any) -> dict[str, torch.Tensor]:
        """Both texts of the pairs, all texts A first."""
        places = self.kept[part]
        ids = [side.ids[i] for side in (self.a, self.b) for i in places]
        batch = {
            "input_ids": padded(ids, self.pad, device),
            "attention_mask": padded([[1] * len(each) for each in ids], 0, device),
        }
        if self.a.types:
            types = [side.types[i] for side in (self.a, self.b) for i in places]
            batch["token_type_ids"] = padded(types, 0, device)
        return batch


def _figures(margin: torch.Tensor, target: torch.Tensor, mean: torch.Tensor) -> Sums:
    decided = target != 0.5
    right = ((margin > 0) == (target > 0.5))[decided]
    n = float(len(margin))
    return {
        "accuracy": (float(right.sum()), float(decided.sum())),
        "margin": (float(margin.abs().sum()), n),
        "mean_reward": (float(mean.sum()), n),
    }
