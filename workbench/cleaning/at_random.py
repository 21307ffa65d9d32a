"""As many judgements and items set aside at random as asked for, exactly; compiled once and cached on disk."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def set_aside_at_random(starts, annotator, drawn, of_drawn, of_others, items, seed, kept):  # type: ignore[no-untyped-def]
    """Sets aside so many judgements of the drawn annotators, so many of the others, and so many items, all at random.

    Exact numbers by selection sampling: each candidate in turn goes with probability (still to go) / (candidates left)
    (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S).

    Parameters
    ----------
    drawn : bool (n_annotators,).
    of_drawn, of_others, items : how many go; more than there are = all.
    kept : bool (n,), written.
    """
    state = np.uint64(seed)
    left_drawn, left_others, left_items = 0, 0, 0
    for i in range(len(starts) - 1):
        left_items += starts[i + 1] > starts[i]
    for j in range(len(annotator)):
        left_drawn += drawn[annotator[j]]
    left_others = len(annotator) - left_drawn
    for i in range(len(starts) - 1):
        if starts[i + 1] == starts[i]:
            continue
        state += np.uint64(0x9E3779B97F4A7C15)
        whole = items > 0 and _uniform(state) * left_items < items
        items -= whole
        left_items -= 1
        for j in range(starts[i], starts[i + 1]):
            state += np.uint64(0x9E3779B97F4A7C15)
            if drawn[annotator[j]]:
                goes = of_drawn > 0 and _uniform(state) * left_drawn < of_drawn
                of_drawn -= goes
                left_drawn -= 1
            else:
                goes = of_others > 0 and _uniform(state) * left_others < of_others
                of_others -= goes
                left_others -= 1
            kept[j] = not (goes or whole)


@njit(cache=True, nogil=True, inline="always")
def _uniform(state):  # type: ignore[no-untyped-def]
    """A number in [0, 1) from a counter (splitmix64; Steele, Lea & Flood 2014)."""
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.float64(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)
