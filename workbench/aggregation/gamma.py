"""ln Γ and its derivative ψ, for compiled loops, which cannot call scipy's."""

from __future__ import annotations

import math

from numba import njit

_HALF_LOG_TWO_PI = 0.9189385332046727


@njit(nogil=True, cache=True)
def log_gamma(x: float) -> float:
    r"""$\ln\Gamma(x)$ for x > 0, to about 1e-13.

    The recurrence $\Gamma(x+1) = x\Gamma(x)$ leads to x >= 8, where Stirling's series converges (Abramowitz & Stegun
    6.1.41).
    """
    below = 0.0
    if x < 8.0:
        product = x
        x += 1.0
        while x < 8.0:
            product *= x
            x += 1.0
        below = math.log(product)
    r = 1.0 / x
    s = r * r
    series = r * (
        1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))
    )
    return (x - 0.5) * math.log(x) - x + _HALF_LOG_TWO_PI + series - below


@njit(nogil=True, cache=True)
def digamma(x: float) -> float:
    r"""$\psi(x)$, the derivative of $\ln\Gamma$, for x > 0, to about 1e-13 (Abramowitz & Stegun 6.3.5 and 6.3.18)."""
    harmonic = 0.0
    if x < 8.0:
        product, change = x, 1.0  # of the product x (x + 1) ..., and its derivative: their ratio is the harmonic sum
        x += 1.0
        while x < 8.0:
            change = change * x + product
            product *= x
            x += 1.0
        harmonic = change / product
    r = 1.0 / x
    s = r * r
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))))))
    return math.log(x) - 0.5 * r - series - harmonic
