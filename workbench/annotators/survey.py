"""Everything that is looked at about the annotators, computed once and in the right order.

Gold that good annotators fail is set aside first, then copies are found, so that neither counts in what annotators are
held against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.annotators.bias import first_position, label_mix
from workbench.annotators.careless_responding import Attention, attention
from workbench.annotators.collusion import Collusion, collusion, who_copied
from workbench.annotators.consistency import self_consistency
from workbench.annotators.drift import drift
from workbench.annotators.estimated import estimated_accuracy
from workbench.annotators.independence import Independence, independence
from workbench.annotators.peer_posterior import FLOOR, Others, others
from workbench.annotators.schools import Camps, camps
from workbench.annotators.speed import SKIM, Speed, speed
from workbench.annotators.suspect_gold import SuspectGold, suspect_gold
from workbench.annotators.weeks import crew_by_week, labels_of_confused, outside
from workbench.dataset.annotation_set import AnnotationSet
from workbench.parallel import beside
from workbench.reversals.judgements import PairJudgements


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One pair that chooses too much alike.

    Attributes
    ----------
    first, second : positions of the two annotators.
    copier : which of them came later on what both say alike, or None where times do not tell.
    why : what tells.
    items, alike : items they share, and on how many they say the same.
    share : most likely share of copies.
    evidence, p_value : log Bayes factor, and the p-value corrected for all pairs tested.
    """

    first: int
    second: int
    copier: int | None
    why: str
    items: int
    alike: int
    share: float
    evidence: float
    p_value: float

    @property
    def suspected(self) -> tuple[int, ...]:
        """Whom to ask: the one who came later, or both."""
        return (self.first, self.second) if self.copier is None else (self.copier,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Survey:
    """What is known about the annotators. Tables have one row an annotator, in the order of `data.annotators`.

    Attributes
    ----------
    data : the annotations.
    others : what everybody else says about each judgement's item, copies and suspect gold left out.
    attention : who looks.
    accuracy : of `estimated_accuracy`.
    drift : of `drift`.
    position, mix : of `first_position` and `label_mix`.
    speed : of `speed`.
    collusion : all pairs looked at.
    copies : those that stand out after correction for all pairs.
    independence : how many independent annotators the crew is worth, copies counted out.
    gold : gold items, with the chance that their gold is wrong.
    weeks : of `crew_by_week`.
    confused : weeks in which the whole crew was worse (Monday -> labels), which are not used to say who looks and who
        drifts.
    camps : schools of annotators, and a file with A and B exchanged; votes are held against their own camp only.
    consistency : of `self_consistency`.
    """

    data: AnnotationSet
    others: Others
    attention: Attention
    accuracy: pd.DataFrame
    drift: pd.DataFrame
    position: pd.DataFrame
    mix: pd.DataFrame
    speed: Speed
    collusion: Collusion
    copies: tuple[Copy, ...]
    independence: Independence
    gold: SuspectGold
    weeks: pd.DataFrame
    confused: Mapping[str, int]
    camps: Camps
    consistency: pd.DataFrame


def survey(
    data: AnnotationSet,
    judgements: PairJudgements | None = None,
    *,
    level: float = 0.05,
    floor: float = FLOOR,
    skim: float = SKIM,
    seed: int = 0,
) -> Survey:
    """Looks at all annotators.

    Parameters
    ----------
    data : the annotations.
    judgements : of `workbench.reversals.pair_judgements(data)`, where it is at hand already.
    level : share of the copies found that may be false.
    floor : least margin over chance of one who counts as looking, as a share of the crew's usual margin.
    skim : how many times the usual reading speed is impossible.
    seed : of the draws behind the p-values.

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> found = survey(simulate(3_000, annotators=12, spammers=1, seed=2, texts=False).data)
    >>> len(found.accuracy)
    12
    """
    with beside(len(data.annotations)) as meanwhile:
        # Times and repeats have nothing to do with what others say: they are looked at meanwhile.
        paces, repeats = meanwhile.submit(speed, data, skim=skim), meanwhile.submit(self_consistency, data, judgements)
        looked = _held_against_others(data, level, floor, seed)
        return Survey(data=data, speed=paces.result(), consistency=repeats.result(), **looked)


def _held_against_others(data: AnnotationSet, level: float, floor: float, seed: int) -> dict[str, Any]:
    """All parts of the survey that follow from what others say of the same items."""
    apart = camps(data)
    found = others(data, floor=floor, camp=apart.camp, disputed=apart.items)
    gold = suspect_gold(found)
    if len(gold.items):
        found = found.without_gold(gold.distrusted | apart.items, gold.left)
    alike = collusion(found, seed=seed)
    copies = _copies(found, alike, level)
    if copies:
        found = found.without(*_left_out(found, copies))
    weeks = crew_by_week(found)
    confused = labels_of_confused(weeks)
    calm = outside(found, confused) if confused else None
    if calm is not None:
        found = found.without_votes(~calm)
    with beside(len(data.annotations)) as meanwhile:
        # Who looks, and how right they are, has nothing to do with sides and numbers: each has a core.
        leaning, mixed = meanwhile.submit(first_position, found), meanwhile.submit(label_mix, found)
        worth = meanwhile.submit(independence, found)
        looked = attention(found, seed=seed, part=calm)
        return {
            "others": found,
            "attention": looked,
            "accuracy": estimated_accuracy(found),
            "drift": drift(found, looked),
            "position": leaning.result(),
            "mix": mixed.result(),
            "collusion": alike,
            "copies": copies,
            "independence": worth.result(),
            "gold": gold,
            "weeks": weeks,
            "confused": confused,
            "camps": apart,
        }


def _copies(found: Others, alike: Collusion, level: float) -> tuple[Copy, ...]:
    listed: list[Copy] = []
    behind: dict[int, set[int]] = {}
    for row in (
        alike.pairs[alike.pairs["adjusted"] <= level]
        .sort_values("evidence", ascending=False, kind="stable")
        .itertuples()
    ):
        one, two = int(row.first), int(row.second)  # type: ignore[arg-type]
        told, why = who_copied(found, one, two)
        copier = {"first": one, "second": two, "unknown": None}[told]
        if any({one, two} <= later for later in behind.values()):
            # Both follow the same third, which makes them alike.
            continue
        if copier is not None:
            behind.setdefault(two if copier == one else one, set()).add(copier)
        listed.append(
            Copy(
                first=one,
                second=two,
                copier=copier,
                why=why,
                items=int(row.items),  # type: ignore[arg-type]
                alike=int(row.alike),  # type: ignore[arg-type]
                share=float(row.share),  # type: ignore[arg-type]
                evidence=float(row.evidence),  # type: ignore[arg-type]
                p_value=float(row.adjusted),  # type: ignore[arg-type]
            )
        )
    return tuple(listed)


def _left_out(found: Others, copies: tuple[Copy, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Whose votes count for nothing in what others are held against (of each pair one), and who is not held against
    whom.
    """
    a = found.codes.n_annotators
    n = np.diff(found.bounds)
    ignored, partners = np.zeros(a, bool), np.arange(a)
    for copy in copies:
        least = copy.copier
        if least is None:
            least = copy.first if n[copy.first] < n[copy.second] else copy.second
        ignored[least] = True
        low, high = sorted((partners[copy.first], partners[copy.second]))
        partners[partners == high] = low
    paired = np.bincount(partners, minlength=a)[partners] > 1
    return ignored, np.where(paired, partners, -1).astype(np.int32)
