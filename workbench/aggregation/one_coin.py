r"""One-coin: one accuracy for each annotator, whatever the item's class.

Annotator k is right with probability $s_k$ and otherwise says one of the other labels with equal chance, so a vote
weighs $\ln[s_k (K - 1) / (1 - s_k)]$ (the homogeneous Dawid-Skene model: Li & Yu 2014, *Error rate bounds and iterative
weighted majority voting for crowdsourcing*). The right choice with few labels an annotator, a poor one where some
labels are mistaken for each other more than others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.aggregation.ascent import Memory, climb
from workbench.aggregation.contract import Fit
from workbench.aggregation.iteration import fixed_log_shares, iterate, nothing, posterior_of, shares_learned
from workbench.aggregation.kernels import counts_of_votes, expectation
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch

TITLE = "One-coin"


def fit(
    votes: Votes,
    *,
    prior: str = "learned",
    accuracy: np.ndarray | None = None,
    class_prior: str | np.ndarray | None = None,
    max_iterations: int = 500,
    tolerance: float = 1e-6,
    watch: Watch = UNWATCHED,
) -> Fit:
    r"""How often is each annotator right, and so: what is each item?

    Parameters
    ----------
    votes : the judgements; items whose label is known are held to it.
    prior : `learned` = accuracies come from a Beta distribution learned from all annotators (variational Bayes); `none`
        = maximum likelihood.
    accuracy : float (n_annotators,): accuracies that are known and stay; nothing is iterated then.
    class_prior : `learned` = how common each label is; `even` = all equally common; or what is known of it, float (K,).
        As errors are taken to fall evenly, a learned share also absorbs that they do not; None = see `shares_learned`.
    max_iterations : stop there at the latest.
    tolerance : stop when an iteration gains less than this many nats for each judgement.
    watch : is told each iteration.

    Notes
    -----
    By hand: votes A, A, B by annotators right with 0.8, 0.8 and 0.6, both labels equally common. The odds of A are
    4 * 4 / 1.5 = 10.667, so P(A) = 10.667 / 11.667 = 0.9143.
    """
    if prior not in ("learned", "none"):
        raise WorkbenchError(f"One-coin has no prior {prior!r}.", "Choose learned or none.")
    codes, k = votes.codes, votes.codes.n_labels
    fixed = fixed_log_shares(shares_learned(votes.scale) if class_prior is None else class_prior, k)
    if accuracy is not None:
        known = np.clip(np.asarray(accuracy, float), 1e-9, 1 - 1e-9)
        if known.shape != (codes.n_annotators,):
            raise WorkbenchError(
                f"accuracy has shape {known.shape}, there are {codes.n_annotators} annotators.",
                "Give one accuracy for each annotator.",
            )
        log_p = np.full(k, -np.log(k)) if fixed is None else fixed
        return _report(votes, log_p, np.log(known), np.log1p(-known), known, np.empty(0), "", True, {})
    if len(codes) == 0 or codes.n_labels < 2:
        return nothing(votes)
    run = _learned if prior == "learned" else _likelihood
    return run(votes, fixed, max_iterations, tolerance, watch)


def _likelihood(votes: Votes, fixed: np.ndarray | None, max_iterations: int, tolerance: float, watch: Watch) -> Fit:
    n = np.maximum(votes.per_annotator, 1)

    def steps() -> Iterator[tuple]:
        counts, totals = counts_of_votes(votes.codes, votes.clamp)
        while True:
            s = np.clip(_hits(counts) / n, 0.0, 1.0)
            with np.errstate(divide="ignore"):
                right, wrong = np.log(s), np.log1p(-s)
                log_p = np.log(totals / totals.sum()) if fixed is None else fixed
            counts, totals, likelihood = expectation(
                votes.codes, votes.clamp, log_p, _table(right, wrong, votes.codes.n_labels)
            )
            yield likelihood, log_p, right, wrong, s

    objective, (_, log_p, right, wrong, s), converged = iterate(
        steps(), max_iterations, tolerance * len(votes.codes), watch=watch
    )
    return _report(votes, log_p, right, wrong, s, objective, "log-likelihood", converged, {})


def _learned(votes: Votes, fixed: np.ndarray | None, max_iterations: int, tolerance: float, watch: Watch) -> Fit:
    from scipy.special import betaln, digamma, gammaln

    codes, k, n = votes.codes, votes.codes.n_labels, votes.per_annotator
    n_items = int((votes.per_item > 0).sum())

    def steps() -> Iterator[tuple]:
        counts, totals = counts_of_votes(codes, votes.clamp)
        x, memory = np.log([3.0, 1.0]), Memory()
        while True:
            hits = np.clip(_hits(counts), 0.0, n)
            misses = n - hits
            x = climb(lambda at, hits=hits, misses=misses: _beta_binomial(at, hits, misses), x, 5, memory=memory).at  # type: ignore[misc]
            a, b = np.exp(x)
            right, wrong = digamma(a + hits) - digamma(a + b + n), digamma(b + misses) - digamma(a + b + n)
            evidence = (betaln(a + hits, b + misses) - betaln(a, b) - hits * right - misses * wrong).sum()
            log_p = digamma(totals + 1) - digamma(n_items + k) if fixed is None else fixed
            if fixed is None:
                evidence += gammaln(k) - gammaln(n_items + k) + (gammaln(totals + 1) - totals * log_p).sum()
            counts, totals, likelihood = expectation(codes, votes.clamp, log_p, _table(right, wrong, k))
            yield likelihood + evidence + _log_hyperprior(x), log_p, right, wrong, (a + hits) / (a + b + n), (a, b)

    objective, (_, log_p, right, wrong, s, (a, b)), converged = iterate(
        steps(), max_iterations, tolerance * len(codes), watch=watch
    )
    details = {"average_accuracy": a / (a + b), "strength": a + b}
    return _report(votes, log_p, right, wrong, s, objective, "evidence lower bound", converged, details)


def _beta_binomial(x: np.ndarray, hits: np.ndarray, misses: np.ndarray) -> tuple[float, np.ndarray]:
    """Log marginal likelihood of hits and misses under Beta(e^x0, e^x1), with the hyperprior, and its gradient."""
    from scipy.special import betaln, digamma

    if np.abs(x).max() > 15:
        return -np.inf, x
    a, b = np.exp(x)
    n = hits + misses
    value = float((betaln(a + hits, b + misses) - betaln(a, b)).sum()) + _log_hyperprior(x)
    both = digamma(a + b) - digamma(a + b + n)
    slope = np.array(
        [a * (digamma(a + hits) - digamma(a) + both).sum(), b * (digamma(b + misses) - digamma(b) + both).sum()]
    )
    return value, slope - (x - np.log([3.0, 1.0])) / 4.0


def _log_hyperprior(x: np.ndarray) -> float:
    """Right three times in four, worth four judgements; either may be off by a factor of fifty."""
    return -float(((x - np.log([3.0, 1.0])) ** 2).sum()) / 8.0


def _hits(counts: np.ndarray) -> np.ndarray:
    """Expected right judgements of each annotator."""
    return np.einsum("att->a", counts)


def _table(right: np.ndarray, wrong: np.ndarray, k: int) -> np.ndarray:
    """Log-confusion (n_annotators, label, truth) with one accuracy each."""
    table = np.repeat((wrong - np.log(max(k - 1, 1)))[:, None], k * k, axis=1).reshape(-1, k, k)
    table[:, np.arange(k), np.arange(k)] = right[:, None]
    return table


def _report(
    votes: Votes,
    log_p: np.ndarray,
    right: np.ndarray,
    wrong: np.ndarray,
    s: np.ndarray,
    objective: np.ndarray,
    name: str,
    converged: bool,
    details: dict[str, object],
) -> Fit:
    k = votes.codes.n_labels
    posterior = posterior_of(votes, log_p, _table(right, wrong, k))
    s = np.where(votes.per_annotator > 0, s, np.nan)
    with np.errstate(divide="ignore"):
        confusion = np.exp(_table(np.log(s), np.log1p(-s), k)) if k > 1 else None
    p = np.exp(log_p)
    return Fit(
        posterior=posterior,
        annotators={"accuracy": s, "weight": log_odds_weight(s, k)},
        confusion=confusion,
        prior=p / p.sum(),
        objective=objective,
        objective_name=name,
        iterations=len(objective),
        converged=converged,
        details=details,
    )
