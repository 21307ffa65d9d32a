"""Preferences that run in a circle: A over B, B over C, and C over A."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse, special

from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Finite
from workbench.reversals.judgements import PairJudgements, pair_judgements
from workbench.reversals.strengths import Comparisons, Strengths, fit_strengths

PROMPTS_MODELLED = 500
"""Prompts the noise model is fitted to; of more, a random sample. Triads are counted on all of them."""
MOST_PATHS = 2_000_000
"""Paths of two comparisons up to which the triads of a sample are listed; beyond, they are counted by products of
matrices in each draw."""


@dataclass(frozen=True, kw_only=True)
class Triads(Finite):
    """Triples of responses of one prompt that were all compared with each other.

    Attributes
    ----------
    triads : triples with three decisive comparisons.
    cyclic : those whose preferences run in a circle.
    expected : cyclic ones expected from judgement noise alone, under a Bradley-Terry model fitted to the same
        judgements.
    p_value : chance of as many cyclic ones or more under that model (by simulation); small = more than noise explains.
    by_chance : cyclic ones if every comparison were a coin toss: a quarter of the triads.
    modelled : triads of the prompts that `expected` (scaled to all) and `p_value` rest on.
    reason : why there is nothing to count.
    """

    triads: int
    cyclic: int
    expected: float | None = None
    p_value: float | None = None
    by_chance: float | None = None
    modelled: int = 0
    reason: str | None = None

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            name: getattr(self, name)
            for name in ("triads", "cyclic", "expected", "p_value", "by_chance", "modelled", "reason")
        }


@dataclass(frozen=True)
class Cycles:
    """Circles within single annotators, and in the majority.

    Attributes
    ----------
    within_annotator : of the first judgements of one annotator.
    majority : of the majority of all first judgements; pairs with a split vote are left out.
    """

    within_annotator: Triads
    majority: Triads

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {"within_annotator": self.within_annotator.to_dict(), "majority": self.majority.to_dict()}


def cycles(
    data: AnnotationSet,
    *,
    judgements: PairJudgements | None = None,
    replicates: int = 200,
    rng: np.random.Generator | None = None,
) -> Cycles:
    r"""Do the preferences run in circles, and more often than noise would make them?

    The triads of a graph with win matrix W and adjacency S are $\mathrm{tr}(S^3) / 6$, the cyclic ones
    $\mathrm{tr}(W^3) / 3$. A noisy but transitive judge makes some by accident: with $P_{ij}$ the chance that the
    comparison comes out for i under a Bradley-Terry model fitted to all judgements, $\mathrm{tr}(P^3) / 3$ are
    expected, averaged over the model's posterior (Kendall & Babington Smith 1940, Biometrika 31, for the counts).

    Parameters
    ----------
    replicates, rng : draws from the posterior, each with one simulation, behind the expected number and the p-value;
        seed 0 by default.
    """
    found = _comparisons(data, judgements or pair_judgements(data))
    if found is None:
        nothing = Triads(triads=0, cyclic=0, reason="no prompt has three responses that were compared with each other")
        return Cycles(nothing, nothing)
    rng = rng or np.random.default_rng(0)
    edge, _ = pd.factorize(found.low * np.int64(found.size) + found.high)
    own, all_ = _votes(found, found.annotator, edge), _votes(found, np.zeros_like(found.annotator), edge)
    prompts = np.unique(found.prompt)
    chosen = (
        np.sort(rng.choice(prompts, PROMPTS_MODELLED, replace=False)) if len(prompts) > PROMPTS_MODELLED else prompts
    )
    strength = _fitted(all_.within(chosen), found.size) if replicates else None
    return Cycles(_count(own, chosen, strength, replicates, rng), _count(all_, chosen, strength, replicates, rng))


def items_in_circles(
    data: AnnotationSet, judgements: PairJudgements | None = None, *, majority: bool = False
) -> np.ndarray:
    """Items with a judgement that is part of a circle, by position: int64.

    Parameters
    ----------
    judgements : of `pair_judgements(data)`, where it is at hand already.
    majority : circles of the majority instead of those of single annotators.
    """
    found = _comparisons(data, judgements or pair_judgements(data))
    if found is None:
        return np.array([], np.int64)
    edge, _ = pd.factorize(found.low * np.int64(found.size) + found.high)
    votes = _votes(found, np.zeros_like(found.annotator) if majority else found.annotator, edge)
    decided = votes.pick(2 * votes.won != votes.n)
    ahead = (2 * decided.won > decided.n).astype(float)
    graph = _Graph.of(decided)
    wins = graph.wins(ahead)
    # A comparison i over j is part of a circle where j beats somebody who beats i.
    ways = (wins @ wins).T
    one, two = np.where(ahead == 1, graph.low, graph.high), np.where(ahead == 1, graph.high, graph.low)
    circular = decided.pick(np.asarray(ways[one, two]).ravel() > 0)
    block = np.zeros_like(found.annotator) if majority else found.annotator
    edge, _ = pd.MultiIndex.from_arrays(
        [np.append(block, circular.block), np.append(found.low, circular.low), np.append(found.high, circular.high)]
    ).factorize()
    return np.unique(found.item[np.isin(edge[: len(block)], edge[len(block) :])])


@dataclass(frozen=True, eq=False, kw_only=True)
class _Compared:
    """First decisive judgements on items whose prompt has three items or more: the response with the lower number won,
    or not.
    """

    annotator: np.ndarray
    item: np.ndarray
    prompt: np.ndarray
    low: np.ndarray
    high: np.ndarray
    won: np.ndarray
    size: int


@dataclass(frozen=True, eq=False)
class _Votes:
    """Votes on each pair of responses within a block (an annotator, or everybody)."""

    block: np.ndarray
    prompt: np.ndarray
    low: np.ndarray
    high: np.ndarray
    won: np.ndarray
    n: np.ndarray

    def pick(self, mask: np.ndarray) -> _Votes:
        return _Votes(
            self.block[mask], self.prompt[mask], self.low[mask], self.high[mask], self.won[mask], self.n[mask]
        )

    def within(self, prompts: np.ndarray) -> _Votes:
        return self.pick(np.isin(self.prompt, prompts))


def _comparisons(data: AnnotationSet, found: PairJudgements) -> _Compared | None:
    items = data.items
    if not {"prompt_key", "key_a", "key_b"} <= set(items):
        return None
    key_a, key_b = items["key_a"].to_numpy(np.uint64), items["key_b"].to_numpy(np.uint64)
    prompt, _ = pd.factorize(items["prompt_key"].to_numpy(np.uint64))
    several = (np.bincount(prompt) >= 3)[prompt] & (key_a != 0) & (key_b != 0)
    part = np.flatnonzero(several)
    if len(part) == 0:
        return None
    # A response is known by its text and its prompt; both hashes are mixed into one number.
    mixed = prompt[part].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    turned = items["pair_flipped"].to_numpy()[part]
    left, right = np.where(turned, key_b[part], key_a[part]) ^ mixed, np.where(turned, key_a[part], key_b[part]) ^ mixed
    node, names = pd.factorize(np.concatenate([left, right]))
    one, two = np.full(len(items), -1, np.int64), np.full(len(items), -1, np.int64)
    one[part], two[part] = node[: len(part)], node[len(part) :]

    item = data.annotations["item"].to_numpy()[found.row]
    first = np.ones(len(item), bool)
    first[found.again[1:][np.diff(found.cell[found.again]) == 0]] = False
    used = several[item] & (found.sign != 0) & first
    i, sign = item[used], found.sign[used]
    ordered = one[i] < two[i]
    return _Compared(
        annotator=found.annotator[used],
        item=i,
        prompt=prompt[i],
        low=np.minimum(one[i], two[i]),
        high=np.maximum(one[i], two[i]),
        won=np.where(ordered, sign > 0, sign < 0),
        size=len(names),
    )


def _votes(found: _Compared, block: np.ndarray, edge: np.ndarray) -> _Votes:
    """Votes on each pair of responses (numbered by `edge`) within each block."""
    cell, _ = pd.factorize(block * np.int64(len(edge) and edge.max() + 1) + edge)
    n = np.bincount(cell)
    first = np.zeros(len(n), np.int64)
    first[cell[::-1]] = np.arange(len(cell))[::-1]
    won = np.bincount(cell, weights=found.won, minlength=len(n))
    return _Votes(block[first], found.prompt[first], found.low[first], found.high[first], won, n)


def _fitted(votes: _Votes, size: int) -> tuple[Strengths, np.ndarray]:
    """Strengths of the responses in these votes, and where each response stands among them."""
    nodes = np.unique(np.concatenate([votes.low, votes.high]))
    place = np.full(size, -1, np.int64)
    place[nodes] = np.arange(len(nodes))
    return (
        fit_strengths(Comparisons(place[votes.low], place[votes.high], votes.won, votes.n.astype(float), len(nodes))),
        place,
    )


def _count(
    votes: _Votes,
    modelled: np.ndarray,
    fitted: tuple[Strengths, np.ndarray] | None,
    replicates: int,
    rng: np.random.Generator,
) -> Triads:
    """Triads within each block, by majority of the block's judgements."""
    decided = votes.pick(2 * votes.won != votes.n)
    graph = _Graph.of(decided)
    triads, cyclic = graph.triads(), graph.cyclic((2 * decided.won > decided.n).astype(float))
    if triads == 0:
        return Triads(
            triads=0, cyclic=0, reason="no three responses of a prompt were all compared with each other, without ties"
        )
    if fitted is None:
        return Triads(triads=triads, cyclic=round(cyclic), by_chance=triads / 4)
    strength, place = fitted
    sample = decided.within(modelled)
    graph = _Graph.of(sample)
    won = (2 * sample.won > sample.n).astype(float)
    listed = graph.listed()
    seen, here = (graph.triads(), graph.cyclic(won)) if listed is None else (len(listed.first), listed.cyclic(won))
    if seen == 0:
        return Triads(triads=triads, cyclic=round(cyclic), by_chance=triads / 4)
    expected, simulated = [], []
    for _ in range(replicates):
        drawn = strength.draw(rng)
        ahead = _majority_chance(special.expit(drawn[place[sample.low]] - drawn[place[sample.high]]), sample.n)
        count = graph.cyclic if listed is None else listed.cyclic
        expected.append(count(ahead))
        simulated.append(count((rng.random(len(ahead)) < ahead).astype(float)))
    p_value = (1 + sum(s >= here - 1e-9 for s in simulated)) / (1 + replicates)
    return Triads(
        triads=triads,
        cyclic=round(cyclic),
        expected=float(np.mean(expected)) * triads / seen,
        p_value=p_value,
        by_chance=triads / 4,
        modelled=seen,
    )


