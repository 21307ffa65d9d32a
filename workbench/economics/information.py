"""What a noisy label is worth to a reward model, in labels without noise; and when a second vote is worth more than a
second item.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.economics.units import Value
from workbench.economics.votes import majority_accuracy


def information_factor(accuracy: Value, strength: Value = 0.5) -> Value:
    r"""Share of the Fisher information of a clean label that one of this accuracy keeps.

    $(1 - 2\eta)^2 \sigma (1 - \sigma) / (p (1 - p))$ with $\eta = 1 - \text{accuracy}$ and $p = \eta + (1 -
    2\eta)\sigma$. At $\sigma = 1/2$ this is $(1 - 2\eta)^2$, and there it is largest: clear pairs lose more to the same
    noise.

    Parameters
    ----------
    accuracy : chance that the label names the better response.
    strength : sigma, how sure a perfect model is of the better side.

    >>> [round(float(information_factor(0.9, s)), 3) for s in (0.5, 0.7, 0.9)]
    [0.64, 0.599, 0.39]
    >>> round(float(information_factor(0.73)), 4), round(float(information_factor(0.63)), 4)
    (0.2116, 0.0676)
    """
    eta, sigma = 1 - np.asarray(accuracy, float), np.asarray(strength, float)
    p = eta + (1 - 2 * eta) * sigma
    return (1 - 2 * eta) ** 2 * sigma * (1 - sigma) / (p * (1 - p))


@dataclass(frozen=True)
class Redundancy:
    """How many votes an item should get.

    Attributes
    ----------
    labels : the best number among those looked at.
    accuracy : of the majority at that number.
    value : information of an item over its cost, at each number from 1 on, in labels without noise per price of a
        label.
    """

    labels: int
    accuracy: float
    value: tuple[float, ...]


@dataclass(frozen=True)
class VotesOrItems:
    """What $1,000 buys at each number of labels an item.

    Attributes
    ----------
    labels : 1, 2, 3, ...
    as_label : effective labels for $1,000 where the votes become one label.
    as_votes : the same where every vote is kept, as a soft label.
    """

    labels: tuple[int, ...]
    as_label: tuple[float, ...]
    as_votes: tuple[float, ...]


def best_redundancy(accuracy: float, item_to_label: float, most: int = 15) -> Redundancy:
    r"""More votes or more items? The number of votes with the most information per dollar when the majority becomes the
    label.

    Largest $(1 - 2\eta_m)^2 / (c_\text{item} + m\, c_\text{label})$ over m.

    Parameters
    ----------
    accuracy : of one vote.
    item_to_label : cost of an item before it is labelled (prompt, generation), over that of one label.
    most : numbers of votes looked at.

    >>> (
    ...     [best_redundancy(0.73, c).labels for c in (0, 1, 2, 5, 10)],
    ...     [best_redundancy(0.9, c).labels for c in (1, 2, 5, 20)],
    ... )
    ([1, 1, 3, 5, 9], [1, 1, 3, 3])
    """
    value = tuple(
        float(information_factor(majority_accuracy(accuracy, m)) / (item_to_label + m)) for m in range(1, most + 1)
    )
    best = int(np.argmax(value)) + 1
    return Redundancy(best, float(majority_accuracy(accuracy, best)), value)
