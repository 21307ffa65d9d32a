r"""Does an annotator become worse, and since when?

Two views of the same labels in order of time. The cumulative sum (Page 1954, *Continuous inspection schemes*) watches as work goes on: $S_t = \max(0, S_{t-1} + w_t)$,
where w is $\ln(q_1 / q_0)$ for a label that matches what the others say and $\ln((1 - q_1) / (1 - q_0))$ for one that does not, with q the chance of a match
at the usual (0) and at the worse (1) accuracy; it signals at h. Looking back, `workbench.annotators.attention` holds "judged throughout" against
"judged until some label, and blindly from then on", with a p-value, and names the likeliest day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.annotators.attention import Attention, attention
from workbench.annotators.estimated import accuracy_around
from workbench.annotators.multiplicity import false_discovery_adjusted
from workbench.annotators.others import Others
from workbench.errors import WorkbenchError


@dataclass(frozen=True)
class Cusum:
    """A Bernoulli cumulative sum.

    Attributes
    ----------
    p_good, p_bad : accuracy it expects, and the accuracy it looks for.
    signal_at : h; with 0.8 against 0.6 and h = 3 one who stays at 0.8 is signalled every 275 labels, and one who falls to 0.6 after 23.
    """

    p_good: float = 0.8
    p_bad: float = 0.6
    signal_at: float = 3.0

    def path(self, right: np.ndarray) -> np.ndarray:
        """Sum after each label.

        Parameters
        ----------
        right : float (n,): whether each label is right, or the chance of it as far as the others tell.

        Examples
        --------
        >>> Cusum().path(np.array([1, 0, 0, 1])).round(3).tolist()
        [0.0, 0.693, 1.386, 1.099]
        """
        r = np.asarray(right, float)
        good, bad = self.p_good, self.p_bad
        step = np.log((bad * r + (1 - bad) * (1 - r)) / (good * r + (1 - good) * (1 - r)))
        total = np.cumsum(step)
        # max(0, S + w) is the sum less its lowest value so far, or than 0.
        path: np.ndarray = total - np.minimum(np.minimum.accumulate(total), 0.0)
        return path

    def run_length(self, accuracy: float) -> float:
        """Mean number of scored labels until the signal, when each is right with this chance, exactly but for a fine grid.

        >>> round(Cusum().run_length(0.6))
        23
        """
        up, down = np.log((1 - self.p_bad) / (1 - self.p_good)), np.log(self.p_bad / self.p_good)
        cells = 1_200
        width = self.signal_at / cells
        at = (np.arange(cells) + 0.5) * width
        at[0] = 0.0
        move = np.zeros((cells, cells))
        for step, chance in ((up, 1 - accuracy), (down, accuracy)):
            to = np.maximum(at + step, 0.0)
            inside = to < self.signal_at - 1e-9
            place = np.minimum((to / width).astype(int), cells - 1)
            np.add.at(move, (np.flatnonzero(inside), place[inside]), chance)
        return float(np.linalg.solve(np.eye(cells) - move, np.ones(cells))[0])


@dataclass(frozen=True, eq=False)
class Timeline:
    """One annotator's labels in order of time.

    Attributes
    ----------
    rows : int64 (n,): positions in `AnnotationSet.annotations`.
    ended : datetime64[ms] (n,).
    right : float (n,): chance that the label's direction is right, by gold or the others; NaN where neither is known.
    path : float (n,): the cumulative sum after it.
    signals : positions at which the sum crossed the line; it starts again from 0 after each.
    """

    rows: np.ndarray
    ended: np.ndarray
    right: np.ndarray
    path: np.ndarray
    signals: np.ndarray


def timeline(found: Others, annotator: int, cusum: Cusum | None = None) -> Timeline:
    """How did one annotator's labels go, in order of time?

    Parameters
    ----------
    cusum : its lines; by default around the annotator's own estimated accuracy, looking for one a quarter lower in its margin over 0.5.
    """
    own = found.order[found.bounds[annotator] : found.bounds[annotator + 1]]
    agree = found.agreement[own].astype(float)
    known = found.informed[own]
    test = cusum or Cusum()
    path, signals, start = np.zeros(len(own)), [], 0
    used = np.flatnonzero(known)
    while start < len(used):
        part = test.path(agree[used[start:]])
        crossed = np.flatnonzero(part >= test.signal_at)
        end = int(crossed[0]) + 1 if len(crossed) else len(part)
        path[used[start : start + end]] = part[:end]
        if len(crossed):
            signals.append(int(used[start + end - 1]))
        start += end
    last = 0.0
    for i in range(len(path)):
        last = path[i] if known[i] else last
        path[i] = last
    rows = found.codes.row[own]
    ended = found.data.annotations["ended_at"].to_numpy()[rows].astype("datetime64[ms]")
    return Timeline(rows, ended, np.where(known, agree, np.nan), path, np.array(signals, np.int64))


def drift(found: Others, attentive: Attention | None = None) -> pd.DataFrame:
    """Who became worse, and since when?

    Parameters
    ----------
    found : of `others(data)`.
    attentive : of `attention(found)`, where it is at hand already.

    Returns
    -------
    Frame with one row an annotator: `drift_evidence` (log Bayes factor), `drift_p` (NaN without dates or labels to compare), `drift_adjusted`
    (Benjamini-Hochberg over annotators), and for the likeliest change `changed_at` (date), `labels_before`, `labels_after`,
    `accuracy_before`, `accuracy_after` (as `estimated_accuracy`).
    """
    seen = attentive or attention(found)
    a, codes = found.codes.n_annotators, found.codes
    n = np.diff(found.bounds)
    after = np.zeros(len(codes), bool)
    place = np.arange(len(codes)) - np.repeat(found.bounds[:-1], n)
    after[found.order] = place >= np.repeat(seen.changed, n)
    before, later = accuracy_around(found, after)
    moment = np.full(a, np.datetime64("NaT"), "datetime64[ms]")
    told = np.flatnonzero(np.isfinite(seen.p_stopped) & (seen.changed < n))
    ended = found.data.annotations["ended_at"].to_numpy().astype("datetime64[ms]")
    moment[told] = ended[codes.row[found.order[found.bounds[told] + seen.changed[told]]]]
    return pd.DataFrame(
        {
            "drift_evidence": seen.stopped, "drift_p": seen.p_stopped, "drift_adjusted": false_discovery_adjusted(seen.p_stopped), "changed_at": moment,
            "labels_before": before["estimated_n"], "labels_after": later["estimated_n"],
            "accuracy_before": before["estimated_accuracy"], "accuracy_after": later["estimated_accuracy"],
        }
    )  # fmt: skip


def drift_by_slice(found: Others, column: str) -> pd.DataFrame:
    """Who became worse in one part of the data, and since when? A change in one language or category alone is lost in the whole.

    Parameters
    ----------
    column : a `slice.` column of the items.

    Returns
    -------
    The columns of `drift` but the accuracies, one row for each annotator and slice in which it has labels, with `annotator` (position) and `slice`;
    `drift_adjusted` is over all rows.

    Raises
    ------
    WorkbenchError
        The data have no such slice.
    """
    data, codes = found.data, found.codes
    if column not in data.slices:
        known = ", ".join(name.removeprefix("slice.") for name in data.slices) or "none"
        raise WorkbenchError(f"There is no slice {column.removeprefix('slice.')!r} in this data.", f"Slices are: {known}.")
    number, names = pd.factorize(data.items[column], use_na_sentinel=False)
    group = codes.annotator.astype(np.int64) * len(names) + number[codes.item]
    present, of = np.unique(group, return_inverse=True)
    # Annotators stay in order of time within each slice.
    order = found.order[np.argsort(of[found.order], kind="stable")]
    bounds = np.concatenate([[0], np.cumsum(np.bincount(of, minlength=len(present)))])
    dated = found.dated[present // len(names)]
    # What was said in a confused week is neither a yardstick nor anybody's drift.
    seen = attention(found, grouping=(order, bounds, dated), part=None if found.unheard is None else ~found.unheard)
    n = np.diff(bounds)
    told = np.flatnonzero(np.isfinite(seen.p_stopped) & (seen.changed < n))
    moment = np.full(len(present), np.datetime64("NaT"), "datetime64[ms]")
    moment[told] = data.annotations["ended_at"].to_numpy().astype("datetime64[ms]")[codes.row[order[bounds[told] + seen.changed[told]]]]
    return pd.DataFrame(
        {
            "annotator": present // len(names), "slice": np.asarray(names, object)[present % len(names)], "drift_evidence": seen.stopped,
            "drift_p": seen.p_stopped, "drift_adjusted": false_discovery_adjusted(seen.p_stopped), "changed_at": moment,
            "labels_before": np.minimum(seen.changed, n), "labels_after": n - np.minimum(seen.changed, n),
        }
    )  # fmt: skip
