"""Consensus: what methods of different structure say together. The default.

No model of annotators is right everywhere. One that takes the labels in their order cannot go wrong on contested
items as one can that makes a class of them; one with a table for each annotator knows mistakes that do not keep to
an order; and a weighted vote assumes next to nothing. Their logarithmic pool (`stacking`) errs where all of them do.
Gold, where there is enough, corrects the weights and how common each label is, each gold item by the gold of the
others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from workbench.aggregation import hard_items, latent_strength, weighted
from workbench.aggregation.contract import Fit
from workbench.aggregation.contradiction import contradiction
from workbench.aggregation.iteration import nothing
from workbench.aggregation.kernels import counts_given, room, stretches
from workbench.aggregation.stacking import stacked
from workbench.aggregation.states import best_temperature, part_of, some_items
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError, counted
from workbench.progress import UNWATCHED, Watch

TITLE = "Consensus"

ORDERED = {"latent_strength": 0.5, "hard_items": 0.25, "weighted": 0.25}
WITH_TIE = {"latent_strength": 0.34, "hard_items": 0.33, "weighted": 0.33}
TABLES = {"latent_strength": 0.1, "hard_items": 0.65, "weighted": 0.25}
CATEGORIES = {"hard_items": 0.5, "weighted": 0.5}
"""Weights where labels lie on a line; where they are two sides and a tie, of which strengths alone know least; where
tables for each annotator predict better nevertheless; and for categories.

