"""One annotator seen closely: its labels over time, its gold answers, its tests, and where it stands alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from workbench.annotators.drift import Cusum, timeline
from workbench.annotators.estimated import others_agree
from workbench.annotators.peer_posterior import Others
from workbench.annotators.sequential import Decision, SequentialTest
from workbench.dataset.scales import NULL
from workbench.statistics.proportions import jeffreys

_PATH_POINTS = 400


def position_of(found: Others, annotator: str) -> int:
    """Position of an annotator by its id."""
    return int(np.flatnonzero(found.data.annotators["annotator"].to_numpy() == annotator)[0])


def usually_right(found: Others) -> tuple[float | None, int]:
    """Share of all judgements that look right, by gold or what the others say, and of how many that is; None where
    nothing can be compared.
    """
    agree = others_agree(found)[found.informed]
    return float(agree.mean()) if len(agree) else None, len(agree)


@dataclass(frozen=True, eq=False, kw_only=True)
class Over:
    """How one annotator's labels went.

    Attributes
    ----------
    parts : equal parts of its labels in order of time: `from`, `to` (positions among its labels), `since`, `until`
        (dates, NaT = unknown), `right` (share that looks right, by gold or the others), `low`, `high` (95%), `labels`
        (that could be compared).
    path : `label` (position), `sum`: the cumulative sum, at most some hundreds of points.
    signals : positions at which it crossed its line.
    dated : whether the order in time is known.
    began : for each signal, the label at which the fall likeliest began.
    cusum : accuracies that the sum holds against each other, and its line; infinite where there are too few labels.
    false_alarms : chance of any signal on one whose labels come in an order that means nothing.
    """

    parts: pd.DataFrame
    path: pd.DataFrame
    signals: tuple[int, ...]
    dated: bool
    began: tuple[int, ...] = ()
    cusum: Cusum = field(default_factory=Cusum)
    false_alarms: float | None = None


def over_time(found: Others, annotator: int, parts: int = 12) -> Over:
    """How did one annotator's labels go, in equal parts of its work?

    Parameters
    ----------
    parts : at most; fewer where a part would hold fewer than eight labels.
    """
    line = timeline(found, annotator)
    n = len(line.rows)
    edges = np.linspace(0, n, max(1, min(parts, n // 8)) + 1).astype(int)
    rows = []
    for low, high in pairwise(edges):
        right = line.right[low:high]
        right = right[np.isfinite(right)]
        hits, m = float(right.sum()), len(right)
        bottom, top = jeffreys(hits, m)
        rows.append(
            (
                low + 1,
                high,
                line.ended[low] if n else np.datetime64("NaT"),
                line.ended[high - 1] if n else np.datetime64("NaT"),
                hits / m if m else np.nan,
                float(bottom),
                float(top),
                m,
            )
        )
    table = pd.DataFrame(rows, columns=["from", "to", "since", "until", "right", "low", "high", "labels"])
    at = np.unique(np.linspace(0, max(n - 1, 0), min(n, _PATH_POINTS)).astype(int)) if n else np.array([], int)
    path = pd.DataFrame({"label": at + 1, "sum": line.path[at]})
    return Over(
        parts=table,
        path=path,
        signals=tuple(int(s) + 1 for s in line.signals),
        dated=bool(found.dated[annotator]),
        began=tuple(int(s) + 1 for s in line.began),
        cusum=line.cusum,
        false_alarms=line.false_alarms,
    )


def gold_answers(found: Others, annotator: int) -> pd.DataFrame:
    """One annotator's answers on gold items in order of time: `item_id`, `label`, `gold`, `right` (direction), `when`,
    `item` (position).
    """
    codes, data = found.codes, found.data
    own = _own(found, annotator)
    own = own[data.gold[codes.item[own]] != NULL]
    direction = data.scale.direction_table()
    label, gold = codes.label[own].astype(int), data.gold[codes.item[own]].astype(int)
    names = np.array(data.scale.labels, object)
    return pd.DataFrame(
        {
            "item_id": data.items["item_id"].to_numpy()[codes.item[own]],
            "label": names[label],
            "gold": names[gold],
            "right": direction[label] == direction[gold],
            "when": data.annotations["ended_at"].to_numpy()[codes.row[own]],
            "item": codes.item[own].astype(np.int64),
        }
    )


@dataclass(frozen=True, eq=False)
class WorkTest:
    """A sequential test of one annotator.

    Attributes
    ----------
    decision : `flag`, `clear` or `undecided`.
    used : answers until the decision, or all of them.
    answers : answers there are.
    path : log-likelihood ratio after each answer, also after the decision.
    """

    decision: Decision
    used: int
    answers: int
    path: np.ndarray


def usual_test(found: Others) -> SequentialTest:
    """The sequential test with its usual error rates, corrected for how many annotators there are: all together err as
    rarely as one did.
    """
    return SequentialTest().corrected(found.codes.n_annotators)


def sequential_on_work(
    found: Others, annotator: int, test: SequentialTest | None = None, *, peers: bool = False
) -> WorkTest:
    r"""The sequential test on an annotator's own work, in order of time.

    On gold alone each answer is right or wrong. With peers, every label adds $\ln \frac{p_b r + (1 - p_b)(1 - r)}{p_g r
    + (1 - p_g)(1 - r)}$, r being the chance that its direction is right by gold or, own vote left out, by everybody
    else: one step of the gold test where r is certain, nothing where it is a half.

    Parameters
    ----------
    test : `usual_test` by default.
    peers : use what the others say too.
    """
    own = _own(found, annotator)
    return _run(others_agree(found)[own][_tells(found, peers)[own]], test or usual_test(found))


def _run(right: np.ndarray, test: SequentialTest) -> WorkTest:
    good, bad, r = test.p_good, test.p_bad, right.astype(float)
    path = np.cumsum(np.log((bad * r + (1 - bad) * (1 - r)) / (good * r + (1 - good) * (1 - r))))
    crossed = np.flatnonzero((path >= test.flag_at - 1e-9) | (path <= test.clear_at + 1e-9))
    if len(crossed) == 0:
        return WorkTest("undecided", len(path), len(path), path)
    first = int(crossed[0])
    return WorkTest("flag" if path[first] > 0 else "clear", first + 1, len(path), path)


def decisions(found: Others, test: SequentialTest | None = None, *, peers: bool = False) -> pd.DataFrame:
    """The sequential test of every annotator, those to be flagged first: `annotator`, `decision`, `used`, `answers`,
    `evidence` (of flagged to cleared, in nats, at the end).

    Parameters
    ----------
    test : `usual_test` by default, which allows for how many annotators there are.
    peers : use what the others say too.
    """
    test = test or usual_test(found)
    names = found.data.annotators["annotator"].to_numpy()
    agree = others_agree(found)
    used = _tells(found, peers)
    rows = []
    for k, name in enumerate(names):
        own = _own(found, k)
        run = _run(agree[own][used[own]], test)
        rows.append((name, run.decision, run.used, run.answers, float(run.path[-1]) if run.answers else 0.0))
    table = pd.DataFrame(rows, columns=["annotator", "decision", "used", "answers", "evidence"])
    order = table["decision"].map({"flag": 0, "undecided": 1, "clear": 2})
    return table.iloc[np.lexsort((-table["evidence"].to_numpy(), order.to_numpy()))].reset_index(drop=True)


def stands_alone(found: Others, annotator: int) -> pd.DataFrame:
    """Labels of one annotator that gold or the others speak against, the clearest first: `item_id`, `label`,
    `right_chance`, `judgements`, `item` (position).
    """
    codes, data = found.codes, found.data
    own = _own(found, annotator)
    agree = others_agree(found)[own]
    chosen = np.flatnonzero(found.informed[own] & (agree < 0.5))
    chosen = chosen[np.argsort(agree[chosen], kind="stable")]
    rows = own[chosen]
    names = np.array(data.scale.labels, object)
    return pd.DataFrame(
        {
            "item_id": data.items["item_id"].to_numpy()[codes.item[rows]],
            "label": names[codes.label[rows]],
            "right_chance": agree[chosen],
            "judgements": np.diff(codes.starts)[codes.item[rows]],
            "item": codes.item[rows].astype(np.int64),
        }
    )


def _tells(found: Others, peers: bool) -> np.ndarray:
    """Judgements that a test can use: those on gold, or all that gold or the others speak to."""
    on_gold: np.ndarray = found.gold[found.codes.item] != NULL
    return found.informed if peers else on_gold


def _own(found: Others, annotator: int) -> np.ndarray:
    """The annotator's judgements in order of time, as positions in `codes`."""
    own: np.ndarray = found.order[found.bounds[annotator] : found.bounds[annotator + 1]]
    return own
