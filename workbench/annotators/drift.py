r"""Does an annotator become less accurate, and since when?

Two views of the same labels in order of time. The cumulative sum (Page 1954, *Continuous inspection schemes*) watches
as work goes on: $S_t = \max(0, S_{t-1} + w_t)$, $w_t = \ln \frac{p_1 r_t + (1 - p_1)(1 - r_t)}{p_0 r_t + (1 - p_0)(1 -
r_t)}$, r being the chance that the label is right by gold or the others, $p_0$ the annotator's own usual accuracy and
$p_1$ one with half of its margin over a half; it signals at h. Looking back, `workbench.annotators.careless_responding`
holds "judged throughout" against "judged until some label, and blindly from then on", with a p-value, and names the
likeliest day.

The line h is the annotator's own. Were nothing to change, its labels could as well have come in any other order (those
of one prompt together); h is what the sum exceeds in a share `FALSE_ALARMS` of such orders. So of annotators who stay
as they are, that share gets a signal at any time, however easy or hard their items, and however many annotators there
are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.annotators.careless_responding import Attention, attention
from workbench.annotators.estimated import accuracy_around
from workbench.annotators.peer_posterior import Others
from workbench.errors import WorkbenchError
from workbench.statistics.multiplicity import false_discovery_adjusted

FALSE_ALARMS = 0.05
"""Share of annotators who stay as they are that get a signal at any time."""

LOST = 0.5
"""What of one's margin over a half is left after a fall that the cumulative sum looks for."""

LEAST_LABELS = 20
"""Labels that can be compared from which on a record is watched."""

_ORDERS = 400


@dataclass(frozen=True)
class Cusum:
    """A Bernoulli cumulative sum.

    Attributes
    ----------
    p_good, p_bad : accuracy it expects, and the accuracy it looks for.
    signal_at : h; with 0.8 against 0.6 and h = 3 one who stays at 0.8 is signalled every 275 labels, and one who falls
        to 0.6 after 23. `steady_cusum` finds the lines that suit one annotator's labels.
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


@dataclass(frozen=True, eq=False, kw_only=True)
class Timeline:
    """One annotator's labels in order of time.

    Attributes
    ----------
    rows : int64 (n,): positions in `AnnotationSet.annotations`.
    ended : datetime64[ms] (n,).
    right : float (n,): chance that the label's direction is right, by gold or the others; NaN where neither is known.
    path : float (n,): the cumulative sum after it.
    signals : positions at which the sum crossed the line; it starts again from 0 after each.
    began : for each signal, position of the first label after the sum was last 0: where the fall likeliest began.
    cusum : accuracies and line; the line is infinite where there are too few labels for one.
    false_alarms : chance of any signal on labels like these in an order that means nothing; None with lines of one's
        own.
    """

    rows: np.ndarray
    ended: np.ndarray
    right: np.ndarray
    path: np.ndarray
    signals: np.ndarray
    began: np.ndarray
    cusum: Cusum
    false_alarms: float | None


def steady_cusum(
    right: np.ndarray, together: np.ndarray | None = None, *, false_alarms: float = FALSE_ALARMS, seed: int = 0
) -> Cusum:
    """The cumulative sum for one annotator's labels, which signals on so many orders of them that mean nothing.

    Parameters
    ----------
    right : float (n,): chance that each label is right.
    together : int (n,): prompt of each label; labels of one prompt stay together. Every label by itself by default.
    false_alarms : share of the orders with a signal.
    seed : of the orders.

    Examples
    --------
    >>> test = steady_cusum(np.array([1, 1, 1, 1, 0] * 20))
    >>> round(test.p_good, 2), round(test.p_bad, 2), 1.5 < test.signal_at < 3.5
    (0.8, 0.65, True)
    """
    r = np.asarray(right, float)
    grid = np.linspace(0.55, 0.98, 87)
    fit = np.log(grid[:, None] * r + (1 - grid[:, None]) * (1 - r)).sum(1) if len(r) else np.zeros(len(grid))
    good = float(grid[fit.argmax()])
    test = Cusum(good, 0.5 + LOST * (good - 0.5), np.inf)
    if len(r) < LEAST_LABELS:
        return test
    rng = np.random.default_rng(seed)
    # Each prompt begins anywhere, and its labels keep their distances: they are contested together.
    of = np.arange(len(r)) if together is None else np.unique(together, return_inverse=True)[1]
    began = np.full(of.max() + 1, len(r))
    np.minimum.at(began, of, np.arange(len(r)))
    since = np.arange(len(r)) - began[of]
    highest = np.empty(_ORDERS)
    for i in range(_ORDERS):
        place = rng.random(len(began)) * len(r)
        highest[i] = test.path(r[np.argsort((place[of] + since) % len(r), kind="stable")]).max()
    rank = int(np.ceil((1 - false_alarms) * (_ORDERS + 1))) - 1
    # Sums take few values where all labels are clearly right or wrong: the line lies just above the one that too many
    # orders reach.
    return replace(test, signal_at=float(np.sort(highest)[min(rank, _ORDERS - 1)]) + 1e-9)


def timeline(found: Others, annotator: int, cusum: Cusum | None = None) -> Timeline:
    """How did one annotator's labels go, in order of time?

    Parameters
    ----------
    cusum : its lines; by default those of `steady_cusum`.
    """
    own = found.order[found.bounds[annotator] : found.bounds[annotator + 1]]
    agree = found.agreement[own].astype(float)
    known = found.informed[own]
    # A week in which all were confused is nobody's fall.
    watched = known if found.unheard is None else known & ~found.unheard[own]
    used = np.flatnonzero(watched)
    groups = found.data.group_codes
    item = found.codes.item[own[used]]
    test = cusum or steady_cusum(agree[used], item if groups is None else groups[item])
    path, start = np.zeros(len(own)), 0
    signals: list[int] = []
    began: list[int] = []
    while start < len(used):
        part = test.path(agree[used[start:]])
        crossed = np.flatnonzero(part >= test.signal_at)
        end = int(crossed[0]) + 1 if len(crossed) else len(part)
        path[used[start : start + end]] = part[:end]
        if len(crossed):
            zeros = np.flatnonzero(part[:end] <= 0)
            began.append(int(used[start + (int(zeros[-1]) + 1 if len(zeros) else 0)]))
            signals.append(int(used[start + end - 1]))
        start += end
    last = 0.0
    for i in range(len(path)):
        last = path[i] if watched[i] else last
        path[i] = last
    rows = found.codes.row[own]
    ended = found.data.annotations["ended_at"].to_numpy()[rows].astype("datetime64[ms]")
    right = np.where(known, agree, np.nan)
    return Timeline(
        rows=rows,
        ended=ended,
        right=right,
        path=path,
        signals=np.array(signals, np.int64),
        began=np.array(began, np.int64),
        cusum=test,
        false_alarms=FALSE_ALARMS if cusum is None else None,
    )


def drift(found: Others, attentive: Attention | None = None) -> pd.DataFrame:
    """Who became less accurate, and since when?

    Parameters
    ----------
    found : of `others(data)`.
    attentive : of `attention(found)`, where it is at hand already.

    Returns
    -------
    Frame with one row an annotator: `drift_evidence` (log Bayes factor), `drift_p` (NaN without dates or labels to
    compare), `drift_adjusted` (Benjamini-Hochberg over annotators), and for the likeliest change `changed_at` (date),
    `labels_before`, `labels_after`, `accuracy_before`, `accuracy_after` (as `estimated_accuracy`).
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
            "drift_evidence": seen.stopped,
            "drift_p": seen.p_stopped,
            "drift_adjusted": false_discovery_adjusted(seen.p_stopped),
            "changed_at": moment,
            "labels_before": before["estimated_n"],
            "labels_after": later["estimated_n"],
            "accuracy_before": before["estimated_accuracy"],
            "accuracy_after": later["estimated_accuracy"],
        }
    )