Chosen by simulation on other seeds and kinds than those that `benchmarks/AGGREGATION_ACCURACY.md` reports.
"""

_FLATTERED = 3.0
"""Free numbers of an annotator that confusion tables have more of."""

_AHEAD = 0.015
"""Nats a judgement by which tables have to predict better before they count more than the order."""

_COMMON = 20.0
"""Judgements' worth of what annotators have in common in each row of an annotator's table."""


def fit(votes: Votes, *, gold: str = "cross-fitted", watch: Watch = UNWATCHED) -> Fit:
    """What do methods of different structure say together?

    Parameters
    ----------
    votes : the judgements; items whose label is known are held to it.
    gold : `cross-fitted` = where there is enough, gold corrects the weights and the shares of labels; no item's label
        depends on its own gold, or on that of the items of its prompt. `unused` = it is not looked at.
    watch : is told each iteration of each method.

    Returns
    -------
    The fit. `details` holds `methods` and `weights` (which, and how much each counts), `gold_used` (gold items that
    corrected them), `why` (one sentence), `contradiction` (a sentence where methods cannot all be as sure as they
    are, else empty) with `parted` (on how many items they part) and, for reading the labels off once more in one
    E-step, `log_prior` and `log_confusion` (annotator, label, truth). Nothing is iterated by itself, so that it has
    no objective.
    """
    if gold not in ("cross-fitted", "unused"):
        raise WorkbenchError(f"Gold cannot be {gold!r}.", "Choose cross-fitted or unused.")
    codes, k = votes.codes, votes.codes.n_labels
    if len(codes) == 0 or k < 2:
        return nothing(votes)
    ordered = latent_strength.has_order(votes.scale)
    made = {name: _BY_NAME[name][1](votes, watch) for name in (ORDERED if ordered else CATEGORIES)}
    plan, why = _plan(votes, made) if ordered else (CATEGORIES, "The labels are categories, which have no order")
    opinions = {name: one.posterior for name, one in made.items()}
    parted = contradiction(votes.scale, {_BY_NAME[n][0]: p for n, p in opinions.items()}, lambda: stretches(codes))
    if parted:
        plan, why = _cautious(plan), "Methods contradict each other, so the vote, which assumes least, counts most"
    usable = np.asarray(votes.data.gold) if gold == "cross-fitted" else np.full(codes.n_items, NULL)
    pool = stacked(
        list(opinions.values()),
        np.array(list(plan.values())),
        usable,
        votes.data.group_codes,
        into=room(codes, k),
        parts=lambda: stretches(codes),
    )
    posterior = votes.clamped_rows(pool.posterior)
    log_prior, log_confusion = _tables(votes, posterior)
    confusion = np.exp(log_confusion).transpose(0, 2, 1)
    prior = np.exp(log_prior)
    accuracy = np.where(votes.per_annotator > 0, np.einsum("ktt,t->k", confusion, prior), np.nan)
    details: dict[str, object] = {
        "methods": ", ".join(made),
        "weights": pool.weights,
        "gold_used": pool.n_gold,
        "why": f"{why}; {_on_gold(pool.n_gold)}.",
        "contradiction": str(parted) if parted else "",
        "parted": parted.parted if parted else 0,
        "log_prior": log_prior,
        "log_confusion": log_confusion,
    }
    for one in made.values():
        details |= {n: one.details[n] for n in ("strength", "true_ties", "difficulty") if n in one.details}
    annotators = {"accuracy": accuracy, "weight": log_odds_weight(accuracy, k)}
    return Fit(posterior=posterior, annotators=annotators, confusion=confusion, prior=prior, details=details)


def _weighted(votes: Votes) -> Fit:
    """The weighted vote, tempered: as sure as best predicts judgements held out."""
    found = weighted.fit(votes)
    codes, k = votes.codes, votes.codes.n_labels
    accuracy = np.nan_to_num(found.annotators["accuracy"], nan=1.0 / k)
    table = np.where(np.eye(k, dtype=bool), accuracy[:, None, None], (1.0 - accuracy[:, None, None]) / (k - 1))
    items = some_items(codes)
    part, present = (codes, np.arange(codes.n_annotators)) if items is None else part_of(codes, items)
    clamp = votes.clamp if items is None else votes.clamp[items]
    table = np.ascontiguousarray(table[present])
    power, _ = best_temperature(part, clamp, np.full(k, 1.0 / k), table, table)
    if power == 1.0:
        return found
    posterior = weighted.by_weight(codes, power * found.annotators["weight"])
    return replace(found, posterior=votes.clamped_rows(posterior))


_BY_NAME: dict[str, tuple[str, Callable[[Votes, Watch], Fit]]] = {
    "latent_strength": (latent_strength.TITLE, lambda votes, watch: latent_strength.fit(votes, watch=watch)),
    "hard_items": (hard_items.TITLE, lambda votes, watch: hard_items.fit(votes, watch=watch)),
    "weighted": (weighted.TITLE, lambda votes, watch: _weighted(votes)),  # noqa: ARG005
}


def _tables(votes: Votes, posterior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log-share of each label, and each annotator's log-table (annotator, label, truth), drawn to that of all."""
    k = posterior.shape[1]
    counts, totals = counts_given(votes.codes, posterior)
    common = counts.sum(0) + 0.5 + np.eye(k)
    common /= common.sum(0)
    table = counts + _COMMON * common
    prior = (totals + 1.0) / (totals + 1.0).sum()
    return np.log(prior), np.log(table / table.sum(1, keepdims=True))


def _plan(votes: Votes, made: dict[str, Fit]) -> tuple[dict[str, float], str]:
    """How much each method counts on labels that lie on a line, and why.

    Each judgement held out was still there when the annotators' tables were learned, which flatters the method with
    more of them: what a few free numbers an annotator would gain on nothing is taken off.
    """
    crew = int((votes.per_annotator > 0).sum())
    ahead = _predicted(made["hard_items"]) - _predicted(made["latent_strength"])
    if ahead - _FLATTERED * crew / len(votes.codes) > _AHEAD:
        return TABLES, "Confusion tables predict judgements held out better than the order of the labels does"
    return (
        WITH_TIE if votes.codes.n_labels == 3 else ORDERED,
        "The labels lie on a line, and their order predicts judgements held out as well as tables do",
    )


def _cautious(plan: dict[str, float]) -> dict[str, float]:
    """More than half for the weighted vote, and the rest shared as before."""
    rest = 1.0 - plan["weighted"]
    return {name: 0.6 if name == "weighted" else 0.4 * part / rest for name, part in plan.items()}


def _predicted(fit: Fit) -> float:
    """Mean log-chance of a judgement held out."""
    return float(fit.details["held_out"])  # type: ignore[arg-type]


def _on_gold(n: int) -> str:
    if n:
        return f"{counted(n, 'gold label')} corrected the weights, each item by the gold of others"
    return "there is not enough gold to correct the weights by"