@dataclass(frozen=True, eq=False)
class _Graph:
    """Compared responses; the same response in two blocks is two nodes, so that triangles never mix blocks."""

    low: np.ndarray
    high: np.ndarray
    size: int

    @staticmethod
    def of(votes: _Votes) -> _Graph:
        width = np.int64(max(votes.high.max(initial=0), votes.low.max(initial=0)) + 1)
        node, names = pd.factorize(np.concatenate([votes.block * width + votes.low, votes.block * width + votes.high]))
        return _Graph(node[: len(votes.low)], node[len(votes.low) :], len(names))

    def listed(self) -> _Listed | None:
        """Every triad by its three comparisons, found once and evaluated as often as wanted; None where there are too
        many to hold.
        """
        one, two = np.minimum(self.low, self.high), np.maximum(self.low, self.high)
        order = np.lexsort((two, one))
        key = one[order] * np.int64(self.size) + two[order]
        begin = np.searchsorted(one[order], np.arange(self.size + 1))
        # A path a - b - c of rising nodes for each comparison a - b and each b - c; a triad where a - c was compared
        # too.
        onward = (begin[two + 1] - begin[two]) if len(two) else np.zeros(0, np.int64)
        if onward.sum() > MOST_PATHS:
            return None
        first = np.repeat(np.arange(len(one)), onward)
        step = np.arange(len(first)) - np.repeat(np.cumsum(onward) - onward, onward)
        second = order[begin[two[first]] + step]
        wanted = one[first] * np.int64(self.size) + two[second]
        place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        closed = key[place] == wanted if len(key) else np.zeros(0, bool)
        return _Listed(first[closed], second[closed], order[place[closed]], self.low < self.high)

    def _matrix(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> sparse.csr_matrix:
        return sparse.csr_matrix((values, (rows, columns)), shape=(self.size, self.size))

    def triads(self) -> int:
        ones = np.ones(len(self.low))
        return round(
            _trace_of_cube(self._matrix(self.low, self.high, ones) + self._matrix(self.high, self.low, ones)) / 6
        )

    def wins(self, ahead: np.ndarray) -> sparse.csr_matrix:
        """Who beats whom, or with what chance."""
        return self._matrix(self.low, self.high, ahead) + self._matrix(self.high, self.low, 1 - ahead)

    def cyclic(self, ahead: np.ndarray) -> float:
        """Cyclic triads where `ahead` says that low wins (1) or loses (0); their expected number where it is a
        chance.
        """
        return _trace_of_cube(self.wins(ahead)) / 3


@dataclass(frozen=True, eq=False)
class _Listed:
    """Triads of three nodes a < b < c by the numbers of their comparisons a - b, b - c and a - c; `rising` says where
    `low` is the smaller node.
    """

    first: np.ndarray
    second: np.ndarray
    across: np.ndarray
    rising: np.ndarray

    def cyclic(self, ahead: np.ndarray) -> float:
        """As `_Graph.cyclic`: a beats b, b beats c and c beats a, or the other way round."""
        up = np.where(self.rising, ahead, 1 - ahead)
        ab, bc, ac = up[self.first], up[self.second], up[self.across]
        return float((ab * bc * (1 - ac) + (1 - ab) * (1 - bc) * ac).sum())


def _majority_chance(chance: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Chance that a decided vote of n judgements, each right with this chance, comes out for the first."""
    several = np.flatnonzero(n > 1)
    k, p = n[several], chance[several]
    above, below = special.bdtrc(k // 2, k, p), special.bdtr((k - 1) // 2, k, p)
    found = chance.copy()
    found[several] = above / (above + below)
    return found


def _trace_of_cube(matrix: sparse.csr_matrix) -> float:
    return float((matrix @ matrix).multiply(matrix.T).sum())
