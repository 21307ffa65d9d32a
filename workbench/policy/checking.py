"""What a configuration asks for, checked before anything is read or trained; no torch is loaded for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError, first_five
from workbench.policy.rewards import RewardModels
from workbench.policy.settings import PolicySettings
from workbench.policy.win_rate import checked_judge, weights_of


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """How a policy is measured.

    Attributes
    ----------
    prompts : held-out prompts that are answered, at most; 0 = none.
    samples : responses to each.
    curve_prompts : of these, how many are answered at every checkpoint; 0 = no curve.
    judge : who judges responses, as `judge` takes it; empty = nobody.
    local_only : whether the judge must be on this machine.
    """

    prompts: int = 64
    samples: int = 2
    curve_prompts: int = 24
    judge: str = ""
    local_only: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.curve_prompts <= self.prompts <= 100_000 or not 1 <= self.samples <= 64:
            raise WorkbenchError(
                f"{self.prompts} prompts with {self.samples} responses, {self.curve_prompts} of them at every"
                " checkpoint, cannot be measured.",
                "Give at most as many prompts for the curve as for the scorecard, and 1 to 64 responses.",
            )


def checked(config: Mapping[str, Any]) -> tuple[PolicySettings, Measuring, RewardModels | None]:
    """What a configuration asks for; whatever can be refused is refused here, before anything is read or trained.

    Raises
    ------
    WorkbenchError
        A setting is unknown or cannot be used, a folder is missing, or the judge took part in the training.
    """
    settings = PolicySettings.of(dict(config.get("policy") or {}))
    given = dict(config.get("measuring") or {})
    if unknown := sorted(set(given) - {f.name for f in fields(Measuring)}):
        raise WorkbenchError(
            f"There is no setting {first_five(unknown)}.",
            f"Settings are {', '.join(f.name for f in fields(Measuring))}.",
        )
    measuring = Measuring(**given)
    of_rewards = dict(config.get("rewards") or {})
    folders = tuple(str(folder) for folder in of_rewards.get("folders") or ())
    weights = tuple(float(w) for w in of_rewards.get("weights") or ())
    rewards = None
    if folders or settings.needs_reward:
        rewards = RewardModels(folders=folders, weights=weights, clip=settings.reward_clip)
    if measuring.judge:
        spec = checked_judge(measuring.judge, local_only=measuring.local_only)
        if spec.kind == "model" and rewards and settings.needs_reward:
            judge = weights_of(Path(spec.model))
            if judge and judge in {weights_of(Path(folder)) for folder in rewards.folders}:
                raise WorkbenchError(
                    "The judge is the reward model that the policy is trained on, and would find it good whatever it"
                    " says.",
                    "Name a judge that takes no part in the training.",
                )
    return settings, measuring, rewards
