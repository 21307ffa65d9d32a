"""Judgements of all buckets as the methods of aggregation read them: passes that go from bucket to bucket.

A method sees `BucketCodes` where it would see `Codes`. The passes it makes over judgements are made on each bucket,
here or on workers, and what they return is added up in the order of the buckets; the method itself, with everything
that is learned about annotators, runs here and is the same code.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from workbench.aggregation import kernels, registry, states, weighted
from workbench.aggregation.contract import ChosenLabels, choose
from workbench.aggregation.states import SAMPLE, Expected
from workbench.dataset.annotation_set import Codes
from workbench.dataset.scales import NULL, LabelScale
from workbench.drafts import drafted
from workbench.scale.backends import Backend, Serial
from workbench.scale.on_disk import let_go, room_on_disk
from workbench.scale.shards import SUMS, Bucket, Shards


@dataclass(frozen=True, eq=False)
class Held:
    """The numbers of one bucket that methods look at.

    Attributes
    ----------
    codes : its judgements.
    gold : int8 (n_items,).
    group : int64 (n_items,): what stands and falls together, numbered within the bucket.
    """

    codes: Codes
    gold: np.ndarray
    group: np.ndarray


def held(shards: Shards, bucket: Bucket) -> Held:
    """Reads these numbers, from a small file beside the bucket that is made where it is missing."""
    with np.load(_numbers(shards, bucket), allow_pickle=False) as kept:
        starts, annotator, label = kept["starts"], kept["annotator"], kept["label"]
        gold, group = kept["gold"], kept["group"]
    codes = Codes(
        item=np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts)),
        annotator=annotator,
        label=label,
        row=np.zeros(0, np.int64),
        starts=starts,
        n_annotators=len(shards.annotators),
        n_labels=len(shards.scale),
    )
    return Held(codes, gold, group)


def _numbers(shards: Shards, bucket: Bucket) -> Path:
    """The file of a bucket's numbers, made where it is missing."""
    place = shards.folder / SUMS / f"{bucket.key}-numbers.npz"
    if not place.is_file():
        data = shards.open(bucket)
        group = np.arange(len(data.items)) if data.group_codes is None else data.group_codes
        place.parent.mkdir(exist_ok=True)
        with drafted(place) as draft, draft.open("wb") as stream:
            np.savez(
                stream,
                allow_pickle=False,
                starts=data.codes.starts,
                annotator=data.codes.annotator,
                label=data.codes.label,
                gold=data.gold,
                group=group,
                key=data.codes.keys,
            )
    return place


