"""What a training minimises: the preferences of pairs, or the likelihood of chosen texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from workbench.errors import WorkbenchError
from workbench.policy.base import computing
from workbench.policy.log_probabilities import batch_of, response_log_probabilities
from workbench.policy.losses import dpo_loss, ipo_loss
from workbench.policy.settings import PolicySettings
from workbench.policy.texts import Sequences, TokenPairs
from workbench.reward.loop import Sums
from workbench.reward.losses import corrected_target, smoothed_target
from workbench.reward.pairs import Pairs


class Preferences:
    """Pairs with labels that need not be certain, by DPO or IPO.

    Parameters
    ----------
    read : both texts of each pair as tokens.
    pairs : with `target` and `weight`.
    reference : float64 (len(read.kept), 2): log-probabilities of both responses by the reference.
    pad : token that fills up a batch.
    half : compute in bfloat16.
    """

    def __init__(
        self,
        read: TokenPairs,
        pairs: Pairs,
        settings: PolicySettings,
        reference: np.ndarray,
        pad: int,
        *,
        half: bool = False,
    ) -> None:
        weight = pairs.weight[read.kept]
        if not weight.mean() > 0:
            raise WorkbenchError("All pairs have weight zero.", "Give some pair a weight.")
        self.read, self.settings, self.pad, self.half = read, settings, pad, half
        target = pairs.target[read.kept]
        self.prefers_a = np.sign(target - 0.5)
        self.target = corrected_target(smoothed_target(target, settings.smoothing), settings.flip_rate)
        self.weight = weight / weight.mean()
        self.reference = reference

    @property
    def units(self) -> int:
        """How many pairs there are."""
        return len(self.read.kept)

    def loss(self, model: Any, which: np.ndarray) -> tuple[torch.Tensor, Sums]:
        """One forward pass for both texts of these pairs."""
        places = self.read.kept[which]
        sides = (self.read.a, self.read.b)
        device = next(model.parameters()).device
        batch = batch_of([(side, int(i)) for side in sides for i in places], self.pad, device)
        # Not accelerate's mixed precision, which makes a float32 copy of all logits: the largest thing in memory.
        with computing(device, self.half):
            both = response_log_probabilities(model, batch).reshape(2, -1)

        def tensor(values: np.ndarray) -> torch.Tensor:
            return torch.tensor(values, dtype=torch.float32, device=device)

        ratio = both - tensor(self.reference[which].T)
        target, weight = tensor(self.target[which]), tensor(self.weight[which])
        if self.settings.method == "ipo":
            tokens = tensor(np.stack([side.response_tokens[places] for side in sides])).clamp(min=1)
            mean = ratio / tokens
            loss = ipo_loss(mean[0] - mean[1], target, self.settings.beta)
        else:
            loss = dpo_loss(ratio[0] - ratio[1], target, self.settings.beta)
        rewards = (self.settings.beta * ratio.detach()).double().cpu().numpy()
        return weight * loss, self._said(rewards, both.detach().double().cpu().numpy(), self.prefers_a[which])

    def held_back(self, model: Any) -> dict[str, float]:  # noqa: ARG002
        """Nothing: held-out pairs are measured when the training has ended."""
        return {}

    @staticmethod
    def _said(rewards: np.ndarray, log_p: np.ndarray, prefers_a: np.ndarray) -> Sums:
        """What TRL's DPOTrainer reports, under its names; pairs that prefer neither side count in none of it."""
        some = prefers_a != 0
        n = float(some.sum())
        if n == 0:
            return {}
        for_a = prefers_a[some] > 0

        def split(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            a, b = values[0][some], values[1][some]
            return np.where(for_a, a, b), np.where(for_a, b, a)

        (chosen, rejected), (log_chosen, log_rejected) = split(rewards), split(log_p)
        measures = {
            "rewards/chosen": chosen,
            "rewards/rejected": rejected,
            "rewards/accuracies": chosen > rejected,
            "rewards/margins": chosen - rejected,
            "logps/chosen": log_chosen,
            "logps/rejected": log_rejected,
        }
        return {name: (float(values.sum()), n) for name, values in measures.items()}


class ChosenTexts:
    """Texts learned by heart, the loss of each being its mean over tokens: what rejection sampling trains on."""

    def __init__(self, texts: Sequences, pad: int, *, half: bool = False) -> None:
        self.texts, self.pad, self.half = texts, pad, half

    @property
    def units(self) -> int:
        """How many texts there are."""
        return len(self.texts)

    def loss(self, model: Any, which: np.ndarray) -> tuple[torch.Tensor, Sums]:
        """Negative log-likelihood of a token, averaged over each text."""
        device = next(model.parameters()).device
        batch = batch_of([(self.texts, int(i)) for i in which], self.pad, device)
        tokens = torch.tensor(self.texts.response_tokens[which], device=device).clamp(min=1)
        with computing(device, self.half):
            loss = -response_log_probabilities(model, batch) / tokens
        return loss, {}

    def held_back(self, model: Any) -> dict[str, float]:  # noqa: ARG002
        """Nothing is held back."""
        return {}
