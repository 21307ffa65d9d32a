"""Could this judge stand in for one of the people? The alternative-annotator test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from workbench.dataset.annotation_set import AnnotationSet
from workbench.judging.beside_people import BesidePeople, beside_people

FEWEST_ITEMS = 30
"""Items that a person must share with the judge and with others to be tested against."""
PASSES_AT = 0.5
"""The judge passes where it wins against at least this share of the people."""
EPSILON = {"crowd": 0.1, "skilled": 0.15, "expert": 0.2}
"""What a judge may be worse by and still be worth its price, by whom it would stand in for."""


@dataclass(frozen=True)
class AgainstOne:
    """The judge against one person, by how well each agrees with the rest.

    Attributes
    ----------
    person : who.
    n : items that both judged and at least one other person did.
    judge_rate : share of items on which the judge agrees with the rest at least as well as the person does.
    person_rate : the other way round.
    p_value : of "the judge's rate is not within epsilon of the person's"; NaN where there are too few items.
    wins : whether that is rejected, all people together (Benjamini-Yekutieli).
    """

    person: str
    n: int
    judge_rate: float
    person_rate: float
    p_value: float
    wins: bool


@dataclass(frozen=True, kw_only=True)
class AlternativeAnnotatorTest:
    """Whether the judge can stand in for a person.

    Attributes
    ----------
    judge, epsilon, level : what was tested, with which allowance, and the share of false wins that is controlled.
    against : the judge against each person.
    winning_rate : share of the people it wins against; None where nobody could be tested.
    advantage : mean of its rates: how often it agrees with the rest at least as well as a person does.
    passes : winning rate of one half or more; None where undefined.
    n : items.
    reason : why it is undefined.
    """

    judge: str
    epsilon: float
    level: float
    against: tuple[AgainstOne, ...]
    winning_rate: float | None
    advantage: float | None
    passes: bool | None
    n: int
    reason: str | None = None

    def to_dict(self) -> dict[str, object]:
        """As JSON has it; annotators by their names."""
        rows = [{k: (None if v != v else v) for k, v in one.__dict__.items()} for one in self.against]
        return {**{k: v for k, v in self.__dict__.items() if k != "against"}, "against": rows}


def alternative_annotator_test(
    data: AnnotationSet | BesidePeople, judge: str = "", *, epsilon: float = 0.1, level: float = 0.05
) -> AlternativeAnnotatorTest:
    r"""Is the judge as good as a person, by the other people's judgement?

    Each person in turn is left out. On the items that person judged, the judge's agreement with the rest is set beside
    the person's; $\rho^f_j$ is how often the judge's is at least as good. With $d = $ the person's indicator minus the
    judge's, a t-test asks whether $\bar d < \epsilon$; p-values are adjusted by Benjamini & Yekutieli (the tests share
    items). The judge passes where it wins against half of the people (Calderon, Reichart & Dror, ACL 2025, arXiv
    2501.10970). Kappa cannot answer this: it does not say how well people do at the same task.

    Parameters
    ----------
    data : annotations with the judge among them, or what `beside_people` made of them.
    judge : its name; a person may be tested against the others likewise.
    epsilon : allowance, 0.1 for a crowd, 0.15 for skilled people, 0.2 for experts (`EPSILON`).
    level : false wins controlled.

    Raises
    ------
    WorkbenchError : there is no such annotator, or no shared item.
    """
    found = data if isinstance(data, BesidePeople) else beside_people(data, judge)
    mine = (2 - 2 * found.said).astype(np.int8)[:, None]
    rows, people = [], found.by_person
    for j, person in enumerate(found.persons):
        rest = np.delete(people, j, axis=1)
        used = (people[:, j] >= 0) & (rest >= 0).any(axis=1)
        known = rest[used] >= 0
        shared = known.sum(axis=1)
        judge_agrees = ((rest[used] == mine[used]) & known).sum(axis=1) / shared
        person_agrees = ((rest[used] == people[used, j][:, None]) & known).sum(axis=1) / shared
        judge_wins, person_wins = judge_agrees >= person_agrees, person_agrees >= judge_agrees
        rows.append((person, int(used.sum()), judge_wins, person_wins))
    tested = [_p_value(w.astype(float), v.astype(float), epsilon) for _, n, w, v in rows]
    p = np.array(tested)
    usable = np.isfinite(p)
    wins = np.zeros(len(p), bool)
    if usable.any():
        wins[usable] = stats.false_discovery_control(p[usable], method="by") <= level
    against = tuple(
        AgainstOne(person, n, _mean(w), _mean(v), float(p[i]), bool(wins[i]))
        for i, (person, n, w, v) in enumerate(rows)
    )
    counted = [one for one in against if one.n]
    if not usable.any():
        reason = f"nobody shares {FEWEST_ITEMS} items with the judge and with other people"
        return AlternativeAnnotatorTest(
            judge=found.judge, epsilon=epsilon, level=level, against=against, winning_rate=None,
            advantage=None, passes=None, n=len(found), reason=reason,
        )  # fmt: skip
    rate = float(wins[usable].mean())
    return AlternativeAnnotatorTest(
        judge=found.judge,
        epsilon=epsilon,
        level=level,
        against=against,
        winning_rate=rate,
        advantage=float(np.mean([one.judge_rate for one in counted])),
        passes=rate >= PASSES_AT,
        n=len(found),
    )


def _mean(wins: np.ndarray) -> float:
    return float(wins.mean()) if len(wins) else float("nan")


def _p_value(judge_wins: np.ndarray, person_wins: np.ndarray, epsilon: float) -> float:
    """One-sided t-test of the mean difference against epsilon; NaN with too few items."""
    if len(judge_wins) < FEWEST_ITEMS:
        return float("nan")
    difference = person_wins - judge_wins
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    if error == 0:
        return 0.0 if difference.mean() < epsilon else 1.0
    return float(stats.t.cdf((difference.mean() - epsilon) / error, len(difference) - 1))
