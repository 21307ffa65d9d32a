r"""In which weeks was the whole crew worse: a change of the guidelines, of the task or of the tool, and nobody's fault.

Each annotator's week is held against the same annotator's other weeks, so that who worked when does not matter:
$g_{kw} = \bar a_{kw} - \bar a_{k,-w}$, with a the chance that a label is right by what everybody else says. A week is
confused where these differences lie below 0 in two views of the same labels: over annotators (signed-rank test of the
differences, each over its standard error; Wilcoxon 1945), so that it is not the doing of a few, and over prompts
(t-test of their summed differences), so that it is not the doing of a few contested ones.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from workbench.annotators.peer_posterior import Others

LEAST_LABELS = 5
"""Labels an annotator needs in a week, and in other weeks, to be compared; and annotators a week needs."""

LEAST_DROP = 0.05
"""A fall of the middle annotator by less than this is not worth a word."""

LEVEL = 0.05
"""Chance to call any week confused where none is; half of it for a second week, a third for a third one."""

_DAY = 86_400_000
_EPOCH_THURSDAY = 3


def crew_by_week(found: Others) -> pd.DataFrame:
    """How did the crew do week by week, and in which weeks was it worse than it otherwise is?

    Returns
    -------
    Frame with one row a week with labels, in order of time: `week` (its Monday, UTC), `labels` (that could be
    compared), `annotators` (with enough labels), `right` (share of the labels that looks right, by gold or the others),
    `usual` (the same annotators', label for label, in their weeks that are not confused), `change` (of the middle
    annotator), `low`, `high` (95% interval of the mean difference over annotators), `p_annotators`, `p_prompts`
    (one-sided; NaN where too few can be compared, the second also where the first is beyond 5%), and `confused`: both
    at most 5% over all weeks (2.5% for a second week, and so on), and `change` -.05 or lower. The worst week is taken
    out, with its votes, before the next is looked for: what was said in it is no yardstick for other weeks.

    Examples
    --------
    >>> from workbench.annotators import others
    >>> from workbench.simulation.simulate import simulate
    >>> made = simulate(4_000, annotators=20, seed=1, confused_weeks=(3,), confusion=9.0, texts=False)
    >>> crew_by_week(others(made.data))["confused"].tolist()
    [False, False, True, False, False, False]
    """
    week, names = week_of_judgements(found)
    confused = np.zeros(len(names), bool)
    rows: list[dict[str, float]] = [{} for _ in names]
    while True:
        labels = _Labels(found, week, len(names))
        for j in np.flatnonzero(~confused).tolist():
            rows[j] = labels.of_week(j, ~confused)
        tested = sum(np.isfinite(row["p_annotators"]) for row in rows)
        falls = [
            j for j in np.flatnonzero(~confused).tolist() if _stands(rows[j], tested, LEVEL / (1 + confused.sum()))
        ]
        # At most half: what most weeks are like is usual.
        if not falls or 2 * (confused.sum() + 1) > len(names):
            break
        confused[min(falls, key=lambda j: rows[j]["change"])] = True
        found = found.without_votes(confused[week] & (week >= 0))
    columns = ["labels", "annotators", "right", "usual", "change", "low", "high", "p_annotators", "p_prompts"]
    table = pd.DataFrame(rows, columns=columns).astype({"labels": int, "annotators": int})
    table.insert(0, "week", names)
    return table.assign(confused=confused)


def confused_weeks(found: Others) -> dict[str, int]:
    """In which weeks was the whole crew worse than usual? Monday -> labels in it; see `crew_by_week`.

    Such a week is a finding about the week. Its labels are not used to say who drifts, and its votes do not count in
    what others are held against.
    """
    return labels_of_confused(crew_by_week(found))


def labels_of_confused(table: pd.DataFrame) -> dict[str, int]:
    """Monday -> labels, of the confused weeks in `crew_by_week`."""
    return dict(table.loc[table["confused"], ["week", "labels"]].itertuples(index=False, name=None))


def outside(found: Others, weeks: Iterable[str]) -> np.ndarray:
    """Which judgements ended in none of these weeks, bool (n,) in the order of `data.codes`."""
    week, names = week_of_judgements(found)
    chosen = [i for i, name in enumerate(names) if name in set(weeks)]
    return ~np.isin(week, chosen)


def items_judged_in(found: Others, week: str) -> np.ndarray:
    """Items with a judgement that ended in the week that begins on this Monday, by position; whoever else judged them
    at another time.
    """
    number, names = week_of_judgements(found)
    place = names.index(week) if week in names else -2
    return np.unique(found.codes.item[number == place]).astype(np.int64)


def week_of_judgements(found: Others) -> tuple[np.ndarray, list[str]]:
    """Week of each judgement (-1 = unknown), and the Mondays of the weeks that have any."""
    known = found.moments != np.iinfo(np.int64).max
    monday = (found.moments // _DAY + _EPOCH_THURSDAY) // 7
    week = np.full(len(known), -1, np.int16)
    if not known.any():
        return week, []
    first = int(monday[known].min())
    present = np.bincount(monday[known] - first) > 0
    number = np.cumsum(present) - 1
    week[known] = number[monday[known] - first]
    days = (np.flatnonzero(present) + first) * 7 - _EPOCH_THURSDAY
    return week, [str(day) for day in days.astype("datetime64[D]")]


class _Labels:
    """The labels that can be compared, counted by annotator and week."""

    def __init__(self, found: Others, week: np.ndarray, weeks: int) -> None:
        from workbench.annotators.kernels import sums_by_week

        codes = found.codes
        self.found, self.week, self.told = found, week, found.informed & (week >= 0)
        self.n, self.total = np.zeros((codes.n_annotators, weeks)), np.zeros((codes.n_annotators, weeks))
        squares = np.zeros(codes.n_annotators)
        sums_by_week(codes.annotator, week, self.told, found.agreement, self.n, self.total, squares)
        n = np.maximum(self.n.sum(1), 1)
        self.spread = np.sqrt(np.maximum(squares / n - (self.total.sum(1) / n) ** 2, 0.01))

    def of_week(self, week: int, usual: np.ndarray) -> dict[str, float]:
        """One week beside the same annotators' `usual` ones (bool, (weeks,))."""
        from scipy import stats

        others = usual.copy()
        others[week] = False
        here, elsewhere = self.n[:, week], self.n[:, others].sum(1)
        known = (here >= LEAST_LABELS) & (elsewhere >= LEAST_LABELS)
        mean = np.divide(self.total[:, others].sum(1), elsewhere, out=np.zeros(len(here)), where=known)
        gap = self.total[known, week] / here[known] - mean[known]
        labels, nan = int(here.sum()), np.nan
        row = {
            "labels": labels,
            "annotators": len(gap),
            "right": float(self.total[:, week].sum() / labels) if labels else nan,
            "usual": float((mean * here)[known].sum() / here[known].sum()) if len(gap) else nan,
            "change": float(np.median(gap)) if len(gap) else nan,
            "low": nan,
            "high": nan,
            "p_annotators": nan,
            "p_prompts": nan,
        }
        if len(gap) >= LEAST_LABELS:
            middle, half = gap.mean(), stats.t.ppf(0.975, len(gap) - 1) * gap.std(ddof=1) / np.sqrt(len(gap))
            error = (self.spread * np.sqrt(1 / np.maximum(here, 1) + 1 / np.maximum(elsewhere, 1)))[known]
            row |= {
                "low": float(middle - half),
                "high": float(middle + half),
                "p_annotators": float(stats.wilcoxon(gap / error, alternative="less").pvalue),
            }
            if row["p_annotators"] <= LEVEL:
                row["p_prompts"] = self._over_prompts(week, known, mean)
        return row

    def _over_prompts(self, week: int, known: np.ndarray, mean: np.ndarray) -> float:
        """P-value of the differences summed over each prompt's labels of a week."""
        from scipy import stats

        codes, groups = self.found.codes, self.found.data.group_codes
        rows = np.flatnonzero(self.told & (self.week == week))
        rows = rows[known[codes.annotator[rows]]]
        prompt = codes.item[rows] if groups is None else groups[codes.item[rows]]
        each = np.bincount(prompt, weights=self.found.agreement[rows] - mean[codes.annotator[rows]])
        prompts = np.count_nonzero(np.bincount(prompt))
        if prompts < 3:
            return float("nan")
        score = each.sum() / np.sqrt(np.maximum((each**2).sum(), 1e-12))
        return float(stats.t.cdf(score, prompts - 1))


def _stands(week: dict[str, float], tested: int, level: float) -> bool:
    clear = max(week["p_annotators"], week["p_prompts"]) * tested <= level
    return bool(clear and week["change"] <= -LEAST_DROP)
