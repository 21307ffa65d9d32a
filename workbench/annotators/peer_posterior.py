r"""What everybody else says about each item that somebody judged: the yardstick an annotator is held against.

For a judgement of item i by annotator k it is the posterior of the item's state (`workbench.annotators.crew`) given
gold, or else all votes but k's own: $r_z \propto p_z \prod_{k' \ne k} T_{k'}(z, l')$. $T_{k'}$ is an average over the
levels of skill, weighed by how well each explains what k' says of the items of others; it and the shares of the levels
are learned in a few rounds. One's own vote never counts in one's favour.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from workbench.annotators.crew import Crew
from workbench.annotators.gold_calibration import GoldScale, gold_scale
from workbench.annotators.in_order import InOrder
from workbench.annotators.learning import learned
from workbench.annotators.passes import Before, leave_one_out, of_items, skill_totals
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import NULL

FLOOR = 0.5
"""Least margin over chance of one who counts as looking, as a share of the crew's usual margin."""

MOST_LABELS = 2_000
"""Labels of one annotator that are looked at closely: of more, there is nothing left to be learned."""

_SHARE = 50_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Others:
    """First judgements with a label, beside what everybody else says of their items.

    Attributes
    ----------
    data : the annotations.
    crew : how each level of skill labels in each state.
    log_tables : float64 (n_annotators, K, Z): log-chance of each annotator's labels in each state.
    scores : float64 (n_annotators, G): log-likelihood of each annotator's labels (or of a sample of them) at each level
        of skill; 0 where there are none.
    gold : int8 (n_items,): the gold used, -1 where there is none or it is not believed.
    partners : int32 (n_annotators,): annotators with the same number (0 or above) are not held against each other.
    ignored : bool (n_annotators,): their votes do not count in what others are held against.
    in_order : the judgements annotator by annotator; the same whatever is left out.
    unheard : bool (n,): votes that do not count either, as those of a week in which all were confused; None = no such
        votes.
    wrong_gold : share of the gold used that is probably wrong.
    camp : int8 (n,): votes of one camp are held against each other only (`workbench.annotators.schools`); None = there
        is one.
    """

    data: AnnotationSet
    crew: Crew
    log_tables: np.ndarray
    scores: np.ndarray
    gold: np.ndarray
    partners: np.ndarray
    ignored: np.ndarray
    in_order: InOrder
    unheard: np.ndarray | None = None
    wrong_gold: float = 0.0
    camp: np.ndarray | None = None
    _before: Before | None = field(default=None, repr=False)

    @property
    def codes(self) -> Codes:
        """The judgements."""
        return self.data.codes

    @property
    def posterior(self) -> np.ndarray:
        """What the others say of each judgement's item: float32 (n, Z) over the states, in the order of
        `data.codes`.
        """
        return self._held[0]

    @property
    def informed(self) -> np.ndarray:
        """Whether the item has gold or another vote, bool (n,); otherwise the posterior is only how common each state
        is.
        """
        return self._held[1]

    @cached_property
    def _held(self) -> tuple[np.ndarray, np.ndarray]:
        silent = self.ignored[self.codes.annotator]
        if self.unheard is not None:
            silent |= self.unheard
        return leave_one_out(
            self.codes, self.gold, self.crew, self.log_tables, silent, self.partners, self.camp, self._before
        )

    @cached_property
    def agreement(self) -> np.ndarray:
        """Chance that each judgement's direction is right, by gold or what the others say; float32 (n,) in the order of
        `data.codes`.
        """
        from workbench.annotators.kernels import chance_right
        from workbench.parallel import in_parts

        direction = self.data.scale.direction_table()
        same = (direction[:-1][:, None] == direction[self.crew.truth][None, :]).astype(np.float32)
        found, posterior = np.empty(len(self.codes), np.float32), self.posterior

        def work(low: int, high: int) -> tuple:
            chance_right(self.codes.label, posterior, same, low, high, found)
            return ()

        in_parts([(low, min(low + _SHARE, len(found))) for low in range(0, len(found), _SHARE)], work)
        return found

    def by_skill(self) -> tuple[np.ndarray, np.ndarray]:
        """Log-likelihood of each annotator's labels on items without gold at each level: float64 (n_annotators, T) over
        `crew.every_table`, and the labels looked at.

        Of an annotator with more than `MOST_LABELS` labels every second, third, ... in order of time.
        """
        return self._by_skill

    @cached_property
    def _by_skill(self) -> tuple[np.ndarray, np.ndarray]:
        return self._skill_of(self.informed & (self.gold[self.codes.item] == NULL))

    def by_skill_of(self, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of some judgements only (bool, (n,)), on gold items too."""
        return self._skill_of(self.informed & part)

    def _skill_of(self, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return skill_totals(
            self.codes, self.order, self.bounds, used, self.posterior, self.crew.every_table, MOST_LABELS
        )

    @property
    def order(self) -> np.ndarray:
        """Positions in `codes` by annotator, and by time within each where times are known; int64 (n,)."""
        return self.in_order.order

    @property
    def bounds(self) -> np.ndarray:
        """int64 (n_annotators + 1,): annotator k has `order[bounds[k]:bounds[k + 1]]`."""
        return self.in_order.bounds

    @property
    def moments(self) -> np.ndarray:
        """int64 (n,): when each judgement ended, in ms; unknown ones last."""
        return self.in_order.moments

    @property
    def dated(self) -> np.ndarray:
        """Whether the order of an annotator's judgements is known; bool (n_annotators,)."""
        return self.in_order.dated

    @cached_property
    def scale(self) -> GoldScale:
        """How often right each level of skill is, by the gold."""
        return gold_scale(self)

    def labels_of(self, items: np.ndarray) -> tuple[Codes, np.ndarray]:
        """The judgements of some items (positions, rising) as codes of their own, and their positions in `codes`."""
        return of_items(self.codes, items)

    def by_skill_without_gold(self, kept: Codes, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`by_skill` of the judgements of `labels_of`, as if no gold were known, and which of them another vote speaks
        to: bool (m,).
        """
        from workbench.annotators.kernels import by_annotator

        silent = self.ignored[kept.annotator]
        if self.unheard is not None:
            silent |= self.unheard[rows]
        gold = np.full(kept.n_items, NULL, np.int8)
        posterior, informed = leave_one_out(
            kept,
            gold,
            self.crew,
            self.log_tables,
            silent,
            self.partners,
            None if self.camp is None else self.camp[rows],
        )
        order = by_annotator(kept.annotator, np.zeros(len(kept), np.int64), kept.n_annotators)
        bounds = np.concatenate([[0], np.cumsum(np.bincount(kept.annotator, minlength=kept.n_annotators))])
        return skill_totals(kept, order, bounds, informed, posterior, self.crew.every_table, 0)[0], informed

    def right_label(self, positions: np.ndarray) -> np.ndarray:
        """float64 (m, K): chance of each label to be the right one of these judgements' items, by what the others
        say.
        """
        return self.posterior[positions].astype(float) @ np.eye(self.codes.n_labels)[self.crew.truth]

    def without(self, ignored: np.ndarray, partners: np.ndarray) -> Others:
        """The same with some annotators' votes left out, and some not held against each other."""
        touched = (ignored != self.ignored) | (partners != self.partners)
        return replace(self, ignored=ignored, partners=partners, _before=self._where_not(touched[self.codes.annotator]))

    def without_votes(self, unheard: np.ndarray) -> Others:
        """The same with some votes (bool, (n,)) not counted in what others are held against."""
        changed = unheard if self.unheard is None else unheard != self.unheard
        return replace(self, unheard=unheard, _before=self._where_not(changed))

    def _where_not(self, changed: np.ndarray) -> Before | None:
        """What was found already, where no vote on the item is one of those that change (bool, (n,))."""
        if "_held" not in self.__dict__:
            return None
        left_alone = np.ones(self.codes.n_items, bool)
        left_alone[self.codes.item[changed]] = False
        return *self._held, left_alone

    def without_gold(self, distrusted: np.ndarray, wrong_gold: float = 0.0) -> Others:
        """The same with the gold of some items (bool, (n_items,)) not believed, and a share of the rest that is
        probably wrong too.
        """
        return replace(
            self, gold=np.where(distrusted, NULL, self.gold).astype(np.int8), wrong_gold=wrong_gold, _before=None
        )


def others(
    data: AnnotationSet,
    *,
    floor: float = FLOOR,
    camp: np.ndarray | None = None,
    disputed: np.ndarray | None = None,
) -> Others:
    """What everybody else says about each item that somebody judged.

    Parameters
    ----------
    data : the annotations; first judgements with a label are used.
    floor : least margin over chance of one who counts as looking, as a share of the crew's usual margin.
    camp : int8 (n,): votes of one camp are held against each other only, in the order of `data.codes`.
    disputed : bool (n_items,): items whose gold is not believed.

    Examples
    --------
    Two of three say A. Each of them is held against an A and a B (of one who seems a little less skilled), the third
    against two As:

    >>> import pandas as pd
    >>> from workbench.dataset.assembly import Export, assemble
    >>> rows = pd.DataFrame({"item_id": ["1"] * 3, "annotator": ["x", "y", "z"], "label": ["A", "A", "B"]})
    >>> found = others(
    ...     assemble(
    ...         [Export(items=rows[["item_id"]], rows=rows[["annotator", "label"]], source="t", format="t", sides=True)]
    ...     )
    ... )
    >>> found.right_label(np.arange(3))[:, 0].round(1).tolist()
    [0.6, 0.6, 0.9]
    """
    codes, a = data.codes, len(data.annotators)
    gold = data.gold.astype(np.int8)
    if disputed is not None:
        gold = np.where(disputed, NULL, gold).astype(np.int8)
    crew, log_tables, scores = learned(data, codes, gold, floor, camp)
    return Others(
        data=data,
        crew=crew,
        log_tables=log_tables,
        scores=scores,
        gold=gold,
        partners=np.full(a, -1, np.int32),
        ignored=np.zeros(a, bool),
        in_order=InOrder(data),
        camp=camp,
    )
