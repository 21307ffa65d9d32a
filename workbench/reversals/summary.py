"""All kinds of reversal of one annotation set together."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.agreement import Tally
from workbench.dataset.annotation_set import AnnotationSet
from workbench.reversals.between import Between, between_annotators
from workbench.reversals.cycles import Cycles, cycles
from workbench.reversals.decomposition import Decomposition, decompose
from workbench.reversals.judgements import PairJudgements, pair_judgements
from workbench.reversals.order import OrderEffect, order_effect
from workbench.reversals.within import Within, within_annotator


@dataclass(frozen=True, eq=False)
class Reversals:
    """What `reversals` found, one attribute a kind."""

    between: Between
    within: Within
    order: OrderEffect
    cycles: Cycles
    decomposition: Decomposition

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            name: getattr(self, name).to_dict() for name in ("between", "within", "order", "cycles", "decomposition")
        }


def reversals(data: AnnotationSet, counted: Tally | None = None, judgements: PairJudgements | None = None) -> Reversals:
    """Which judgements contradict each other, and in which way?

    Parameters
    ----------
    counted, judgements : `tally(data, Choice(direction=True))` and `pair_judgements(data)`, where they are at hand
        already.
    """
    found = judgements or pair_judgements(data)
    within, between = within_annotator(data, found), between_annotators(data, counted)
    order = order_effect(data, found)
    return Reversals(between, within, order, cycles(data, judgements=found), decompose(within, between, order))
