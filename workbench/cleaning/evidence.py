"""What is known of each annotator, judgement and item before anything is set aside: worked out once, compared with each
threshold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.aggregation import DEFAULT, Aggregation, aggregate
from workbench.aggregation.kernels import parts_of
from workbench.agreement.coefficients import Coefficient
from workbench.agreement.contested import label_spread
from workbench.agreement.intervals import estimate
from workbench.agreement.measures import coefficient
from workbench.agreement.shrinking import Shrinkable, shrinkable
from workbench.agreement.tally import Tally, tally
from workbench.annotators.survey import Survey, survey
from workbench.cleaning.profile import annotator_profile
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import NULL, LabelScale
from workbench.estimates import Estimate
from workbench.parallel import in_parts

SAMPLE = 25_000
"""Items on which random removals are tried; with fewer items, all of them."""

RELABELLED = 5_000
"""Items with gold, and others, that get new labels after each random removal."""


METHOD = DEFAULT
OPTIONS: Mapping[str, Any] = {"gold": "unused"}
"""What gives labels here, as everywhere, but that gold only judges them; what is left of them without some judgements
follows in one step."""

_LEAST = 1e-9
"""No label is taken to be less probable than this."""


@dataclass(frozen=True, eq=False)
class Tables:
    """Annotators as the default sees them, held fixed while judgements come and go.

    Attributes
    ----------
    log_prior : float64 (K,): log-chance of each label, at most 0.
    log_confusion : float64 (n_annotators, label, truth): log-chance of what was said, at most 0 for each (annotator,
        label).
    direction, strength : int64 (K,), float64 (K,): of each label.
    """

    log_prior: np.ndarray
    log_confusion: np.ndarray
    direction: np.ndarray
    strength: np.ndarray

    @cached_property
    def passed(self) -> tuple:
        """What the compiled passes take, in their order.

        Products of chances up to 1 are several times as fast as sums of logarithms.
        """
        chances = np.exp(self.log_confusion)
        return (tuple(self.log_prior.tolist()), chances, self.log_confusion, self.direction, self.strength)

    def log_read(self, codes: Codes) -> np.ndarray:
        """Log-posterior of each item by one E-step, up to a constant, (n_items, K)."""
        found = np.empty((codes.n_items, len(self.log_prior)))

        def work(low: int, high: int) -> tuple:
            from workbench.cleaning.kernels import log_read

            log_read(low, high, codes.starts, codes.annotator, codes.label, self.log_prior, self.log_confusion, found)
            return ()

        in_parts(parts_of(codes, 0), work)
        return found


@dataclass(frozen=True, eq=False)
class Labelled:
    """Judgements of some items, and the label each item has from all of them.

    Attributes
    ----------
    codes : first judgements, sorted by item.
    beyond : float64 (n_items, K): what the default says beyond one E-step with its tables; NaN without a judgement.
    label : int8 (n_items,): aggregated label, -1 = undecided or without a judgement.
    gold : int8 (n_items,), -1 = unknown.
    credit : float32 (n_items,): chance that the label, equally probable directions drawn at random, names the side of
        the gold; NaN where unknown.
    """

    codes: Codes
    beyond: np.ndarray
    label: np.ndarray
    gold: np.ndarray
    credit: np.ndarray

    @cached_property
    def per_annotator(self) -> np.ndarray:
        """Judgements of each annotator, int64 (n_annotators,)."""
        return np.bincount(self.codes.annotator, minlength=self.codes.n_annotators)

    def part(self, items: np.ndarray) -> Labelled:
        """The same of some items only, by position."""
        size = np.diff(self.codes.starts)[items]
        starts = np.concatenate([[0], np.cumsum(size)])
        rows = np.repeat(self.codes.starts[items] - starts[:-1], size) + np.arange(starts[-1])
        c = self.codes
        codes = Codes(
            item=np.repeat(np.arange(len(items), dtype=np.int32), size),
            annotator=c.annotator[rows],
            label=c.label[rows],
            row=c.row[rows],
            starts=starts,
            n_annotators=c.n_annotators,
            n_labels=c.n_labels,
        )
        return Labelled(codes, self.beyond[items], self.label[items], self.gold[items], self.credit[items])


@dataclass(frozen=True, eq=False)
class Sample:
    """Items on which random removals are tried.

    Attributes
    ----------
    part : their judgements and labels; all items in small data.
    golden : how many of them, at the beginning, are there for their gold.
    relabelled : how many, from the beginning, get new labels; agreement is computed on all.
    """

    part: Labelled
    golden: int
    relabelled: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """What thresholds are compared with. Nothing in it changes with them.

    Attributes
    ----------
    annotators : one row an annotator, see `annotator_profile`.
    seconds : float64 (n_annotations,), NaN = unknown; (0,) where times cannot be used.
    words : int32 (n_items,): words to read for a judgement, 0 = unknown; (0,) where no item has texts.
    no_times, no_words : why not; None where they can be used.
    confidence : float32 (n_items,): posterior probability of the label's direction; NaN without a label.
    contested : float32 (n_items,): share of pairs of labels that name different sides; NaN with fewer than two.
    others : int64: rows that are not first judgements with a label: repeats and skips.
    whole : all items.
    sample : the items on which random removals are tried.
    tables : what taking judgements off needs.
    tally, alpha : of all judgements; the coefficient is ordinal where labels have sides, else nominal.
    """

    annotators: pd.DataFrame
    seconds: np.ndarray
    words: np.ndarray
    no_times: str | None
    no_words: str | None
    confidence: np.ndarray
    contested: np.ndarray
    others: np.ndarray
    whole: Labelled
    sample: Sample
    tables: Tables
    tally: Tally
    alpha: Estimate
    scale: LabelScale

    @cached_property
    def golden(self) -> np.ndarray:
        """Items with gold and a judgement, int64."""
        return np.flatnonzero(np.isfinite(self.whole.credit))

    @cached_property
    def took(self) -> np.ndarray:
        """Seconds of the first judgements, beside `whole.codes`; (0,) where times cannot be used."""
        return self.whole.codes.of_rows(self.seconds) if len(self.seconds) else self.seconds

    @cached_property
    def shrinkable(self) -> Shrinkable | None:
        """The tally, prepared for losing judgements; None where they are counted anew each time."""
        return shrinkable(self.tally)

    @cached_property
    def coefficient(self) -> Coefficient:
        """What `alpha` is an estimate of."""
        return coefficient(alpha_key(self.scale), self.tally)

    @cached_property
    def on_gold(self) -> tuple[float, int]:
        """Credit of the labels of all items with gold and a judgement, and how many these are."""
        return float(self.whole.credit[self.golden].sum(dtype=float)), len(self.golden)

    @property
    def has_gold(self) -> bool:
        """Whether an item with gold has a judgement."""
        return self.on_gold[1] > 0

    @property
    def usable_words(self) -> bool:
        """Whether reading speed can be computed."""
        return len(self.seconds) > 0 and len(self.words) > 0


def alpha_key(scale: LabelScale) -> str:
    """The coefficient that is followed: it uses the order of the labels where they have one for sure."""
    return "krippendorff_alpha.ordinal" if scale.has_sides else "krippendorff_alpha.nominal"


def gather_evidence(
    data: AnnotationSet, surveyed: Survey | None = None, aggregation: Aggregation | None = None
) -> Evidence:
    """Everything the thresholds are compared with, in one go.

    Gold is used to judge annotators and labels, and never given to the method that makes the labels.

    Parameters
    ----------
    surveyed : of `workbench.annotators.survey(data)`, where it is at hand.
    aggregation : by `METHOD` with `OPTIONS`, or one that no gold corrected, where it is at hand; any other is not used.

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> found = gather_evidence(simulate(1_000, annotators=12, seed=1).data)
    >>> len(found.annotators), found.no_times is None
    (12, True)
    """
    codes = data.codes
    at_hand = aggregation is not None and aggregation.method == METHOD and not aggregation.clamped.any()
    result = aggregation if aggregation is not None and at_hand and _without_gold(aggregation) else None
    result = aggregate(data, METHOD, **OPTIONS) if result is None else result
    tables = _tables(data, result.details)
    gold, beyond = data.gold.astype(np.int8), np.log(np.maximum(result.posterior, _LEAST)) - tables.log_read(codes)
    beyond -= beyond.max(1, initial=-np.inf, keepdims=True)
    label, credit = labels_of(codes, np.ones(0, bool), tables, beyond, gold)
    whole = Labelled(codes, beyond, label, gold, credit)
    looked = surveyed or survey(data)
    times = looked.speed.times
    no_times = None if times.usable else times.reason
    if times.usable and looked.speed.unit == "batch":
        no_times = "the judgements of a batch share one time"
    words = _words(data)
    counted = tally(data)
    no_words = None if words.any() else "the items carry no texts"
    return Evidence(
        annotators=annotator_profile(looked),
        seconds=data.annotations["seconds"].to_numpy(float) if no_times is None else np.empty(0),
        words=words if words.any() else np.empty(0, np.int32),
        no_times=no_times,
        no_words=no_words,
        confidence=result.direction_confidence.astype(np.float32),
        contested=label_spread(data).direction,
        others=_others(data),
        whole=whole,
        sample=_sample(whole),
        tables=tables,
        tally=counted,
        alpha=estimate(counted, coefficient(alpha_key(data.scale), counted)),
        scale=data.scale,
    )


def _without_gold(aggregation: Aggregation) -> bool:
    """Whether it is what `OPTIONS` give: gold was not to be used, or was too little to correct anything."""
    return OPTIONS.items() <= aggregation.options.items() or aggregation.details.get("gold_used") == 0


def labels_of(
    codes: Codes,
    kept: np.ndarray,
    tables: Tables,
    beyond: np.ndarray,
    gold: np.ndarray,
    base: Labelled | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Label of each item from the judgements kept, and its credit against the gold.

    Parameters
    ----------
    base : labels from all judgements, which items that lose none keep; None = work all out.
    """
    from workbench.cleaning.kernels import relabel

    label, credit = np.full(codes.n_items, NULL, np.int8), np.full(codes.n_items, np.nan, np.float32)
    old, old_credit = (base.label, base.credit) if base else (np.empty(0, np.int8), credit)

    def work(low: int, high: int) -> tuple:
        relabel(
            low,
            high,
            codes.starts,
            codes.annotator,
            codes.label,
            kept,
            beyond,
            *tables.passed,
            old,
            gold,
            old_credit,
            label,
            credit,
        )  # type: ignore[call-arg]
        return ()

    in_parts(parts_of(codes, 0), work)
    return label, credit