def drift_by_slice(found: Others, column: str) -> pd.DataFrame:
    r"""Who became less accurate in one part of the data, and since when? A change in one language or category alone is
    lost in the whole.

    Parameters
    ----------
    column : a `slice.` column of the items.

    Returns
    -------
    The columns of `drift` but the accuracies, one row for each annotator and slice in which it has labels, with
    `annotator` (position) and `slice`; `drift_adjusted` is over all rows. The few labels of a slice fit one who never
    looked as well, if a handful was right at first; so `drift_p` is the larger of two, against looking throughout and
    against hardly looking throughout ($P(\text{factor} \ge b) \le 1 / b$).

    Raises
    ------
    WorkbenchError
        The data have no such slice.
    """
    data, codes = found.data, found.codes
    if column not in data.slices:
        known = ", ".join(name.removeprefix("slice.") for name in data.slices) or "none"
        raise WorkbenchError(
            f"There is no slice {column.removeprefix('slice.')!r} in this data.", f"Slices are: {known}."
        )
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
    always = np.exp(-np.clip(seen.stopped - seen.careless, 0.0, 700.0))
    p = np.maximum(seen.p_stopped, always)
    told = np.flatnonzero(np.isfinite(p) & (seen.changed < n))
    moment = np.full(len(present), np.datetime64("NaT"), "datetime64[ms]")
    moment[told] = (
        data.annotations["ended_at"]
        .to_numpy()
        .astype("datetime64[ms]")[codes.row[order[bounds[told] + seen.changed[told]]]]
    )
    return pd.DataFrame(
        {
            "annotator": present // len(names),
            "slice": np.asarray(names, object)[present % len(names)],
            "drift_evidence": seen.stopped,
            "drift_p": p,
            "drift_adjusted": false_discovery_adjusted(p),
            "changed_at": moment,
            "labels_before": np.minimum(seen.changed, n),
            "labels_after": n - np.minimum(seen.changed, n),
        }
    )
