"""The hybrid selection formula of the original design notes, step by step as they have it: the peer of
`selection_speed.py`."""

from __future__ import annotations

import numpy as np


def literal_hybrid(
    margin: np.ndarray,
    embeddings: np.ndarray,
    budget: int,
    uncertainty_weight: float = 0.6,
    diversity_weight: float = 0.4,
) -> list[int]:
    """Positions picked; before every pick all differences to all picks are formed anew, n x picks x features
    numbers."""
    selected: list[int] = []
    scores = np.array([1.0 / (1.0 + abs(gap)) for gap in margin]) * uncertainty_weight
    for _ in range(budget):
        combined = scores
        if selected:
            distances = np.min(
                np.linalg.norm(embeddings[:, None, :] - embeddings[selected][None, :, :], axis=2), axis=1
            )
            if distances.max() > 0:
                distances = distances / distances.max()
            combined = scores + diversity_weight * distances
        for index in np.argsort(-combined):
            if index not in selected:
                selected.append(int(index))
                break
    return selected
