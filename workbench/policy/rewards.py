"""Scores of reward models as what samples are rewarded by: one model, or several with weights, each cut on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.errors import WorkbenchError
from workbench.reward import reward_func

Reward = Callable[[Sequence[str], Sequence[str]], np.ndarray]
"""Prompts and responses, n texts each -> float64 (n,), the higher the better."""


@dataclass(frozen=True, kw_only=True)
class RewardModels:
    """Which reward models reward samples.

    Attributes
    ----------
    folders : of models that this workbench opens.
    weights : of each in the sum; empty = all alike, their mean.
    clip : scores of each are cut to this distance from zero, where above zero.
    """

    folders: tuple[str, ...]
    weights: tuple[float, ...] = ()
    clip: float = 0.0

    def __post_init__(self) -> None:
        if not self.folders:
            raise WorkbenchError(
                "This method learns from the scores of a reward model, and none is named.", "Name its folder."
            )
        if self.weights and len(self.weights) != len(self.folders):
            raise WorkbenchError(
                f"There are {len(self.folders)} reward models and {len(self.weights)} weights.", "Give one for each."
            )


def opened(models: RewardModels) -> Reward:
    """What `workbench.reward.reward_func` makes of them, each model loaded once.

    Raises
    ------
    WorkbenchError
        A folder holds no model that can be opened.
    """
    scored = reward_func(list(models.folders), weights=models.weights or None, clip=models.clip or None)

    def reward(prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
        return np.array(scored(prompts=list(prompts), completions=list(responses)))

    return reward