@dataclass(frozen=True, eq=False)
class BucketCodes:
    """Stands for the `Codes` of all buckets.

    Attributes
    ----------
    shards : the set.
    backend : where passes are made.
    clamped : whether methods are given the gold.
    scratch : folder for numbers of every item, which are files and not memory.
    rooms : the arrays over these files.
    """

    shards: Shards
    backend: Backend = field(default_factory=Serial)
    clamped: bool = False
    scratch: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    rooms: list[np.ndarray] = field(default_factory=list)

    @property
    def n_annotators(self) -> int:
        """How many annotators there are."""
        return len(self.shards.annotators)

    @property
    def n_labels(self) -> int:
        """Labels on the scale."""
        return len(self.shards.scale)

    @property
    def n_items(self) -> int:
        """Items of all buckets."""
        return self.shards.n_items

    @cached_property
    def starts_of(self) -> np.ndarray:
        """Position of the first item of each bucket, and the end."""
        return np.cumsum([0, *(b.items for b in self.shards.buckets)])

    @cached_property
    def _counts(self) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
        """Judgements, those of each annotator, of each label, and of each item (int32)."""
        people, labels = np.zeros(self.n_annotators, np.int64), np.zeros(self.n_labels, np.int64)
        sizes: list[np.ndarray] = []
        for who, said, size in self.over(_count):
            people, labels = people + who, labels + said
            sizes.append(size)
        return int(people.sum()), people, labels, np.concatenate(sizes)

    def __len__(self) -> int:
        return self._counts[0]

    @property
    def per_annotator(self) -> np.ndarray:
        """Judgements of each annotator, int64."""
        return self._counts[1]

    @property
    def per_label(self) -> np.ndarray:
        """How often each label was given, int64."""
        return self._counts[2]

    @property
    def per_item(self) -> np.ndarray:
        """Judgements of each item, int32."""
        return self._counts[3]

    def over(self, work: Callable[..., Any], *shared: Any) -> Iterator[Any]:
        """`work(bucket, shards, *shared)` of each bucket, in order."""
        return self.backend.over(work, list(self.shards.buckets), self.shards, *shared)

    def summed(self, work: Callable[..., tuple], *shared: Any, into: np.ndarray | None = None) -> list[Any]:
        """What it returns added up; the last of what it returns goes to the bucket's items of `into`."""
        total: list[Any] = []
        for number, found in enumerate(self.over(work, self.clamped, into is not None, *shared)):
            *sums, filled = found
            total = list(sums) if not total else [a + b for a, b in zip(total, sums, strict=True)]
            if into is not None:
                into[self.starts_of[number] : self.starts_of[number + 1]] = filled
                let_go(into)
        return total

    def joined(self) -> tuple[Codes, np.ndarray, np.ndarray]:
        """All judgements in memory, golds and groups: for sets that are small."""
        every = list(self.over(held_of))
        gold, group = np.concatenate([h.gold for h in every]), self.groups(every)
        starts, done = [np.zeros(1, np.int64)], 0
        for one in every:
            starts.append(one.codes.starts[1:] + done)
            done += len(one.codes)
        codes = Codes(
            item=np.concatenate(
                [h.codes.item + first for h, first in zip(every, self.starts_of.tolist(), strict=False)]
            ).astype(np.int32),
            annotator=np.concatenate([h.codes.annotator for h in every]),
            label=np.concatenate([h.codes.label for h in every]),
            row=np.arange(done),
            starts=np.concatenate(starts),
            n_annotators=self.n_annotators,
            n_labels=self.n_labels,
        )
        return codes, gold, group

    @staticmethod
    def groups(every: Sequence[Held]) -> np.ndarray:
        """Groups of all buckets, numbered through."""
        done, found = 0, []
        for one in every:
            found.append(one.group + done)
            done += int(one.group.max(initial=-1)) + 1
        return np.concatenate(found)


def held_of(bucket: Bucket, shards: Shards) -> Held:
    """`held` with the bucket first, as back-ends hand it out."""
    return held(shards, bucket)


def _count(bucket: Bucket, shards: Shards) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    codes = held(shards, bucket).codes
    return (
        np.bincount(codes.annotator, minlength=codes.n_annotators),
        np.bincount(codes.label, minlength=codes.n_labels),
        np.diff(codes.starts).astype(np.int32),
    )


def _clamp(one: Held, clamped: bool) -> np.ndarray:
    return one.gold.astype(np.int8) if clamped else np.full(one.codes.n_items, NULL, np.int8)


