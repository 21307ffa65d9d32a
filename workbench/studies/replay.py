"""Active selection proved on one's own data: hide the labels, let each strategy choose what to reveal, and see how good
a model each one gets.

All strategies of a seed begin from the same random labels, buy the same numbers of labels and are measured on the same
held-out pairs, so that they differ in nothing but what they chose. `random` is always among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from workbench.errors import WorkbenchError, first_five
from workbench.messages import by, message, name_of
from workbench.progress import UNWATCHED, Cancelled, Watch
from workbench.studies.bench import Bench
from workbench.studies.cells import Cells, finish
from workbench.studies.label_reveal import AUTOMATIC, GOLD, VOTES, Desk, Hidden, hidden_labels
from workbench.studies.label_set import checked_set
from workbench.studies.measured import Measured
from workbench.studies.resampling import Resampler, Scores, scored
from workbench.studies.savings import Saving, measure_saving
from workbench.studies.training import PENALTY, checked_penalty

if TYPE_CHECKING:
    from workbench.reward.heads import LinearHead

RANDOM = "random"
OVERLAP = "overlap"
"""Opens pairs at random and has each judged until it has `overlap` labels before the next one is opened: what most
projects do."""


@dataclass(frozen=True, kw_only=True)
class ReplaySettings:
    """How a replay is done.

    Attributes
    ----------
    strategies : names of `workbench.selection`; `random` is added. With `votes` also `overlap`.
    budget : labels bought in the end, those at the start among them; 0 = a third of the pool, at most 1,000.
    start : labels drawn at random before anybody chooses; 0 = a sixteenth of the budget, at least 16.
    points : how often a model is fitted between start and budget, at geometric steps.
    seeds : how many splits.
    labels : `gold`, a label set (`workbench.studies.label_set.SETS`) revealed one item at a time, or `votes`: one
        judgement at a time. `auto` = gold where half of the pairs have it, otherwise the labels aggregated by
        the default.
    pool : pairs a strategy chooses among, at most; more are drawn from at random.
    penalty : of the reward head.
    members : heads drawn from its Laplace posterior for strategies that ask an ensemble.
    overlap : labels an item gets from the strategy `overlap`.
    """

    strategies: tuple[str, ...] = ("uncertainty", "bald", "d_optimal", "badge", "k_means")
    budget: int = 0
    start: int = 0
    points: int = 9
    seeds: int = 10
    labels: str = "auto"
    pool: int = 4_000
    penalty: float = PENALTY
    members: int = 16
    overlap: int = 3

    def __post_init__(self) -> None:
        for name, least in (
            ("budget", 0),
            ("start", 0),
            ("points", 2),
            ("seeds", 1),
            ("pool", 10),
            ("members", 2),
            ("overlap", 1),
        ):
            if getattr(self, name) < least:
                raise WorkbenchError(f"{name} is {getattr(self, name)}.", f"Give a number from {least} up.")
        object.__setattr__(
            self, "strategies", tuple(dict.fromkeys((RANDOM, *(s.replace("-", "_") for s in self.strategies))))
        )
        _known(self.strategies)
        if self.labels not in (AUTOMATIC, GOLD, VOTES):
            checked_set(self.labels, (GOLD, VOTES))
        checked_penalty(self.penalty)

    def for_pool(self, n: int) -> ReplaySettings:
        """With budget and start filled in for a pool of n pairs.

        >>> made = ReplaySettings().for_pool(1_500)
        >>> made.budget, made.start
        (500, 31)
        """
        budget = self.budget or min(1_000, n // 3)
        budget = min(budget, n)
        start = self.start or max(16, budget // 16)
        if budget < 2 * start:
            raise WorkbenchError(
                f"A budget of {budget:,} labels from a pool of {n:,} pairs leaves nothing to choose.",
                message("Give more data, a larger ", name_of("budget"), " or a smaller ", name_of("start"), "."),
            )
        return replace(self, budget=budget, start=start)

    @property
    def schedule(self) -> np.ndarray:
        """Labels bought at each point, int64 (points,).

        >>> ReplaySettings(budget=400, start=25, points=5).schedule.tolist()
        [25, 50, 100, 200, 400]
        """
        return np.unique(np.geomspace(self.start, self.budget, self.points).round().astype(np.int64))


@dataclass(frozen=True, eq=False, kw_only=True)
class Replay:
    """What came of a replay.

    Attributes
    ----------
    settings : with which it was done.
    labels : int64 (points,): labels bought at each point.
    curves : strategy -> accuracy at each point.
    savings : strategy -> what it saves over random; `random` itself is not among them.
    loss_ratio : strategy -> labels at random over labels by the strategy at equal log loss instead of equal accuracy,
        on the same curves.
    seeds, n_held_out, pool : splits; held-out pairs, all seeds together; pairs to choose among.
    truth_is, labels_are, encoder : what accuracy is measured on, what was revealed, what the features are.
    notes : what to keep in mind.
    """

    settings: ReplaySettings
    labels: np.ndarray
    curves: Mapping[str, tuple[Measured, ...]]
    savings: Mapping[str, Saving]
    loss_ratio: Mapping[str, Measured]
    seeds: int
    n_held_out: int
    pool: int
    truth_is: str
    labels_are: str
    encoder: str
    set_aside: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def sure(self) -> tuple[str, ...]:
        """Strategies whose whole interval of the saving lies above 1."""
        return tuple(name for name, s in self.savings.items() if s.ratio.low is not None and s.ratio.low > 1)

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "study": "replay",
            "seeds": self.seeds,
            "pool": self.pool,
            "n_held_out": self.n_held_out,
            "budget": int(self.labels[-1]),
            "start": int(self.labels[0]),
            "truth": self.truth_is,
            "labels": self.labels_are,
            "encoder": self.encoder,
            "points": [int(n) for n in self.labels],
            "strategies": {
                name: {
                    "accuracy": [a.to_dict() for a in curve],
                    "saving": self.savings[name].to_dict() if name in self.savings else None,
                    "saving_at_equal_loss": self.loss_ratio[name].to_dict() if name in self.loss_ratio else None,
                }
                for name, curve in self.curves.items()
            },
            "set_aside": dict(self.set_aside),
            "notes": list(self.notes),
        }


def replay(
    bench: Bench, settings: ReplaySettings | None = None, *, cells: Cells | None = None, watch: Watch = UNWATCHED
) -> Replay:
    """How many labels does each strategy save on these data?

    Parameters
    ----------
    bench : of `workbench.studies.open_bench`, or made from arrays.
    settings : strategies, budget, seeds.
    cells : keeps finished curves, so that a replay that was killed goes on.

    Returns
    -------
    Learning curves with intervals, and for each strategy the labels it saves over random at equal accuracy. A ratio of
    1.0 is a result.

    Raises
    ------
    WorkbenchError
        There is no such strategy, or too little to choose from.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(600, 4)).astype(np.float32)
    >>> bench = Bench(
    ...     features=x, group=np.arange(600), truth=(x @ [1, -1, 0.5, 0] + rng.logistic(size=600) > 0).astype(float)
    ... )
    >>> found = replay(bench, ReplaySettings(strategies=("uncertainty",), budget=100, seeds=3, points=3))
    >>> list(found.curves), found.labels.tolist()
    (['random', 'uncertainty'], [16, 40, 100])
    """
    hidden, chosen, pool = prepared(bench, settings or ReplaySettings())
    kept = cells if cells is not None else Cells()

    work = [
        (f"{name}/{seed}", lambda name=name, seed=seed: {"curve": curve_of(bench, hidden, name, seed, chosen, watch)})
        for seed in range(chosen.seeds)
        for name in chosen.strategies
    ]
    records = finish(kept, work, watch, "Replaying")
    return _summary(bench, hidden, chosen, records, pool)


def prepared(bench: Bench, settings: ReplaySettings) -> tuple[Hidden, ReplaySettings, int]:
    """The labels to hide, the settings with budget and start filled in, and the pairs to choose among; nothing is
    trained yet.

    Raises
    ------
    WorkbenchError
        There is no such strategy, no such label, or too little to choose from.
    """
    hidden = hidden_labels(bench, settings.labels)
    pool = min(
        settings.pool,
        *(len(np.intersect1d(bench.split(seed).train, hidden.rows)) for seed in range(min(settings.seeds, 3))),
    )
    if OVERLAP in settings.strategies and not hidden.several:
        raise WorkbenchError(
            "`overlap` buys several labels of an item, and here each has one.",
            message("Replay single judgements, ", by("reveal", value=VOTES), "."),
        )
    if settings.budget > pool:
        raise WorkbenchError(
            f"A budget of {settings.budget:,} labels is asked for, and there are {pool:,} pairs to choose among.",
            message("Give a ", name_of("budget"), f" of up to {pool:,}."),
        )
    return hidden, settings.for_pool(pool), pool


def curve_of(
    bench: Bench, hidden: Hidden, strategy: str, seed: int, settings: ReplaySettings, watch: Watch = UNWATCHED
) -> list[dict]:
    """The learning curve of one strategy and seed: a record of `scored` at each point."""
    from workbench.reward.heads import fit_bradley_terry

    split = bench.split(seed)
    # All strategies of a seed share pool, start and the order in which the votes of an item come.
    common = np.random.default_rng([seed, 11])
    candidates = np.intersect1d(split.train, hidden.rows)
    if len(candidates) > settings.pool:
        candidates = np.sort(common.choice(candidates, settings.pool, replace=False))
    desk = hidden.desk(candidates, common)
    x = np.ascontiguousarray(bench.features[candidates])
    own = np.random.default_rng([seed, 12, *strategy.encode()])
    desk.reveal(common.choice(len(x), settings.start, replace=False))
    found: list[dict] = []
    head: LinearHead | None = None
    for bought in settings.schedule:
        if head is not None:
            desk.reveal(choose(x, desk, head, int(bought) - desk.bought, strategy, settings, own))
        seen, target, weight = desk.labelled
        head = fit_bradley_terry(x[seen], target, weight, settings.penalty)
        found.append(scored(head.margin(split.features), split.truth, split.bucket, split.buckets))
        if watch.stop_asked():
            raise Cancelled(strategy)
    return found


def choose(
    x: np.ndarray,
    desk: Desk,
    head: LinearHead,
    n: int,
    strategy: str,
    settings: ReplaySettings,
    rng: np.random.Generator,
) -> np.ndarray:
    """The rows whose next label a strategy buys; a row may come twice where it has several."""
    fresh = np.flatnonzero(desk.seen == 0)
    if strategy == RANDOM:
        return rng.choice(fresh, n, replace=False)
    if strategy == OVERLAP:
        return _filled_up(desk, n, settings.overlap, rng)
    from workbench.selection import STRATEGIES, Pool, select

    seen, _, _ = desk.labelled
    again = STRATEGIES[strategy].relabels
    rows = np.flatnonzero(desk.left > 0) if again else fresh
    votes = np.stack([desk.total[rows], desk.seen[rows] - desk.total[rows]], 1) if again else None
    # Draws from the head's posterior are the ensemble: what its members disagree about is what more labels could
    # settle.
    root = np.linalg.cholesky(head.covariance + 1e-10 * np.eye(len(head.covariance)))
    drawn = head.coefficients + rng.standard_normal((settings.members, len(root))) @ root.T
    pool = Pool(
        features=x[rows],
        probability=head.probability(x[rows]),
        margin=head.margin(x[rows]),
        members=expit(drawn @ x[rows].T),
        covariance=head.covariance,
        labelled=x[seen],
        votes=votes,
    )
    return rows[select(pool, n, strategy, rng).picks]


def _filled_up(desk: Desk, n: int, overlap: int, rng: np.random.Generator) -> np.ndarray:
    """Rows whose items are filled up to the overlap first, then rows of new items, each as often as it gets labels."""
    open_rows = np.flatnonzero(desk.seen > 0)
    order = np.concatenate([rng.permutation(open_rows), rng.permutation(np.flatnonzero(desk.seen == 0))])
    wanted = np.minimum(overlap - desk.seen[order], desk.left[order]).clip(0)
    found = np.repeat(order, wanted)[:n]
    if len(found) < n:
        spare = np.repeat(order, desk.left[order] - wanted)
        found = np.concatenate([found, spare[: n - len(found)]])
    return found


def _known(strategies: Sequence[str]) -> None:
    from workbench.selection import STRATEGIES

    unknown = [s for s in strategies if s not in STRATEGIES and s not in (RANDOM, OVERLAP)]
    if unknown:
        raise WorkbenchError(
            f"There is no strategy {first_five(unknown)}.", f"Choose among {', '.join([*STRATEGIES, OVERLAP])}."
        )


def _summary(bench: Bench, hidden: Hidden, settings: ReplaySettings, records: Mapping[str, dict], pool: int) -> Replay:
    labels = settings.schedule
    sampler = Resampler(settings.seeds, bench.buckets)
    scores = {
        name: [
            Scores.of_records([records[f"{name}/{seed}"]["curve"][i] for seed in range(settings.seeds)])
            for i in range(len(labels))
        ]
        for name in settings.strategies
    }
    n = int(scores[RANDOM][-1].n.sum())

    def curves(name: str, what: str) -> tuple[np.ndarray, np.ndarray]:
        value = [s.accuracy if what == "accuracy" else -float(s.loss.sum() / s.n.sum()) for s in scores[name]]
        drawn = [sampler.of_scores(s, what) * (1 if what == "accuracy" else -1) for s in scores[name]]
        return np.array(value), np.stack(drawn, 1)

    savings: dict[str, Saving] = {}
    at_loss: dict[str, Measured] = {}
    for what in ("accuracy", "loss"):
        base = curves(RANDOM, what)
        for name in settings.strategies[1:]:
            own = curves(name, what)
            found = measure_saving(labels.astype(float), (own[0], base[0]), (own[1], base[1]), sampler, n)
            if what == "accuracy":
                savings[name] = found
            else:
                at_loss[name] = found.ratio
    notes = [f"Intervals are {sampler.note}; strategies are compared on the same seeds and groups."]
    if settings.seeds < 5:
        notes.append(f"{settings.seeds} seeds are few: intervals are wide.")
    return Replay(
        settings=settings,
        labels=labels,
        curves={name: tuple(sampler.accuracy(s) for s in each) for name, each in scores.items()},
        savings=savings,
        loss_ratio=at_loss,
        seeds=settings.seeds,
        n_held_out=n,
        pool=pool,
        truth_is=bench.truth_is,
        labels_are=hidden.what,
        encoder=bench.encoder,
        set_aside=bench.set_aside,
        notes=tuple(notes),
    )
