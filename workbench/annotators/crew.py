r"""How an annotator of each level of skill labels, and how one who hardly looks does: what single annotators are held
against.

An item is in one of Z states. Where labels have an order, a state is a difference z in quality, standard normal over
the items; an annotator perceives z plus normal noise and gives the label whose interval that falls into (Thurstone
1927, *A law of comparative judgment*). The thresholds are placed so that labels come out as often as they are given:
symmetric where A and B are, as far as the labels tell, equally often better, and aside where one of them usually is.
Each label's interval is cut into states of equal mass, so that a rare label has states too. A level of skill is a level
of noise. Two more states are contested pairs: nearly equal, and seen with more noise by everybody, because people
honestly differ about them; where nearly all pairs go one way, few can be. Unlike one confusion table between labels,
this knows clear pairs from close and from contested ones. Categories without an order have no such axis: there the
states are the labels, and a level of skill is a power of the common Dawid-Skene table, $C_{\theta,tl} \propto
M_{tl}^\theta$.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from workbench.dataset.scales import LabelScale

LEVELS = 12
"""Levels of skill."""

STATES = 12
"""About how many differences in quality are told apart, besides contested pairs."""

CARELESS = (1.0, 0.8)
"""Shares of labels given without looking, of those who hardly look."""

_ROUNDS = 200
_PSEUDO = 0.25
_SETTLED = 1e-10
_LAPSE = 0.02
_CONTESTED = (-0.15, 0.15)
_EXTRA_NOISE = 1.2
_CONTESTED_SHARE = 0.1
_BY_CHANCE = 4.0
_FINE = 240
_FARTHEST = 8.0
_STEPS = 60
_GRID = 2.0**-36
_SAME = 1e-13


@dataclass(frozen=True, eq=False, kw_only=True)
class Crew:
    """The levels of skill.

    Attributes
    ----------
    tables : float64 (G, Z, K) at [level, state, label], by rising skill.
    accuracy : float64 (G,): chance of the right direction at each level.
    weights : float64 (G,): share of each level among those who look; 0 below the floor.
    careless : float64 (C, Z, K): those who hardly look, and where labels have sides, one who reads the scale backwards.
    habit : float64 (K,): how often each label is given.
    prior : float64 (Z,): how common each state is.
    truth : int64 (Z,): the right label in each state.
    clear : states before this position are clear ones, those from it on contested.
    right : bool (Z, K): whether a label has the right direction in a state.
    chance : chance of the right direction by giving labels as often as all do, but blindly.
    """

    tables: np.ndarray
    accuracy: np.ndarray
    weights: np.ndarray
    careless: np.ndarray
    habit: np.ndarray
    prior: np.ndarray
    truth: np.ndarray
    clear: int
    right: np.ndarray
    chance: float

    @property
    def typical(self) -> np.ndarray:
        """float64 (Z, K): table of a random member of the crew who looks."""
        return np.tensordot(self.weights, self.tables, 1)

    @property
    def log_prior(self) -> np.ndarray:
        """float64 (K + 1, Z): log-prior of the states given that the label is known, and in the last row (-1) where it
        is not.
        """
        known = np.where(np.arange(len(self.habit))[:, None] == self.truth[None, :], self.prior, 0.0)
        # A label no state stands for, at the edge of a coarse grid, says nothing.
        known[known.sum(1) == 0] = self.prior
        rows = np.vstack([known / known.sum(1, keepdims=True), self.prior])
        return np.log(np.maximum(rows, 1e-300))

    @property
    def every_table(self) -> np.ndarray:
        """Tables over the whole range of accuracy, (T, Z, K): backwards, blind, and every level of skill, with steps
        between. Blind is one who gives labels as often as the least skilled level, whatever the item: with labels as
        often as all give them, blind ones would be right oftener than that level where one label is common.
        """
        ends = [self.tables[0], np.broadcast_to(self.prior @ self.tables[0], self.tables[0].shape)]
        low = [(1 - b) * ends[0] + b * ends[1] for b in (1.0, 2 / 3, 1 / 3)]
        if len(self.careless) > len(CARELESS):
            back = [
                self.tables[g][:, ::-1]
                for g in (len(self.tables) - 1, 2 * len(self.tables) // 3, len(self.tables) // 3)
            ]
            low = [*back, *low]
        return np.ascontiguousarray(np.concatenate([np.stack(low), self.tables]))

    @property
    def margin(self) -> np.ndarray:
        """float64 (G,): how much oftener each level has the right direction than it would by giving the same labels
        blindly. One who is noisier gives rare labels oftener, and would then be right less often by chance.
        """
        said = np.einsum("z,gzl->gl", self.prior, self.tables)
        return np.asarray(self.accuracy - said @ (self.prior @ self.right))

    def with_weights(self, scores: np.ndarray, floor: float) -> Crew:
        """The crew with shares of the levels learned from log-likelihoods (n, G), none below `floor` times the usual
        margin over chance.
        """
        weights = level_weights(scores)
        margin = self.margin
        looks = margin >= floor * margin[np.searchsorted(np.cumsum(weights), 0.5)]
        looks[-1] = True
        kept = np.where(looks, weights + 1e-12, 0.0)
        return replace(self, weights=kept / kept.sum())


def ordered_crew(
    scale: LabelScale,
    frequency: np.ndarray,
    weights: np.ndarray | None = None,
    contested: float = _CONTESTED_SHARE,
    items: float = np.inf,
    slips: float = 0.0,
) -> Crew:
    """Levels of skill for labels with an order.

    Parameters
    ----------
    frequency : float (K,): share of each label among those who look; the thresholds are placed so that a member of the
        crew gives them as often.
    weights : float (G,): share of each level.
    contested : share of contested pairs.
    items : how many the shares rest on; of few, a difference between A and B is taken for chance.
    slips : 0 = the less skilled err where pairs are close, 1 = they err on any pair alike, by a label drawn evenly.
    """
    k = len(scale)
    share = _as_told(np.maximum(np.asarray(frequency, float), 1e-4), items)
    w = np.full(LEVELS, 1.0 / LEVELS) if weights is None else weights
    noise = np.geomspace(4.0, 0.08, LEVELS) ** (1 - slips) * 0.08**slips
    blind = _LAPSE + (1 - _LAPSE) * slips * np.geomspace(0.9, 0.005, LEVELS)
    # What is left of the labels where slips, which fall evenly, are taken away.
    share = np.maximum(share - (w @ blind) / k, 1e-4)
    below = np.cumsum(share / share.sum())[:-1]
    fine = ndtri((np.arange(_FINE) + 0.5) / _FINE)
    cuts = _thresholds(below, fine, np.repeat(noise[:, None], _FINE, 1), np.outer(w, np.full(_FINE, 1 / _FINE)))
    z, mass = _states(np.concatenate([[0.0], ndtr(-cuts), [1.0]]))
    prior = np.concatenate([(1 - contested) * mass, np.full(2, contested / 2)])
    clear = len(z)
    near = _between_sides(scale, cuts) + np.array(_CONTESTED)
    z = np.concatenate([z, near])
    seen = np.where(np.arange(len(z)) < clear, noise[:, None], np.hypot(noise, _EXTRA_NOISE)[:, None])
    truth = (z[:, None] < cuts[None, :]).sum(1)
    cuts = _thresholds(below, z, seen, w[:, None] * prior)
    edges = np.concatenate([[np.inf], cuts, [-np.inf]])
    above = ndtr((z[None, :, None] - edges[None, None, :]) / seen[:, :, None])
    tables = (1 - blind[:, None, None]) * np.diff(above, axis=2) + blind[:, None, None] / k
    return _complete(scale, tables, prior, truth, np.asarray(frequency, float), w, clear)


def both_ways(scale: LabelScale, share: np.ndarray) -> float:
    """How often two pairs drawn at random go different ways, of how often they would if A and B were equally common.

    >>> from workbench.dataset.scales import BINARY
    >>> round(both_ways(BINARY, np.array([0.9, 0.1])), 2)
    0.36
    """
    strengths = np.array(scale.strengths)
    first, second = float(share[strengths > 0].sum()), float(share[strengths < 0].sum())
    return 4 * first * second / max((first + second) ** 2, 1e-12)


def nominal_crew(scale: LabelScale, common: np.ndarray, prior: np.ndarray, frequency: np.ndarray) -> Crew:
    """Levels of skill for categories: powers of a common confusion table (K, K)."""
    k = len(scale)
    table = np.maximum(common, 1e-6)
    logs = np.log(table / table.sum(1, keepdims=True))
    powers = np.geomspace(0.15, 4.0, LEVELS)
    tables = np.exp(powers[:, None, None] * logs)
    tables /= tables.sum(2, keepdims=True)
    tables = (1 - _LAPSE) * tables + _LAPSE / max(k, 1)
    return _complete(scale, tables, prior / prior.sum(), np.arange(k), frequency, np.full(LEVELS, 1.0 / LEVELS))


def level_weights(scores: np.ndarray) -> np.ndarray:
    """How common each level of skill is.

    Parameters
    ----------
    scores : float (n, G): log-likelihood of each annotator at each level.

    Returns
    -------
    float64 (G,): maximum-likelihood weights by expectation-maximisation, with a quarter of an annotator added on each
    level.

    Examples
    --------
    >>> level_weights(np.log([[0.9, 0.1]] * 8)).round(2).tolist()
    [0.97, 0.03]
    """
    weights = np.full(scores.shape[1], 1.0 / scores.shape[1])
    likelihood = np.exp(scores - scores.max(1, keepdims=True, initial=-np.inf))
    for _ in range(_ROUNDS if len(scores) else 0):
        share = likelihood * weights
        before, weights = weights, (share / share.sum(1, keepdims=True)).sum(0) + _PSEUDO
        weights /= weights.sum()
        if np.abs(weights - before).max() < _SETTLED:
            break
    return weights


def _complete(
    scale: LabelScale,
    tables: np.ndarray,
    prior: np.ndarray,
    truth: np.ndarray,
    frequency: np.ndarray,
    weights: np.ndarray,
    clear: int | None = None,
) -> Crew:
    direction = scale.direction_table()
    right = direction[:-1][None, :] == direction[truth][:, None]
    accuracy = np.einsum("z,gzl,zl->g", prior, tables, right)
    habit = (frequency + 1e-3) / (frequency + 1e-3).sum()
    typical = np.tensordot(weights, tables, 1)
    careless = [b * np.broadcast_to(habit, typical.shape) + (1 - b) * typical for b in CARELESS]
    if scale.has_sides:
        careless.append(typical[:, ::-1])
    chance = float((prior[:, None] * habit[None, :] * right).sum())
    return Crew(
        tables=tables,
        accuracy=accuracy,
        weights=weights,
        careless=np.stack(careless),
        habit=habit,
        prior=prior,
        truth=truth,
        clear=len(prior) if clear is None else clear,
        right=right,
        chance=chance,
    )


def _as_told(frequency: np.ndarray, items: float) -> np.ndarray:
    """The shares of the labels, drawn to symmetric ones as far as their difference may be chance."""
    share = frequency / frequency.sum()
    even = (share + share[::-1]) / 2
    apart = float((share[: len(share) // 2].sum() - share[(len(share) + 1) // 2 :].sum()) ** 2)
    told = apart / (apart + _BY_CHANCE / items) if apart > 0 else 0.0
    mixed: np.ndarray = even + told * (share - even)
    return mixed


def _states(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Differences in quality that stand for each label's interval (edges (K + 1,) as chances, from above), and how
    common each is.

    >>> z, mass = _states(np.array([0.0, 0.5, 1.0]))
    >>> len(z), bool(np.allclose(mass, 1 / 12)), bool(np.allclose(z, -z[::-1]))
    (12, True, True)
    """
    width = np.maximum(np.diff(edges), 1e-6)
    parts = np.maximum(np.round(STATES * np.sqrt(width) / np.sqrt(width).sum()).astype(int), 1)
    middle = [low + w * (np.arange(n) + 0.5) / n for low, w, n in zip(edges, width, parts, strict=False)]
    mass = np.repeat(width / parts, parts)
    return -ndtri(np.clip(np.concatenate(middle), 1e-9, 1 - 1e-9)), mass / mass.sum()