def in_buckets(of: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes a function the pass over buckets of a method's pass over judgements."""

    def registered(work: Callable[..., Any]) -> Callable[..., Any]:
        of.register(BucketCodes, work)
        return work

    return registered


@in_buckets(kernels.room)
def _bucketed_room_on_disk(codes: BucketCodes, columns: int) -> np.ndarray:
    found = room_on_disk(codes.scratch, codes.n_items, columns)
    codes.rooms.append(found)
    return found


@in_buckets(kernels.columns_of)
def _bucketed_columns_of(codes: BucketCodes, found: np.ndarray, low: int, high: int) -> np.ndarray:  # noqa: ARG001
    return found[:, low:high]


@in_buckets(kernels.stretches)
def _bucketed_stretches(codes: BucketCodes) -> Iterator[tuple[int, int]]:
    for low, high in pairwise(codes.starts_of.tolist()):
        yield low, high
        let_go(*codes.rooms)


@in_buckets(registry.chosen_labels)
def _bucketed_chosen_labels(codes: BucketCodes, posterior: np.ndarray, scale: LabelScale) -> ChosenLabels:
    sure = _bucketed_room_on_disk(codes, 2)
    label, direction, undecided = (np.empty(codes.n_items, np.int8) for _ in range(3))
    tied = np.empty(codes.n_items, bool)
    for low, high in _bucketed_stretches(codes):
        own = choose(posterior[low:high], scale)
        label[low:high], direction[low:high], undecided[low:high] = own.label, own.direction, own.undecided
        tied[low:high] = own.strength_tied
        sure[low:high, 0], sure[low:high, 1] = own.confidence, own.direction_confidence
    return ChosenLabels(label, direction, sure[:, 0], sure[:, 1], undecided, tied)


@in_buckets(kernels.labels_given)
def _bucketed_labels_given(codes: BucketCodes) -> np.ndarray:
    return codes.per_label


def _expectation(
    bucket: Bucket, shards: Shards, clamped: bool, keep: bool, log_prior: np.ndarray, log_confusion: np.ndarray
) -> tuple:
    one = held(shards, bucket)
    filled = np.empty((one.codes.n_items, len(log_prior))) if keep else None
    return (*kernels.expectation(one.codes, _clamp(one, clamped), log_prior, log_confusion, filled), filled)


@in_buckets(kernels.expectation)
def _bucketed_expectation(
    codes: BucketCodes,
    clamp: np.ndarray,  # noqa: ARG001
    log_prior: np.ndarray,
    log_confusion: np.ndarray,
    posterior: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, float]:
    counts, totals, likelihood = codes.summed(_expectation, log_prior, log_confusion, into=posterior)
    return counts, totals, likelihood


def _vote_shares(bucket: Bucket, shards: Shards, clamped: bool, keep: bool) -> tuple[np.ndarray | None]:
    one = held(shards, bucket)
    return (kernels.vote_shares(one.codes, _clamp(one, clamped)) if keep else None,)


@in_buckets(kernels.vote_shares)
def _bucketed_vote_shares(codes: BucketCodes, clamp: np.ndarray) -> np.ndarray:  # noqa: ARG001
    found = _bucketed_room_on_disk(codes, codes.n_labels)
    codes.summed(_vote_shares, into=found)
    return found


def _counts_of_votes(bucket: Bucket, shards: Shards, clamped: bool, keep: bool) -> tuple:  # noqa: ARG001
    one = held(shards, bucket)
    return (*kernels.counts_of_votes(one.codes, _clamp(one, clamped)), None)


@in_buckets(kernels.counts_of_votes)
def _bucketed_counts_of_votes(codes: BucketCodes, clamp: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG001
    counts, totals = codes.summed(_counts_of_votes)
    return counts, totals


@in_buckets(kernels.counts_given)
def _bucketed_counts_given(codes: BucketCodes, posterior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    counts, totals = np.zeros((codes.n_annotators, codes.n_labels, posterior.shape[1])), np.zeros(posterior.shape[1])
    for number, one in enumerate(codes.over(held_of)):
        own = np.ascontiguousarray(posterior[codes.starts_of[number] : codes.starts_of[number + 1]])
        more = kernels.counts_given(one.codes, own)
        let_go(posterior)
        counts, totals = counts + more[0], totals + more[1]
    return counts, totals


def _agreement(bucket: Bucket, shards: Shards, clamped: bool, keep: bool) -> tuple:  # noqa: ARG001
    return (*kernels.agreement_with_others(held(shards, bucket).codes), None)


@in_buckets(kernels.agreement_with_others)
def _bucketed_agreement(codes: BucketCodes) -> tuple[np.ndarray, np.ndarray]:
    agreed, shared = codes.summed(_agreement)
    return agreed, shared


def _on_known(bucket: Bucket, shards: Shards, clamped: bool, keep: bool) -> tuple:  # noqa: ARG001
    one = held(shards, bucket)
    return (*weighted.on_known(one.codes, _clamp(one, clamped)), None)


@in_buckets(weighted.on_known)
def _bucketed_on_known(codes: BucketCodes, clamp: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG001
    hits, tried = codes.summed(_on_known)
    return hits, tried


def _by_weight(bucket: Bucket, shards: Shards, clamped: bool, keep: bool, weight: np.ndarray) -> tuple:  # noqa: ARG001
    return (weighted.by_weight(held(shards, bucket).codes, weight),)


@in_buckets(weighted.by_weight)
def _bucketed_by_weight(codes: BucketCodes, weight: np.ndarray) -> np.ndarray:
    found = _bucketed_room_on_disk(codes, codes.n_labels)
    codes.summed(_by_weight, weight, into=found)
    return found


def _expect_states(
    bucket: Bucket,
    shards: Shards,
    clamped: bool,
    keep: bool,
    prior: np.ndarray,
    table: np.ndarray,
    label_of: np.ndarray,
    readings: np.ndarray | None,
) -> tuple:
    one = held(shards, bucket)
    filled = np.empty((one.codes.n_items, readings.shape[1])) if keep and readings is not None else None
    found = states.expect_states(one.codes, _clamp(one, clamped), prior, table, label_of, readings, filled)
    return found.counts, found.totals, found.likelihood, filled


@in_buckets(states.expect_states)
def _bucketed_expect_states(
    codes: BucketCodes,
    clamp: np.ndarray,  # noqa: ARG001
    prior: np.ndarray,
    table: np.ndarray,
    label_of: np.ndarray,
    readings: np.ndarray | None = None,
    into: np.ndarray | None = None,
) -> Expected:
    return Expected(*codes.summed(_expect_states, prior, table, label_of, readings, into=into))


@in_buckets(states.some_items)
def _bucketed_some_items(codes: BucketCodes, judgements: int = SAMPLE) -> np.ndarray | None:
    n = len(codes)
    if n <= 2 * judgements:
        return None
    found = list(codes.over(_drawn, judgements / n))
    items = np.concatenate([first + own for first, (own, _) in zip(codes.starts_of, found, strict=False)])
    return items[np.argsort(np.concatenate([key for _, key in found]), kind="stable")]


def _drawn(bucket: Bucket, shards: Shards, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Items of a bucket that are in the sample, and their keys."""
    with np.load(_numbers(shards, bucket), allow_pickle=False) as kept:
        key, starts = kept["key"], kept["starts"]
    own = np.flatnonzero(states.are_drawn(key, share) & (np.diff(starts) > 0))
    return own, key[own]


def _part(bucket: Bucket, shards: Shards, items: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    codes = held(shards, bucket).codes
    own = items[bucket.name]
    size = np.diff(codes.starts)[own]
    rows = np.repeat(codes.starts[own] - (np.cumsum(size) - size), size) + np.arange(size.sum())
    return size, codes.annotator[rows], codes.label[rows]


@in_buckets(states.part_of)
def _bucketed_part_of(codes: BucketCodes, items: np.ndarray) -> tuple[Codes, np.ndarray]:
    order = np.argsort(items, kind="stable")
    sorted_items = items[order]
    bounds = np.searchsorted(sorted_items, codes.starts_of)
    own = {
        bucket.name: sorted_items[low:high] - first
        for bucket, low, high, first in zip(
            codes.shards.buckets, bounds[:-1], bounds[1:], codes.starts_of[:-1], strict=True
        )
    }
    parts = list(codes.over(_part, own))
    size, annotator, label = (np.concatenate([p[i] for p in parts]) for i in range(3))
    place = np.argsort(order, kind="stable")  # of each item among those that came bucket by bucket
    begins, size = (np.cumsum(size) - size)[place], size[place]
    rows = np.repeat(begins - (np.cumsum(size) - size), size) + np.arange(size.sum())
    annotator, label = annotator[rows], label[rows]
    present, number = np.unique(annotator, return_inverse=True)
    return Codes(
        item=np.repeat(np.arange(len(items), dtype=np.int32), size),
        annotator=number.astype(np.int32),
        label=label,
        row=np.zeros(0, np.int64),
        starts=np.concatenate([[0], np.cumsum(size)]),
        n_annotators=len(present),
        n_labels=codes.n_labels,
    ), present
