"""The strategies by name, and the one function that runs any of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np

from workbench.errors import WorkbenchError, first_five
from workbench.plugins import STRATEGIES as GROUP
from workbench.plugins import Parts
from workbench.progress import UNWATCHED, Watch
from workbench.selection.admitting import NEAR_DUPLICATE, Admission, quotas_by_name
from workbench.selection.contract import Pool, Selection
from workbench.selection.greedy import Picked, Task

DEFAULT = "d_optimal"
"""The strategy used where none is named."""


@dataclass(frozen=True)
class Strategy:
    """One way to choose; its module is loaded when it is first used.

    Attributes
    ----------
    name : its name in `select`; `workbench.selection.NAME` is its module. On the command line dashes do for
        underscores.
    title : its name in sentences.
    summary : what it does, in one line.
    needs : what the pool must have, any one of them.
    relabels : it also picks pairs that have labels already.
    where : the module with its `pick`; by default `workbench.selection.NAME`.
    """

    name: str
    title: str
    summary: str
    needs: tuple[str, ...] = ()
    relabels: bool = False
    where: str = ""

    @property
    def pick(self) -> Callable[..., Picked]:
        """Its `pick(pool, task, **options)`."""
        pick: Callable[..., Picked] = import_module(self.where or f"workbench.selection.{self.name}").pick
        return pick

    @property
    def options(self) -> dict[str, object]:
        """Its options with their defaults."""
        return {p.name: p.default for p in list(inspect.signature(self.pick).parameters.values())[2:]}

    def lacks(self, pool: Pool) -> bool:
        """Whether the pool has nothing of what it needs."""
        return bool(self.needs) and all(getattr(pool, name) is None for name in self.needs)


_OWN = {
    strategy.name: strategy
    for strategy in (
        Strategy("random", "Random", "Every pair as likely as any other: what the others have to beat."),
        Strategy("uncertainty", "Uncertainty", "Pairs whose label the model can tell least.", ("probability",)),
        Strategy(
            "bald",
            "BALD",
            "Pairs on which the model's possible versions disagree; true ties are left alone.",
            ("members", "covariance"),
        ),
        Strategy(
            "d_optimal",
            "D-optimal",
            "Pairs that together pin the reward model down most; diverse without a rule for it.",
        ),
        Strategy("badge", "BADGE", "A diverse draw of pairs with large gradients.", ("probability",)),
        Strategy("k_means", "k-means", "One pair from each of as many clusters as picks: the pool in small."),
        Strategy(
            "k_centre", "k-centre", "Always the pair farthest from all picked and labelled ones: covers the edge."
        ),
        Strategy(
            "hybrid",
            "Hybrid of the design notes",
            "0.6 uncertainty + 0.4 distance to the nearest pick, to the letter.",
            ("probability", "margin"),
        ),
        Strategy(
            "disagreement",
            "Disagreement",
            "Pairs whose next label tells most about their right side, labelled before or new.",
            relabels=True,
        ),
    )
}


def _brought(name: str, where: str, module: ModuleType) -> Strategy:
    needs, relabels = tuple(getattr(module, "NEEDS", ())), bool(getattr(module, "RELABELS", False))
    return Strategy(name, module.TITLE, module.SUMMARY, needs, relabels, where)


STRATEGIES: Mapping[str, Strategy] = Parts(_OWN, GROUP, _brought)
"""The selection strategies by name, those of other packages last."""


def select(
    pool: Pool,
    budget: int,
    strategy: str = DEFAULT,
    rng: np.random.Generator | int = 0,
    *,
    balance: str | Mapping[str, float] | None = None,
    alike: float | None = None,
    spend: float | None = None,
    watch: Watch = UNWATCHED,
    **options: object,
) -> Selection:
    """Which pairs should be labelled next?

    Parameters
    ----------
    pool : the pairs; those with votes are candidates for `disagreement` only, for all others they count as labelled.
    budget : how many, at least 1; all there are where there are fewer.
    strategy : one of `STRATEGIES`.
    rng : chance, or its seed. The same seed picks the same pairs, in whatever order the pool comes and whichever side
        is A.
    balance : `equal` numbers from each slice of the pool, `proportional` to their size, or shares by slice name; what a
        slice cannot fill goes to the others. None = slices play no part.
    alike : pass over pairs whose features point the same way as those of a pick, cosine at least this (0 to 1); None =
        do not.
    spend : stop when the costs of the picks would exceed this.
    watch : is told how far it is.
    options : the strategy's own, see `STRATEGIES[strategy].options`; most take `cost_aware` (value over expected cost)
        and `noise_aware` (information times (1 - 2 flip)^2).

    Raises
    ------
    WorkbenchError
        There is no such strategy or option, the pool lacks what the strategy needs, or features are not finite (says
        which pairs).

    Examples
    --------
    Two directions, the second pair of the first one is left for last:

    >>> pool = Pool(features=np.array([[3.0, 0.0], [2.9, 0.0], [0.0, 2.0]]))
    >>> select(pool, 2).picks.tolist()
    [0, 2]
    """
    if strategy not in STRATEGIES:
        raise WorkbenchError(f"There is no selection strategy {strategy!r}.", f"Choose one of {', '.join(STRATEGIES)}.")
    chosen = STRATEGIES[strategy]
    unknown = sorted(set(options) - set(chosen.options))
    if unknown:
        raise WorkbenchError(
            f"{chosen.title} has no option {first_five(unknown)}.",
            f"Its options are {', '.join(chosen.options) or 'none'}.",
        )
    if budget < 1:
        raise WorkbenchError(f"The budget is {budget}.", "Ask for at least one pair.")
    if chosen.lacks(pool):
        raise WorkbenchError(
            f"{chosen.title} needs a model's {' or '.join(chosen.needs)}, and this pool has none.",
            "Name a trained model, label some pairs first, or choose d_optimal, k_means, k_centre or random, which need"
            " none.",
        )
    if alike is not None and not 0 < alike <= 1:
        raise WorkbenchError(f"The limit of likeness is {alike}.", "Give a cosine above 0 and up to 1, such as 0.98.")
    if spend is not None and pool.cost is None:
        raise WorkbenchError(
            "A limit on spending needs the cost of each pair.", "Give the pool its costs, or leave the limit out."
        )
    rng = np.random.default_rng(rng)
    watch.step(0, budget, "Picking pairs")
    rank = np.empty(len(pool), np.int64)
    rank[np.argsort(pool.keys(int(rng.integers(2**63))), kind="stable")] = np.arange(len(pool))
    voted = pool.voted
    candidates = np.ones(len(pool), bool) if chosen.relabels else ~voted
    codes: np.ndarray | None = None
    quota: np.ndarray | None = None
    names: list[str] = []
    if balance is not None:
        if pool.slice is None:
            raise WorkbenchError(
                "There are no slices to balance.", "Give the pool its slices, or leave the balance out."
            )
        codes, names, quota = quotas_by_name(pool.slice, candidates, budget, balance)
    admission = Admission(pool.features, candidates, codes, quota, alike, pool.cost, spend, min(budget, len(pool)))
    found = chosen.pick(pool, Task(min(budget, len(pool)), admission, rank, rng, watch), **options)
    watch.step(len(found.rows), max(len(found.rows), 1), "Picking pairs")
    fewer = len(found.rows) < budget
    closed = {
        reason: n for reason, n in admission.passed_over.items() if fewer or reason == NEAR_DUPLICATE
    }  # a filled quota sets nothing aside
    known = {**({"labelled already": int(voted.sum())} if voted.any() and not chosen.relabels else {}), **closed}
    return Selection(
        picks=np.array(found.rows, np.int64),
        gain=np.array(found.gain, float),
        gain_name=found.gain_name,
        strategy=strategy,
        options={**chosen.options, **options, "balance": balance, "alike": alike, "spend": spend},
        budget=budget,
        candidates=int(candidates.sum()),
        set_aside=known,
        quotas={} if quota is None else dict(zip(names, quota.tolist(), strict=True)),
        reason=_why_fewer(len(found.rows), budget, int(candidates.sum()), admission),
        notes=found.notes,
    )


def _why_fewer(picked: int, budget: int, candidates: int, admission: Admission) -> str:
    if picked >= budget:
        return ""
    if candidates == 0:
        return "there is no candidate"
    if candidates <= picked:
        return f"all {candidates:,} candidates are picked"
    return "; ".join(f"{n:,} pairs: {reason}" for reason, n in admission.passed_over.items())
