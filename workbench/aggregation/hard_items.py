r"""Dawid-Skene with hard items: a confusion table for each annotator, and a difficulty for each item.

As in Dawid-Skene an item is of a class t, and annotator k who looks says l with probability $\pi_{ktl}$, drawn to
what all have in common. But an item is also of a difficulty h, and on it a share $\epsilon_h$ of all judgements,
whoever gives them, falls as labels fall in general (q):

$$P(l \mid t, h, k) = (1 - \epsilon_h) \, \pi_{ktl} + \epsilon_h \, q_l$$

Without it the labels of an item are taken as independent, though some items are hard for everybody: posteriors come
out surer than right, and a class can become a heap for the items on which nobody agrees. For the same reason a class
whose common table does not lean to its own label is refused: there is always a better explanation, a hard item.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.aggregation.ascent import Memory
from workbench.aggregation.contract import Fit
from workbench.aggregation.iteration import iterate, nothing
from workbench.aggregation.kernels import columns_of, counts_of_votes, labels_given, room
from workbench.aggregation.pooling import (
    Pool,
    expected_log_confusion,
    first_pool,
    improve,
    leaning,
    mean_confusion,
    responsibilities,
)
from workbench.aggregation.states import best_temperature, expect_states, part_of, some_items
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.dataset.annotation_set import Codes
from workbench.progress import UNWATCHED, Watch

TITLE = "Dawid-Skene with hard items"

DIFFICULTY = np.array([0.0, 0.35, 0.7])
"""Share of the judgements of an item that say nothing of it."""

_USUAL = np.array([1.8, 0.9, 0.9])
"""Pseudo-items of each difficulty in each class: half of all items are easy as far as nobody knows."""

_FLOOR = 1e-9


def fit(votes: Votes, *, max_iterations: int = 80, tolerance: float = 2e-5, watch: Watch = UNWATCHED) -> Fit:
    """Who is right how often about what, which items are hard, and so: what is each item?

    Parameters
    ----------
    votes : the judgements; items whose label is known are held to it. What is common is learned from a sample where
        there are very many.
    max_iterations : stop there at the latest.
    tolerance : stop when an iteration gains less than this many nats for each judgement; five times as many in a
        sample.
    watch : is told each iteration.

    Returns
    -------
    The fit. The objective is the evidence lower bound with the log-density of the hyperpriors. `details` holds
    `difficulty` (n_items,), the expected share of an item's judgements that say nothing of it, `common_confusion`
    (truth, label), `temperature`, the power of the likelihood that best predicts judgements held out, and
    `held_out`, their mean log-chance.
    """
    codes, k = votes.codes, votes.codes.n_labels
    if len(codes) == 0 or k < 2:
        return nothing(votes)
    items = some_items(codes)
    part, present = (codes, np.arange(codes.n_annotators)) if items is None else part_of(codes, items)
    clamp = votes.clamp if items is None else votes.clamp[items]
    said = labels_given(codes) + 1.0
    said /= said.sum()
    objective, last, converged = iterate(
        _steps(part, clamp, said),
        max_iterations,
        tolerance * (1 if items is None else 5) * len(part),
        window=2,
        watch=watch,
    )
    _, pool, counts, prior = last
    share, _ = responsibilities(pool, counts)
    table = _emissions(_looking(pool, counts, share), said)
    mean = _emissions(mean_confusion(pool, counts, share).transpose(0, 2, 1), said)
    temperature, predicted = best_temperature(part, clamp, prior, table, mean)
    if items is not None:
        everyone = np.zeros((codes.n_annotators, k, k))
        everyone[present] = counts
        looking = _looking(pool, everyone, responsibilities(pool, everyone)[0])
        seen = expect_states(codes, votes.clamp, prior, _emissions(looking, said), _classes(k))
        counts = _of_those_who_look(seen.counts, looking, said)
        share, _ = responsibilities(pool, counts)
        table = _emissions(_looking(pool, counts, share), said)
    found = room(codes, k + 1)
    wanted = np.column_stack([_classes(k), np.tile(DIFFICULTY, k)])
    expect_states(codes, votes.clamp, prior, table**temperature, _classes(k), wanted, found)
    posterior = votes.clamped_rows(columns_of(codes, found, 0, k))
    common = prior @ _classes(k)
    confusion = mean_confusion(pool, counts, share)
    accuracy = np.where(votes.per_annotator > 0, np.einsum("ktt,t->k", confusion, common), np.nan)
    details = {
        "difficulty": columns_of(codes, found, k, k + 1)[:, 0],
        "common_confusion": pool.average,
        "temperature": temperature,
        "held_out": predicted,
    }
    annotators = {"accuracy": accuracy, "weight": log_odds_weight(accuracy, k)}
    name = "evidence lower bound"
    return Fit(
        posterior=posterior,
        annotators=annotators,
        confusion=confusion,
        prior=common,
        objective=objective,
        objective_name=name,
        iterations=len(objective),
        converged=converged,
        details=details,
    )


def _steps(codes: Codes, clamp: np.ndarray, said: np.ndarray) -> Iterator[tuple]:
    """Coordinate ascent on the evidence lower bound."""
    k = len(said)
    counts, totals = counts_of_votes(codes, clamp)
    pool, memory = leaning(first_pool(counts)), Memory()
    usual = np.tile(_USUAL, k)
    prior = np.repeat((totals + 1.0) / (totals + 1.0).sum(), len(DIFFICULTY)) * np.tile(_USUAL / _USUAL.sum(), k)
    round_number = 0
    while True:
        # The pool settles long before the items do; later it is learned every third time only.
        if round_number < 12 or round_number % 3 == 0:
            pool = improve(pool, counts, memory, lean=True)
        share, evidence = responsibilities(pool, counts)
        log_looking = np.maximum(expected_log_confusion(pool, counts, share), np.log(_FLOOR))
        looking = np.exp(log_looking)
        seen = expect_states(codes, clamp, prior, _emissions(looking, said), _classes(k))
        shared = float((counts * log_looking).sum())  # counted by the evidence and by the E-step
        hyperprior = pool.log_hyperprior() + float(usual @ np.log(prior))
        yield seen.likelihood + evidence - shared + hyperprior, pool, counts, prior
        counts = _of_those_who_look(seen.counts, looking, said)
        prior = (seen.totals + usual) / (seen.totals + usual).sum()
        round_number += 1


def _looking(pool: Pool, counts: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Exp of each annotator's expected log-confusion, (n_annotators, label, truth)."""
    return np.maximum(np.exp(expected_log_confusion(pool, counts, share)), _FLOOR)


def _emissions(looking: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Chance of each label in each state, (n_annotators, label, truth x difficulty)."""
    table = (1.0 - DIFFICULTY) * looking[:, :, :, None] + DIFFICULTY * said[None, :, None, None]
    return table.reshape(*looking.shape[:2], -1)


def _of_those_who_look(counts: np.ndarray, looking: np.ndarray, said: np.ndarray) -> np.ndarray:
    """What of the counts (n_annotators, label, state) was said by looking, (n_annotators, label, truth)."""
    chance = _emissions(looking, said).reshape(*looking.shape, -1)
    looked = (1.0 - DIFFICULTY) * looking[:, :, :, None] / chance
    return (counts.reshape(chance.shape) * looked).sum(3)


def _classes(k: int) -> np.ndarray:
    """float64 (S, K): the class of each state."""
    return np.repeat(np.eye(k), len(DIFFICULTY), 0)
