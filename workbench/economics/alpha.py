"""The Krippendorff's alpha to expect from annotators of some accuracy, and how wide its two intervals will be."""

from __future__ import annotations

from math import comb, sqrt

from scipy import stats

from workbench.economics.votes import clear_accuracy
from workbench.estimates import Estimate, Interval


def alpha_of(accuracy: float, split: float = 0.0) -> float:
    """Alpha of two sides equally common, from annotators with independent errors: (2p - 1)^2; more where their errors
    are on the same, split pairs.

    >>> round(alpha_of(0.836), 3), round(alpha_of(0.836, 0.2), 3)
    (0.452, 0.564)
    """
    return float((1 - split) * (2 * clear_accuracy(accuracy, split) - 1) ** 2)


def accuracy_of(alpha: float, split: float = 0.0) -> float:
    r"""The accuracy that gives an alpha, two sides equally common: the other way round of `alpha_of`.

    $p_c = (1 + \sqrt{\alpha / (1 - u)}) / 2$ on the pairs that are not split, and $p = (1 - u) p_c + u / 2$ over all.

    >>> round(accuracy_of(0.45), 4), round(alpha_of(accuracy_of(0.3, 0.2), 0.2), 6)
    (0.8354, 0.3)
    """
    clear = (1 + sqrt(min(max(alpha, 0.0) / (1 - split), 1.0))) / 2
    return (1 - split) * clear + split / 2


def expected_alpha(
    accuracy: float,
    items: int,
    labels_per_item: float,
    annotators: int,
    spread: float = 0.0,
    split: float = 0.0,
    level: float = 0.95,
) -> Estimate:
    r"""What will alpha be, and between which bounds?

    With two sides equally common alpha is twice the mean agreement of an item, less one, and its items' part of the
    variance is $4 \operatorname{Var}(P_i) / n$, exact from the binomial of an item's votes; for two votes that is
    Donner and Eliasziw's $(1 - \kappa^2) / n$. A new crew adds $16 (2p - 1)^2 s^2 / A$, from the spread s of accuracy
    between A annotators, with Student's t.

    Parameters
    ----------
    accuracy : mean accuracy p of one label.
    labels_per_item : 1.3 means that 30% of the items have two labels and the rest cannot be used.
    spread : standard deviation of accuracy between annotators.
    split : share of pairs on which every label is a coin flip.

    >>> print(expected_alpha(0.836, 1_226, 2, 20))
    Krippendorff's alpha 0.452, same crew [0.402, 0.502], new crew [0.398, 0.505], n = 1,226
    """
    name, votes = "Krippendorff's alpha", int(labels_per_item + 1e-9)
    overlapping = items if votes >= 2 else round((labels_per_item - 1) * items)
    if overlapping < 2:
        return Estimate(
            name=name,
            value=None,
            n=overlapping,
            n_set_aside=items - overlapping,
            reason="no two items have two human labels",
        )
    variance = 4 * item_agreement_variance(accuracy, max(votes, 2), split) / overlapping
    alpha, z = alpha_of(accuracy, split), float(stats.norm.ppf((1 + level) / 2))
    same = _interval(alpha, z * sqrt(variance), "same crew", "binomial of the votes", level)
    notes: tuple[str, ...] = ()
    new = None
    if annotators > 1:
        crew = 16 * float(2 * clear_accuracy(accuracy, split) - 1) ** 2 * spread**2 / annotators
        new = _interval(
            alpha,
            float(stats.t.ppf((1 + level) / 2, annotators - 1)) * sqrt(variance + crew),
            "new crew",
            "items and spread of annotators",
            level,
        )
    else:
        notes = ("a new crew cannot be foreseen from one annotator",)
    return Estimate(
        name=name,
        value=alpha,
        same_crew=same,
        new_crew=new,
        n=overlapping,
        n_set_aside=items - overlapping,
        interval_notes=notes,
    )


def item_agreement_variance(accuracy: float, votes: int, split: float = 0.0) -> float:
    """Variance over items of the share of agreeing pairs among an item's votes.

    >>> a = 0.836**2 + 0.164**2
    >>> abs(item_agreement_variance(0.836, 2) - a * (1 - a)) < 1e-12
    True
    """
    pairs, clear = comb(votes, 2), float(clear_accuracy(accuracy, split))
    of = [
        (share * comb(votes, k) * p**k * (1 - p) ** (votes - k), (comb(k, 2) + comb(votes - k, 2)) / pairs)
        for share, p in ((1 - split, clear), (split, 0.5))
        for k in range(votes + 1)
    ]
    mean = sum(p * agree for p, agree in of)
    return float(sum(p * (agree - mean) ** 2 for p, agree in of))


def _interval(value: float, half: float, crew: str, method: str, level: float) -> Interval:
    return Interval(max(value - half, -1.0), min(value + half, 1.0), crew, method, level)  # type: ignore[arg-type]
