"""Which plans a frontier tries: what is asked for, held against what the data have, before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from workbench.aggregation import DEFAULT_LABELS
from workbench.cleaning import Cleaning
from workbench.errors import WorkbenchError, first_five
from workbench.studies.bench import Bench, Split
from workbench.studies.label_set import checked_set, hidden_gold, on_items
from workbench.studies.label_sets import USUAL_CLEANING
from workbench.studies.labelling_plan import EVERYBODY, Counter, Mix, counter, kinds_in
from workbench.studies.stopping import WORTH
from workbench.studies.training import PENALTY, checked_penalty

if TYPE_CHECKING:
    from workbench.economics.scenario import Scenario

MOST_WORTH = 0.5
"""No model gains more than this: one that knows nothing is right half of the time."""

FEWEST_ITEMS = 40
"""With fewer items to buy there are no plans to compare."""


@dataclass(frozen=True)
class Plan:
    """One way to spend money.

    Attributes
    ----------
    items, labels : items bought, and judgements of each.
    labels_as : the label set they become (`workbench.studies.label_set.SETS`).
    cleaned : whether annotators are cleaned out first.
    mix : who labels.
    """

    items: int
    labels: int
    labels_as: str
    cleaned: bool
    mix: Mix

    @property
    def way(self) -> str:
        """Everything but the number of items."""
        clean = ", cleaned" if self.cleaned else ""
        return (
            f"{self.labels} label{'s' if self.labels > 1 else ''} an item by {self.mix.name}, {self.labels_as}{clean}"
        )

    @property
    def name(self) -> str:
        """As people read it."""
        return f"{self.items:,} items, {self.way}"


@dataclass(frozen=True, kw_only=True)
class FrontierSettings:
    """Which plans are tried, and how.

    Attributes
    ----------
    labels_per_item : as far as the data have so many.
    labels_as : label sets; with one label an item those that differ only by voting are tried once.
    cleaning : whether to try plans without, with, or both; with, only where items get several labels.
    rules : what cleaning means.
    mixes : who labels, as `Mix.parse` reads it; by default everybody, and each kind of annotator in the data.
    items : numbers of items; by default five geometric steps.
    scenario : preset of `workbench.economics`.
    prices : inputs of it that are set to other values.
    seeds, penalty : splits, and the penalty of the reward head.
    worth : smallest gain in accuracy that counts.
    dollars_per_point : what one point of accuracy is worth; None = any gain of `worth`.
    """

    labels_per_item: tuple[int, ...] = (1, 2, 3, 5)
    labels_as: tuple[str, ...] = ("majority", DEFAULT_LABELS)
    cleaning: tuple[bool, ...] = (False, True)
    rules: Cleaning = USUAL_CLEANING
    mixes: tuple[str, ...] = ()
    items: tuple[int, ...] = ()
    scenario: str = "human-1.50"
    prices: Mapping[str, float | str] = field(default_factory=dict)
    seeds: int = 8
    penalty: float = PENALTY
    worth: float = WORTH
    dollars_per_point: float | None = None

    def __post_init__(self) -> None:
        for name in ("labels_per_item", "items"):
            given = tuple(sorted({int(v) for v in getattr(self, name)}))
            if any(v < 1 for v in given):
                raise WorkbenchError(f"{name} holds {given[0]}.", "Give numbers from 1 up.")
            object.__setattr__(self, name, given)
        if not self.labels_per_item or not self.labels_as or not self.cleaning:
            raise WorkbenchError(
                "There is no plan to try.",
                "Name at least one number of labels an item, one label set, and whether to clean.",
            )
        if self.seeds < 1:
            raise WorkbenchError(f"{self.seeds} seeds are asked for.", "Give at least 1.")
        if not 0 < self.worth <= MOST_WORTH:
            raise WorkbenchError(
                f"A gain of {self.worth:g} in accuracy is asked for.",
                f"Give a share above 0 and up to {MOST_WORTH:g}: 0.01 is one point of accuracy.",
            )
        if self.dollars_per_point is not None and not 0 < self.dollars_per_point < math.inf:
            raise WorkbenchError(
                f"A point of accuracy worth ${self.dollars_per_point:,.10g} is asked for.",
                "Give dollars above 0, or leave it out.",
            )
        checked_penalty(self.penalty)
        for name in self.labels_as:
            checked_set(name)
        for text in self.mixes:
            Mix.parse(text)
        self.priced()

    def priced(self) -> Scenario:
        """The scenario that prices the plans."""
        from workbench.economics.scenario import preset

        return preset(self.scenario).with_values(dict(self.prices))


class Shop:
    """What can be bought on a bench: who labels, how many labels and items there are, and the plans that can be carried
    out with them.

    Raises
    ------
    WorkbenchError
        The bench has no judgements, or what is asked for is not in the data; nothing was trained yet.
    """

    def __init__(self, bench: Bench, settings: FrontierSettings) -> None:
        if bench.data is None:
            raise WorkbenchError("These are arrays without judgements.", "Open data with annotators, or simulate some.")
        self.bench, self.settings = bench, settings
        self.mixes = [Mix.parse(m) for m in settings.mixes] or usual_mixes(bench)
        self.most = {mix.name: _most_labels(bench, mix, settings.labels_per_item) for mix in self.mixes}
        self._hidden = hidden_gold(bench.data)
        self.of_seed = lru_cache(maxsize=2 * len(self.mixes))(self._of_seed)
        self.plans = self._plans()

    @cached_property
    def room(self) -> int:
        """Items that every mix can buy with the most labels any of its plans asks for, in the first seeds."""
        return min(
            (len(self.of_seed(s, mix)[1].items) for mix in self.mixes for s in range(min(self.settings.seeds, 3))),
            default=0,
        )

    @property
    def too_many(self) -> list[int]:
        """Numbers of labels an item that were asked for and that some mix does not have."""
        return [m for m in self.settings.labels_per_item if any(m > most for most in self.most.values())]

    def _of_seed(self, seed: int, mix: Mix) -> tuple[Split, Counter]:
        split = self.bench.split(seed)
        rng = np.random.default_rng([seed, 41])
        part = on_items(self._hidden, self.bench.item[split.train])
        return split, counter(part, np.sort(self.bench.item[split.train]), mix, self.most[mix.name], rng)

    def _plans(self) -> list[Plan]:
        chosen, room = self.settings, self.room
        if room < FEWEST_ITEMS:
            raise WorkbenchError(
                f"Only {room:,} items have the labels that the plans buy.",
                "Ask for fewer labels an item, or open more data.",
            )
        beyond = [n for n in chosen.items if n > room]
        if beyond:
            most = max(self.most.values())
            with_ = f"with {most} labels each " if most > 1 else ""
            raise WorkbenchError(
                f"Plans of {first_five(f'{n:,}' for n in beyond)} items are asked for, and these data have {room:,}"
                f" items {with_}to train on.",
                f"Name numbers up to {room:,}, ask for fewer labels an item, or name none for five steps.",
            )
        numbers = list(chosen.items) or [int(n) for n in np.unique(np.geomspace(max(room // 16, 30), room, 5).round())]
        plans = []
        for mix in self.mixes:
            for labels in (m for m in chosen.labels_per_item if m <= self.most[mix.name]):
                # One vote is its own majority, weighted or not.
                hard = [s for s in chosen.labels_as if s in ("majority", "weighted", "raw")]
                once = [s for s in chosen.labels_as if labels > 1 or s not in hard[1:]]
                # Without overlap annotators cannot be told apart, so there is nothing to clean by.
                cleanings = [c for c in chosen.cleaning if labels > 1 or not c]
                plans += [Plan(n, labels, s, c, mix) for s in once for c in cleanings for n in numbers]
        if not plans:
            raise WorkbenchError(
                "Plans with one label an item cannot be cleaned.",
                "Try plans without cleaning too, or more labels an item.",
            )
        return plans


def usual_mixes(bench: Bench) -> list[Mix]:
    """Everybody where all annotators are of one kind; else each kind alone, and half and half of the two with most
    judgements.
    """
    assert bench.data is not None
    kinds = kinds_in(bench.data)
    if len(kinds) < 2:
        return [Mix(((kinds[0] if kinds else EVERYBODY, 1.0),))]
    return [*(Mix(((kind, 1.0),)) for kind in kinds), Mix(((kinds[0], 0.5), (kinds[1], 0.5)))]


def _most_labels(bench: Bench, mix: Mix, wanted: Sequence[int]) -> int:
    """The largest of the wanted numbers of labels that at least half of the items have from each kind of the mix."""
    assert bench.data is not None
    codes = bench.data.codes
    kinds = bench.data.annotators["kind"].to_numpy(object)[codes.annotator]
    able = []
    for kind, _ in mix.shares:
        mine = np.ones(len(codes), bool) if kind == EVERYBODY else kinds == kind
        counts = np.bincount(codes.item[mine], minlength=len(bench.data.items))[bench.item]
        # Experts judge a part of the items only: the half is of those anybody of the kind judged.
        judged = counts[counts > 0]
        if len(judged) == 0:
            raise WorkbenchError(
                f"No annotator in this data is of the kind {kind!r}.",
                f"Choose among {', '.join(kinds_in(bench.data))}.",
            )
        able.append([m for m in wanted if (judged >= m).mean() >= 0.5])
    fit = set.intersection(*(set(a) for a in able))
    if not fit:
        raise WorkbenchError(
            f"Fewer than half of the items have {min(wanted)} labels by {mix.name}.", "Ask for fewer labels an item."
        )
    return max(fit)
