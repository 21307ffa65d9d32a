r"""Latent strength: each item has a strength of preference, and annotators are of kinds.

The labels are taken in their order. Item i has a strength $z_i$ on a grid: far below 0 everybody sees that A is
better, far above 0 that B is, and near 0 an item is contested. An annotator of kind g says

$$P(\text{at most } l \mid z, g) = \sigma(c_{gl} - a_g z - b_g)$$

with sensitivity a (0 = does not look, below 0 = contrary), pull to one side b, and cuts c at $\pm t_g$ around the
tie and further out by $u_g$ for each stronger label (cumulative logits: McCullagh 1980, *Regression models for
ordinal data*). Where the scale has a tie, an item may also be a true one: of strength 0, with every annotator's tie
wider, so that most call it a tie. A contested item is therefore near zero, not a class of its own.

The kinds are a fixed grid, as are the strengths; what is learned is how common each is, and what follows for each
annotator and item (variational Bayes: a mixture over kinds for each annotator, over strengths for each item). So
labels of one item may all be doubtful together, which Dawid-Skene cannot say, and its posteriors are surer than
right for it.

The label of a strength is what a typical annotator would say who sees it clearly: the side by the sign, the strength
by the typical cuts; and, near zero, a tie half as often as the typical annotator says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from workbench.aggregation.contract import Fit
from workbench.aggregation.iteration import iterate, nothing
from workbench.aggregation.kernels import columns_of, room, stretches
from workbench.aggregation.states import best_temperature, expect_states, part_of, some_items
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.dataset.annotation_set import Codes
from workbench.dataset.scales import LabelScale
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch

TITLE = "Latent strength"

STRENGTHS = np.array([0.2, 0.5, 0.9, 1.35, 1.9, 2.6, 3.6, 5.0])
"""Strengths of items, for either side: for a typical annotator from a toss-up to certain."""

TRUE_TIES = np.array([1.0, 2.2])
"""By how much true ties widen every annotator's tie."""

SENSITIVITY = (-1.2, 0.0, 0.35, 0.7, 1.1, 1.6, 2.3, 3.2)
SIDE = (-2.5, -1.2, -0.45, 0.0, 0.45, 1.2, 2.5)
SIDE_OF_MANY = (-1.2, 0.0, 1.2)
TIE_WIDTH = (0.03, 0.25, 0.6, 1.1, 1.9)
TIE_WIDTH_OF_MANY = (0.1, 0.6, 1.4)
STEP = (0.4, 1.2, 2.4, 4.5)
"""The grid of kinds: a, b, t (both coarser on four labels or more) and u."""

SLIP = 0.015
"""Share of labels of every kind that fall anywhere."""

_KINDS = 10.0
"""Pseudo-annotators spread over the kinds as before anything is seen: most sensitive by about 1.1, with little pull."""

_ITEMS = 0.5
"""Pseudo-items of each strength."""

_WEIGHT_ROUNDS = 3
"""Rounds for the weights of kinds in each round of learning."""

_KNOWN = 100
"""Judgements in a sample from which the kind of an annotator is known."""

