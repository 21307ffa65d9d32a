"""After how many tasks is an annotator who clicks at random found, and how often is an honest one flagged?

Compares the usual rule (cumulative gold accuracy below a floor) with a sequential test on gold alone, and on gold and
peers.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from workbench.annotators.sequential import SequentialTest

_GRID = 4_001


@dataclass(frozen=True, eq=False)
class Detection:
    """How a rule or test treats one annotator over time.

    Attributes
    ----------
    flagged_by : float (t + 1,): chance to have been flagged after so many tasks.
    ever : chance to be flagged at all, within the tasks looked at.
    mean, median, late : tasks until flagged, of those who are: mean, half of them, and 95% of them.
    mean_to_decision : mean tasks until flagged or cleared; None for a rule that never clears.
    """

    flagged_by: np.ndarray
    ever: float
    mean: float | None
    median: int | None
    late: int | None
    mean_to_decision: float | None = None


def detection(flagged_by: np.ndarray, mean_to_decision: float | None = None) -> Detection:
    """Summary of a curve of chances to have been flagged."""
    ever = float(flagged_by[-1])
    if ever <= 0:
        return Detection(flagged_by, 0.0, None, None, None, mean_to_decision)
    mean = float((np.diff(flagged_by) * np.arange(1, len(flagged_by))).sum() / ever)
    at = [int(np.searchsorted(flagged_by, q * ever - 1e-12)) for q in (0.5, 0.95)]
    return Detection(flagged_by, ever, mean, at[0], at[1], mean_to_decision)


def floor_rule(
    accuracy: float, *, gold_per_batch: int = 5, batch: int = 50, least: int = 5, floor: float = 0.6, batches: int = 80
) -> Detection:
    """The usual rule: flag at the first gold answer from the `least`-th on at which cumulative accuracy is below
    `floor`. Exact.

    Parameters
    ----------
    accuracy : chance that a gold answer agrees.
    gold_per_batch, batch : so many gold items stand at random places of each batch.
    batches : how far to look.

    Examples
    --------
    >>> found = floor_rule(0.5)
    >>> [round(float(found.flagged_by[t]), 4) for t in (20, 50, 100)]
    [0.0037, 0.5, 0.8145]
    """
    golds, tasks = gold_per_batch * batches, batch * batches
    flag_at = np.zeros(golds + 1)
    alive = np.array([1.0])
    for k in range(1, golds + 1):
        moved = np.zeros(k + 1)
        moved[1:] += alive * accuracy
        moved[:-1] += alive * (1 - accuracy)
        out = np.arange(k + 1) / k < floor - 1e-12 if k >= least else np.zeros(k + 1, bool)
        flag_at[k], alive = moved[out].sum(), np.where(out, 0.0, moved)
    # Where the j-th of the gold items of a batch stands: P(place <= t) = P(at least j of the first t tasks are gold).
    places = np.zeros((gold_per_batch, batch + 1))
    for t in range(batch + 1):
        inside = np.array([comb(t, i) * comb(batch - t, gold_per_batch - i) for i in range(gold_per_batch + 1)]) / comb(
            batch, gold_per_batch
        )
        places[:, t] = inside[::-1].cumsum()[::-1][1:]
    flagged_by = np.zeros(tasks + 1)
    for k in range(1, golds + 1):
        of, j = divmod(k - 1, gold_per_batch)
        flagged_by[of * batch : (of + 1) * batch + 1] += flag_at[k] * places[j]
        flagged_by[(of + 1) * batch + 1 :] += flag_at[k]
    return detection(flagged_by)


@dataclass(frozen=True)
class Design:
    """What an annotator's tasks show about the annotator.

    Attributes
    ----------
    gold_share : share of tasks with a known answer.
    overlap : share of the other tasks that two peers have judged too.
    peer_accuracy : of each peer.

    >>> round(Design().peers_agree, 3)
    0.731
    """

    gold_share: float = 0.10
    overlap: float = 1.0
    peer_accuracy: float = 0.84

    @property
    def peers_agree(self) -> float:
        """Chance that the two peers agree; where they do not, the item says nothing about the annotator."""
        return self.peer_accuracy**2 + (1 - self.peer_accuracy) ** 2

    def matches_peers(self, accuracy: float) -> float:
        """Chance that an annotator's choice matches two peers who agree."""
        trust = self.peer_accuracy**2 / self.peers_agree
        return accuracy * trust + (1 - accuracy) * (1 - trust)


def sequential_plan(
    test: SequentialTest, accuracy: float, design: Design | None = None, tasks: int = 3_000
) -> Detection:
    r"""The sequential test on gold and peers: when is an annotator of this accuracy flagged?

    A gold task adds the test's own step. A task on which two peers agree adds the step for matching them, with chances
    $q(p) = p w + (1 - p)(1 - w)$, $w = a^2 / (a^2 + (1 - a)^2)$ in place of p. The distribution of the log-likelihood
    ratio is carried on a fine grid, each step shared between its two neighbours so that its mean is exact.

    Parameters
    ----------
    accuracy : chance that a choice of this annotator is right (binary choice).
    design : what the tasks show; `Design(overlap=0)` is gold alone.
    tasks : how far to look.
    """
    d = design or Design()
    q_good, q_bad, q = d.matches_peers(test.p_good), d.matches_peers(test.p_bad), d.matches_peers(accuracy)
    peer = (1 - d.gold_share) * d.overlap * d.peers_agree
    steps = np.array([test.step_right, test.step_wrong, np.log(q_bad / q_good), np.log((1 - q_bad) / (1 - q_good))])
    chance = np.array([d.gold_share * accuracy, d.gold_share * (1 - accuracy), peer * q, peer * (1 - q)])
    grid = np.linspace(test.clear_at, test.flag_at, _GRID)
    width = grid[1] - grid[0]
    alive = np.zeros(_GRID)
    alive[round(-test.clear_at / width)] = 1.0
    flagged_by = np.zeros(tasks + 1)
    mean_to_decision = 0.0
    for t in range(1, tasks + 1):
        mean_to_decision += float(alive.sum())
        moved = alive * (1 - chance.sum())
        flagged = 0.0
        for step, p in zip(steps, chance, strict=True):
            whole = int(np.floor(step / width))
            for shift, share in ((whole, 1 - (step / width - whole)), (whole + 1, step / width - whole)):
                part = alive * (p * share)
                if shift > 0:
                    flagged += part[_GRID - shift :].sum()
                    moved[shift:] += part[:-shift]
                else:
                    moved[: _GRID + shift] += part[-shift:]
        flagged += moved[-1]
        moved[0] = moved[-1] = 0.0
        alive = moved
        flagged_by[t] = flagged_by[t - 1] + flagged
        if alive.sum() < 1e-10:
            flagged_by[t:] = flagged_by[t]
            break
    return detection(flagged_by, mean_to_decision)
