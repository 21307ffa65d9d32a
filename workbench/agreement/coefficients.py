"""Agreement coefficients as functions of sums over items.

Each coefficient is a table, the *statistic* of an item with given label counts, and a *value*, a function of the
statistic summed over items. The point value, the jackknife, the bootstrap and the leave-one-annotator-out values of all
coefficients follow from these two in one way (`workbench.agreement.intervals`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from workbench.agreement.tally import Tally
from workbench.errors import WorkbenchError

LEVELS = ("nominal", "ordinal", "interval", "ratio")
"""Levels of measurement Krippendorff's alpha knows here."""

WEIGHTS = ("identity", "linear", "quadratic", "ordinal")
"""Weights for partial agreement between labels."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Coefficient:
    """An agreement coefficient for one set of labels.

    Attributes
    ----------
    key, name : short name in results, and the field's term.
    statistic : counts (P, K) -> (P, d), the statistic of an item with these label counts.
    value : sums (..., d) -> (...), NaN where undefined.
    chance_corrected : whether one label in use makes it undefined.
    share : whether it lies between 0 and 1.
    ordered : whether it uses an order of, or distances between, the labels.
    includes : tally -> bool (P,), the patterns it looks at.
    """

    key: str
    name: str
    statistic: Callable[[np.ndarray], np.ndarray]
    value: Callable[[np.ndarray], np.ndarray]
    chance_corrected: bool = True
    share: bool = False
    ordered: bool = False
    includes: Callable[[Tally], np.ndarray] = lambda tally: tally.sizes >= 1


def krippendorff(level: str, values: np.ndarray) -> Coefficient:
    r"""Krippendorff's alpha, $1 - D_o / D_e$ on the coincidence matrix of the items with two labels or more.

    $o_{ck} = \sum_u r_{uc}(r_{uk} - [c = k]) / (m_u - 1)$ and $\alpha = 1 - (n - 1) \sum o_{ck} \delta^2_{ck} / \sum
    n_c n_k \delta^2_{ck}$.

    Parameters
    ----------
    level : `nominal` ($[c \ne k]$), `ordinal` (squared difference of the mid-ranks of the pairable labels), `interval`
        ($(v_c - v_k)^2$) or `ratio` ($((v_c - v_k) / (v_c + v_k))^2$).
    values : float (K,): what each label counts at the interval and ratio levels.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. Hayes, A. F., & Krippendorff, K. (2007).
    Communication Methods and Measures 1(1), 77-89.
    """
    k = len(values)
    if level not in LEVELS:
        raise WorkbenchError(
            f"There is no level of measurement called {level!r}.", f"Choose among {', '.join(LEVELS)}."
        )
    if level == "ratio" and (values < 0).any():
        raise WorkbenchError("The ratio level needs labels that are numbers from 0 up.", "Use interval or ordinal.")
    name = f"Krippendorff's alpha, {level}"
    if level == "ordinal":
        upper = np.triu_indices(k, 1)

        def ordinal_statistic(counts: np.ndarray) -> np.ndarray:
            r, scale = _pairable(counts)
            return np.concatenate([r[:, upper[0]] * r[:, upper[1]] * scale[:, None], r], axis=1)

        def ordinal_value(sums: np.ndarray) -> np.ndarray:
            o, n_c = sums[..., : len(upper[0])], sums[..., len(upper[0]) :]
            n = n_c.sum(-1)
            rank = np.cumsum(n_c, -1) - n_c / 2 - n[..., None] / 2
            observed = 2 * (o * (rank[..., upper[0]] - rank[..., upper[1]]) ** 2).sum(-1)
            expected = 2 * n * (n_c * rank**2).sum(-1)
            return _one_minus((n - 1) * observed, expected)

        return Coefficient(
            key="krippendorff_alpha.ordinal", name=name, statistic=ordinal_statistic, value=ordinal_value, ordered=True
        )

    distance = _squared_distance(level, values)

    def statistic(counts: np.ndarray) -> np.ndarray:
        r, scale = _pairable(counts)
        return np.column_stack([np.einsum("pc,ck,pk->p", r, distance, r) * scale, r])

    def value(sums: np.ndarray) -> np.ndarray:
        observed, n_c = sums[..., 0], sums[..., 1:]
        n = n_c.sum(-1)
        expected = ((n_c @ distance) * n_c).sum(-1)
        return _one_minus((n - 1) * observed, expected)

    return Coefficient(
        key=f"krippendorff_alpha.{level}", name=name, statistic=statistic, value=value, ordered=level != "nominal"
    )


def fleiss(k: int, items: str = "modal", weights: str = "identity", values: np.ndarray | None = None) -> Coefficient:
    """Fleiss' kappa: chance agreement is that of the pooled shares of the labels.

    Parameters
    ----------
    items : `modal` = only items with the most common number of labels, as the original (constant number of raters) has
        it; `all` = generalised: observed agreement over items with two labels or more, shares over all labelled items.

    References
    ----------
    Fleiss, J. L. (1971). Psychological Bulletin 76(5), 378-382. Gwet, K. L. (2014). Handbook of Inter-Rater
    Reliability, 4th ed.
    """
    if items not in ("modal", "all"):
        raise WorkbenchError(
            f"Fleiss' kappa looks at 'modal' or 'all' items, not {items!r}.",
            "modal = items with the most common number of labels.",
        )
    w = weight_matrix(weights, np.arange(k) if values is None else values)

    def chance(share: np.ndarray) -> np.ndarray:
        return ((share @ w) * share).sum(-1)

    name = "Fleiss' kappa" if items == "modal" else "Fleiss' kappa, generalised"
    includes = _modal if items == "modal" else _rated
    return _chance_corrected(
        "fleiss_kappa" if items == "modal" else "fleiss_kappa_generalised", name, w, chance, includes
    )


def gwet(weights: str, values: np.ndarray) -> Coefficient:
    r"""Gwet's AC1 (identity weights) and AC2: chance agreement $T_w \sum \pi_k (1 - \pi_k) / (q (q - 1))$, $T_w = \sum
    w_{kl}$.

    q is the number of labels on the scale, used or not. AC1 stays high where nearly all labels are the same, where
    kappa and alpha fall; read it beside them.

    References
    ----------
    Gwet, K. L. (2008). British Journal of Mathematical and Statistical Psychology 61(1), 29-48.
    """
    w, q = weight_matrix(weights, values), len(values)

    def chance(share: np.ndarray) -> np.ndarray:
        return w.sum() * (share * (1 - share)).sum(-1) / max(q * (q - 1), 1)

    key, name = ("gwet_ac1", "Gwet's AC1") if weights == "identity" else ("gwet_ac2", f"Gwet's AC2, {weights} weights")
    return _chance_corrected(key, name, w, chance)


def brennan(weights: str, values: np.ndarray) -> Coefficient:
    """Brennan-Prediger coefficient: chance agreement of labels drawn evenly from the scale, used or not.

    References
    ----------
    Brennan, R. L., & Prediger, D. J. (1981). Educational and Psychological Measurement 41(3), 687-699.
    """
    w, q = weight_matrix(weights, values), len(values)

    def chance(share: np.ndarray) -> np.ndarray:
        return np.full(share.shape[:-1], w.sum() / q**2)

    return _chance_corrected("brennan_prediger", "Brennan-Prediger coefficient", w, chance)


def percent(pooled: bool = False) -> Coefficient:
    """Share of pairs of labels that agree: mean over items with two labels or more, or over all pairs pooled.

    Pooled, an item with m labels weighs m (m - 1) / 2 and heavily labelled items dominate.
    """

    def statistic(counts: np.ndarray) -> np.ndarray:
        m = counts.sum(1)
        pairs = (m * (m - 1)).astype(float)
        alike = (counts * (counts - 1)).sum(1).astype(float)
        if pooled:
            return np.column_stack([alike, pairs])
        return np.column_stack([_over(alike, pairs), m >= 2])

    def value(sums: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return sums[..., 0] / sums[..., 1]

    key, name = (
        ("percent_agreement_pooled", "Percent agreement, pooled pairs")
        if pooled
        else ("percent_agreement", "Percent agreement")
    )
    return Coefficient(key=key, name=name, statistic=statistic, value=value, chance_corrected=False, share=True)


def weight_matrix(weights: str, values: np.ndarray) -> np.ndarray:
    r"""Partial agreement between labels, (K, K) with ones on the diagonal.

    `identity` $[k = l]$; `linear` $1 - |v_k - v_l| / R$; `quadratic` $1 - (v_k - v_l)^2 / R^2$ with R the range of the
    values; `ordinal` $1 - \\binom{|k - l| + 1}{2} / \\binom{q}{2}$ on positions (Gwet 2014).

    >>> weight_matrix("quadratic", np.arange(3)).tolist()
    [[1.0, 0.75, 0.0], [0.75, 1.0, 0.75], [0.0, 0.75, 1.0]]
    """
    v = np.asarray(values, float)
    reach = max(float(np.ptp(v)), 1e-300) if len(v) else 1.0
    apart = np.abs(v[:, None] - v)
    if weights == "identity":
        return np.eye(len(v))
    if weights == "linear":
        return 1 - apart / reach
    if weights == "quadratic":
        return 1 - (apart / reach) ** 2
    if weights == "ordinal":
        steps = np.abs(np.arange(len(v))[:, None] - np.arange(len(v)))
        return 1 - steps * (steps + 1) / max(len(v) * (len(v) - 1), 1)
    raise WorkbenchError(f"There are no weights called {weights!r}.", f"Choose among {', '.join(WEIGHTS)}.")


def _chance_corrected(
    key: str,
    name: str,
    w: np.ndarray,
    chance: Callable[[np.ndarray], np.ndarray],
    includes: Callable[[Tally], np.ndarray] | None = None,
) -> Coefficient:
    """(p_a - p_e) / (1 - p_e) with p_a the mean over items with two labels or more and p_e from the mean shares of all
    labelled items.
    """

    def statistic(counts: np.ndarray) -> np.ndarray:
        m = counts.sum(1)
        alike = ((counts @ w) * counts).sum(1) - m
        return np.column_stack([_over(alike, m * (m - 1)), m >= 2, _over(counts, m[:, None])])

    def value(sums: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            agreed = sums[..., 0] / sums[..., 1]
            share = sums[..., 2:] / sums[..., 2:].sum(-1, keepdims=True)
            expected = chance(share)
            result = (agreed - expected) / (1 - expected)
        several = (share > 1e-12).sum(-1) >= 2
        return np.where(several, result, np.nan)

    return Coefficient(
        key=key,
        name=name,
        statistic=statistic,
        value=value,
        ordered=not np.array_equal(w, np.eye(len(w))),
        includes=includes or _rated,
    )


def _rated(tally: Tally) -> np.ndarray:
    return tally.sizes >= 1


def _modal(tally: Tally) -> np.ndarray:
    """Patterns of the most common number of labels among items with two or more; the larger number where two are as
    common.
    """
    per_size = np.bincount(tally.sizes, weights=tally.frequency)
    per_size[:2] = 0
    return tally.sizes == len(per_size) - 1 - int(np.argmax(per_size[::-1])) if per_size.any() else tally.sizes < 0


def _pairable(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts of items with two labels or more (others zero) and 1 / (m - 1)."""
    m = counts.sum(1)
    scale = _over(1.0, m - 1.0)
    return np.where((m >= 2)[:, None], counts, 0).astype(float), np.where(m >= 2, scale, 0.0)


def _squared_distance(level: str, values: np.ndarray) -> np.ndarray:
    difference = values[:, None] - values
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "interval":
        return difference**2
    return _over(difference, values[:, None] + values) ** 2


def _one_minus(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - observed / expected, np.nan)


def _over(numerator: np.ndarray | float, denominator: np.ndarray) -> np.ndarray:
    """Quotient, 0 where the denominator is 0."""
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    return np.divide(
        numerator, denominator, out=np.zeros(shape), where=np.broadcast_to(np.asarray(denominator) != 0, shape)
    )
