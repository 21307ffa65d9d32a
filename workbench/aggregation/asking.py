"""Running methods as a page or a pipeline asks for them: which are quick enough to wait for, how much gold they may
learn from.
"""

from __future__ import annotations

import numpy as np

from workbench.aggregation.comparison import Comparison, scored
from workbench.aggregation.contract import Aggregation
from workbench.aggregation.registry import METHODS, aggregate
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch

QUICK_UP_TO = {"glad": 100_000, "bradley_terry": 5_000}
"""Judgements up to which a costly method takes about a second; the others take one at millions."""

GOLD_USES = {"judge": "to judge by", "half": "half to learn from, half to judge by", "learn": "all to learn from"}
"""How gold is used -> in words."""


def quick_methods(data: AnnotationSet) -> tuple[str, ...]:
    """Methods that answer within about a second on this data, and need nothing else."""
    return tuple(
        name for name, m in METHODS.items() if not m.needs and len(data.codes) <= QUICK_UP_TO.get(name, len(data.codes))
    )


def costly_methods(data: AnnotationSet) -> tuple[str, ...]:
    """Methods that can run on this data but take longer: they are run as a process of their own
    (`workbench.aggregation.run`).
    """
    quick = quick_methods(data)
    return tuple(name for name, m in METHODS.items() if not m.needs and name not in quick)


def gold_to_learn_from(data: AnnotationSet, use: str, seed: int = 0) -> np.ndarray:
    """Items whose gold the methods are given: bool (n_items,).

    Parameters
    ----------
    use : one of `GOLD_USES`; `half` is drawn at random.
    """
    known = np.flatnonzero(data.gold != NULL)
    chosen = {
        "judge": known[:0],
        "half": np.random.default_rng(seed).permutation(known)[: len(known) // 2],
        "learn": known,
    }
    if use not in chosen:
        raise WorkbenchError(f"Gold cannot be used as {use!r}.", f"Choose one of {', '.join(GOLD_USES)}.")
    given = np.zeros(len(data.items), bool)
    given[chosen[use]] = True
    return given


def aggregate_asking(
    data: AnnotationSet,
    method: str,
    *,
    gold_use: str = "judge",
    seed: int = 0,
    watch: Watch = UNWATCHED,
    **options: object,
) -> Aggregation:
    """One label an item, with gold used in one of the ways of `GOLD_USES`.

    Parameters
    ----------
    gold_use, seed : as in `gold_to_learn_from`.
    watch, options : as `aggregate` takes them.

    Examples
    --------
    >>> from workbench.workspace.demos import demo
    >>> aggregate_asking(demo("clean"), "glad").converged
    True
    """
    return aggregate(data, method, clamp_gold=gold_to_learn_from(data, gold_use, seed), watch=watch, **options)


def side_by_side(
    data: AnnotationSet, results: dict[str, Aggregation], refused: dict[str, str] | None = None
) -> Comparison:
    """The comparison of results at hand, scored on the gold they were not given.

    Parameters
    ----------
    refused : method -> why it did not run; those that need something else are added.
    """
    skipped = {
        name: f"it needs {', '.join(m.needs)}" for name, m in METHODS.items() if m.needs and name not in results
    } | (refused or {})
    return scored(data, results, skipped)


def probability_of_a(result: Aggregation) -> np.ndarray:
    """Soft label of each item: the chance that A is the better response, a tie counting half; NaN where nothing is
    known. Float64 (n_items,).

    Raises
    ------
    WorkbenchError
        The labels have no sides.
    """
    if not result.scale.has_sides:
        raise WorkbenchError(
            "The labels are categories, so there is no A that could be better.", "Export the labels as a table instead."
        )
    by_direction = result.direction_posterior
    return by_direction[:, 0] if by_direction.shape[1] == 2 else by_direction[:, 0] + by_direction[:, 1] / 2
