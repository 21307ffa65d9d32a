r"""Losses of a preference, as functions of the margin $\Delta$ = score of A minus score of B: value, slope and
curvature of each pair.

All are one function, $\ell(\Delta, q, m) = -q \ln\sigma(\Delta - m) - (1 - q) \ln\sigma(-\Delta - m)$, with another
target q or another push m:

| loss | target q | push m |
|---|---|---|
| Bradley-Terry (1952) | 1 or 0 | 0 |
| soft labels | probability that A is preferred; 0.5 for a tie | 0 |
| label smoothing, cDPO (Mitchell 2023) | $(1 - 2\varepsilon) q + \varepsilon$ | 0 |
| noise-corrected, rDPO (Chowdhury et al. 2024) | $(q - \varepsilon) / (1 - 2\varepsilon)$ | 0 |
| Llama 2 (Touvron et al. 2023, eq. 2) | 1 or 0 | grows with how clear the preference is |

The noise-corrected loss $[(1 - \varepsilon)\,\ell(\Delta) - \varepsilon\,\ell(-\Delta)] / (1 - 2\varepsilon)$ is this
one with a target outside 0 to 1, because $\ell(-\Delta) = \ell(\Delta) + \Delta$: it has no lower bound of its own, and
needs a penalty on the coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from workbench.errors import WorkbenchError

LLAMA_MARGINS = {"small": (1.0, 2 / 3, 1 / 3, 0.0), "large": (3.0, 2.0, 1.0, 0.0)}
"""Pushes of Llama 2 for "significantly better", "better", "slightly better" and "negligibly better or unsure" (Touvron
et al. 2023, table 27)."""


@dataclass(frozen=True, eq=False)
class PreferenceLoss:
    """Loss of each pair with its derivatives by the margin, (n,) each."""

    value: np.ndarray
    slope: np.ndarray
    curvature: np.ndarray


def preference_loss(margin: np.ndarray, target: np.ndarray, push: np.ndarray | float = 0.0) -> PreferenceLoss:
    r"""$\ell = -q \ln\sigma(\Delta - m) - (1 - q) \ln\sigma(-\Delta - m)$, its slope and its curvature.

    Parameters
    ----------
    margin, target : (n,).
    push : m, (n,) or one number, at least 0.

    Examples
    --------
    >>> float(preference_loss(np.array([2.0]), np.array([1.0])).value[0].round(6))
    0.126928
    """
    d, q, m = np.asarray(margin, float), np.asarray(target, float), push
    for_a, for_b = expit(m - d), expit(m + d)
    return PreferenceLoss(
        q * np.logaddexp(0.0, m - d) + (1 - q) * np.logaddexp(0.0, m + d),
        (1 - q) * for_b - q * for_a,
        q * for_a * (1 - for_a) + (1 - q) * for_b * (1 - for_b),
    )


def smoothed_target(target: np.ndarray, smoothing: np.ndarray | float) -> np.ndarray:
    r"""Target of label smoothing: $(1 - 2\varepsilon) q + \varepsilon$, for labels thought to be wrong with probability
    $\varepsilon$ at most.

    >>> loss = preference_loss(np.array([2.0]), smoothed_target(np.array([1.0]), 0.1))
    >>> float(loss.value[0].round(6))
    0.326928
    """
    e = _share(smoothing, "smoothing")
    return (1 - 2 * e) * np.asarray(target, float) + e


def corrected_target(target: np.ndarray, flips: np.ndarray | float) -> np.ndarray:
    r"""Target of the noise-corrected loss: $(q - \varepsilon) / (1 - 2\varepsilon)$, whose expectation over flipped
    labels is the clean loss.

    Parameters
    ----------
    flips : probability that a label names the wrong side, for all pairs or for each.

    Examples
    --------
    >>> loss = preference_loss(np.array([2.0]), corrected_target(np.array([1.0]), 0.1))
    >>> float(loss.value[0].round(6))
    -0.123072
    """
    e = _share(flips, "flip rate")
    return (np.asarray(target, float) - e) / (1 - 2 * e)


def strength_push(level: np.ndarray, levels: int, margins: str | tuple[float, ...] = "small") -> np.ndarray:
    """How far apart should the two scores be, for a label of this strength?

    Parameters
    ----------
    level : label codes of a scale from "A much better" to "B much better", -1 = none.
    levels : labels on the scale.
    margins : a name in `LLAMA_MARGINS`, or pushes from the strongest label to none. A scale with other strengths than
        there are pushes is spread evenly over them.

    Examples
    --------
    >>> strength_push(np.array([0, 1, 2, 3, 4, -1]), 5).round(3).tolist()
    [1.0, 0.5, 0.0, 0.5, 1.0, 0.0]
    """
    if isinstance(margins, str) and margins not in LLAMA_MARGINS:
        raise WorkbenchError(f"There are no margins {margins!r}.", f"Choose one of {', '.join(LLAMA_MARGINS)}.")
    pushes = LLAMA_MARGINS[margins] if isinstance(margins, str) else margins
    code = np.asarray(level, float)
    strength = np.abs(2 * code - (levels - 1)) / max(levels - 1, 1)
    return np.where(code >= 0, np.interp(strength, np.linspace(0, 1, len(pushes)), pushes[::-1]), 0.0)


def _share(value: np.ndarray | float, name: str) -> np.ndarray:
    e = np.asarray(value, float)
    if not ((e >= 0) & (e < 0.5)).all():
        raise WorkbenchError(f"A {name} of {float(e.max()):g} cannot be used.", "Give a share from 0 to less than 0.5.")
    return e