def _between_sides(scale: LabelScale, cuts: np.ndarray) -> float:
    """Where neither response is better: the threshold between the sides, or the middle of the tie."""
    first = int((np.array(scale.strengths) > 0).sum())
    return float(cuts[max(first - 1, 0)] + cuts[min(len(scale) - first - 1, len(cuts) - 1)]) / 2 if len(cuts) else 0.0


def _thresholds(target: np.ndarray, z: np.ndarray, noise: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Where what is perceived lies above each threshold with these chances, by Newton's steps kept between bounds, on a
    grid so coarse that the last bits of a sum do not show.

    Parameters
    ----------
    noise, weight : float (G, Z): noise of a level of skill in a state, and how common the two are.
    """
    low, high = np.full(len(target), -_FARTHEST), np.full(len(target), _FARTHEST)
    density, at = weight / (noise * np.sqrt(2 * np.pi)), -ndtri(target)
    for _ in range(_STEPS if len(target) else 0):
        away = (z[None, None, :] - at[:, None, None]) / noise[None]
        over = (weight[None] * ndtr(away)).sum((1, 2)) - target
        low, high = np.where(over >= 0, at, low), np.where(over >= 0, high, at)
        slope = (density[None] * np.exp(-(away**2) / 2)).sum((1, 2))
        step = at + over / np.maximum(slope, 1e-300)
        step = np.where((step >= low) & (step <= high), step, (low + high) / 2)
        moved, at = np.abs(step - at).max(), step
        if moved < _SAME:
            break
    return np.asarray((np.floor(at / _GRID) + 0.5) * _GRID)
