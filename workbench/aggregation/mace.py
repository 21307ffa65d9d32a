r"""MACE: each annotator either knows the label or fills one in by habit.

Annotator k spams an item with probability $\theta_k$, and then says l with probability $\xi_{kl}$; otherwise it says
the truth (Hovy, Berg-Kirkpatrick, Vaswani & Hovy 2013, *Learning whom to trust with MACE*). So $P(l \mid t, k) = (1 -
\theta_k)[l = t] + \theta_k \xi_{kl}$: a confusion table with K free numbers instead of K(K - 1).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.aggregation.contract import Fit
from workbench.aggregation.iteration import fixed_log_shares, iterate, nothing, posterior_of, shares_learned
from workbench.aggregation.kernels import counts_given, expectation, vote_shares
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.progress import UNWATCHED, Watch

TITLE = "MACE"


def fit(
    votes: Votes,
    *,
    spam_prior: float = 0.5,
    habit_prior: float = 0.5,
    class_prior: str | np.ndarray | None = None,
    restarts: int = 0,
    seed: int = 0,
    max_iterations: int = 500,
    tolerance: float = 1e-6,
    watch: Watch = UNWATCHED,
) -> Fit:
    """Who fills in by habit, and what does everyone else say?

    Variational Bayes, as its authors recommend where annotators have few labels. All labels are taken as equally
    common.

    Parameters
    ----------
    votes : the judgements; items whose label is known are held to it.
    spam_prior : both parameters of the Beta prior of each annotator's share of spam.
    habit_prior : parameter of the Dirichlet prior of what it says when spamming.
    class_prior : `learned` = how common each label is; `even`; or what is known of it, float (K,); None =
        see `shares_learned`.
    restarts : runs from perturbed starts besides the one from the vote shares; the best bound wins, all are in
        `details["objectives"]`.
    seed : of the perturbations.
    max_iterations : stop there at the latest.
    tolerance : stop when an iteration gains less than this many nats for each judgement.
    watch : is told each iteration.

    Returns
    -------
    The fit; annotators have `spam` (share of judgements filled in by habit) and `knows` (1 - spam). The objective is
    the evidence lower bound.
    """
    fixed = fixed_log_shares(shares_learned(votes.scale) if class_prior is None else class_prior, votes.codes.n_labels)
    if len(votes.codes) == 0 or votes.codes.n_labels < 2:
        return nothing(votes)
    first = vote_shares(votes.codes, votes.clamp)
    rng = np.random.default_rng(seed)
    starts = [first] + [
        votes.clamped_rows(0.5 * first + 0.5 * rng.dirichlet(np.ones(votes.codes.n_labels), len(first)))
        for _ in range(restarts)
    ]
    fits = [_run(votes, start, spam_prior, habit_prior, fixed, max_iterations, tolerance, watch) for start in starts]
    best = max(fits, key=lambda f: float(f.objective[-1]))
    if restarts:
        best.details["objectives"] = [float(f.objective[-1]) for f in fits]  # type: ignore[index]
    return best


def _run(
    votes: Votes,
    start: np.ndarray,
    spam_prior: float,
    habit_prior: float,
    fixed: np.ndarray | None,
    max_iterations: int,
    tolerance: float,
    watch: Watch,
) -> Fit:
    from scipy.special import betaln, digamma, gammaln

    codes, k, n = votes.codes, votes.codes.n_labels, votes.per_annotator.astype(float)
    diagonal = np.arange(k)
    n_items = int((votes.per_item > 0).sum())

    def steps() -> Iterator[tuple]:
        counts, totals = counts_given(codes, start)
        spam, know = np.full(len(n), np.log(0.5)), np.full(len(n), np.log(0.5))
        habit = np.full((len(n), k), -np.log(k))
        while True:
            # What is said besides the truth is spam; what is the truth may be either.
            said = counts.sum(2)
            hit = counts[:, diagonal, diagonal]
            by_habit = spam[:, None] + habit
            lucky = hit * np.exp(by_habit - np.logaddexp(by_habit, know[:, None]))
            spams = said - hit + lucky
            knows = np.maximum((hit - lucky).sum(1), 0.0)
            total = spams.sum(1)
            spam = digamma(spam_prior + total) - digamma(2 * spam_prior + n)
            know = digamma(spam_prior + knows) - digamma(2 * spam_prior + n)
            habit = digamma(habit_prior + spams) - digamma(k * habit_prior + total)[:, None]
            evidence = (
                betaln(spam_prior + total, spam_prior + knows)
                - betaln(spam_prior, spam_prior)
                - total * spam
                - knows * know
            ).sum()
            evidence += (
                gammaln(k * habit_prior)
                - gammaln(k * habit_prior + total)
                + (gammaln(habit_prior + spams) - gammaln(habit_prior)).sum(1)
            ).sum()
            evidence -= (spams * habit).sum()
            log_p = digamma(totals + 1) - digamma(n_items + k) if fixed is None else fixed
            if fixed is None:
                evidence += gammaln(k) - gammaln(n_items + k) + (gammaln(totals + 1) - totals * log_p).sum()
            table = _table(spam, know, habit)
            counts, totals, likelihood = expectation(codes, votes.clamp, log_p, table)
            share = (spam_prior + total) / (2 * spam_prior + n)
            habits = (habit_prior + spams) / (k * habit_prior + total)[:, None]
            yield likelihood + evidence, log_p, table, share, habits

    objective, (_, log_p, table, share, habits), converged = iterate(
        steps(), max_iterations, tolerance * len(codes), watch=watch
    )
    confusion = share[:, None, None] * np.repeat(habits[:, None, :], k, axis=1)
    confusion[:, diagonal, diagonal] += (1 - share)[:, None]
    here = n > 0
    accuracy = np.where(here, confusion[:, diagonal, diagonal].mean(1), np.nan)
    annotators = {
        "accuracy": accuracy,
        "weight": log_odds_weight(accuracy, k),
        "spam": np.where(here, share, np.nan),
        "knows": np.where(here, 1 - share, np.nan),
    }
    return Fit(
        posterior=posterior_of(votes, log_p, table),
        annotators=annotators,
        confusion=confusion,
        prior=np.exp(log_p) / np.exp(log_p).sum(),
        objective=objective,
        objective_name="evidence lower bound",
        iterations=len(objective),
        converged=converged,
        details={},
    )


def _table(spam: np.ndarray, know: np.ndarray, habit: np.ndarray) -> np.ndarray:
    """Log-confusion (n_annotators, label, truth)."""
    k = habit.shape[1]
    by_habit = spam[:, None] + habit
    table = np.repeat(by_habit[:, :, None], k, axis=2)
    table[:, np.arange(k), np.arange(k)] = np.logaddexp(by_habit, know[:, None])
    return table
