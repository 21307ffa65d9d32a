r"""The two intervals of an agreement coefficient.

*Same crew*, for new items judged by these annotators: the jackknife over items (over groups, where a prompt or a
ranking makes several items), with Student's t.

*New crew*, for new items judged by new annotators of the same sort. Its variance has two parts: that of the items, and
what judgements of one annotator have in common, which is how far the delete-one-annotator jackknife exceeds the
delete-one-label jackknife:

$V = V_\text{items} + \max(V_\text{annotators} - V_\text{labels}, 0)$.

This is the two-way cluster variance of Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics
29(2), 238-249, kept from falling below the items' part: the new-crew interval is never the narrower one. Its t has
$(A_\text{eff} - 1) \min(1, V / V_\text{annotators})$ degrees of freedom. $A_\text{eff} = (\sum n_a)^2 / \sum n_a^2$ is
the number of annotators that count where some gave most of the labels $n_a$; the second factor allows for the noise of
the difference, and was chosen by simulation, as the whole was: `benchmarks/COVERAGE.md` has the measured coverage.

Both intervals are formed on Fisher's z (on the logit for a share).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from workbench.agreement.coefficients import Coefficient
from workbench.agreement.resampling import Sums, sums
from workbench.agreement.tally import Tally
from workbench.estimates import FEW_CLUSTERS, Crew, Estimate, Interval, rests_on_few

METHODS = ("jackknife", "bca", "percentile")
"""How the same-crew interval can be computed."""


@dataclass(frozen=True)
class Spread:
    """A standard error on the coefficient's own scale with its degrees of freedom, or the reason why there is none."""

    variance: float = math.nan
    df: float = math.nan
    reason: str | None = None


