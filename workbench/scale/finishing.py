"""Figures out of sums: the last of the three steps `map`, `add` and `finish`.

Everything is computed by the functions that compute it in memory, on tallies and counts that were added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.agreement import Choice, CohenPairs, Tally, all_coefficients
from workbench.agreement.intervals import estimate
from workbench.agreement.measures import coefficient
from workbench.agreement.pairs import kappas_of
from workbench.annotators.gold import GoldAnswers, accuracy_of
from workbench.dataset.usable_times import Times, why_no_times
from workbench.estimates import Estimate
from workbench.reversals import Reversals, between_annotators
from workbench.reversals.cycles import Cycles, Triads
from workbench.reversals.decomposition import decompose
from workbench.reversals.order import order_effect_of
from workbench.reversals.rates import Clustered, OccasionSums
from workbench.reversals.within import RATES, Repeated, within_of
from workbench.scale.keyed import Sums
from workbench.scale.mapping import COUNTS, DIRECTION, FULL, PEOPLE
from workbench.scale.moments import medians
from workbench.scale.refining import Where
from workbench.scale.shards import Shards
from workbench.scale.tally_sums import WHOLE, SummedTally, summed_tally

_SHARED = 0.9
_ALPHA = "krippendorff_alpha.nominal"


@dataclass(frozen=True, eq=False)
class Figures:
    """What is known of a sharded set by its sums.

    Attributes
    ----------
    shards : the set.
    sums : of all buckets, of `map_bucket`.
    fine : of all buckets, of `refine_bucket`; None where there was no second pass, and so no medians and no pairs.
    where : what the second pass looked at.
    """

    shards: Shards
    sums: Sums
    fine: Sums | None = None
    where: Where | None = None

    @cached_property
    def full(self) -> SummedTally:
        """The tally of all first judgements."""
        if self.shards.scale.directional() == self.shards.scale:
            return self.along
        return self._tally(FULL, WHOLE)

    @cached_property
    def along(self) -> SummedTally:
        """The same with strength ignored."""
        return self._tally(DIRECTION, WHOLE)

    def _tally(self, prefix: str, part: int) -> SummedTally:
        scale, choice = self.shards.scale, Choice()
        if prefix == DIRECTION:
            scale, choice = scale.directional(), Choice(direction=True)
        return summed_tally(
            self.sums.tables,
            prefix,
            scale,
            self.shards.names,
            part=part,
            choice=choice,
            anonymous=self.shards.anonymous,
        )

    @cached_property
    def agreement(self) -> dict[str, Estimate]:
        """Every coefficient."""
        return all_coefficients(self.full)

    @cached_property
    def direction(self) -> dict[str, Estimate]:
        """Every coefficient with strength ignored."""
        return self.agreement if self.full is self.along else all_coefficients(self.along)

    @cached_property
    def counts(self) -> dict[str, Any]:
        """As `workbench.auditing.audit` has them."""
        found = dict(zip(COUNTS, self.sums.one("counts"), strict=True))
        return {
            "rows_read": self.shards.ledger.rows_read,
            "annotations": found["annotations"],
            "items": found["items"],
            "items_with_overlap": found["overlapping"],
            "annotators": len(self.shards.annotators),
            "repeats": found["repeats"],
            "skips": found["skips"],
            "set_aside": dict(self.shards.ledger.set_aside),
        }

    @cached_property
    def labels(self) -> dict[str, int]:
        """Label -> how often it was given."""
        labels = self.shards.scale.labels
        return dict(zip(labels, self.sums.get("labels").filled(len(labels)).tolist(), strict=True))

    @cached_property
    def parts(self) -> dict[str, dict[str, int]]:
        """`week`, or a slice column -> name -> number of the part; columns that are ids are left out."""
        return read_parts(self.sums.words)

    @cached_property
    def weeks(self) -> dict[str, Estimate]:
        """Nominal alpha on direction of the items of each week."""
        return {name: self._of_part(number) for name, number in self.parts.get("week", {}).items()}

    @cached_property
    def slices(self) -> dict[str, dict[str, Estimate]]:
        """The same of each value of each slice column."""
        return {
            column: {name: self._of_part(number) for name, number in values.items()}
            for column, values in self.parts.items()
            if column != "week"
        }

    def _of_part(self, number: int) -> Estimate:
        return estimate(self._tally(DIRECTION, number), coefficient(_ALPHA, self.along))

    @cached_property
    def pairs(self) -> CohenPairs:
        """Cohen's kappa of pairs of annotators; none without a second pass."""
        k, n = len(self.shards.scale), max(len(self.shards.annotators), 1)
        there_are = len(self.sums.get("pairs", 2).keys)
        if self.fine is None or self.where is None or self.pairs_left_out:
            nobody = np.zeros(0, np.int64)
            return kappas_of(self.full, nobody, nobody, np.zeros((0, k, k), np.int64), 0)
        pair = self.where.pairs
        table = self.fine.get("kappas", 2).filled(len(pair), k * k).reshape(-1, k, k)
        return kappas_of(self.full, pair // n, pair % n, table, there_are)

    @property
    def pairs_left_out(self) -> bool:
        """Whether pairs of annotators were too many to be counted."""
        return dict(zip(COUNTS, self.sums.one("counts"), strict=True))["pairs_left_out"] > 0

    @cached_property
    def _medians(self) -> tuple[np.ndarray, float, int]:
        n = len(self.shards.annotators)
        if self.fine is None:
            return np.full(n, np.nan), float("nan"), 0
        return medians(self.sums.get("seconds", 2), self.fine.get("values", 3), n)

    @cached_property
    def times(self) -> Times:
        """Whether times can be used, and the median of all."""
        found = dict(zip(COUNTS, self.sums.one("counts"), strict=True))
        known, total = int(self.sums.get("seconds", 2).values.sum()), found["rows"]
        _, median, exactly = self._medians

        def unusable(reason: str) -> Times:
            return Times(usable=False, reason=reason, median_seconds=None, known=known, annotations=total)

        if known == 0:
            return unusable(why_no_times(self.shards.findings) or "the export has no times")
        if self.fine is None:
            return unusable("times were not looked at")
        if not (self.sums.get("seconds", 2).keys[:, 1] >= 0x8000).any():
            return unusable("no time is above zero")
        if known > 1 and exactly == known:
            return unusable(f"all {known:,} times are {median:g} seconds: a placeholder, not a measurement")
        if exactly / known > 0.5:
            share = f"{exactly / known:.0%}"
            return unusable(f"{share} of the times are exactly {median:g} seconds: a placeholder, not a measurement")
        if found["batches"] and found["alike"] / found["batches"] >= _SHARED:
            return unusable("a time belongs to an assignment of several judgements, which sums do not tell apart")
        reason = f"{total - known:,} judgements have no time" if known < total else None
        return Times(usable=True, reason=reason, median_seconds=median, known=known, annotations=total, units=known)

    @cached_property
    def reversals(self) -> Reversals:
        """Contradictions of each kind; circles are counted, and not held against noise."""
        groups, decisive, contradictory, changed = self.sums.one("within")
        again = Repeated(
            groups=groups,
            decisive=decisive,
            contradictory=contradictory,
            changed=changed,
            rates={name: self._occasions(name) for name in RATES},
        )
        columns = ["annotator", "pair_id", "item_ids", "choices"]
        within = within_of(again, pd.DataFrame({c: pd.array([], "object") for c in columns}))
        both, inconsistent, always_first = self.sums.one("order")
        between = between_annotators(self.shards.head(), self.along)
        order = order_effect_of(self._occasions("first"), both, inconsistent, always_first, self.shards.names)
        return Reversals(between, within, order, self._cycles(), decompose(within, between, order))

    def _occasions(self, name: str) -> OccasionSums:
        n, h, *rest = self.sums.one(f"{name} occasions")
        people = len(self.shards.annotators)
        of_people = self.sums.get(f"{name} people", 1, 2)

        def clustered(of: list[int]) -> Clustered:
            return Clustered(number=of[0], sizes=of[1], products=of[2], events=of[3])

        return OccasionSums(
            n=n,
            h=h,
            prompts=clustered(rest[:4]),
            people_n=of_people.filled(people),
            people_h=of_people.filled(people, value=1),
            both=clustered(rest[4:]),
            unit="prompt" if self.sums.one("units")[0] else "pair",
        )

    def _cycles(self) -> Cycles:
        own, own_cyclic, all_, all_cyclic, compared = self.sums.one("cycles")

        def triads(n: int, cyclic: int) -> Triads:
            if not compared:
                return Triads(
                    triads=0, cyclic=0, reason="no prompt has three responses that were compared with each other"
                )
            if n == 0:
                none = "no three responses of a prompt were all compared with each other, without ties"
                return Triads(triads=0, cyclic=0, reason=none)
            return Triads(triads=n, cyclic=cyclic, by_chance=n / 4)

        return Cycles(triads(own, own_cyclic), triads(all_, all_cyclic))

    @cached_property
    def gold(self) -> pd.DataFrame:
        """As `workbench.annotators.gold_accuracy`."""
        k, n = len(self.shards.scale), len(self.shards.annotators)
        found = self.sums.get("gold in prompts", 1, 4)
        in_prompts = np.column_stack([found.filled(n, value=v) for v in range(4)])
        return accuracy_of(GoldAnswers(self.sums.get("gold", 3).filled(n, k, k), in_prompts), self.shards.scale)

    @cached_property
    def people(self) -> pd.DataFrame:
        """What can be counted about each annotator; what would have to be estimated is unknown."""
        n = len(self.shards.annotators)
        found = self.sums.get("people", 1, len(PEOPLE))
        did = {name: found.filled(n, value=v) for v, name in enumerate(PEOPLE)}
        table = self.shards.annotators.reset_index(drop=True).assign(
            annotations=did["annotations"], repeats=did["repeats"], skips=did["skips"], median_seconds=self._medians[0]
        )
        with np.errstate(invalid="ignore"):
            table["first_position_rate"] = did["first_chosen"] / did["first_known"]
            alike = did["again_alike"] / did["again"]
        table["first_position_n"] = did["first_known"]
        table["agreement_with_others"], table["shared_items"] = agreement_in_cells(self.full, n)
        table = table.join(self.gold.add_prefix("gold_"))
        table["self_consistency"], table["self_consistency_n"] = alike, did["again"]
        return table.assign(repeated=did["again"])


def read_parts(words: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """`week`, `labels`, or a slice column -> name -> number of the part, out of the numbers that stand for names;
    columns that are ids are left out.
    """
    found: dict[str, dict[str, int]] = {}
    left_out = {name.removeprefix("left out ") for name in words.values() if name.startswith("left out ")}
    columns = {n.partition(" ")[0] for n in words.values() if n.startswith("slice.")} - left_out
    for number, name in sorted(words.items(), key=lambda each: each[1]):
        column, _, value = name.partition(" ")
        if column in ("week", "labels") or column in columns:
            found.setdefault(column, {})[value] = number
    return {column: values for column, values in found.items() if column == "week" or len(values) <= 100}


def agreement_in_cells(t: Tally, people: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean share of the others who agree, and shared items, of each annotator: `agreement_with_others` from the cells
    of a tally.
    """
    cells = t.cells
    m = t.sizes[cells.pattern]
    share = np.where(m >= 2, (t.counts[cells.pattern, cells.label] - 1) / np.maximum(m - 1, 1), 0.0)
    total, items = np.zeros(people), np.zeros(people, np.int64)
    total[cells.annotators] = cells.counts @ share
    items[cells.annotators] = cells.counts @ (m >= 2).astype(np.int64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / items, items
