r"""What everybody else says about each item that somebody judged: the yardstick an annotator is held against.

For a judgement of item i by annotator k it is the posterior of the item's state (`workbench.annotators.crew`) given
gold, or else all votes but k's own: $r_z \propto p_z \prod_{k' \ne k} T_{k'}(z, l')$. $T_{k'}$ is an average over the
levels of skill, weighed by how well each explains what k' says of the items of others; it and the shares of the levels
are learned in a few rounds. One's own vote never counts in one's favour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from workbench.aggregation import Aggregation, aggregate
from workbench.annotators.crew import Crew, nominal_crew, ordered_crew
from workbench.annotators.gold_calibration import GoldScale, gold_scale
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import NULL

FLOOR = 0.5
"""Least margin over chance of one who counts as looking, as a share of the crew's usual margin."""

MOST_LABELS = 2_000
"""Labels of one annotator that are looked at closely: of more, there is nothing left to be learned."""

_ROUNDS = 10
_CONTESTED, _CONTESTED_WEIGHT = 0.1, 500.0
_SAMPLE = 100_000
_CARELESS_SHARE = 0.1
_SHARE = 50_000


@dataclass(frozen=True, eq=False)
class Others:
    """First judgements with a label, beside what everybody else says of their items.

    Attributes
    ----------
    data : the annotations.
    crew : how each level of skill labels in each state.
    log_tables : float64 (n_annotators, K, Z): log-chance of each annotator's labels in each state.
    scores : float64 (n_annotators, G): log-likelihood of each annotator's labels (or of a sample of them) at each level
        of skill; 0 where there are none.
    gold : int8 (n_items,): the gold used, -1 where there is none or it is not believed.
    partners : int32 (n_annotators,): annotators with the same number (0 or above) are not held against each other.
    ignored : bool (n_annotators,): their votes do not count in what others are held against.
    unheard : bool (n,): votes that do not count either, as those of a week in which all were confused; None = no such
        votes.
    wrong_gold : share of the gold used that is probably wrong.
    """

    data: AnnotationSet
    crew: Crew
    log_tables: np.ndarray
    scores: np.ndarray
    gold: np.ndarray
    partners: np.ndarray
    ignored: np.ndarray
    unheard: np.ndarray | None = None
    wrong_gold: float = 0.0

    @property
    def codes(self) -> Codes:
        """The judgements."""
        return self.data.codes

    @property
    def posterior(self) -> np.ndarray:
        """What the others say of each judgement's item: float32 (n, Z) over the states, in the order of
        `data.codes`.
        """
        return self._held[0]

    @property
    def informed(self) -> np.ndarray:
        """Whether the item has gold or another vote, bool (n,); otherwise the posterior is only how common each state
        is.
        """
        return self._held[1]

    @cached_property
    def _held(self) -> tuple[np.ndarray, np.ndarray]:
        silent = self.ignored[self.codes.annotator]
        if self.unheard is not None:
            silent |= self.unheard
        return _leave_one_out(self.codes, self.gold, self.crew, self.log_tables, silent, self.partners)

    @cached_property
    def agreement(self) -> np.ndarray:
        """Chance that each judgement's direction is right, by gold or what the others say; float32 (n,) in the order of
        `data.codes`.
        """
        from workbench.annotators.kernels import chance_right
        from workbench.parallel import in_parts

        direction = self.data.scale.direction_table()
        same = (direction[:-1][:, None] == direction[self.crew.truth][None, :]).astype(np.float32)
        found, posterior = np.empty(len(self.codes), np.float32), self.posterior

        def work(low: int, high: int) -> tuple:
            chance_right(self.codes.label, posterior, same, low, high, found)
            return ()

        in_parts([(low, min(low + _SHARE, len(found))) for low in range(0, len(found), _SHARE)], work)
        return found

    def by_skill(self) -> tuple[np.ndarray, np.ndarray]:
        """Log-likelihood of each annotator's labels on items without gold at each level: float64 (n_annotators, T) over
        `crew.every_table`, and the labels looked at.

        Of an annotator with more than `MOST_LABELS` labels every second, third, ... in order of time.
        """
        return self._by_skill

    @cached_property
    def _by_skill(self) -> tuple[np.ndarray, np.ndarray]:
        return self._skill_of(self.informed & (self.gold[self.codes.item] == NULL))

    def by_skill_of(self, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of some judgements only (bool, (n,)), on gold items too."""
        return self._skill_of(self.informed & part)

    def _skill_of(self, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return _skill_totals(
            self.codes, self.order, self.bounds, used, self.posterior, self.crew.every_table, MOST_LABELS
        )

    @cached_property
    def order(self) -> np.ndarray:
        """Positions in `codes` by annotator, and by time within each where times are known; int64 (n,)."""
        from workbench.annotators.kernels import by_annotator

        return by_annotator(self.codes.annotator, self.moments, self.codes.n_annotators)

    @cached_property
    def bounds(self) -> np.ndarray:
        """int64 (n_annotators + 1,): annotator k has `order[bounds[k]:bounds[k + 1]]`."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.codes.annotator, minlength=self.codes.n_annotators))])

    @cached_property
    def moments(self) -> np.ndarray:
        """int64 (n,): when each judgement ended, in ms; unknown ones last."""
        ended = self.data.annotations["ended_at"].to_numpy()[self.codes.row].astype("datetime64[ms]").astype(np.int64)
        return np.where(ended == np.iinfo(np.int64).min, np.iinfo(np.int64).max, ended)

    @cached_property
    def dated(self) -> np.ndarray:
        """Whether most of an annotator's judgements have a date of their own, so that their order is known; bool
        (n_annotators,).
        """
        a = self.codes.n_annotators
        known = np.bincount(self.codes.annotator, weights=self.moments != np.iinfo(np.int64).max, minlength=a)
        moments, who = self.moments[self.order], self.codes.annotator[self.order]
        new = np.ones(len(who), bool)
        new[1:] = (moments[1:] != moments[:-1]) | (who[1:] != who[:-1])
        distinct = np.bincount(who, weights=new, minlength=a)
        n = np.diff(self.bounds)
        enough: np.ndarray = (n > 0) & (known >= 0.9 * n) & (distinct >= 0.5 * n)
        return enough

    @cached_property
    def scale(self) -> GoldScale:
        """How often right each level of skill is, by the gold."""
        return gold_scale(self)

    def labels_of(self, items: np.ndarray) -> tuple[Codes, np.ndarray]:
        """The judgements of some items (positions, rising) as codes of their own, and their positions in `codes`."""
        return _of_items(self.codes, items)

    def by_skill_without_gold(self, kept: Codes, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`by_skill` of the judgements of `labels_of`, as if no gold were known, and which of them another vote speaks
        to: bool (m,).
        """
        from workbench.annotators.kernels import by_annotator

        silent = self.ignored[kept.annotator]
        if self.unheard is not None:
            silent |= self.unheard[rows]
        gold = np.full(kept.n_items, NULL, np.int8)
        posterior, informed = _leave_one_out(kept, gold, self.crew, self.log_tables, silent, self.partners)
        order = by_annotator(kept.annotator, np.zeros(len(kept), np.int64), kept.n_annotators)
        bounds = np.concatenate([[0], np.cumsum(np.bincount(kept.annotator, minlength=kept.n_annotators))])
        return _skill_totals(kept, order, bounds, informed, posterior, self.crew.every_table, 0)[0], informed

    def right_label(self, positions: np.ndarray) -> np.ndarray:
        """float64 (m, K): chance of each label to be the right one of these judgements' items, by what the others
        say.
        """
        return self.posterior[positions].astype(float) @ np.eye(self.codes.n_labels)[self.crew.truth]

    def without(self, ignored: np.ndarray, partners: np.ndarray) -> Others:
        """The same with some annotators' votes left out, and some not held against each other."""
        return self._kept(replace(self, ignored=ignored, partners=partners))

    def without_votes(self, unheard: np.ndarray) -> Others:
        """The same with some votes (bool, (n,)) not counted in what others are held against."""
        return self._kept(replace(self, unheard=unheard))

    def without_gold(self, distrusted: np.ndarray, wrong_gold: float = 0.0) -> Others:
        """The same with the gold of some items (bool, (n_items,)) not believed, and a share of the rest that is
        probably wrong too.
        """
        return self._kept(
            replace(self, gold=np.where(distrusted, NULL, self.gold).astype(np.int8), wrong_gold=wrong_gold)
        )

    def _kept(self, other: Others) -> Others:
        """What does not depend on votes and gold need not be computed again."""
        for name in ("order", "bounds", "moments", "dated"):
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name]
        return other


def others(data: AnnotationSet, aggregation: Aggregation | None = None, *, floor: float = FLOOR) -> Others:
    """What everybody else says about each item that somebody judged.

    Parameters
    ----------
    data : the annotations; first judgements with a label are used.
    aggregation : Dawid-Skene of these data, where it is at hand already; only categories without an order need one.
    floor : least margin over chance of one who counts as looking, as a share of the crew's usual margin.

    Examples
    --------
    Two of three say A. Each of them is held against an A and a B (of one who seems a little less skilled), the third
    against two As:

    >>> import pandas as pd
    >>> from workbench.dataset.assembly import Export, assemble
    >>> rows = pd.DataFrame({"item_id": ["1"] * 3, "annotator": ["x", "y", "z"], "label": ["A", "A", "B"]})
    >>> found = others(assemble([Export(rows[["item_id"]], rows[["annotator", "label"]], "t", "t", sides=True)]))
    >>> found.right_label(np.arange(3))[:, 0].round(1).tolist()
    [0.6, 0.6, 0.9]
    """
    codes, a = data.codes, len(data.annotators)
    gold = data.gold.astype(np.int8)
    crew, log_tables, scores = _learned(data, codes, gold, floor, aggregation)
    return Others(data, crew, log_tables, scores, gold, np.full(a, -1, np.int32), np.zeros(a, bool))


def _leave_one_out(
    codes: Codes, gold: np.ndarray, crew: Crew, log_tables: np.ndarray, silent: np.ndarray, partners: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    from workbench.aggregation.kernels import parts_of
    from workbench.annotators.kernels import leave_one_out
    from workbench.parallel import in_parts

    posterior = np.empty((len(codes), len(crew.prior)), np.float32)
    informed = np.zeros(len(codes), bool)
    log_prior, tables = crew.log_prior, np.exp(log_tables)

    def work(low: int, high: int) -> tuple:
        args = (log_prior, log_tables, tables, silent, partners, low, high, posterior, informed)
        leave_one_out(codes.starts, codes.annotator, codes.label, gold, *args)
        return ()

    in_parts(parts_of(codes, 0) if len(codes) else [], work)
    return posterior, informed


def _skill_totals(
    codes: Codes,
    order: np.ndarray,
    bounds: np.ndarray,
    used: np.ndarray,
    posterior: np.ndarray,
    tables: np.ndarray,
    most: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood of each annotator's labels at each table (T, Z, K), (n_annotators, T), and how many labels that
    were.
    """
    from workbench.annotators.kernels import skill_totals
    from workbench.parallel import in_parts

    totals = np.zeros((codes.n_annotators, len(tables)))
    by_label = np.ascontiguousarray(tables.transpose(2, 1, 0))

    def work(low: int, high: int) -> tuple:
        return (skill_totals(order, bounds, used, posterior, codes.label, by_label, most, low, high, totals),)

    done = in_parts(shares_of(bounds), work)
    return totals, sum((d[0] for d in done), np.zeros(codes.n_annotators, np.int64))


def shares_of(bounds: np.ndarray) -> list[tuple[int, int]]:
    """Ranges of annotators with about equally many judgements."""
    n = bounds[-1]
    parts = int(np.clip(n // _SHARE, 1, 8))
    edges = np.unique(
        np.concatenate([[0], np.searchsorted(bounds, np.linspace(0, n, parts + 1)[1:-1]), [len(bounds) - 1]])
    )
    return [(low, high) for low, high in pairwise(edges.tolist())]


def _learned(
    data: AnnotationSet, codes: Codes, gold: np.ndarray, floor: float, aggregation: Aggregation | None
) -> tuple[Crew, np.ndarray, np.ndarray]:
    """The levels of skill, and each annotator's table, in a few rounds on a sample of the items."""
    from workbench.annotators.kernels import by_annotator

    a, k = codes.n_annotators, codes.n_labels
    part, part_gold = _sample(codes, gold)
    frequency = _frequency(part, np.ones(a))
    made = None if data.scale.has_sides else aggregation or aggregate(data, "dawid_skene")
    crew = _crew(data, made, frequency, None)
    shares = np.zeros((a, len(crew.tables) + len(crew.careless)))
    shares[:, : len(crew.tables)] = np.exp(-0.5 * (np.arange(len(crew.tables)) - len(crew.tables) / 2) ** 2)
    shares /= shares.sum(1, keepdims=True)
    totals, contested = shares * 0.0, _CONTESTED
    order = by_annotator(part.annotator, np.zeros(len(part), np.int64), a)
    bounds = np.concatenate([[0], np.cumsum(np.bincount(part.annotator, minlength=a))])
    silent, alone = np.zeros(len(part), bool), np.full(a, -1, np.int32)
    for _ in range(_ROUNDS if len(part) else 0):
        log_tables = _log_tables(crew, shares)
        posterior, informed = _leave_one_out(part, part_gold, crew, log_tables, silent, alone)
        totals, seen = _skill_totals(
            part, order, bounds, informed, posterior, np.concatenate([crew.tables, crew.careless]), 0
        )
        levels = len(crew.tables)
        looks = 1 - shares[:, levels:].sum(1)
        crew = crew.with_weights(totals[(seen > 0) & (looks > 0.5)][:, :levels], 0.0)
        prior = np.concatenate(
            [(1 - _CARELESS_SHARE) * crew.weights, np.full(len(crew.careless), _CARELESS_SHARE / len(crew.careless))]
        )
        joint = totals + np.log(np.maximum(prior, 1e-12))
        shares = np.exp(joint - joint.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        looks = 1 - shares[:, levels:].sum(1)
        if made is None:
            seen_by = posterior[informed & (part_gold[part.item] == NULL), crew.clear :].sum(1)
            contested = float((seen_by.sum() + _CONTESTED * _CONTESTED_WEIGHT) / (len(seen_by) + _CONTESTED_WEIGHT))
        crew = _crew(data, made, _frequency(part, looks), crew.weights, contested)
    if len(part):
        crew = crew.with_weights(totals[(seen > 0) & (looks > 0.5)][:, :levels], floor)
    return crew, _log_tables(crew, shares) if k else np.zeros((a, 0, len(crew.prior))), totals[:, : len(crew.tables)]


def _crew(
    data: AnnotationSet,
    made: Aggregation | None,
    frequency: np.ndarray,
    weights: np.ndarray | None,
    contested: float = _CONTESTED,
) -> Crew:
    scale = data.scale
    if made is None:
        crew = ordered_crew(scale, frequency, weights, contested)
    else:
        n = made.annotators["n"].to_numpy(float)
        common = np.full((len(scale), len(scale)), 1.0 / max(len(scale), 1))
        if made.confusion is not None and n.sum():
            common = np.einsum("k,kjl->jl", n / n.sum(), np.nan_to_num(made.confusion))
        prior = made.prior if made.prior is not None else frequency
        crew = nominal_crew(scale, common, np.maximum(prior, 1e-6), frequency)
    return crew if weights is None else replace(crew, weights=weights)


def _frequency(codes: Codes, weight: np.ndarray) -> np.ndarray:
    """Share of each label, each annotator's labels weighed."""
    counts = (
        np.bincount(codes.label, weights=np.maximum(weight, 1e-6)[codes.annotator], minlength=codes.n_labels) + 1e-3
    )
    share: np.ndarray = counts / counts.sum()
    return share


def _log_tables(crew: Crew, shares: np.ndarray) -> np.ndarray:
    """Each annotator's average table as log-chances (n_annotators, K, Z)."""
    tables = np.concatenate([crew.tables, crew.careless])
    return np.ascontiguousarray(np.log(np.tensordot(shares, tables, 1)).transpose(0, 2, 1))


def _sample(codes: Codes, gold: np.ndarray) -> tuple[Codes, np.ndarray]:
    """Every m-th item, so that there are not many more judgements than needed to learn the tables."""
    per_annotator = len(codes) / max(codes.n_annotators, 1)
    wanted = max(_SAMPLE, 200 * codes.n_annotators if per_annotator > 200 else len(codes))
    step = len(codes) // wanted
    if step < 2:
        return codes, gold
    kept = np.arange(0, codes.n_items, step)
    part, _ = _of_items(codes, kept)
    return part, gold[kept]


def _of_items(codes: Codes, kept: np.ndarray) -> tuple[Codes, np.ndarray]:
    """Some items' judgements, items numbered anew, and where they stand in `codes`."""
    size = np.diff(codes.starts)[kept]
    starts = np.concatenate([[0], np.cumsum(size)])
    rows = np.arange(starts[-1]) + np.repeat(codes.starts[kept] - starts[:-1], size)
    item = np.repeat(np.arange(len(kept), dtype=np.int32), size)
    return (
        Codes(
            item, codes.annotator[rows], codes.label[rows], codes.row[rows], starts, codes.n_annotators, codes.n_labels
        ),
        rows,
    )