def estimate(
    tally: Tally,
    coefficient: Coefficient,
    level: float = 0.95,
    method: str = "jackknife",
    replicates: int = 2_000,
    rng: np.random.Generator | None = None,
) -> Estimate:
    """Value, both intervals, counts, and the reasons for what is missing.

    Parameters
    ----------
    level : nominal coverage of the intervals.
    method : of the same-crew interval: `jackknife` (over items, in closed form), or `bca` or `percentile` (item
        bootstrap).
    replicates, rng : for the bootstrap; by default 2,000 with seed 0.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    summed = sums(tally, coefficient)
    used = int(tally.frequency[summed.used & (tally.sizes >= 2)].sum())
    set_aside = tally.n_items - used
    reason = why_undefined(summed)
    if reason is not None:
        return Estimate(name=coefficient.name, value=None, n=used, n_set_aside=set_aside, reason=reason)
    notes = _order_note(tally) if coefficient.ordered else []
    items = item_spread(summed)
    share = coefficient.share
    if method == "jackknife" or items.reason is not None:
        same = interval_around(summed.value, items, level, "same crew", f"{_unit(tally)} jackknife", share)
    else:
        same = _bootstrapped(summed, level, method, replicates, rng or np.random.default_rng(0))
    crew = crew_spread(summed, items)
    new = interval_around(summed.value, crew, level, "new crew", "items and annotators, two-way jackknife", share)
    notes += [
        f"{name}: {spread.reason}"
        for name, spread in (("same crew", items), ("new crew", crew))
        if spread.reason is not None
    ]
    return Estimate(
        name=coefficient.name,
        value=summed.value,
        same_crew=same,
        new_crew=_widened(new, same),
        n=used,
        n_set_aside=set_aside,
        reason=None,
        interval_notes=(*notes, *few_groups(tally, items)),
    )


def few_groups(tally: Tally, items: Spread) -> tuple[str, ...]:
    """Says on how few things the intervals rest, where there are fewer than ten: prompts, where items share some, or
    items that have a label other than the commonest.
    """
    if items.reason is not None:
        return ()
    if 0 < tally.n_shared_groups < FEW_CLUSTERS and tally.clusters is not None:
        groups = int(tally.clusters.frequency.sum())
        if groups < FEW_CLUSTERS:
            return (rests_on_few(groups, "prompt"),)
    several = tally.sizes >= 2
    given = tally.frequency[several] @ tally.counts[several]
    commonest = int(np.argmax(given))
    rare = int(tally.frequency[several & (tally.counts[:, commonest] < tally.sizes)].sum())
    return (rests_on_few(rare, "item of another label", "items of another label"),) if rare < FEW_CLUSTERS else ()


def why_undefined(summed: Sums) -> str | None:
    """Why the coefficient has no value on this tally; None where it has one."""
    tally = summed.tally
    if tally.n_labels == 0:
        return "there are no labels"
    if tally.n_overlapping == 0:
        return "no item has labels from two annotators"
    looked_at = tally.frequency[summed.used] @ tally.counts[summed.used]
    if tally.symmetric:
        looked_at = looked_at + looked_at[::-1]
    if summed.coefficient.chance_corrected and (looked_at > 0).sum() < 2:
        label = tally.scale.labels[int(np.argmax(looked_at))]
        return (
            f"every label is {label!r}: with one category in use, chance agreement is complete and nothing is left to"
            " correct"
        )
    if not math.isfinite(summed.value):
        return "the labels in use are not told apart at this level, so chance agreement is complete"
    return None


def item_spread(summed: Sums) -> Spread:
    """Variance over items (or groups) by the delete-one jackknife."""
    many = summed.variance_over_many_groups() if summed.value < 1 - 1e-12 else None
    if many is not None and many[0] > 1e-24:
        return Spread(many[0], many[1] - 1)
    values, frequency = summed.without_item()
    n = int(frequency.sum())
    unit = _unit(summed.tally)
    if n < 2:
        return Spread(reason=f"there is one {unit} only")
    if summed.value >= 1 - 1e-12:
        return Spread(reason="no disagreement was seen, so the data do not show how far it would vary")
    if not np.isfinite(values).all():
        return Spread(reason=f"without one {unit} it would be undefined")
    variance = _jackknife(values, frequency)
    if variance <= 1e-24:
        return Spread(reason=f"every {unit} shows the same agreement, so the data do not show how far it would vary")
    return Spread(variance, _degrees(values, frequency))


def crew_spread(summed: Sums, items: Spread) -> Spread:
    """Variance over items and annotators."""
    tally = summed.tally
    if tally.judgements.anonymous:
        return Spread(reason="the judgements carry no annotator ids")
    if items.reason is not None:
        return items
    annotators = len(tally.cells.annotators)
    if annotators < 3:
        return Spread(reason="it needs three annotators or more" if annotators > 1 else "there is one annotator only")
    without = summed.without_annotator()
    if not np.isfinite(without).all():
        names = tally.annotator_names(tally.cells.annotators[~np.isfinite(without)])
        return Spread(reason=f"without {names[0]} it would be undefined")
    labels, frequency = summed.without_label()
    of_annotators, of_labels = _jackknife(without, np.ones(annotators)), _jackknife(labels, frequency)
    variance = items.variance + max(of_annotators - of_labels, 0.0)
    given = np.asarray(tally.cells.counts.sum(1)).ravel().astype(float)
    effective = given.sum() ** 2 / (given**2).sum()
    certain = min(1.0, variance / of_annotators) if of_annotators > 0 else 1.0
    return Spread(variance, max(1.0, min((effective - 1) * certain, items.df)))


def _jackknife(values: np.ndarray, frequency: np.ndarray) -> float:
    """Delete-one jackknife variance of values that each stand for `frequency` deletions."""
    # Sums of products, not dot products: BLAS starts threads for long vectors and, on a busy machine, waits for them.
    n = frequency.sum()
    mean = (frequency * values).sum() / n
    return float((n - 1) / n * (frequency * (values - mean) ** 2).sum())


def _degrees(values: np.ndarray, frequency: np.ndarray) -> float:
    """Degrees of freedom that a jackknife variance is worth: $2 n / (k - 1)$, with the kurtosis k of what single items
    change, at most n - 1.

    A variance that rests on a few items, as where 97 of 100 labels are alike, is known no better than from so few; its
    own variance, $(k - 1) / n$ of its square, says so (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).
    """
    n = frequency.sum()
    off = values - (frequency * values).sum() / n
    spread = (frequency * off**2).sum() / n
    kurtosis = (frequency * off**4).sum() / n / spread**2
    return float(np.clip(2 * n / max(kurtosis - 1, 1e-9), min(2.0, n - 1), n - 1))


def interval_around(
    x: float, spread: Spread, level: float, crew: Crew, method: str, share: bool = False
) -> Interval | None:
    """Student's t interval on Fisher's z (on the logit for a share), brought back; None where there is no spread."""
    if spread.reason is not None:
        return None
    reach = special.stdtrit(spread.df, (1 + level) / 2) * math.sqrt(spread.variance)
    if share and 0 < x < 1:
        low, high = special.expit(special.logit(x) + np.array([-reach, reach]) / (x * (1 - x)))
        scale = "logit"
    elif not share and -1 < x < 1:
        low, high = np.tanh(np.arctanh(x) + np.array([-reach, reach]) / (1 - x * x))
        scale = "Fisher z"
    else:
        low, high = max(x - reach, 0.0 if share else -math.inf), min(x + reach, 1.0)
        scale = "plain scale"
    return Interval(float(low), float(high), crew, f"{method}, {scale}, t({spread.df:.4g})", level)


def _bootstrapped(
    summed: Sums, level: float, method: str, replicates: int, rng: np.random.Generator
) -> Interval | None:
    """Percentile or bias-corrected and accelerated interval of the item bootstrap (Efron 1987)."""
    draws = summed.bootstrap(replicates, rng)
    draws = draws[np.isfinite(draws)]
    if len(draws) < 100:
        return None
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        below = ((draws < summed.value).mean() + (draws <= summed.value).mean()) / 2
        bias = special.ndtri(np.clip(below, 1 / len(draws), 1 - 1 / len(draws)))
        values, frequency = summed.without_item()
        away = (frequency @ values) / frequency.sum() - values
        skew = (frequency @ away**3) / (6 * (frequency @ away**2) ** 1.5)
        z = bias + special.ndtri(tails)
        tails = special.ndtr(bias + z / (1 - skew * z))
    low, high = np.quantile(draws, tails)
    name = "BCa" if method == "bca" else "percentile"
    return Interval(
        float(low),
        float(high),
        "same crew",
        f"{_unit(summed.tally)} bootstrap, {name}, {len(draws):,} replicates",
        level,
    )


def _widened(new: Interval | None, same: Interval | None) -> Interval | None:
    """The new-crew interval, made to contain the same-crew one."""
    if new is None or same is None:
        return new
    return Interval(min(new.low, same.low), max(new.high, same.high), "new crew", new.method, new.level)


def _order_note(tally: Tally) -> list[str]:
    """Says which order was taken where the labels do not show one themselves."""
    labels = tally.scale.labels
    if tally.scale.has_sides or len(labels) < 3 or np.array_equal(tally.values, _numbers(labels)):
        return []
    listed = ", ".join(labels[:6]) + (", ..." if len(labels) > 6 else "")
    return [f"the labels are taken in the order {listed}; use a nominal coefficient if they have none"]


def _numbers(labels: tuple[str, ...]) -> list[float]:
    try:
        return [float(label) for label in labels]
    except ValueError:
        return []


def _unit(tally: Tally) -> str:
    return "group" if tally.n_shared_groups else "item"
