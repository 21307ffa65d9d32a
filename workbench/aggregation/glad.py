r"""GLAD: one ability for each annotator, one difficulty for each item.

Annotator k labels item i rightly with probability $\sigma(\alpha_k \beta_i)$, $\beta_i = e^{b_i}$, and says one of the
other labels with equal chance otherwise (Whitehill, Ruvolo, Wu, Bergsma & Movellan 2009, *Whose vote should count
more*). $\alpha_k < 0$ is wrong on purpose, $\beta_i \to 0$ an item nobody can tell. With few labels an item the
difficulties need their Gaussian priors.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.aggregation.ascent import Climb, climb
from workbench.aggregation.contract import Fit
from workbench.aggregation.iteration import fixed_log_shares, nothing
from workbench.aggregation.kernels import parts_of
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.dataset.scales import NULL
from workbench.parallel import in_parts
from workbench.progress import UNWATCHED, Watch

TITLE = "GLAD"


def fit(
    votes: Votes,
    *,
    ability: tuple[float, float] = (1.0, 1.0),
    easiness: tuple[float, float] = (1.0, 1.0),
    class_prior: str | np.ndarray = "even",
    max_iterations: int = 300,
    tolerance: float = 1e-6,
    watch: Watch = UNWATCHED,
) -> Fit:
    r"""Which items are hard, who is able, and so: what is each item?

    The posterior density of abilities and easiness (and class shares, if learned), truths summed out, is climbed
    directly by L-BFGS. (EM climbs the same function with the same gradient, in more and smaller steps.)

    Parameters
    ----------
    votes : the judgements; items whose label is known are held to it.
    ability : mean and standard deviation of the Gaussian prior of $\alpha_k$.
    easiness : mean and standard deviation of the Gaussian prior of $b_i = \ln \beta_i$.
    class_prior : `even` = all labels equally common, as published; `learned`; or what is known of it, float (K,).
    max_iterations : stop there at the latest.
    tolerance : stop when two steps in a row gain less than this many nats for each judgement.
    watch : is told each step.

    Returns
    -------
    The fit; annotators have `ability`, and `details["easiness"]` is $\beta_i$ of each item (NaN without judgements).
    The objective is the log-posterior.
    """
    codes = votes.codes
    if len(codes) == 0 or codes.n_labels < 2:
        return nothing(votes)
    target = Target(votes, ability, easiness, fixed_log_shares(class_prior, codes.n_labels))
    reached = target.climb(max_iterations, tolerance * len(codes), watch)
    a, b, _ = target.parts(reached.at)
    posterior = np.full((codes.n_items, codes.n_labels), np.nan)
    target.run(reached.at, posterior)
    here = votes.per_annotator > 0
    chance = 1 / (1 + np.exp(-a[codes.annotator] * np.exp(b[codes.item])))
    accuracy = np.divide(
        np.bincount(codes.annotator, weights=chance, minlength=codes.n_annotators),
        votes.per_annotator,
        out=np.full(len(a), np.nan),
        where=here,
    )
    easy = np.where(votes.per_item > 0, np.exp(b), np.nan)
    p = np.exp(target.log_shares(reached.at))
    annotators = {
        "accuracy": accuracy,
        "weight": log_odds_weight(accuracy, codes.n_labels),
        "ability": np.where(here, a, np.nan),
    }
    values = np.array(reached.values or [reached.value])
    return Fit(
        posterior=votes.clamped_rows(posterior),
        annotators=annotators,
        confusion=None,
        prior=p,
        objective=values,
        objective_name="log-posterior",
        iterations=len(reached.values),
        converged=reached.converged,
        details={"easiness": easy},
    )


class Target:
    """The log-posterior of (abilities, ln easiness, logits of the class shares) and its gradient; with fixed shares the
    logits stay 0.
    """

    def __init__(
        self, votes: Votes, ability: tuple[float, float], easiness: tuple[float, float], fixed: np.ndarray | None
    ) -> None:
        self.votes, self.ability, self.easiness, self.fixed = votes, ability, easiness, fixed

    def start(self) -> np.ndarray:
        """Everyone and everything average, all labels equally common."""
        codes = self.votes.codes
        return np.concatenate(
            [
                np.full(codes.n_annotators, self.ability[0]),
                np.full(codes.n_items, self.easiness[0]),
                np.zeros(codes.n_labels),
            ]
        )

    def parts(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Abilities, ln easiness and logits in a vector of all parameters."""
        codes = self.votes.codes
        return (
            x[: codes.n_annotators],
            x[codes.n_annotators : codes.n_annotators + codes.n_items],
            x[codes.n_annotators + codes.n_items :],
        )

    def log_shares(self, x: np.ndarray) -> np.ndarray:
        """Log-share of each label."""
        logits = self.parts(x)[2]
        return self.fixed if self.fixed is not None else logits - np.logaddexp.reduce(logits)

    def climb(self, steps: int, gain: float, watch: Watch = UNWATCHED) -> Climb:
        """The way up from the start; each parameter's scale is about the inverse of its curvature."""
        votes = self.votes
        curvature = np.concatenate(
            [
                1 / self.ability[1] ** 2 + votes.per_annotator,
                1 / self.easiness[1] ** 2 + 0.3 * votes.per_item,
                np.full(votes.codes.n_labels, 1.0 + 0.2 * votes.codes.n_items),
            ]
        )
        return climb(self, self.start(), steps, gain, scale=1 / curvature, watch=watch)

    def __call__(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        return self.run(x, None)

    def run(self, x: np.ndarray, posterior: np.ndarray | None) -> tuple[float, np.ndarray]:
        """Value and gradient; fills the posterior where one is given."""
        codes, (a, b, _) = self.votes.codes, self.parts(x)
        if np.abs(b).max(initial=0.0) > 50.0 or np.abs(a).max(initial=0.0) > 1e3:
            return -np.inf, x
        log_p = self.log_shares(x)
        easy = np.exp(b)
        to_b = np.zeros(codes.n_items)
        into, keep = (np.empty((1, codes.n_labels)), False) if posterior is None else (posterior, True)

        def work(low: int, high: int) -> tuple:
            to_a, totals = np.zeros(codes.n_annotators), np.zeros(codes.n_labels)
            value = _glad(
                codes.starts,
                codes.annotator,
                codes.label,
                self.votes.clamp,
                a,
                easy,
                log_p,
                low,
                high,
                to_a,
                to_b,
                totals,
                into,
                keep,
            )
            return value, to_a, totals

        done = in_parts(parts_of(codes, codes.n_annotators), work)
        totals = sum(d[2] for d in done)
        value, to_logits = sum(d[0] for d in done), np.zeros(codes.n_labels)
        if self.fixed is None:
            value += log_p.sum()
            to_logits = totals + 1 - (totals.sum() + codes.n_labels) * np.exp(log_p)
        from_a, from_b = (a - self.ability[0]) / self.ability[1], (b - self.easiness[0]) / self.easiness[1]
        value -= (from_a @ from_a + from_b @ from_b) / 2
        slope = np.concatenate(
            [sum(d[1] for d in done) - from_a / self.ability[1], to_b - from_b / self.easiness[1], to_logits]
        )
        return float(value), slope


@njit(nogil=True, cache=True)
def _glad(
    starts: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    clamp: np.ndarray,
    ability: np.ndarray,
    easy: np.ndarray,
    log_p: np.ndarray,
    low: int,
    high: int,
    to_a: np.ndarray,
    to_b: np.ndarray,
    totals: np.ndarray,
    posterior: np.ndarray,
    keep: bool,
) -> float:
    """Log-likelihood of items low to high; adds the gradients towards abilities and ln easiness, and the expected items
    of each class.

    A right label is worth ln σ(x), a wrong one ln(1 - σ(x)) - ln(K - 1); the difference is x + ln(K - 1), with x = α β.
    """
    k = log_p.shape[0]
    others = np.log(k - 1.0) if k > 1 else 0.0
    t = np.empty(k)
    value = 0.0
    for i in range(low, high):
        first, last = starts[i], starts[i + 1]
        if first == last:
            continue
        base = 0.0
        for j in range(k):
            t[j] = log_p[j]
        for v in range(first, last):
            x = ability[annotator[v]] * easy[i]
            base -= (x if x > 0.0 else 0.0) + np.log1p(np.exp(-abs(x))) + others
            t[label[v]] += x + others
        if clamp[i] != NULL:
            value += base + t[clamp[i]]
            for j in range(k):
                t[j] = 0.0
            t[clamp[i]] = 1.0
        else:
            top = t[0]
            for j in range(1, k):
                top = max(top, t[j])
            total = 0.0
            for j in range(k):
                t[j] = np.exp(t[j] - top)
                total += t[j]
            value += base + top + np.log(total)
            for j in range(k):
                t[j] /= total
        for j in range(k):
            totals[j] += t[j]
        for v in range(first, last):
            x = ability[annotator[v]] * easy[i]
            apart = t[label[v]] - 1.0 / (1.0 + np.exp(-x))
            to_a[annotator[v]] += easy[i] * apart
            to_b[i] += x * apart
        if keep:
            for j in range(k):
                posterior[i, j] = t[j]
    return value
