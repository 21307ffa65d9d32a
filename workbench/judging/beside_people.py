"""A judge and people on the same items: who said what, in directions, with what belongs together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError, first_five


@dataclass(frozen=True, eq=False, kw_only=True)
class BesidePeople:
    """Items that a judge and at least one person judged.

    Attributes
    ----------
    judge : its name.
    items : int64 (n,): positions in the data.
    said : float (n,): the judge's direction: 1 = A, 0.5 = tie, 0 = B.
    score : float (n,): its probability of A where it gives one, else `said`.
    people : float (n,): mean of the people's directions, each counted once.
    counts : int (n, 3): people for A, for a tie, for B.
    by_person : int8 (n, annotators): direction code of each person (0 A, 1 tie, 2 B), -1 where there is none.
    persons : their names.
    group : int (n,): what stands and falls together.
    n_set_aside : items that the judge judged and no person did, or the other way round.
    """

    judge: str
    items: np.ndarray
    said: np.ndarray
    score: np.ndarray
    people: np.ndarray
    counts: np.ndarray
    by_person: np.ndarray
    persons: tuple[str, ...]
    group: np.ndarray
    n_set_aside: int

    def __len__(self) -> int:
        return len(self.items)

    def kept(self, mask: np.ndarray) -> BesidePeople:
        """The same on some of the items."""
        return BesidePeople(
            judge=self.judge,
            items=self.items[mask],
            said=self.said[mask],
            score=self.score[mask],
            people=self.people[mask],
            counts=self.counts[mask],
            by_person=self.by_person[mask],
            persons=self.persons,
            group=self.group[mask],
            n_set_aside=self.n_set_aside,
        )


def beside_people(data: AnnotationSet, judge: str, scores: np.ndarray | None = None) -> BesidePeople:
    """What a judge and people said of the same items.

    Parameters
    ----------
    data : annotations with the judge among the annotators; everybody else who is not an AI counts as people.
    judge : name of an annotator: an AI, or a person to be compared with the others.
    scores : float (n_items,): its probability of A; by default its label's direction.

    Raises
    ------
    WorkbenchError : there is no such annotator, the labels have no sides, or the two share no item.
    """
    names = data.annotators["annotator"].astype(str).tolist()
    if judge not in names:
        ais = data.annotators.loc[data.annotators["kind"] == "ai", "annotator"]
        raise WorkbenchError(f"There is no annotator {judge[:60]!r}.", f"AI judges here: {first_five(ais) or 'none'}.")
    if not data.has_pairs:
        raise WorkbenchError("These labels choose no side.", "A judge of pairs is compared on preference labels.")
    codes, me = data.codes, names.index(judge)
    direction = data.scale.direction(codes.label).astype(np.int8)
    direction = np.where(direction == 1, 2, direction) if data.scale.tie is None else direction
    others = [i for i, kind in enumerate(data.annotators["kind"]) if kind != "ai" and i != me]
    table = np.full((len(data.items), len(data.annotators)), -1, np.int8)
    table[codes.item, codes.annotator] = direction
    mine, theirs = table[:, me], table[:, others]
    some = (theirs >= 0).any(axis=1)
    both = np.flatnonzero((mine >= 0) & some)
    if len(both) == 0:
        raise WorkbenchError(
            f"{judge[:60]} and people share no item.", "Open the people's export and the judge's together."
        )
    theirs = theirs[both]
    counts = np.stack([(theirs == side).sum(axis=1) for side in (0, 1, 2)], axis=1)
    said = 1 - mine[both] / 2
    score = said if scores is None else np.where(np.isfinite(scores[both]), scores[both], said)
    groups = data.group_codes if data.group_codes is not None else np.arange(len(data.items))
    used = (theirs >= 0).any(axis=0)
    return BesidePeople(
        judge=judge,
        items=both,
        said=said,
        score=score,
        people=(counts @ np.array([1.0, 0.5, 0.0])) / counts.sum(axis=1),
        counts=counts,
        by_person=theirs[:, used],
        persons=tuple(names[others[i]] for i in np.flatnonzero(used)),
        group=groups[both],
        n_set_aside=int(((mine >= 0) | some).sum()) - len(both),
    )
