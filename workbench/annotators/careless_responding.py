r"""Does an annotator look at what is judged, always, hardly ever, or only until some day?

Three accounts of an annotator's labels are held against each other, each given what everybody else says about the same
items:

- looks: labels as a member of the crew does, at one of the crew's levels of skill;
- hardly looks: labels are blind (drawn evenly, as the crew's, or by a habit), nearly always blind, or backwards;
- stopped looking: looks until some label, and labels blindly from then on.

The evidence for the second and the third is a Bayes factor against the first. It is turned into a p-value by drawing
labels of one who looks for the same items again and again, with the tail of the drawn factors continued exponentially
beyond the largest; where it is beyond any doubt, by $P(\text{factor} \ge b) \le 1 / b$ (Ville 1939).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.annotators.passes import shares_of
from workbench.annotators.peer_posterior import MOST_LABELS, Others

BLOCKS = 48
"""Places at which a change is looked for."""

RUNS = 500
"""Draws behind a p-value."""

_DRAWN_LABELS = 200_000
_LEAST_GAIN = 0.5
_CERTAIN = 15.0
_TAIL = 0.08
_FIRST = 60
_WORTH = 0.05


@dataclass(frozen=True, eq=False, kw_only=True)
class Attention:
    """The three accounts of each annotator, all arrays (n_annotators,).

    Attributes
    ----------
    careless, stopped : natural log of the Bayes factor of hardly looking, and of having stopped, against looking.
    p_careless, p_stopped : chance that one who looks would reach it; NaN without a label that can be held against
        others, or, for `stopped`, without dates.
    changed : position in the annotator's own order of the first label after the most likely change.
    used : labels that could be held against others or gold.
    levels : float64 (n_annotators, G): log-likelihood at each level of skill.
    backwards : natural log of how much better reading the scale backwards explains the labels than giving them blindly;
        NaN for categories.
    """

    careless: np.ndarray
    stopped: np.ndarray
    p_careless: np.ndarray
    p_stopped: np.ndarray
    changed: np.ndarray
    used: np.ndarray
    levels: np.ndarray
    backwards: np.ndarray


def attention(
    found: Others,
    *,
    runs: int = RUNS,
    blocks: int = BLOCKS,
    seed: int = 0,
    part: np.ndarray | None = None,
    grouping: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
) -> Attention:
    """Does each annotator look?

    Parameters
    ----------
    found : of `others(data)`.
    runs : draws behind a p-value; 0 leaves the bound, which is larger.
    blocks : places at which a change is looked for.
    seed : of the draws.
    part : bool (n,): judgements to use; all by default. See `workbench.annotators.weeks`.
    grouping : other groups than the annotators: positions in `codes` group by group, in order of time; where each group
        begins; and whether its order is known.
    """
    from workbench.annotators.attention_kernels import attention_by_chance, attention_of_all
    from workbench.parallel import in_parts

    codes, crew, weights = found.codes, found.crew, found.crew.weights
    informed = found.informed if part is None else found.informed & part
    order, bounds, dated = grouping or (found.order, found.bounds, found.dated)
    a, levels = len(bounds) - 1, len(weights)
    tables = np.ascontiguousarray(np.concatenate([crew.tables, crew.careless]).transpose(2, 1, 0))
    table, totals = np.zeros((a, 5)), np.zeros((a, tables.shape[2]))
    typical = crew.typical

    def work(low: int, high: int) -> tuple:
        args = (
            order,
            bounds,
            informed,
            found.posterior,
            codes.label,
            tables,
            typical,
            crew.habit,
            weights,
            blocks,
            MOST_LABELS,
        )
        attention_of_all(*args, low, high, table, totals)
        return ()

    in_parts(shares_of(bounds), work)
    careless, stopped = table[:, 1] - table[:, 0], table[:, 2] - table[:, 0]
    used = table[:, 4].astype(np.int64)
    p_careless, p_stopped = (
        np.minimum(np.exp(-np.clip(careless, 0, 700)), 1.0),
        np.minimum(np.exp(-np.clip(stopped, 0, 700)), 1.0),
    )
    group = found.data.group_codes
    group = (codes.item if group is None else group[codes.item]).astype(np.int64)
    hopeful = ((careless > _LEAST_GAIN) & (careless < _CERTAIN)) | ((stopped > _LEAST_GAIN) & (stopped < _CERTAIN))

    def draw(k: int, _: int) -> tuple:
        own = order[bounds[k] : bounds[k + 1]]
        own = np.ascontiguousarray(own[:: max(-(-len(own) // MOST_LABELS), 1)])
        draws = int(np.clip(_DRAWN_LABELS // max(used[k], 1), min(runs, 100), runs))
        rng = np.random.default_rng(seed)
        args = (group, crew.clear, informed, found.posterior, tables, typical, crew.habit, weights, blocks)
        gains = attention_by_chance(rng, own, *args, min(draws, _FIRST))
        # Most are ordinary after all, which a few draws show.
        if (
            draws > _FIRST
            and min(tail_probability(gains[:, 0], careless[k]), tail_probability(gains[:, 1], stopped[k])) < _WORTH
        ):
            gains = np.concatenate([gains, attention_by_chance(rng, own, *args, draws - _FIRST)])
        if careless[k] < _CERTAIN:
            p_careless[k] = tail_probability(gains[:, 0], careless[k])
        if stopped[k] < _CERTAIN:
            p_stopped[k] = tail_probability(gains[:, 1], stopped[k])
        return ()

    in_parts([(k, k + 1) for k in np.flatnonzero(hopeful).tolist()] if runs else [], draw)
    backwards = totals[:, -1] - totals[:, levels] if len(crew.careless) > 2 else np.full(a, np.nan)
    p_careless[used == 0] = np.nan
    p_stopped[(used < 2) | ~dated] = np.nan
    return Attention(
        careless=careless,
        stopped=stopped,
        p_careless=p_careless,
        p_stopped=p_stopped,
        changed=table[:, 3].astype(np.int64),
        used=used,
        levels=totals[:, :levels],
        backwards=backwards,
    )


def tail_probability(drawn: np.ndarray, value: float) -> float:
    r"""Chance to reach a value, by draws: the share that did, or beyond the highest ones $P(q) \, e^{-(x - q) / m}$
    with m their mean excess over q.

    >>> draws = np.random.default_rng(0).exponential(size=2_000)
    >>> tail_probability(draws, 0.5) > 0.5, 0.0003 < tail_probability(draws, 7.0) < 0.003
    (True, True)
    """
    ranked = np.sort(drawn)[::-1]
    n = len(ranked)
    top = max(int(_TAIL * n), 5)
    if n <= top or value <= ranked[top]:
        return float(((drawn >= value).sum() + 1) / (n + 1))
    excess = max(float((ranked[:top] - ranked[top]).mean()), 0.2)
    return float(top / n * np.exp(-(value - ranked[top]) / excess))
