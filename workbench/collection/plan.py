"""What a batch will take, before anybody is asked: tasks, gold, time, money, and how soon a random clicker is found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.annotators.planning import Design, sequential_plan
from workbench.annotators.sequential import SequentialTest
from workbench.collection.batches import Settings
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError
from workbench.messages import by, message, name_of

WORDS_A_MINUTE = 238.0
"""Silent reading of non-fiction by adults (Brysbaert 2019, Journal of Memory and Language 109)."""
DECIDING = 8.0
"""Seconds to decide, beside reading."""


@dataclass(frozen=True, kw_only=True)
class BatchPlan:
    """What a batch takes.

    Attributes
    ----------
    items : pairs to judge. `gold_items` : pairs with a known answer.
    people, overlap : who judges, and how many judge each item.
    judgements : wanted of items; `tasks` counts gold, checks and repeats too.
    tasks_each : tasks of each person, the last one rounded up.
    gold_each : gold tasks of each person, in the mean.
    gold_share : share realised where the gold suffices.
    seconds_a_task : reading at 238 words a minute and 8 seconds to decide.
    hours_each, hours : of work.
    cost : what is paid, where a pay is known.
    clicker_found_after : median tasks until somebody who clicks at random is paused; None where that is not to be
        expected within the tasks of one person.
    clicker_found : chance that it happens at all within them.
    honest_paused : chance that somebody right in four of five is ever paused.
    """

    items: int
    gold_items: int
    people: int
    overlap: int
    judgements: int
    tasks: int
    tasks_each: int
    gold_each: float
    gold_share: float
    seconds_a_task: float
    hours_each: float
    hours: float
    cost: float | None
    clicker_found_after: int | None
    clicker_found: float
    honest_paused: float

    def to_dict(self) -> dict[str, object]:
        """The plan as the command line prints it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def plan_batch(
    pool: AnnotationSet,
    people: int,
    settings: Settings,
    gold: int | None = None,
    *,
    only: Sequence[int] | None = None,
) -> BatchPlan:
    """What would this batch take?

    Parameters
    ----------
    pool : the pairs, with texts.
    people : how many judge.
    settings : of the batch.
    gold : items with a known answer; by default those of the pool.
    only : positions of the items to be judged; None = all. Gold comes from the whole pool.

    Raises
    ------
    WorkbenchError
        More people are to judge each item than there are, or there is less gold than one person needs: nobody gets the
        same gold twice.
    """
    settings = settings.checked()
    if people < 1:
        raise WorkbenchError("A batch needs people.", message("Say how many ", by("people"), "."))
    if settings.overlap > people:
        raise WorkbenchError(
            f"Each item is to be judged by {settings.overlap} people and there are {people}.",
            message("Lower ", name_of("overlap"), ", or ask more ", name_of("people"), "."),
        )
    has_gold = pool.gold != NULL
    asked = np.asarray([] if only is None else only, np.int64)
    gold = int(has_gold.sum() - has_gold[asked].sum()) if gold is None else gold
    items = len(pool.items) - gold if only is None else len(asked)
    judgements = items * settings.overlap
    shares = settings.shares
    tasks = math.ceil(judgements / max(shares.regular, 0.05))
    each = math.ceil(tasks / people)
    if settings.most_each is not None:
        each = min(each, settings.most_each)
    needed = shares.gold * each
    if needed > gold:
        raise WorkbenchError(
            f"Each person is to judge {each:,} tasks, {needed:,.0f} of them gold, and there are {gold:,} gold items;"
            " nobody gets the same gold twice.",
            message(
                "Give more gold, or set ",
                name_of("gold_share"),
                f" to {gold / max(each, 1):.3f} or less, or ask more people." if gold else " to 0.",
            ),
        )
    seconds = _seconds(pool)
    late = _detection(settings, 0.5, each)
    return BatchPlan(
        items=items,
        gold_items=gold,
        people=people,
        overlap=settings.overlap,
        judgements=judgements,
        tasks=tasks,
        tasks_each=each,
        gold_each=needed,
        gold_share=shares.gold,
        seconds_a_task=seconds,
        hours_each=each * seconds / 3600,
        hours=tasks * seconds / 3600,
        cost=None if settings.pay_per_task is None else settings.pay_per_task * tasks,
        clicker_found_after=late[0],
        clicker_found=late[1],
        honest_paused=_detection(settings, 0.8, each)[1],
    )


def _seconds(pool: AnnotationSet) -> float:
    words = pool.items[["words_prompt", "words_a", "words_b"]].to_numpy(np.float64)
    return float(np.clip(words, 0, None).sum(axis=1).mean()) / WORDS_A_MINUTE * 60 + DECIDING


def _detection(settings: Settings, accuracy: float, tasks: int) -> tuple[int | None, float]:
    """Median tasks until somebody of this accuracy is paused, and the chance of it within so many tasks."""
    design = Design(gold_share=settings.shares.gold, overlap=1.0 if settings.overlap >= 3 else 0.0)
    found = sequential_plan(SequentialTest(alpha=settings.alpha), accuracy, design, max(tasks, 1))
    chance = float(found.flagged_by[-1])
    at = int(np.searchsorted(found.flagged_by, 0.5)) if chance >= 0.5 else None
    return at, chance
