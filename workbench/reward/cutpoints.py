r"""Likelihood of graded preferences: symmetric cutpoints on one latent margin.

With $u = \Delta - t_k$ and $l = \Delta - t_{k-1}$ the probability of level k is $\sigma(u) - \sigma(l) =
\sigma(u)\,\sigma(-l)\,(1 - e^{-(t_{k-1} - t_k)})$: the last factor does not depend on the margin, so the derivatives
stay simple and no two nearly equal numbers are subtracted.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from workbench.reward.newton import Objective

_PSEUDO = 0.01
"""Pseudo-labels that keep a gap between cutpoints open where a level never occurs, and finite where only it does."""


class CumulativeLogit:
    """Loss of levels given margins; its own parameters are the gaps between cutpoints on one side of zero.

    Parameters
    ----------
    level : int64 (n,): 0 = "A much better" ... `levels - 1`.
    levels : number of levels K.
    weight : float64 (n,).
    """

    def __init__(self, level: np.ndarray, levels: int, weight: np.ndarray) -> None:
        self.level, self.levels, self.weight = level, levels, weight
        self.design = _design(levels)

    def cutpoints(self, gaps: np.ndarray) -> np.ndarray:
        """(K - 1,), descending."""
        return self.design @ gaps

    def start(self) -> np.ndarray:
        """All gaps one."""
        return np.ones(self.design.shape[1])

    def at(self, gaps: np.ndarray, margin: np.ndarray) -> Objective:
        """Loss and derivatives; infinite where a gap is not positive."""
        k, w, m = self.level, self.weight, len(gaps)
        if (gaps <= 0).any():
            return Objective(np.inf, margin, margin)
        cut = self.cutpoints(gaps)
        below, above = np.append(cut, -np.inf)[k], np.insert(cut, 0, np.inf)[k]
        u, low = margin - below, margin - above
        inner = np.isfinite(u) & np.isfinite(low)
        between = np.where(inner, above - below, 1.0)
        loss = np.logaddexp(0.0, -u) + np.logaddexp(0.0, low) - np.where(inner, np.log(-np.expm1(-between)), 0.0)
        slope = expit(low) - expit(-u)
        bend_u, bend_low = expit(u) * expit(-u), expit(low) * expit(-low)

        # The gap's own pull, first and second derivative of -ln(1 - e^-g).
        pull = np.where(inner, -1 / np.expm1(between), 0.0)
        bend = np.where(inner, 1 / (4 * np.sinh(between / 2) ** 2), 0.0)
        rows = np.vstack([self.design, np.zeros(m)])
        of_u, of_low = rows[k], np.vstack([np.zeros(m), self.design])[k]
        first = expit(-u)[:, None] * of_u - expit(low)[:, None] * of_low + pull[:, None] * (of_low - of_u)
        second = (of_u * (w * bend_u)[:, None]).T @ of_u + (of_low * (w * bend_low)[:, None]).T @ of_low
        second += ((of_low - of_u) * (w * bend)[:, None]).T @ (of_low - of_u)
        cross = -w[:, None] * (bend_u[:, None] * of_u + bend_low[:, None] * of_low)
        value = float(w @ loss) + _PSEUDO * float((gaps - np.log(gaps)).sum())
        return Objective(
            value,
            w * slope,
            w * (bend_u + bend_low),
            w @ first + _PSEUDO * (1 - 1 / gaps),
            second + np.diag(_PSEUDO / gaps**2),
            cross,
        )


def _design(levels: int) -> np.ndarray:
    """(K - 1, m): how the cutpoints follow from the gaps, the innermost first.

    An even number of levels has a cutpoint at zero; an odd number has the tie around it, whose half width is the first
    gap.
    """
    half = (levels - 1) // 2
    upper = np.tril(np.ones((half, half)))
    middle = np.zeros((1 - levels % 2, half))
    return np.vstack([upper[::-1], middle, -upper])
