r"""The levels of skill of a crew, and each annotator's table, learned in a few rounds from what all say of one another.

Each round holds every annotator's labels against everybody else's at each level of skill, takes from that how likely
each level is of each annotator and how common it is in the crew, and places the thresholds anew. Whether errors come
from close items or from slips that strike any item alike is told by the labels too: crews with
more or fewer slips are tried on a part of the data, and the one that best predicts what each says from what the others
say is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from workbench.aggregation import Aggregation, aggregate
from workbench.annotators.crew import Crew, both_ways, nominal_crew, ordered_crew
from workbench.annotators.passes import leave_one_out, of_items, skill_totals
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import NULL, LabelScale

_ROUNDS = 10
_CONTESTED, _CONTESTED_WEIGHT = 0.1, 500.0
_SAMPLE = 100_000
_CARELESS_SHARE = 0.1
_SLIPS = (0.0, 0.35, 0.7, 1.0)
_TRIED, _TRIED_ROUNDS = 9_000, 4
_CLEARLY, _SAY = 20.0, 0.5


@dataclass(frozen=True, eq=False)
class _Part:
    """What is learned from: the judgements of some items, and what holds of them."""

    scale: LabelScale
    codes: Codes
    gold: np.ndarray
    camp: np.ndarray | None
    made: Aggregation | None

    @property
    def items(self) -> float:
        return float((np.diff(self.codes.starts) > 0).sum())

    def every(self, step: int) -> _Part:
        """The judgements of every m-th item."""
        kept = np.arange(0, self.codes.n_items, step)
        codes, rows = of_items(self.codes, kept)
        return replace(self, codes=codes, gold=self.gold[kept], camp=None if self.camp is None else self.camp[rows])

    def frequency(self, weight: np.ndarray) -> np.ndarray:
        """Share of each label, each annotator's labels weighed."""
        counts = np.bincount(
            self.codes.label, np.maximum(weight, 1e-6)[self.codes.annotator], minlength=self.codes.n_labels
        )
        share: np.ndarray = (counts + 1e-3) / (counts + 1e-3).sum()
        return share

    def crew(self, frequency: np.ndarray, weights: np.ndarray | None, contested: float | None, slips: float) -> Crew:
        """The levels of skill where labels are given as often as that."""
        if self.made is None:
            if contested is None:
                contested = _CONTESTED * both_ways(self.scale, frequency)
            crew = ordered_crew(self.scale, frequency, weights, contested, self.items, slips)
        else:
            n = self.made.annotators["n"].to_numpy(float)
            k = len(self.scale)
            common = np.full((k, k), 1.0 / max(k, 1))
            if self.made.confusion is not None and n.sum():
                common = np.einsum("k,kjl->jl", n / n.sum(), np.nan_to_num(self.made.confusion))
            prior = self.made.prior if self.made.prior is not None else frequency
            crew = nominal_crew(self.scale, common, np.maximum(prior, 1e-6), frequency)
        return crew if weights is None else replace(crew, weights=weights)


@dataclass(frozen=True, eq=False)
class _State:
    """Where learning stands: the crew, how likely each table is of each annotator, and by what."""

    crew: Crew
    shares: np.ndarray
    totals: np.ndarray
    told: np.ndarray


def learned(
    data: AnnotationSet,
    codes: Codes,
    gold: np.ndarray,
    floor: float,
    camp: np.ndarray | None = None,
) -> tuple[Crew, np.ndarray, np.ndarray]:
    """The levels of skill, each annotator's average table as log-chances (n_annotators, K, Z), and the log-likelihood
    of each annotator's labels at each level (n_annotators, G).

    Parameters
    ----------
    floor : least margin over chance of one who counts as looking, as a share of the crew's usual margin.
    camp : int8 (n,): votes of one camp are held against each other only.
    """
    made = None if data.scale.has_sides else aggregate(data, "dawid_skene")  # categories have no order to go by
    whole = _Part(data.scale, codes, gold, camp, made)
    part = whole.every(step) if (step := _step(codes)) > 1 else whole
    slips = _likeliest_slips(part) if made is None and len(part.codes) else 0.0
    state = _rounds(part, slips, _ROUNDS)
    crew = state.crew
    if len(part.codes):
        crew = crew.with_weights(state.totals[state.told][:, : len(crew.tables)], floor)
    tables = _log_tables(crew, state.shares) if codes.n_labels else np.zeros((codes.n_annotators, 0, len(crew.prior)))
    return crew, tables, state.totals[:, : len(crew.tables)]


