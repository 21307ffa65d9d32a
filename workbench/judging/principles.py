"""What the judge says of each principle: how it goes with its own verdict, with the other principles, and with
people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate
from workbench.judging.beside_people import BesidePeople
from workbench.judging.reconciling import Reconciled
from workbench.reward.ranking import clustered_share


@dataclass(frozen=True)
class PrincipleReport:
    """One principle.

    Attributes
    ----------
    principle : its id.
    with_verdict : of the items where it prefers a side, how often that is the judge's own verdict.
    with_people : how often it is the people's.
    decided : share of the items on which it prefers a side at all.
    """

    principle: str
    with_verdict: Estimate
    with_people: Estimate
    decided: float


@dataclass(frozen=True, eq=False)
class Principles:
    """All principles of a judge.

    Attributes
    ----------
    reports : the one that predicts people best first.
    conflicts : a row and a column a principle: of the items on which both prefer a side, the share where they differ;
        NaN where none.
    """

    reports: tuple[PrincipleReport, ...]
    conflicts: pd.DataFrame


def principle_report(verdicts: Reconciled, data: AnnotationSet, found: BesidePeople | None = None) -> Principles:
    """Which principle predicts people, which one the verdict, and which two pull apart?

    Parameters
    ----------
    verdicts : of one judge, asked for each principle.
    found : the judge beside people; None where there are none.
    """
    table, own = verdicts.principles, verdicts.table["score"].to_numpy(float)
    place = pd.Series(np.arange(len(data.items)), index=data.items["item_id"].astype(str))
    items = place.reindex(verdicts.table["item_id"]).to_numpy(np.int64) if len(table) else np.empty(0, np.int64)
    groups = data.group_codes if data.group_codes is not None else np.arange(len(data.items))
    people = np.full(len(data.items), np.nan)
    if found is not None:
        people[found.items] = found.people
    reports = []
    for name in table.columns:
        score = table[name].to_numpy(float)
        reports.append(
            PrincipleReport(
                str(name),
                clustered_share(_same(score, own), groups[items], f"{name} and the verdict"),
                clustered_share(_same(score, people[items]), groups[items], f"{name} and people"),
                float((np.isfinite(score) & (score != 0.5)).mean()) if len(score) else 0.0,
            )
        )
    reports.sort(key=lambda r: -(r.with_people.value if r.with_people.value is not None else -1.0))
    names = [r.principle for r in reports]
    conflicts = pd.DataFrame(index=names, columns=names, dtype=float)
    for a in names:
        for b in names:
            hit = _same(table[a].to_numpy(float), table[b].to_numpy(float))
            conflicts.loc[a, b] = 1 - np.nanmean(hit) if np.isfinite(hit).any() else np.nan
    return Principles(tuple(reports), conflicts)


def _same(score: np.ndarray, other: np.ndarray) -> np.ndarray:
    """1 where both prefer one side, 0 where they prefer different ones, NaN where either prefers none."""
    a, b = np.sign(score - 0.5), np.sign(other - 0.5)
    known = np.isfinite(score) & np.isfinite(other) & (a != 0) & (b != 0)
    return np.where(known, (a == b).astype(float), np.nan)
