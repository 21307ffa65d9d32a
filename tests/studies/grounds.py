"""Benches with a known truth for the tests of studies."""

from __future__ import annotations

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.simulation.simulate import simulate
from workbench.studies.bench import Bench


def linear_bench(n: int = 3_000, d: int = 16, flip: float = 0.0, seed: int = 5) -> Bench:
    """A pool whose preferences follow a linear Bradley-Terry model; labels are noisy, the truth measured on is not."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)).astype(np.float32)
    p = 1 / (1 + np.exp(-x @ rng.normal(size=d)))
    said = (rng.random(n) < p).astype(float)
    said = np.where(rng.random(n) < flip, 1 - said, said)
    return Bench(features=x, group=np.arange(n) // 2, truth=(p > 0.5).astype(float), label=said)


def crowd(annotations: int = 3_000, **more: object) -> AnnotationSet:
    """Simulated judgements with gold on every clear item and no texts."""
    options: dict = {
        "seed": 1,
        "gold_share": 1.0,
        "spammers": 0.15,
        "labels_per_item": 3,
        "scale": "binary",
        "texts": False,
        **more,
    }
    return simulate(annotations, **options).data


def crowd_bench(data: AnnotationSet, d: int = 12, noise: float = 0.5, seed: int = 0) -> Bench:
    """A bench for simulated judgements: one direction of the features carries the quality that the gold knows of."""
    rng = np.random.default_rng(seed)
    n = len(data.items)
    truth = np.where(data.gold == NULL, np.nan, (data.gold == 0).astype(float))
    side = np.where(np.isnan(truth), 0.0, 2 * truth - 1)
    x = rng.normal(size=(n, d))
    x[:, 0] = noise * x[:, 0] + side
    group = np.arange(n) if data.group_codes is None else data.group_codes
    return Bench(features=x.astype(np.float32), group=np.asarray(group), truth=truth, data=data)
