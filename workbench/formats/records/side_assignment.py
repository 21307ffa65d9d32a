"""Sides for pairs whose export says which response won but not which was shown first.

Taking the winner as A would write the label into the side. The side is decided by a hash of the contents instead: the
same in every run and for both orders of a pair, independent of who won, and balanced.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.scales import NULL, LabelScale
from workbench.hashing import hash_strings


def second_goes_first(prompt: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Whether the second response becomes A.

    Parameters
    ----------
    prompt, one, two : uint64 (n,), hashes of the prompts and of the two responses (`workbench.hashing.hash_strings`).

    Returns
    -------
    bool (n,): exchanging `one` and `two` negates it (unless they are equal), and so the same response is A either way.
    """
    with np.errstate(over="ignore"):
        pair = prompt + (one + two) * np.uint64(0x9E3779B97F4A7C15)
        return _scattered(one ^ pair) > _scattered(two ^ pair)


def _scattered(x: np.ndarray) -> np.ndarray:
    """The finaliser of the splitmix64 generator: each bit of the input changes half of the output's."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def assign_sides(items: pd.DataFrame, rows: pd.DataFrame, scale: LabelScale) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Exchanges A and B of about half of the items, and the labels with them.

    Parameters
    ----------
    items, rows : as in an `Export`; the labels are those of `scale`.

    Examples
    --------
    >>> from workbench.dataset.scales import BINARY
    >>> items = pd.DataFrame(
    ...     {
    ...         "prompt": "p",
    ...         "response_a": [f"good {i}" for i in range(1000)],
    ...         "response_b": [f"bad {i}" for i in range(1000)],
    ...     }
    ... )
    >>> rows = pd.DataFrame({"item_row": range(1000), "label": "A"})
    >>> _, labelled = assign_sides(items, rows, BINARY)
    >>> 450 < labelled["label"].tolist().count("B") < 550
    True
    """
    of = ("prompt", "response_a", "response_b") if "response_a" in items else ("item_id", "model_a", "model_b")
    hashes = [hash_strings(items[c].astype("str")) if c in items else np.zeros(len(items), np.uint64) for c in of]
    swap = second_goes_first(*hashes)
    items, rows = items.copy(), rows.copy()
    for left, right in (("response_a", "response_b"), ("model_a", "model_b")):
        if left in items and right in items:
            a, b = items[left].to_numpy(object), items[right].to_numpy(object)
            items[left], items[right] = np.where(swap, b, a), np.where(swap, a, b)
    names = np.array([*scale.labels, None], object)
    codes = pd.Categorical(rows["label"], categories=list(scale.labels)).codes.astype(np.int8)
    swapped = swap[rows["item_row"].to_numpy(np.int64)]
    rows["label"] = names[np.where(swapped & (codes != NULL), scale.flip(codes), codes)]
    return items, rows
