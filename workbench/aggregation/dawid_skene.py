r"""Dawid-Skene: each annotator has a confusion table, and what an item is follows from who said what.

Model (Dawid & Skene 1979, *Maximum likelihood estimation of observer error-rates using the EM algorithm*): an item is
of class t with probability $p_t$, and annotator k then says l with probability $\pi_{ktl}$, independently of the
others.

By maximum likelihood (`prior="none"`) the tables are hopeless with few labels an annotator: worse than a majority vote,
and wildly sure of themselves. The default (`prior="learned"`) draws each table to what all annotators have in common,
as far as the data ask for it (`workbench.aggregation.pooling`), and averages over what is still open about each table
(variational Bayes; Kim & Ghahramani 2012, *Bayesian classifier combination*).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np

from workbench.aggregation.ascent import Memory
from workbench.aggregation.contract import Fit
from workbench.aggregation.iteration import Ending, iterate, nothing
from workbench.aggregation.kernels import counts_given, counts_of_votes, expectation, vote_shares
from workbench.aggregation.pooling import expected_log_confusion, first_pool, improve, mean_confusion, responsibilities
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch

TITLE = "Dawid-Skene"
PRIORS = ("learned", "diagonal", "none")

Counts = tuple[np.ndarray, np.ndarray]
"""Expected judgements (n_annotators, label, truth) and items of each class (K,) that the first M-step starts from."""


def fit(
    votes: Votes,
    *,
    prior: str = "learned",
    strength: float | None = None,
    restarts: int = 0,
    seed: int = 0,
    max_iterations: int = 500,
    tolerance: float = 1e-6,
    watch: Watch = UNWATCHED,
) -> Fit:
    """Who is right how often about what, and so: what is each item?

    Parameters
    ----------
    votes : the judgements; items whose label is known are held to it.
    prior : `learned` = tables drawn to the pool, as strongly as the data say; `diagonal` = pseudo-counts, 1 for each
        cell and `strength` more on the diagonal; `none` = maximum likelihood.
    strength : with `learned`, d in labels, instead of learning it; with `diagonal`, 8 unless given.
    restarts : runs from perturbed starts besides the one from the vote shares; the best objective wins, all are in
        `details["objectives"]`.
    seed : of the perturbations.
    max_iterations : stop there at the latest.
    tolerance : stop when an iteration gains less than this many nats for each judgement.
    watch : is told each iteration.

    Returns
    -------
    The fit. Its objective is the log-likelihood (`none`), with the log-density of the pseudo-counts (`diagonal`), or
    the evidence lower bound with that of the hyperprior (`learned`). `details` holds `log_likelihood`, and with
    `learned` what the annotators have in common (`strength` d by class, `common_confusion`) and what the posterior
    follows from in one E-step (`log_prior`, `log_confusion` by annotator, label and truth); then annotators have
    `ability` (log-odds around the common one) and `careless` (share of labels given without looking), both as far as
    the pool can tell.
    """
    if prior not in PRIORS:
        raise WorkbenchError(f"Dawid-Skene has no prior {prior!r}.", f"Choose one of {', '.join(PRIORS)}.")
    if strength is not None and not strength > 0:
        raise WorkbenchError(f"The strength of the prior is {strength}.", "Give a number of labels above 0, or none.")
    codes = votes.codes
    if len(codes) == 0 or codes.n_labels < 2:
        return nothing(votes)
    run = _learned if prior == "learned" else _pseudo_counts
    fits = [run(votes, counts_of_votes(codes, votes.clamp), prior, strength, max_iterations, tolerance, watch)]
    if restarts:
        first, rng = vote_shares(codes, votes.clamp), np.random.default_rng(seed)
        for _ in range(restarts):
            noise = rng.dirichlet(np.ones(codes.n_labels), codes.n_items)
            start = counts_given(codes, votes.clamped_rows(0.5 * first + 0.5 * noise))
            fits.append(run(votes, start, prior, strength, max_iterations, tolerance, watch))
    best = max(fits, key=lambda f: float(f.objective[-1]))
    if restarts:
        best.details["objectives"] = [float(f.objective[-1]) for f in fits]  # type: ignore[index]
    return best


def _pseudo_counts(
    votes: Votes, first: Counts, prior: str, strength: float | None, max_iterations: int, tolerance: float, watch: Watch
) -> Fit:
    """EM to the maximum of the likelihood, or of the posterior under fixed pseudo-counts."""
    k = votes.codes.n_labels
    added = np.zeros((k, k)) if prior == "none" else 1.0 + (8.0 if strength is None else strength) * np.eye(k)
    on_classes = 0.0 if prior == "none" else 1.0

    def maximise(counts: np.ndarray, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        log_p = _log(_normalised(totals + on_classes))
        table = counts + added[None]
        whole = table.sum(1, keepdims=True)
        pooled = counts.sum(0) + 1e-9
        # An annotator who saw no item of a class says nothing about it: any row serves, the pool's is the sensible one.
        log_pi = _log(np.where(whole > 0, table / np.where(whole > 0, whole, 1.0), pooled / pooled.sum(0)))
        penalty = float((added[None] * log_pi).sum() + on_classes * log_p.sum()) if on_classes else 0.0
        return log_p, log_pi, penalty

    def steps() -> Iterator[tuple[float, np.ndarray, np.ndarray, float]]:
        counts, totals = first
        while True:
            log_p, log_pi, penalty = maximise(counts, totals)
            counts, totals, likelihood = expectation(votes.codes, votes.clamp, log_p, log_pi, ending.into())
            yield likelihood + penalty, log_p, log_pi, likelihood

    ending = Ending(votes)
    objective, (_, log_p, log_pi, likelihood), converged = iterate(
        steps(), max_iterations, tolerance * len(votes.codes), watch=watch, ending=ending
    )
    posterior = ending.posterior(log_p, log_pi)
    confusion = np.exp(log_pi).transpose(0, 2, 1)
    name = "log-likelihood" if prior == "none" else "log-posterior"
    return _report(
        votes, posterior, confusion, np.exp(log_p), objective, name, converged, {"log_likelihood": likelihood}
    )


def _learned(
    votes: Votes,
    first: Counts,
    prior: str,  # noqa: ARG001
    strength: float | None,
    max_iterations: int,
    tolerance: float,
    watch: Watch,
) -> Fit:
    """Variational Bayes under the learned pool: every step raises the same lower bound on the evidence."""
    from scipy.special import digamma, gammaln

    codes, k = votes.codes, votes.codes.n_labels
    n_items = int((votes.per_item > 0).sum())

    def steps() -> Iterator[tuple[float, object]]:
        counts, totals = first
        pool, memory = first_pool(counts, strength), Memory()
        for round_number in count():
            # The pool settles long before the items do; later it is learned every third time only.
            if round_number < 15 or round_number % 3 == 0:
                pool = improve(pool, counts, memory)
            share, evidence = responsibilities(pool, counts)
            log_pi = expected_log_confusion(pool, counts, share)
            log_p = digamma(totals + 1.0) - digamma(n_items + k)
            class_evidence = gammaln(k) - gammaln(n_items + k) + gammaln(totals + 1.0).sum()
            # Both evidences count the expected judgements once, and so does the E-step: what they share is taken out.
            shared = (counts * log_pi).sum() + (totals * log_p).sum()
            new_counts, new_totals, likelihood = expectation(codes, votes.clamp, log_p, log_pi, ending.into())
            bound = likelihood + evidence + class_evidence - shared + pool.log_hyperprior()
            yield bound, (pool, counts, share, totals, log_p, log_pi)
            counts, totals = new_counts, new_totals

    ending = Ending(votes)
    objective, last, converged = iterate(
        steps(), max_iterations, tolerance * len(codes), window=3, watch=watch, ending=ending
    )
    pool, counts, share, totals, log_p, log_pi = last[1]
    posterior = ending.posterior(log_p, log_pi)
    confusion = mean_confusion(pool, counts, share)
    p = _normalised(totals + 1.0)
    likelihood = expectation(codes, votes.clamp, _log(p), np.ascontiguousarray(np.log(confusion).transpose(0, 2, 1)))[2]
    details = {
        "log_likelihood": likelihood,
        "strength": pool.strength,
        "common_confusion": pool.average,
        "abilities": pool.levels,
        "careless_shares": pool.careless,
        "kind_weights": pool.weights,
        "log_prior": log_p,
        "log_confusion": log_pi,
    }
    kinds = {"ability": share @ pool.levels, "careless": share @ pool.careless}
    return _report(votes, posterior, confusion, p, objective, "evidence lower bound", converged, details, kinds)


def _report(
    votes: Votes,
    posterior: np.ndarray,
    confusion: np.ndarray,
    p: np.ndarray,
    objective: np.ndarray,
    name: str,
    converged: bool,
    details: dict[str, object],
    more: dict[str, np.ndarray] | None = None,
) -> Fit:
    accuracy = np.einsum("ktt,t->k", confusion, p)
    accuracy = np.where(votes.per_annotator > 0, accuracy, np.nan)
    annotators = {"accuracy": accuracy, "weight": log_odds_weight(accuracy, len(p)), **(more or {})}
    return Fit(
        posterior=posterior,
        annotators=annotators,
        confusion=confusion,
        prior=p,
        objective=objective,
        objective_name=name,
        iterations=len(objective),
        converged=converged,
        details=details,
    )


def _normalised(values: np.ndarray) -> np.ndarray:
    return values / values.sum()


def _log(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log(values)
