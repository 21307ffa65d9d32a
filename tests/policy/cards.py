"""Scorecards without a training."""

from __future__ import annotations

import numpy as np

from workbench.estimates import Estimate
from workbench.policy.curve import Measured, curve_of
from workbench.policy.scorecard import HeldOut, PolicyScorecard, Sampled, policy_scorecard
from workbench.policy.win_rate import WinRate
from workbench.reward.pairs import Pairs
from workbench.reward.ranking import clustered_share


def rate(values: np.ndarray) -> Estimate:
    return clustered_share(values, np.arange(len(values)), "Win rate")


def finished_card(pairs: Pairs, rng: np.random.Generator) -> PolicyScorecard:
    """A policy that learned something, moved, and was over-optimised in the end."""
    n = len(pairs)
    reference = rng.normal(-60, 5, (n, 2))
    side = np.sign(pairs.target - 0.5)
    gain = np.stack([side, -side], 1) * 2 + rng.normal(0, 3, (n, 2)) - 4
    held = HeldOut(
        pairs=pairs,
        policy=reference + gain,
        reference=reference,
        tokens=rng.integers(10, 40, (n, 2)),
        beta=0.1,
        reward_margin=side + rng.normal(0, 2, n),
    )
    prompts = 20
    both = rng.normal(30, 4, (prompts, 2)) + [0, 9]
    sampled = Sampled(
        group=np.arange(prompts),
        kl=rng.gamma(4, 1, prompts),
        length=both,
        finished=np.clip(rng.normal(0.8, 0.1, (prompts, 2)), 0, 1),
        diversity=np.clip(rng.normal(0.7, 0.1, (prompts, 2)) - [0, 0.2], 0, 1),
        each=2,
        new_tokens=64,
    )

    def at(step: int, kl: float, win: float) -> Measured:
        return Measured(
            step=step,
            kl=np.full(prompts, kl) * rng.gamma(20, 0.05, prompts),
            wins=np.clip(rng.normal(win, 0.05, prompts), 0, 1) if step else np.full(prompts, 0.5),
            reward=rng.normal(step / 10, 0.5, prompts),
            length=np.full(prompts, 30.0 + step),
        )

    curve = curve_of(
        [at(0, 0.0, 0.5), at(10, 1.0, 0.7), at(20, 3.0, 0.8), at(40, 9.0, 0.4)], np.arange(prompts), "judge:j"
    )
    wins = WinRate(
        rate=rate(rng.random(40).round()), judge="judge:j", orders=2, ties=3, flipped=2, both_orders=40, usd=0.0
    )
    return policy_scorecard(held, sampled, wins, curve)