def _tables(data: AnnotationSet, details: Mapping[str, object]) -> Tables:
    k, n = len(data.scale), len(data.annotators)
    # Without judgements, or with a single label, nothing could be learned.
    log_prior = np.asarray(details.get("log_prior", np.zeros(k)), float)
    log_confusion = np.asarray(details.get("log_confusion", np.zeros((n, k, k))), float)
    log_prior = log_prior - log_prior.max(initial=-np.inf)
    log_confusion = np.ascontiguousarray(log_confusion - log_confusion.max(2, keepdims=True, initial=-np.inf))
    direction = data.scale.direction_table()[:-1].astype(np.int64)
    strength = np.abs(np.asarray(data.scale.strengths)) if data.scale.has_sides else np.zeros(k)
    return Tables(log_prior, log_confusion, direction, strength)


def _others(data: AnnotationSet) -> np.ndarray:
    first = np.zeros(len(data.annotations), bool)
    first[data.codes.row] = True
    return np.flatnonzero(~first)


def _words(data: AnnotationSet) -> np.ndarray:
    """Words to read for a judgement of each item; 0 where a text is missing."""
    columns = [c for c in ("words_prompt", "words_a", "words_b") if c in data.items]
    if not {"words_a", "words_b"} <= set(columns):
        return np.zeros(len(data.items), np.int32)
    counts = np.stack([data.items[c].to_numpy() for c in columns])
    known = (counts[-2:] >= 0).all(0)
    return np.where(known, np.maximum(counts, 0).sum(0), 0).astype(np.int32)


def _sample(whole: Labelled) -> Sample:
    """Items drawn at random, those with gold first, so that what is asked of gold or of a few items is a range."""
    n = whole.codes.n_items
    chosen = np.arange(n) if n <= SAMPLE else np.random.default_rng(0).choice(n, SAMPLE, replace=False)
    with_gold = np.isfinite(whole.credit[chosen])
    some = np.concatenate([chosen[with_gold][:RELABELLED], chosen[~with_gold], chosen[with_gold][RELABELLED:]])
    golden = min(int(with_gold.sum()), RELABELLED)
    return Sample(whole.part(some), golden, min(golden + RELABELLED, len(some)))
