"""Pools for the tests of selection, and the original hybrid formula written out as the design notes have it."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from workbench.selection import STRATEGIES, Pool


def pool_of(n: int = 300, d: int = 6, seed: int = 0, **more: object) -> Pool:
    """Random pairs with everything any strategy could need."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d)).astype(np.float32) * rng.uniform(0.3, 2, (n, 1)).astype(np.float32)
    margin = x @ rng.standard_normal(d) + 0.1 * rng.standard_normal(n)
    members = 1 / (1 + np.exp(-(margin + 0.5 * rng.standard_normal((4, n)))))
    root = rng.standard_normal((d, d)) / d
    have: dict[str, object] = {
        "probability": 1 / (1 + np.exp(-margin)),
        "members": members,
        "covariance": root @ root.T + 0.3 * np.eye(d),
        "cost": rng.uniform(0.5, 3, n),
        "flip": rng.uniform(0.01, 0.4, n),
        "slice": np.array(["en", "de", "fr"])[rng.integers(0, 3, n)],
        "ids": [f"pair {i}" for i in range(n)],
    }
    return Pool(features=x, **{**have, **more})  # type: ignore[arg-type]


def rearranged(pool: Pool, order: np.ndarray) -> Pool:
    """The same pairs in another order."""
    changed: dict[str, object] = {}
    for name in (f.name for f in fields(Pool)):
        value = getattr(pool, name)
        if value is None or name in ("covariance", "labelled"):
            changed[name] = value
        else:
            changed[name] = (
                value[:, order] if name == "members" else [value[i] for i in order] if name == "ids" else value[order]
            )
    return Pool(**changed)  # type: ignore[arg-type]


def turned(pool: Pool, rows: np.ndarray) -> Pool:
    """The same pairs, some of them with the sides exchanged."""
    changed = {f.name: getattr(pool, f.name) for f in fields(Pool)}
    changed["features"] = np.where(rows[:, None], -pool.features, pool.features)
    for name in ("probability", "members"):
        value = changed[name]
        changed[name] = None if value is None else np.where(rows, 1 - value, value)
    if pool.margin is not None:
        changed["margin"] = np.where(rows, -pool.margin, pool.margin)
    if pool.votes is not None:
        changed["votes"] = np.where(rows[:, None], pool.votes[:, ::-1], pool.votes)
    return Pool(**changed)


def literal_hybrid(
    margin: np.ndarray,
    embeddings: np.ndarray,
    budget: int,
    uncertainty_weight: float = 0.6,
    diversity_weight: float = 0.4,
) -> list[int]:
    """The formula of the original design notes step by step: all differences to all picks are formed anew for every
    pick."""
    uncertainties = [1.0 / (1.0 + abs(gap)) for gap in margin]
    selected: list[int] = []
    scores = np.array(uncertainties) * uncertainty_weight
    for _ in range(budget):
        if selected:
            picked = embeddings[selected]
            distances = np.min(np.linalg.norm(embeddings[:, None, :] - picked[None, :, :], axis=2), axis=1)
            if distances.max() > 0:
                distances = distances / distances.max()
            combined = scores + diversity_weight * distances
        else:
            combined = scores
        for index in np.argsort(-combined):
            if index not in selected:
                selected.append(int(index))
                break
    return selected


ALL = tuple(STRATEGIES)
