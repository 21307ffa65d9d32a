"""Placebo: what setting aside as much at random does. A cleaning that does no better only makes the data smaller."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from workbench.agreement.resampling import sums
from workbench.agreement.tally import tally_of_codes
from workbench.cleaning.evidence import Evidence
from workbench.cleaning.selection import Selection
from workbench.parallel import in_parts

DRAWS = 19
"""Random removals. That a change is larger than all of 19 has probability 1/20 where the choice is as good as random.
"""


@dataclass(frozen=True)
class Compared:
    """A figure under random removals.

    Attributes
    ----------
    changes : the figure's change in each draw.
    before : the figure with nothing set aside, on the items looked at.
    """

    changes: tuple[float, ...]
    before: float

    @property
    def mean(self) -> float:
        """Mean change at random."""
        return float(np.mean(self.changes))

    def advantage(self, change: float) -> float:
        """By how much a change exceeds the mean change at random."""
        return change - self.mean

    def beyond(self, change: float) -> str:
        """Whether a change lies `above` or `below` all draws, or `within` them.

        >>> Compared((0.0, 0.01, -0.01), 0.5).beyond(0.02)
        'above'
        """
        if change > max(self.changes):
            return "above"
        return "below" if change < min(self.changes) else "within"


@dataclass(frozen=True, kw_only=True)
class Placebo:
    """Equal-sized random removals.

    Attributes
    ----------
    draws : how many.
    items : items on which they were tried; `of_items` are all.
    annotators, judgements, items_gone : how many each draw set aside on all items: annotators who lose judgements,
        judgements, and items.
    alpha : alpha under them; None where undefined.
    gold : accuracy of the labels on gold, on the gold items with a label before and after; None without gold.
    flips : share of labels that change among items with a judgement before and after.
    items_left, overlapping, labels_per_item : items with a label, items with two or more, and labels of a labelled
        item, in all data.
    undefined : draws that left alpha undefined.
    """

    draws: int
    items: int
    of_items: int
    annotators: int
    judgements: int
    items_gone: int
    alpha: Compared | None
    gold: Compared | None
    flips: Compared | None
    items_left: Compared
    overlapping: Compared
    labels_per_item: Compared
    undefined: int = 0

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return asdict(self)


def random_removal(evidence: Evidence, chosen: Selection, draws: int = DRAWS, seed: int = 0) -> Placebo:
    """Sets aside at random as many annotators, judgements and items as the rules do, several times.

    As many annotators are drawn as go by the rules, but not just these. As many judgements as the rules take from
    annotators who go are taken from those drawn; where the drawn ones have fewer, the rest comes from the others. As
    many as the rules take judgement by judgement come from the others too. Then as many items go as the rules take. In
    data of more than 25,000 items all of it happens in proportion on a random 25,000, and labels are looked at on 5,000
    items with gold and 5,000 others of these.

    Parameters
    ----------
    chosen : what the rules set aside.
    draws, seed : how many removals, and the seed that makes them the same each time.
    """
    from workbench.cleaning.at_random import set_aside_at_random
    from workbench.cleaning.kernels import relabel

    sample, part = evidence.sample, evidence.sample.part
    codes = part.codes
    share = len(codes) / max(len(evidence.whole.codes), 1)
    per_annotator = part.per_annotator
    active = np.flatnonzero(evidence.whole.per_annotator)
    annotators = int(chosen.gone[active].sum())
    judgements, own = round(share * chosen.by_annotator), round(share * chosen.by_judgement)
    items = round(chosen.items * codes.n_items / max(evidence.whole.codes.n_items, 1))
    names = np.empty(0, object)

    def counted(kept: np.ndarray) -> tuple[float, int, int, int]:
        left = tally_of_codes(codes, kept, evidence.scale, names)
        return sums(left, evidence.coefficient).value, left.n_items, left.n_overlapping, left.n_labels

    def draw(number: int, _: int) -> tuple:
        rng = np.random.default_rng([seed, number])
        drawn = _others_drawn(rng, active, chosen.gone)
        from_drawn = min(judgements, int(per_annotator[drawn].sum()))
        kept = np.empty(len(codes), bool)
        set_aside_at_random(
            codes.starts,
            codes.annotator,
            drawn,
            from_drawn,
            judgements - from_drawn + own,
            items,
            int(rng.integers(1 << 62)),
            kept,
        )
        labels = relabel(  # type: ignore[call-arg]
            0,
            sample.relabelled,
            codes.starts,
            codes.annotator,
            codes.label,
            kept,
            part.beyond,
            *evidence.tables.passed,
            part.label,
            part.gold,
            part.credit,
            np.empty(0, np.int8),
            np.empty(0, np.float32),
        )
        return (*counted(kept), labels)

    *counts, labels = zip(*in_parts([(number, number + 1) for number in range(draws)], draw), strict=True)
    alpha, left, overlapping, given = (np.array(each, float) for each in counts)
    alpha_before, *before = counted(np.ones(0, bool))
    left_before, overlapping_before, given_before = (float(n) for n in before)
    known = alpha[np.isfinite(alpha)] - alpha_before
    found = np.stack(labels)
    golden, both = found[found[:, 6] > 0], found[found[:, 0] > 0]
    gold, flips = (golden[:, 7] - golden[:, 8]) / golden[:, 6], both[:, 1] / both[:, 0]
    in_all = evidence.whole.codes.n_items / max(codes.n_items, 1)
    per_item = given / np.maximum(left, 1) - given_before / max(left_before, 1)
    return Placebo(
        draws=draws,
        items=codes.n_items,
        of_items=evidence.whole.codes.n_items,
        annotators=annotators,
        judgements=chosen.by_annotator + chosen.by_judgement,
        items_gone=chosen.items,
        alpha=_compared(known, alpha_before),
        gold=_compared(gold, float(np.nanmean(part.credit[: sample.relabelled]))) if len(gold) else None,
        flips=_compared(flips, 0.0),
        undefined=draws - len(known),
        labels_per_item=Compared(tuple(per_item.tolist()), given_before / max(left_before, 1)),
        items_left=Compared(tuple((in_all * (left - left_before)).tolist()), in_all * left_before),
        overlapping=Compared(
            tuple((in_all * (overlapping - overlapping_before)).tolist()), in_all * overlapping_before
        ),
    )


def _compared(changes: np.ndarray, before: float) -> Compared | None:
    return Compared(tuple(changes.tolist()), before) if len(changes) else None


def _others_drawn(rng: np.random.Generator, active: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """As many annotators as go, at random, and not the very same ones: a choice is compared with other choices."""
    drawn = np.zeros(len(gone), bool)
    annotators = int(gone[active].sum())
    for _ in range(50):
        drawn[:] = False
        drawn[rng.choice(active, annotators, replace=False)] = True
        if annotators in (0, len(active)) or not np.array_equal(drawn[active], gone[active]):
            break
    return drawn
