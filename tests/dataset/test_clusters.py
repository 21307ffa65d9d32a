"""Clusters: what any of several groupings ties together, against a naive search."""

from __future__ import annotations

import numpy as np

from workbench.dataset.clusters import joined


def naive(links: list[np.ndarray]) -> list[int]:
    n, cluster = len(links[0]), list(range(len(links[0])))
    changed = True
    while changed:
        changed = False
        for i in range(n):
            for j in range(n):
                tied = any(link[i] >= 0 and link[i] == link[j] for link in links)
                if tied and cluster[i] != cluster[j]:
                    cluster[i] = cluster[j] = min(cluster[i], cluster[j])
                    changed = True
    return cluster


def test_the_same_clusters_as_a_naive_search() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        links = [rng.integers(-1, 8, 12) for _ in range(int(rng.integers(1, 4)))]
        found, sought = joined(*links), naive(links)
        assert [[a == b for b in found] for a in found] == [[a == b for b in sought] for a in sought]
        assert list(dict.fromkeys(found)) == list(range(found.max() + 1))


def test_prompts_within_groups_and_groups_within_prompts() -> None:
    fine, coarse = np.arange(6) // 2, np.arange(6) // 4
    assert joined(fine, coarse).tolist() == joined(coarse, fine).tolist() == [0, 0, 0, 0, 1, 1]
