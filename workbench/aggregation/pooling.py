r"""What annotators have in common, learned from them: the prior that draws each one's confusion table to the pool.

An annotator with thirty labels cannot tell us the 20 free cells of a five-by-five table; all annotators together can
tell what such tables look like. The prior has two levels:

- kind: annotator k is of one of a fixed grid of kinds g, of weight $w_g$. Most differ in ability $u_g$: the expected
  chance of being right on class t is $\sigma(c_t + u_g)$, and errors fall on the other labels in the common shape
  $o_{tl}$. Some are of ordinary ability, but give a share $b_g$ of their labels without looking, in the proportions h
  of all labels: a spammer's errors do not keep to the shape of honest ones. So m, the expected table, has $m_{gtl} = (1
  - b_g) \, ([t = l] \, \sigma(c_t + u_g) + [t \ne l] \, (1 - \sigma(c_t + u_g)) \, o_{tl}) + b_g h_l$.
- detail: its row t deviates from that by a Dirichlet distribution of strength $d_t$:
  $\pi_{kt\cdot} \mid g \sim \mathrm{Dirichlet}(d_t \, m_{gt\cdot})$.

w, c, o and d are learned by maximising the marginal likelihood of the expected counts (a mixture of
Dirichlet-multinomials: Minka 2000, *Estimating a Dirichlet distribution*, for one component). Large d: everyone a pure
case of its kind; small d: everybody for themselves. Nobody has to choose it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numba import njit

from workbench.aggregation.ascent import Memory, climb
from workbench.aggregation.gamma import digamma, log_gamma
from workbench.parallel import in_parts

LEVELS = np.linspace(-3.0, 3.0, 13)
"""Kinds that differ in ability: u, in log-odds of being right, around the common one."""

CARELESS = np.array([0.25, 0.5, 0.75, 1.0])
"""Kinds of ordinary ability that give this share b of their labels without looking."""

_STRENGTH = (math.log(20.0), 1.0)
"""Mean and standard deviation of ln d before anything is seen: 20 labels, and between 3 and 140 with 95%."""

_RIGHT = (1.0, 2.0)
"""Mean and standard deviation of c before anything is seen: right in 73%, and anything from 5% to 99%."""

_SHAPE = 0.1
"""Pseudo-count of each kind of error in the common shape."""

_WEIGHT = 0.5
"""Pseudo-annotators spread over the kinds."""

_ENOUGH = 4_000
"""Annotators from whom c, o and d are learned, where there are twice as many or more."""

LEAN = 1.5
"""By what factor the label of a class is to be likelier than any other, to those who look, where tables are to lean."""

_WEIGHT_ROUNDS = 30
"""Rounds for the weights in each round of learning: each is cheap, and they settle slowly."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Pool:
    """What annotators have in common.

    Attributes
    ----------
    log_strength : float64 (K,): ln d.
    right : float64 (K,): c, log-odds of being right at ability 0.
    shape_logits : float64 (K, K) at [truth, label]: o is its softmax over the labels other than the truth.
    weights : float64 (G,): share of annotators of each kind.
    levels, careless : float64 (G,): ability u of each kind, and the share b it gives without looking.
    habit : float64 (K,): h, what is said without looking.
    fixed_strength : whether ln d was given and stays.
    """

    log_strength: np.ndarray
    right: np.ndarray
    shape_logits: np.ndarray
    weights: np.ndarray
    levels: np.ndarray
    careless: np.ndarray
    habit: np.ndarray
    fixed_strength: bool = False

    @property
    def strength(self) -> np.ndarray:
        """float64 (K,): d, in labels."""
        return np.exp(self.log_strength)

    @property
    def accuracy(self) -> np.ndarray:
        """float64 (G, K): chance of each kind to be right about each class when looking."""
        return 1.0 / (1.0 + np.exp(-(self.right[None] + self.levels[:, None])))

    @property
    def shape(self) -> np.ndarray:
        """float64 (K, K) at [truth, label]: where errors fall; zero on the diagonal."""
        off = np.where(np.eye(len(self.right), dtype=bool), -np.inf, self.shape_logits)
        weight = np.exp(off - off.max(1, keepdims=True))
        return weight / weight.sum(1, keepdims=True)

    @property
    def lean(self) -> np.ndarray:
        """float64 (K,): how many times as likely as the likeliest error the right label is, at ability 0."""
        return np.exp(self.right) / self.shape.max(1)

    @property
    def means(self) -> np.ndarray:
        """float64 (G, truth, label): m, the expected confusion table of each kind."""
        right = self.accuracy
        table = (1.0 - right)[:, :, None] * self.shape[None]
        diagonal = np.arange(len(self.right))
        table[:, diagonal, diagonal] = right
        blind = self.careless[:, None, None]
        return (1.0 - blind) * table + blind * self.habit[None, None, :]

    @property
    def pseudo_counts(self) -> np.ndarray:
        """float64 (G, truth, label): d times the means, the Dirichlet parameters."""
        return self.strength[None, :, None] * self.means

    @property
    def average(self) -> np.ndarray:
        """float64 (truth, label): the confusion table of a new annotator."""
        return np.tensordot(self.weights, self.means, 1)

    def log_hyperprior(self) -> float:
        """Log-density of w, d, c and o, up to a constant."""
        off = ~np.eye(len(self.right), dtype=bool)
        strength = (
            0.0 if self.fixed_strength else -float((((self.log_strength - _STRENGTH[0]) / _STRENGTH[1]) ** 2).sum()) / 2
        )
        right = -float((((self.right - _RIGHT[0]) / _RIGHT[1]) ** 2).sum()) / 2
        return (
            strength
            + right
            + _SHAPE * float(np.log(self.shape[off]).sum())
            + _WEIGHT / len(self.levels) * float(np.log(self.weights).sum())
        )


