r"""Disagreement: is another label worth more on a pair that has some, or on a new one?

The right side of a pair is A with odds $p/(1-p)$ by the model (even without one) times $((1-\eta)/\eta)$ for each vote
for A over those for B, where $\eta$ is how often a label is wrong. The next label then tells $H(q) - H(\eta)$ about it,
$q = \pi(1-\eta) + (1-\pi)\eta$: most for pairs whose votes contradict each other, nothing for those settled, and for a
new pair as much as the model leaves open. So relabelling and new pairs compete in one unit (Sheng, Provost & Ipeirotis
2008, *Get another label?*; Lin, Mausam & Weld 2016, *Re-active learning*).
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from workbench.errors import WorkbenchError
from workbench.selection.contract import Pool
from workbench.selection.greedy import Picked, Task, pick_best
from workbench.selection.information import binary_entropy, per_cost

FLIP = 0.2
"""How often a label is taken to be wrong where the pool does not say."""


def pick(pool: Pool, task: Task, *, flip: float = FLIP, cost_aware: bool = False) -> Picked:
    """The pairs whose next label tells most about their right side, labelled before or not.

    Parameters
    ----------
    pool, task : what is asked.
    flip : how often a label is wrong, where the pool does not say; above 0 and below 0.5.
    cost_aware : information over expected cost.
    """
    if not 0 < flip < 0.5:
        raise WorkbenchError(
            f"A label that is wrong with chance {flip} cannot be weighed.", "Give a chance above 0 and below 0.5."
        )
    wrong = np.full(len(pool), flip) if pool.flip is None else np.clip(pool.flip, 1e-4, 0.4999)
    gain = next_label_information(pool, wrong)
    rows, got = pick_best(gain * per_cost(pool, cost_aware=cost_aware), task)
    again = int(pool.voted[rows].sum()) if rows else 0
    notes = [
        f"{again:,} of {len(rows):,} picks have labels already and are to be judged once more, {len(rows) - again:,}"
        " are new."
    ]
    if pool.flip is None:
        notes.append(f"Labels are taken to be wrong with chance {flip:g}; nothing was measured.")
    return Picked(rows, got, "expected information about the right side, nats", tuple(notes))


def next_label_information(pool: Pool, flip: np.ndarray) -> np.ndarray:
    """What one more label tells about the right side of each pair, float64 (n,), in nats.

    Parameters
    ----------
    pool : with votes, and with probabilities where there is a model.
    flip : float64 (n,): how often a label is wrong.

    Two votes against each other leave a pair as open as none, two that agree settle it:

    >>> pool = Pool(features=np.zeros((3, 1)), votes=np.array([[1, 1], [2, 0], [0, 0]]))
    >>> next_label_information(pool, np.full(3, 0.2)).round(3).tolist()
    [0.193, 0.045, 0.193]
    """
    prior = np.zeros(len(pool)) if pool.probability is None else logit(np.clip(pool.probability, 1e-9, 1 - 1e-9))
    votes = np.zeros((len(pool), 2)) if pool.votes is None else np.asarray(pool.votes, float)
    right = expit(prior + (votes[:, 0] - votes[:, 1]) * logit(1 - flip))
    q = right * (1 - flip) + (1 - right) * flip
    return np.asarray(binary_entropy(q) - binary_entropy(flip))
