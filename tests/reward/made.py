"""Small sets of pairs with a known preference."""

from __future__ import annotations

import numpy as np

from workbench.reward.pairs import Pairs

GOOD = ["clear", "because", "careful", "reason", "source", "explain", "kind", "exact", "steps", "helpful"]
BAD = ["dunno", "lol", "whatever", "nah", "boring", "stupid", "meh", "ugh", "idk", "random"]
PLAIN = ["the", "answer", "question", "is", "about", "water", "and", "trees", "with", "light"]


def planted_pairs(n: int = 300, groups: int = 30, seed: int = 0, flips: float = 0.0, levels: int = 2) -> Pairs:
    """Pairs of which the side with more good words is preferred; with more levels, much preferred where it has far
    more."""
    rng = np.random.default_rng(seed)

    def text(share: float) -> str:
        return " ".join(
            rng.choice(GOOD if rng.random() < share else BAD) if rng.random() < 0.5 else rng.choice(PLAIN)
            for _ in range(12)
        )

    a, b = np.array([text(s) for s in rng.random(n)], object), np.array([text(s) for s in rng.random(n)], object)
    lead = np.array([sum(w in GOOD for w in x.split()) - sum(w in BAD for w in x.split()) for x in a], float)
    lead -= [sum(w in GOOD for w in x.split()) - sum(w in BAD for w in x.split()) for x in b]
    lead = lead + rng.normal(size=n) * 0.5
    cuts = np.linspace(3, -3, levels - 1) if levels > 2 else np.zeros(1)
    level = (lead[:, None] < cuts).sum(1)
    level = np.where(rng.random(n) < flips, levels - 1 - level, level).astype(np.int8)
    middle = (levels - 1) / 2
    group = rng.integers(0, groups, n)
    prompts = np.array([f"question number {g}" for g in group], object)
    target = np.where(level < middle, 1.0, np.where(level > middle, 0.0, 0.5))
    return Pairs(
        prompt=prompts,
        response_a=a,
        response_b=b,
        target=target,
        level=level,
        levels=levels,
        weight=np.ones(n),
        group=group,
        source=np.full(n, "", object),
        item=np.arange(n),
        labels="planted",
    )