def first_pool(counts: np.ndarray, strength: float | None = None, levels: np.ndarray = LEVELS) -> Pool:
    """Where learning starts: the table of all annotators together.

    Parameters
    ----------
    counts : float64 (n_annotators, label, truth): expected counts at the vote shares.
    strength : d, if it is to stay as given.
    levels : abilities of the kinds that look.
    """
    k = counts.shape[1]
    table = counts.sum(0).T + 0.5 + 2.0 * np.eye(k)
    table /= table.sum(1, keepdims=True)
    right = np.clip(np.diag(table), 0.02, 0.98)
    ability = np.concatenate([levels, np.zeros(len(CARELESS))])
    careless = np.concatenate([np.zeros(len(levels)), CARELESS])
    weights = np.exp(-(ability**2) / 2) * np.where(careless > 0, 0.1, 1.0)
    said = counts.sum((0, 2)) + 1.0
    return Pool(
        log_strength=np.full(k, _STRENGTH[0] if strength is None else math.log(strength)),
        right=np.log(right / (1 - right)),
        shape_logits=np.log(table),
        weights=weights / weights.sum(),
        levels=ability,
        careless=careless,
        habit=said / said.sum(),
        fixed_strength=strength is not None,
    )


def leaning(pool: Pool) -> Pool:
    """The pool with each class raised until its table leans to its own label."""
    short = np.log(1.001 * LEAN * pool.shape.max(1))
    return replace(pool, right=np.maximum(pool.right, short))


def responsibilities(pool: Pool, counts: np.ndarray) -> tuple[np.ndarray, float]:
    """Of which kind is each annotator? Shares (n_annotators, G), and the log marginal likelihood of the counts in
    nats.
    """
    return _shares(pool.weights, _given_kind(pool, counts))


