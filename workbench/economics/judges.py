"""What an AI judgement costs by its tokens, what a cascade of judges costs, and what a judge saves where the answer
must be unbiased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from workbench.errors import WorkbenchError


def token_price(
    tokens_in: float,
    tokens_out: float,
    price_in: float,
    price_out: float,
    *,
    orders: int = 1,
    samples: int = 1,
    judges: int = 1,
    cached_share: float = 0.0,
    price_cached: float = 0.0,
    retries: float = 0.0,
    discount: float = 0.0,
) -> float:
    r"""$ for judging one pair.

    $c = (T_\text{in} (1 - h) P_\text{in} + T_\text{in} h P_\text{cache} + T_\text{out} P_\text{out}) / 10^6 \times
    \text{orders} \times \text{samples} \times \text{judges} \times (1 + \text{retries}) \times (1 - \text{discount})$.

    Parameters
    ----------
    price_in, price_out, price_cached : $ per million tokens.
    cached_share : share h of the tokens read from the cache.

    >>> round(token_price(1_200, 20, 0.15, 0.60, orders=2), 6), round(token_price(1_200, 20, 2.50, 10, orders=2), 4)
    (0.000384, 0.0064)
    """
    once = tokens_in * (1 - cached_share) * price_in + tokens_in * cached_share * price_cached + tokens_out * price_out
    return once / 1e6 * orders * samples * judges * (1 + retries) * (1 - discount)


@dataclass(frozen=True)
class Tier:
    """One judge of a cascade.

    Attributes
    ----------
    price : $ per item it sees.
    passes_on : share of those items that go on to the next.
    """

    price: float
    passes_on: float = 0.0


def cascade_cost(tiers: Sequence[Tier]) -> float:
    """$ per item where each judge hands on what it is unsure of: c1 + e1 (c2 + e2 (c3 + ...)).

    >>> round(cascade_cost([Tier(1.0, 0.3), Tier(23.0)]), 2)
    7.9
    """
    total = 0.0
    for tier in reversed(tiers):
        if not 0 <= tier.passes_on <= 1 or tier.price < 0:
            raise WorkbenchError(
                f"A tier with price {tier.price:g} that passes on {tier.passes_on:g} is not possible.",
                "Prices are not negative, shares lie between 0 and 1.",
            )
        total = tier.price + tier.passes_on * total
    return total


def escalation_for(price_ratio: float, times_cheaper: float) -> float | None:
    r"""Share of items that may go to the large judge so that a cascade is so many times cheaper than the large judge
    alone; None if none may.

    $e = 1 / k - c_\text{small} / c_\text{large}$.

    Parameters
    ----------
    price_ratio : price of the large judge over that of the small one.
    times_cheaper : k.

    >>> [round(escalation_for(23, k), 2) for k in (2, 3)]
    [0.46, 0.29]
    """
    share = 1 / times_cheaper - 1 / price_ratio
    return share if share >= 0 else None


@dataclass(frozen=True)
class Supported:
    """What a judge's answers on every item add to people's answers on some (prediction-powered inference, tuned lambda:
    PPI++).

    Attributes
    ----------
    correlation : rho, of judge and people over items.
    multiplier : people's answers one such answer is worth when the judge has seen very many more: 1 / (1 - rho^2).
    cost_per_effective : $ per answer's worth of information at the cheapest split.
    saving : of that over people alone; negative where the judge is not worth its price.
    judged_per_human : items the judge sees for each that people label, at the cheapest split.
    worth_it : whether the judge should be used.
    """

    correlation: float
    multiplier: float
    cost_per_effective: float
    saving: float
    judged_per_human: float
    worth_it: bool


def judge_correlation(accuracy: float) -> float:
    """Correlation of a binary judge with balanced binary truth: 2 x accuracy - 1.

    >>> round(judge_correlation(0.8), 3)
    0.6
    """
    return 2 * accuracy - 1


def supported_by_judge(correlation: float, human_price: float, judge_price: float) -> Supported:
    r"""How far does a judge stretch people's labels when the estimate must stay unbiased?

    Variance $\sigma^2 ((1 - \rho^2) / n + \rho^2 / M)$ with n people's labels among M judged items; at the cheapest
    split a label's worth costs $c_Y (1 - \rho^2 + \gamma \rho^2 + 2 \sqrt{\gamma \rho^2 (1 - \rho^2)})$, $\gamma = c_f
    / c_Y$ (Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453; Broska et al. 2024). About means and shares; a reward
    model may do with biased labels.

    Parameters
    ----------
    correlation : of judge and people, 0 to below 1; `judge_correlation` of an accuracy, or measured on soft scores.
    human_price, judge_price : $ per label and per judgement.

    >>> [round(supported_by_judge(judge_correlation(a), 1.5, 0.02).multiplier, 2) for a in (0.75, 0.80, 0.85, 0.90)]
    [1.33, 1.56, 1.96, 2.78]
    >>> found = [
    ...     supported_by_judge(judge_correlation(a), h, f).saving
    ...     for a, h, f in ((0.8, 1.5, 0.02), (0.8, 10, 0.02), (0.8, 0.67, 0.06), (0.65, 0.67, 0.06))
    ... ]
    >>> [f"{saving:.0%}" for saving in found]
    ['24%', '32%', '4%', '-9%']
    """
    if not 0 <= correlation < 1:
        raise WorkbenchError(f"correlation: {correlation:g} is not possible.", "Give a number from 0 to below 1.")
    if human_price <= 0 or judge_price < 0:
        raise WorkbenchError(
            f"Prices of {human_price:g} and {judge_price:g} are not possible.",
            "People cost more than 0, a judge 0 or more.",
        )
    explained, gamma = correlation**2, judge_price / human_price
    relative = 1 - explained + gamma * explained + 2 * sqrt(gamma * explained * (1 - explained))
    judged = sqrt(explained / (1 - explained) / gamma) if gamma else float("inf")
    # The judge sees people's items too; with fewer items than those there is nothing to stretch.
    worth = relative < 1 and judged > 1
    return Supported(correlation, 1 / (1 - explained), human_price * relative, 1 - relative, judged, worth)
