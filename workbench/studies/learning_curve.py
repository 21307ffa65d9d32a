"""Accuracy against the number of labels: measured points, the law fitted to them, and what it says about numbers nobody
has measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from workbench.aggregation import DEFAULT_LABELS
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.studies.bench import Bench, Split
from workbench.studies.cells import Cells, finish
from workbench.studies.label_reveal import GOLD
from workbench.studies.label_set import LabelSet, checked_set, hidden_gold, label_set, on_items
from workbench.studies.measured import Measured
from workbench.studies.power_law import PowerLaw, fit_power_law
from workbench.studies.resampling import Resampler, Scores, expanded_percentiles
from workbench.studies.training import PENALTY, checked_penalty, score_of

FAR = 2.0
"""Beyond this many times the largest measured number, a forecast carries a warning."""

FARTHEST = 10.0
"""Beyond this many times, it is called a guess."""


@dataclass(frozen=True)
class Forecast:
    """Accuracy with a number of labels.

    Attributes
    ----------
    labels : how many.
    accuracy : with its interval.
    measured : whether the number lies within what was measured.
    warning : why not to rely on it; empty within what was measured.
    """

    labels: int
    accuracy: Measured
    measured: bool
    warning: str = ""

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "labels": self.labels,
            "accuracy": self.accuracy.to_dict(),
            "measured": self.measured,
            "warning": self.warning,
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class LearningCurve:
    """A measured learning curve and the law fitted to it.

    Attributes
    ----------
    labels : int64 (points,): training labels.
    accuracy : one measured figure a point.
    law : fitted to all seeds (one row).
    drawn : fitted to each draw of seeds and groups.
    sampler : the draws.
    settings, truth_is, encoder, set_aside : how it was measured, and on what.
    backtest : what the same fit on the points up to half the labels said of the last point, and what was measured
        there; None with too few points.
    """

    labels: np.ndarray
    accuracy: tuple[Measured, ...]
    law: PowerLaw
    drawn: PowerLaw
    sampler: Resampler
    backtest: tuple[Measured, Measured] | None = None
    settings: CurveSettings | None = None
    truth_is: str = ""
    encoder: str = ""
    set_aside: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def limit(self) -> Measured:
        """The accuracy the curve tends to; undefined where the data do not say, as while a curve is still straight."""
        value, drawn = float(self.law.limit[0]), self.drawn.limit
        found = self._measured(value, drawn)
        if found.low is not None and found.high is not None and found.high - found.low > 0.25:
            return Measured(
                value=None,
                n=found.n,
                seeds=found.seeds,
                reason=f"the measured part does not say where it ends ({found.low:.2f} to {found.high:.2f})",
            )
        return found

    def forecast(self, labels: int) -> Forecast:
        """Accuracy with so many labels, and how far to trust it."""
        most = float(self.labels[-1])
        times = labels / most
        warning = ""
        if times > FARTHEST:
            warning = (
                f"{times:,.0f} times the {most:,.0f} labelled pairs measured: a guess, and its interval says only how"
                " it depends on these seeds and prompts"
            )
        elif times > FAR:
            warning = (
                f"{times:,.1f} times the {most:,.0f} labelled pairs measured: that the curve keeps its form so far is"
                " an assumption"
            )
        elif times > 1:
            warning = f"beyond the {most:,.0f} labelled pairs measured"
        return Forecast(
            int(labels), self._measured(float(self.law.at(labels)[0]), self.drawn.at(labels)), times <= 1, warning
        )

    def labels_for(self, accuracy: float) -> Measured:
        """Labels until an accuracy is reached; `not reached` where the curve ends below it."""
        value, drawn = float(self.law.labels_for(accuracy)[0]), self.drawn.labels_for(accuracy)
        if not math.isfinite(value):
            return Measured(
                value=None,
                seeds=self.sampler.seeds,
                reason=f"not reached: the curve ends at {float(self.law.limit[0]):.3f}",
            )
        if not self.sampler.groups_drawn:
            return self.sampler.measured(value, drawn, self.accuracy[-1].n)
        low, high = expanded_percentiles(np.minimum(drawn, 1e15), max(self.sampler.seeds, 2))
        note = self.sampler.note if high < 1e15 else "some draws never reach it, so there is no upper bound"
        return Measured(value=value, low=low, high=high if high < 1e15 else None, seeds=self.sampler.seeds, note=note)

    def _measured(self, value: float, drawn: np.ndarray) -> Measured:
        return self.sampler.measured(value, drawn, self.accuracy[-1].n)

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        law, most = self.law, int(self.labels[-1])
        asked = sorted({2 * most, 4 * most, 10 * most, *(self.settings.forecast if self.settings else ())})
        return {
            "study": "learning-curve",
            "labels": self.settings.labels if self.settings else "",
            "seeds": self.sampler.seeds,
            "truth": self.truth_is,
            "encoder": self.encoder,
            "points": [
                {"labels": int(n), "accuracy": a.to_dict()} for n, a in zip(self.labels, self.accuracy, strict=True)
            ],
            "law": {
                "form": "a - b n^-c",
                "a": float(law.limit[0]),
                "b": float(law.drop[0]),
                "c": float(law.exponent[0]),
                "residual": float(law.error[0]),
            },
            "limit": self.limit.to_dict(),
            "forecasts": [self.forecast(n).to_dict() for n in asked],
            "backtest": (
                None
                if self.backtest is None
                else {"forecast": self.backtest[0].to_dict(), "measured": self.backtest[1].to_dict()}
            ),
            "set_aside": dict(self.set_aside),
            "notes": [f"Intervals are {self.sampler.note}."],
        }


def fit_learning_curve(
    labels: np.ndarray,
    by_point: Sequence[Scores],
    sampler: Resampler,
    *,
    bench: Bench | None = None,
    settings: CurveSettings | None = None,
) -> LearningCurve:
    """Fits the law to scores measured at several numbers of labels.

    Parameters
    ----------
    labels : (points,): training labels, ascending.
    by_point : `Scores` of each point, all with the same seeds and buckets.
    sampler : the draws of seeds and groups.
    bench, settings : how it was measured, to be told with it.
    """
    n = np.asarray(labels, float)
    value = np.array([s.accuracy for s in by_point])
    drawn = np.stack([sampler.of_scores(s) for s in by_point], 1)
    figures = tuple(sampler.accuracy(s) for s in by_point)
    law, laws = fit_power_law(n, value), fit_power_law(n, drawn)
    early = n <= n[-1] / 2
    backtest = None
    if early.sum() >= 3:
        said, all_said = fit_power_law(n[early], value[early]), fit_power_law(n[early], drawn[:, early])
        backtest = (sampler.measured(float(said.at(n[-1])[0]), all_said.at(n[-1]), figures[-1].n), figures[-1])
    return LearningCurve(
        labels=np.asarray(labels, np.int64),
        accuracy=figures,
        law=law,
        drawn=laws,
        sampler=sampler,
        backtest=backtest,
        settings=settings,
        truth_is="" if bench is None else bench.truth_is,
        encoder="" if bench is None else bench.encoder,
        set_aside={} if bench is None else bench.set_aside,
    )


@dataclass(frozen=True)
class CurveSettings:
    """How a learning curve is measured.

    Attributes
    ----------
    labels : `gold`, or a label set (`workbench.studies.label_set.SETS`).
    sizes : numbers of labelled pairs; by default nine from 40 to all, at geometric steps.
    seeds : splits; within a seed a larger training set holds the smaller ones.
    penalty : of the reward head.
    forecast : numbers of labels to forecast besides 2, 4 and 10 times the largest.
    """

    labels: str = DEFAULT_LABELS
    sizes: tuple[int, ...] = ()
    seeds: int = 10
    penalty: float = PENALTY
    forecast: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise WorkbenchError(f"{self.seeds} seeds are asked for.", "Give at least 1.")
        sizes = tuple(sorted({int(n) for n in self.sizes}))
        if sizes and (len(sizes) < 3 or sizes[0] < 10):
            raise WorkbenchError(
                "A curve needs at least three sizes of 10 labels or more.",
                "Name more sizes, or none for the usual ones.",
            )
        object.__setattr__(self, "sizes", sizes)
        far = [n for n in self.forecast if n < 1]
        if far:
            raise WorkbenchError(f"A forecast for {far[0]:,} labels is asked for.", "Give numbers from 1 up.")
        if self.labels != GOLD:
            checked_set(self.labels, (GOLD,))
        checked_penalty(self.penalty)


def learning_curve(
    bench: Bench, settings: CurveSettings | None = None, *, cells: Cells | None = None, watch: Watch = UNWATCHED
) -> LearningCurve:
    """How does held-out accuracy grow with the number of labelled pairs, and where is it going?

    Raises
    ------
    WorkbenchError
        There are too few labels for a curve.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(600, 4)).astype(np.float32)
    >>> bench = Bench(
    ...     features=x, group=np.arange(600), truth=(x @ [1, -1, 0.5, 0] + rng.logistic(size=600) > 0).astype(float)
    ... )
    >>> found = learning_curve(bench, CurveSettings("gold", sizes=(20, 80, 320), seeds=3))
    >>> found.labels.tolist(), found.accuracy[2].value > found.accuracy[0].value
    ([20, 80, 320], True)
    """
    chosen = settings or CurveSettings()
    sizes = sizes_for(bench, chosen)

    @lru_cache(maxsize=1)
    def of_seed(seed: int) -> tuple[Split, LabelSet]:
        return _of_seed(bench, chosen.labels, seed)

    def measured(seed: int, size: int) -> dict:
        split, found = of_seed(seed)
        record = score_of(bench, split, found, chosen.penalty, size)
        if record is None:
            raise WorkbenchError(f"{size} labels are too few to train on.", "Name larger sizes.")
        return record

    kept = cells if cells is not None else Cells()
    work = [
        (f"{size}/{seed}", lambda seed=seed, size=size: measured(seed, size))
        for seed in range(chosen.seeds)
        for size in sizes
    ]
    records = finish(kept, work, watch, "Training")
    sampler = Resampler(chosen.seeds, bench.buckets)
    scores = [Scores.of_records([records[f"{size}/{seed}"] for seed in range(chosen.seeds)]) for size in sizes]
    return fit_learning_curve(np.array(sizes), scores, sampler, bench=bench, settings=chosen)


def sizes_for(bench: Bench, settings: CurveSettings) -> tuple[int, ...]:
    """The numbers of labelled pairs that are trained on; nothing is trained yet.

    Raises
    ------
    WorkbenchError
        There are fewer labels than that.
    """
    smallest = min(len(_of_seed(bench, settings.labels, seed)[1]) for seed in range(min(settings.seeds, 3)))
    sizes = settings.sizes or usual_sizes(smallest)
    if len(sizes) < 3 or sizes[-1] > smallest:
        raise WorkbenchError(
            f"There are {smallest:,} labelled pairs to train on; a curve needs three sizes of at least 10, up to that.",
            "Open more data, or name smaller sizes.",
        )
    return sizes


def usual_sizes(n: int, points: int = 9, least: int = 40) -> tuple[int, ...]:
    """Geometric steps from 40 (from a fifth, in small data) to n.

    >>> usual_sizes(640, points=5)
    (40, 80, 160, 320, 640)
    """
    low = min(least, max(10, n // 5))
    return tuple(int(v) for v in np.unique(np.geomspace(low, max(n, low), points).round()))


def _of_seed(bench: Bench, labels: str, seed: int) -> tuple[Split, LabelSet]:
    """The split of a seed, and the labels of its training pairs in the order in which larger training sets take them
    up.
    """
    split = bench.split(seed)
    if labels == GOLD or bench.data is None:
        known = bench.truth if bench.label is None else bench.label
        rows = split.train[np.isfinite(known[split.train])]
        found = LabelSet(GOLD, bench.item[rows], known[rows], np.ones(len(rows)), len(rows))
    else:
        found = label_set(on_items(hidden_gold(bench.data), bench.item[split.train]), labels)
    order = np.random.default_rng([seed, 31]).permutation(len(found))
    return split, LabelSet(
        found.name, found.item[order], found.target[order], found.weight[order], found.judgements, found.set_aside
    )