def _rounds(part: _Part, slips: float, rounds: int) -> _State:
    from workbench.annotators.kernels import by_annotator

    codes, a = part.codes, part.codes.n_annotators
    crew = part.crew(part.frequency(np.ones(a)), None, None, slips)
    levels = len(crew.tables)
    shares = np.zeros((a, levels + len(crew.careless)))
    shares[:, :levels] = np.exp(-0.5 * (np.arange(levels) - levels / 2) ** 2)
    shares /= shares.sum(1, keepdims=True)
    totals, told = shares * 0.0, np.zeros(a, bool)
    order = by_annotator(codes.annotator, np.zeros(len(codes), np.int64), a)
    bounds = np.concatenate([[0], np.cumsum(np.bincount(codes.annotator, minlength=a))])
    silent, alone = np.zeros(len(codes), bool), np.full(a, -1, np.int32)
    for _ in range(rounds if len(codes) else 0):
        log_tables = _log_tables(crew, shares)
        posterior, informed = leave_one_out(codes, part.gold, crew, log_tables, silent, alone, part.camp)
        every = np.concatenate([crew.tables, crew.careless])
        totals, seen = skill_totals(codes, order, bounds, informed, posterior, every, 0)
        told = (seen > 0) & (shares[:, levels:].sum(1) < 0.5)
        crew = crew.with_weights(totals[told][:, :levels], 0.0)
        careless = np.full(len(crew.careless), _CARELESS_SHARE / len(crew.careless))
        joint = totals + np.log(np.maximum(np.concatenate([(1 - _CARELESS_SHARE) * crew.weights, careless]), 1e-12))
        shares = np.exp(joint - joint.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        looks = 1 - shares[:, levels:].sum(1)
        told = (seen > 0) & (looks > 0.5)
        frequency, contested = part.frequency(looks), None
        if part.made is None:
            seen_by = posterior[informed & (part.gold[codes.item] == NULL), crew.clear :].sum(1)
            before = _CONTESTED * both_ways(part.scale, frequency)
            contested = float((seen_by.sum() + before * _CONTESTED_WEIGHT) / (len(seen_by) + _CONTESTED_WEIGHT))
        crew = part.crew(frequency, crew.weights, contested, slips)
    return _State(crew, shares, totals, told)


def _likeliest_slips(part: _Part) -> float:
    """Which share of the errors are slips, of a few tried; none where the labels do not clearly say so.

    Half of the annotators, whom slips explain best, have no say: those who often do not look slip, and are to be
    found out.
    """
    few = part.every(step) if (step := len(part.codes) // _TRIED) > 1 else part
    fit = np.array([_predicted(_rounds(few, slips, _TRIED_ROUNDS)) for slips in _SLIPS])
    gain = np.sort(fit - fit[0], axis=1)[:, : max(int(_SAY * fit.shape[1]), 1)].sum(1)
    best = int(gain.argmax())
    return _SLIPS[best] if gain[best] > _CLEARLY else 0.0


def _predicted(state: _State) -> np.ndarray:
    """Log-likelihood of each annotator's labels given everybody else's, (n_annotators,)."""
    levels = len(state.crew.tables)
    return np.asarray(logsumexp(state.totals[:, :levels] + np.log(np.maximum(state.crew.weights, 1e-12)), axis=1))


def _log_tables(crew: Crew, shares: np.ndarray) -> np.ndarray:
    """Each annotator's average table as log-chances (n_annotators, K, Z)."""
    tables = np.concatenate([crew.tables, crew.careless])
    return np.ascontiguousarray(np.log(np.tensordot(shares, tables, 1)).transpose(0, 2, 1))


def _step(codes: Codes) -> int:
    """Of how many items one is looked at: there need not be many more judgements than teach the tables."""
    per_annotator = len(codes) / max(codes.n_annotators, 1)
    wanted = max(_SAMPLE, 200 * codes.n_annotators if per_annotator > 200 else len(codes))
    return max(len(codes) // wanted, 1)