_CLEARLY = 4.0
"""How much more clearly than a typical annotator the one sees who gives a strength its label."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The kinds and strengths for a scale of K labels.

    Attributes
    ----------
    n_labels : K.
    kinds : float64 (G, 4): a, b, t and u of each kind.
    """

    n_labels: int
    kinds: np.ndarray

    @property
    def tie(self) -> bool:
        """Whether there is a label in the middle."""
        return self.n_labels % 2 == 1

    @property
    def location(self) -> np.ndarray:
        """float64 (S,): strength of each state; true ties come last."""
        sides = np.concatenate([-STRENGTHS[::-1], STRENGTHS])
        return np.concatenate([sides, np.zeros(len(TRUE_TIES) * self.tie)])

    @property
    def widening(self) -> np.ndarray:
        """float64 (S,): what each state adds to the tie."""
        return np.concatenate([np.zeros(2 * len(STRENGTHS)), TRUE_TIES[: len(TRUE_TIES) * self.tie]])

    @cached_property
    def chances(self) -> np.ndarray:
        """float64 (G, label, S): what each kind says of each strength."""
        a, b, t, u = (self.kinds[:, j, None, None] for j in range(4))
        further = np.arange(self.n_labels // 2)[None, :, None]
        outward = t + self.widening[None, None, :] + u * further
        cuts = np.concatenate([-outward[:, ::-1], outward[:, 0 if self.tie else 1 :]], 1)
        below = _sigma(cuts - a * self.location - b)
        edge = np.ones_like(below[:, :1])
        says = np.diff(np.concatenate([0 * edge, below, edge], 1), axis=1)
        return (1 - SLIP) * np.maximum(says, 0.0) + SLIP / self.n_labels

    @cached_property
    def log_chances(self) -> np.ndarray:
        """float64 (G, label x S): their logarithms."""
        return np.log(self.chances).reshape(len(self.kinds), -1)

    @cached_property
    def first_weights(self) -> np.ndarray:
        """float64 (G,): how common kinds are before anything is seen."""
        a, b = self.kinds[:, 0], self.kinds[:, 1]
        weight = np.exp(-0.5 * ((a - 1.1) / 0.8) ** 2 - 0.5 * (b / 0.6) ** 2) * np.where(a <= 0, 0.1, 1.0)
        return weight / weight.sum()

    def label_of(self, weights: np.ndarray) -> np.ndarray:
        """float64 (S, K): the label of each strength, for kinds of these weights."""
        k, half = self.n_labels, self.n_labels // 2
        looks = weights * (self.kinds[:, 0] > 0.2)
        a, _, t, u = (looks / looks.sum()) @ self.kinds
        at = a * self.location[: 2 * len(STRENGTHS)]
        found = np.zeros((len(self.location), k))
        tied = 0.5 * (_sigma(t - at) - _sigma(-t - at)) if self.tie else np.zeros(len(at))
        for side, toward in ((1, at), (-1, -at)):
            reached = [np.ones(len(at)), *(_sigma(_CLEARLY * (toward - t - u * j)) for j in range(1, half)), 0 * at]
            for j in range(half):
                label = k - half + j if side > 0 else half - 1 - j
                found[: len(at), label] = _sigma(_CLEARLY * toward) * (1 - tied) * (reached[j] - reached[j + 1])
        if self.tie:
            found[: len(at), half] = tied
            found[len(at) :, half] = 1.0
        return found


def grid(n_labels: int) -> Grid:
    """The grid for a scale of so many labels."""
    steps, sides, widths = (STEP, SIDE_OF_MANY, TIE_WIDTH_OF_MANY) if n_labels > 3 else ((0.0,), SIDE, TIE_WIDTH)
    ties = widths if n_labels % 2 else (0.0,)
    return Grid(n_labels, np.array(list(product(SENSITIVITY, sides, ties, steps))))


def has_order(scale: LabelScale) -> bool:
    """Whether the labels lie on a line: they have sides, or there are two of them only."""
    return len(scale) >= 2 and (scale.has_sides or len(scale) == 2)


def fit(votes: Votes, *, max_iterations: int = 60, tolerance: float = 2e-5, watch: Watch = UNWATCHED) -> Fit:
    """How strongly is each item preferred, and so: which label is it?

    Parameters
    ----------
    votes : the judgements; items whose label is known are held to strengths of that label. What is common is learned
        from a sample where there are very many.
    max_iterations : stop there at the latest.
    tolerance : stop when an iteration gains less than this many nats for each judgement; five times as many in a
        sample.
    watch : is told each iteration.

    Returns
    -------
    The fit. Annotators have `sensitivity`, `pull` (to the last label above 0) and, on scales with a tie,
    `tie_width`, each a mean over kinds. The objective is the evidence lower bound with the log-density of the
    hyperpriors. `details` holds `strength` (n_items,), the expected z of each item, `spread` (n_items,), its
    standard deviation, `true_ties`, the share of items that are ties, `temperature`, the power of the likelihood
    that best predicts judgements held out, and `held_out`, their mean log-chance.

    Raises
    ------
    WorkbenchError
        The labels are three categories or more: they have no order.
    """
    codes, k = votes.codes, votes.codes.n_labels
    if len(codes) == 0 or k < 2:
        return nothing(votes)
    if not has_order(votes.scale):
        raise WorkbenchError(
            "Latent strength needs labels in an order, from one side to the other; these are categories.",
            "Use hard_items, or the default, which needs no order.",
        )
    net = grid(k)
    items = some_items(codes)
    part, present = (codes, np.arange(codes.n_annotators)) if items is None else part_of(codes, items)
    clamp = votes.clamp if items is None else votes.clamp[items]
    known = net.label_of(net.first_weights)
    objective, last, converged = iterate(
        _steps(part, clamp, net, known),
        max_iterations,
        tolerance * (1 if items is None else 5) * len(part),
        watch=watch,
    )
    _, share, weights, prior = last
    chances = (share @ net.chances.reshape(len(share[0]), -1)).reshape(len(share), k, -1)
    temperature, predicted = best_temperature(part, clamp, prior, _table(net, share), chances)
    if items is not None:
        few = np.bincount(part.annotator, minlength=len(present)).min(initial=0) < _KNOWN
        everyone = np.tile(weights, (codes.n_annotators, 1))
        everyone[present] = share
        share = everyone
        if few or len(present) < int((votes.per_annotator > 0).sum()):
            seen = expect_states(codes, votes.clamp, prior, _table(net, share), known)
            share = _kinds(weights, _given_kind(net, seen.counts))
    table = _table(net, share)
    found = room(codes, k + 2)
    wanted = np.column_stack([net.label_of(weights), net.location, net.location**2])
    expect_states(codes, votes.clamp, prior, table**temperature, known, wanted, found)
    return _report(votes, net, share, weights, prior, found, objective, converged, temperature, predicted)


def _steps(codes: Codes, clamp: np.ndarray, net: Grid, known: np.ndarray) -> Iterator[tuple]:
    """Coordinate ascent on the evidence lower bound."""
    first = net.first_weights
    weights, share = first, np.tile(first, (codes.n_annotators, 1))
    prior = np.where(net.widening > 0, 0.05, 0.9 / (2 * len(STRENGTHS)))
    prior = prior / prior.sum()
    while True:
        seen = expect_states(codes, clamp, prior, _table(net, share), known)
        kinds = float((share * (np.log(weights) - np.log(np.maximum(share, 1e-300)))).sum())
        hyperprior = _KINDS * float(first @ np.log(weights)) + _ITEMS * float(np.log(prior).sum())
        yield seen.likelihood + kinds + hyperprior, share, weights, prior
        given = _given_kind(net, seen.counts)
        for _ in range(_WEIGHT_ROUNDS):
            share = _kinds(weights, given)
            weights = share.sum(0) + _KINDS * first
            weights = weights / weights.sum()
        prior = seen.totals + _ITEMS
        prior = prior / prior.sum()


def _table(net: Grid, share: np.ndarray) -> np.ndarray:
    """Exp of the expected log-chance of each label in each state, (n_annotators, label, S)."""
    return np.exp((share @ net.log_chances).reshape(len(share), net.n_labels, -1))


def _given_kind(net: Grid, counts: np.ndarray) -> np.ndarray:
    """Log-likelihood of each annotator's counts, were it of each kind, (n_annotators, G)."""
    return counts.reshape(len(counts), -1) @ net.log_chances.T


def _kinds(weights: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Of which kind is each annotator, (n_annotators, G)?"""
    share = given + np.log(weights)
    share -= share.max(1, keepdims=True)
    np.exp(share, out=share)
    share /= share.sum(1, keepdims=True)
    return share


def _report(
    votes: Votes,
    net: Grid,
    share: np.ndarray,
    weights: np.ndarray,
    prior: np.ndarray,
    found: np.ndarray,
    objective: np.ndarray,
    converged: bool,
    temperature: float,
    predicted: float,
) -> Fit:
    label_of, k = net.label_of(weights), net.n_labels
    for low, high in stretches(votes.codes):
        at, spread = found[low:high, k], found[low:high, k + 1]
        spread[:] = np.sqrt(np.maximum(spread - at**2, 0.0))
    posterior = votes.clamped_rows(columns_of(votes.codes, found, 0, k))
    common = prior @ label_of
    chances = (share @ net.chances.reshape(len(weights), -1)).reshape(len(share), k, -1)
    confusion = np.einsum("kls,st->ktl", chances, prior[:, None] * label_of) / common[None, :, None]
    here = votes.per_annotator > 0
    accuracy = np.where(here, np.einsum("ktt,t->k", confusion, common), np.nan)
    a, b, t, _ = (share @ net.kinds).T
    annotators = {
        "accuracy": accuracy,
        "weight": log_odds_weight(accuracy, k),
        "sensitivity": np.where(here, a, np.nan),
        "pull": np.where(here, b, np.nan),
        **({"tie_width": np.where(here, t, np.nan)} if net.tie else {}),
    }
    details = {
        "strength": columns_of(votes.codes, found, k, k + 1)[:, 0],
        "spread": columns_of(votes.codes, found, k + 1, k + 2)[:, 0],
        "true_ties": float(prior[net.widening > 0].sum()),
        "temperature": temperature,
        "held_out": predicted,
    }
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


def _sigma(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))