def improve(pool: Pool, counts: np.ndarray, memory: Memory, steps: int = 2, lean: bool = False) -> Pool:
    """The pool after one round of learning from the counts; their marginal likelihood times the hyperprior never
    falls. With `lean`, every class keeps a table that leans to its own label, as that of the given pool does.
    """
    totals = counts.sum(1)
    active = np.flatnonzero(totals.sum(1) > 0)
    seen = active[:: max(1, len(active) // _ENOUGH)]
    some, some_totals, stand_for = counts[seen], totals[seen], len(active) / max(len(seen), 1)
    weights, given_kind = pool.weights, _given_kind(pool, some)
    for _ in range(_WEIGHT_ROUNDS):
        weights = stand_for * _shares(weights, given_kind)[0].sum(0) + _WEIGHT / len(weights)
        weights /= weights.sum()
    share = _shares(weights, given_kind)[0]
    better = replace(pool, weights=weights)

    def target(x: np.ndarray) -> tuple[float, np.ndarray]:
        if np.abs(x).max() > 30.0 or (lean and _from_vector(better, x).lean.min() < LEAN):
            return -np.inf, x
        return expected_log_marginal(_from_vector(better, x), some, some_totals, share, stand_for)

    better = _from_vector(better, climb(target, _to_vector(better), steps, memory=memory).at)
    if len(seen) == len(active):
        return better
    # What is better for a sample of the annotators is kept only if it is for all of them.
    before, after = (responsibilities(one, counts)[1] + one.log_hyperprior() for one in (pool, better))
    return better if after >= before else pool


def expected_log_marginal(
    pool: Pool, counts: np.ndarray, totals: np.ndarray, share: np.ndarray, stand_for: float = 1.0
) -> tuple[float, np.ndarray]:
    """What `improve` climbs, and its gradient towards (ln d, c, shape logits).

    The value is the sum over annotators and kinds of share times log Dirichlet-multinomial, plus the log hyperprior
    without its weights. Each annotator given counts for `stand_for` annotators.
    """
    k = len(pool.right)
    d, right, shape = pool.strength, pool.accuracy, pool.shape
    pseudo = pool.pseudo_counts
    toward = np.zeros_like(pseudo)
    value = stand_for * _expected_log_marginal(counts, totals, share, pseudo, d, toward)
    toward *= stand_for
    diagonal = np.arange(k)
    slope_d = (toward * pseudo).sum((0, 2))
    toward *= (1.0 - pool.careless)[:, None, None]
    on = toward[:, diagonal, diagonal]
    off = (toward * shape[None]).sum(2)
    slope_c = (d[None] * right * (1 - right) * (on - off)).sum(0)
    slope_o = (d[None, :, None] * (1 - right)[:, :, None] * shape[None] * (toward - off[:, :, None])).sum(0)
    value += pool.log_hyperprior() - _WEIGHT / len(pool.levels) * float(np.log(pool.weights).sum())
    slope_d -= (pool.log_strength - _STRENGTH[0]) / _STRENGTH[1] ** 2
    slope_c -= (pool.right - _RIGHT[0]) / _RIGHT[1] ** 2
    slope_o += _SHAPE * (1 - (k - 1) * shape)
    slope_o[diagonal, diagonal] = 0.0
    return value, np.concatenate([np.zeros(k) if pool.fixed_strength else slope_d, slope_c, slope_o.ravel()])


def expected_log_confusion(pool: Pool, counts: np.ndarray, share: np.ndarray) -> np.ndarray:
    r"""Mean of ln π for each annotator: $\sum_g \rho_{kg} [\psi(\alpha_{gtl} + n_{ktl}) - \psi(d_t + n_{kt})]$,
    (n_annotators, label, truth).
    """
    found, totals, pseudo, d = np.zeros_like(counts), counts.sum(1), pool.pseudo_counts, pool.strength

    def work(low: int, high: int) -> tuple:
        _expected_log(counts[low:high], totals[low:high], share[low:high], pseudo, d, found[low:high])
        return ()

    in_parts(_spans(len(counts), pseudo.size), work)
    return found


def mean_confusion(pool: Pool, counts: np.ndarray, share: np.ndarray) -> np.ndarray:
    r"""Each annotator's expected confusion table $\sum_g \rho_{kg} (\alpha_{gtl} + n_{ktl}) / (d_t + n_{kt})$,
    (n_annotators, truth, label).
    """
    prior = np.tensordot(share, pool.pseudo_counts, 1)
    by_truth = counts.transpose(0, 2, 1)
    return (prior + by_truth) / (pool.strength[None, :, None] + by_truth.sum(2, keepdims=True))


def _given_kind(pool: Pool, counts: np.ndarray) -> np.ndarray:
    """Log-likelihood of each annotator's counts, were it of each kind, (n_annotators, G)."""
    totals, pseudo, d = counts.sum(1), pool.pseudo_counts, pool.strength
    found = np.zeros((len(counts), len(pseudo)))

    def work(low: int, high: int) -> tuple:
        _log_marginal(counts[low:high], totals[low:high], pseudo, d, found[low:high])
        return ()

    in_parts(_spans(len(counts), pseudo.size), work)
    return found


def _spans(annotators: int, cells: int) -> list[tuple[int, int]]:
    """Ranges of annotators that are worth a thread of their own."""
    parts = int(np.clip(annotators * cells // 200_000, 1, 16))
    edges = np.linspace(0, annotators, parts + 1).astype(int).tolist()
    return list(pairwise(edges))


def _to_vector(pool: Pool) -> np.ndarray:
    return np.concatenate([pool.log_strength, pool.right, pool.shape_logits.ravel()])


def _from_vector(pool: Pool, x: np.ndarray) -> Pool:
    k = len(pool.right)
    return replace(pool, log_strength=x[:k], right=x[k : 2 * k], shape_logits=x[2 * k :].reshape(k, k))


def _shares(weights: np.ndarray, given_kind: np.ndarray) -> tuple[np.ndarray, float]:
    joint = np.log(weights)[None] + given_kind
    top = joint.max(1, keepdims=True)
    share = np.exp(joint - top)
    total = share.sum(1, keepdims=True)
    return share / total, float((top + np.log(total)).sum())


@njit(nogil=True, cache=True)
def _log_marginal(
    counts: np.ndarray, totals: np.ndarray, pseudo: np.ndarray, strength: np.ndarray, found: np.ndarray
) -> None:
    """Adds the log Dirichlet-multinomial of each annotator, were it of each kind, to `found` (n_annotators, G)."""
    n, k, g_all = counts.shape[0], counts.shape[1], pseudo.shape[0]
    base = np.empty(pseudo.shape)
    for g in range(g_all):
        for t in range(k):
            for label in range(k):
                base[g, t, label] = log_gamma(pseudo[g, t, label])
    for t in range(k):
        whole = log_gamma(strength[t])
        for a in range(n):
            if totals[a, t] <= 0.0:
                continue
            common = whole - log_gamma(strength[t] + totals[a, t])
            for g in range(g_all):
                value = common
                for label in range(k):
                    c = counts[a, label, t]
                    if c > 0.0:
                        value += log_gamma(pseudo[g, t, label] + c) - base[g, t, label]
                found[a, g] += value


@njit(nogil=True, cache=True)
def _expected_log_marginal(
    counts: np.ndarray,
    totals: np.ndarray,
    share: np.ndarray,
    pseudo: np.ndarray,
    strength: np.ndarray,
    slope: np.ndarray,
) -> float:
    """Share-weighted log Dirichlet-multinomial; its gradient towards the pseudo-counts (with their sum d) is added to
    `slope`.
    """
    n, k, g_all = counts.shape[0], counts.shape[1], pseudo.shape[0]
    value = 0.0
    base, base_slope = np.empty(pseudo.shape), np.empty(pseudo.shape)
    for g in range(g_all):
        for t in range(k):
            for label in range(k):
                base[g, t, label], base_slope[g, t, label] = (
                    log_gamma(pseudo[g, t, label]),
                    digamma(pseudo[g, t, label]),
                )
    for t in range(k):
        none, none_slope = log_gamma(strength[t]), digamma(strength[t])
        for a in range(n):
            if totals[a, t] <= 0.0:
                continue
            own = strength[t] + totals[a, t]
            value += none - log_gamma(own)
            own_slope = digamma(own)
            for g in range(g_all):
                part = share[a, g]
                if part < 1e-14:
                    continue
                for label in range(k):
                    slope[g, t, label] += part * (none_slope - own_slope)
                    if counts[a, label, t] > 0.0:
                        up = pseudo[g, t, label] + counts[a, label, t]
                        value += part * (log_gamma(up) - base[g, t, label])
                        slope[g, t, label] += part * (digamma(up) - base_slope[g, t, label])
    return value


@njit(nogil=True, cache=True)
def _expected_log(
    counts: np.ndarray,
    totals: np.ndarray,
    share: np.ndarray,
    pseudo: np.ndarray,
    strength: np.ndarray,
    found: np.ndarray,
) -> None:
    n, k, g_all = counts.shape[0], counts.shape[1], pseudo.shape[0]
    for a in range(n):
        for t in range(k):
            own = digamma(strength[t] + totals[a, t])
            for label in range(k):
                total = 0.0
                for g in range(g_all):
                    if share[a, g] > 1e-14:
                        total += share[a, g] * digamma(pseudo[g, t, label] + counts[a, label, t])
                found[a, label, t] = total - own
