"""Labels that a replay hides, and the desk at which a strategy buys them back one at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.aggregation import DEFAULT
from workbench.errors import WorkbenchError
from workbench.messages import by, message
from workbench.studies.bench import Bench
from workbench.studies.label_set import hidden_gold, label_set

GOLD, VOTES, AUTOMATIC = "gold", "votes", "auto"


@dataclass(frozen=True, eq=False)
class Hidden:
    """What is known of each pair and not shown.

    Attributes
    ----------
    rows : int64 (k,): rows of the bench that have a label.
    starts : int64 (k + 1,): labels of row `rows[i]` are `target[starts[i]:starts[i + 1]]`, one or several.
    target : float64: probability that A is preferred, as the label says.
    what : what a label is, in words.
    """

    rows: np.ndarray
    starts: np.ndarray
    target: np.ndarray
    what: str

    @property
    def several(self) -> bool:
        """Whether some pair can be labelled again."""
        return bool((np.diff(self.starts) > 1).any())

    def desk(self, rows: np.ndarray, rng: np.random.Generator) -> Desk:
        """A desk that sells the labels of these rows; the labels of one row come in random order."""
        place = np.searchsorted(self.rows, rows)
        if not np.array_equal(self.rows[place], rows):
            raise ValueError("a row without a label cannot be bought")
        size = np.diff(self.starts)[place]
        starts = np.concatenate([[0], np.cumsum(size)])
        flat = np.repeat(self.starts[place] - starts[:-1], size) + np.arange(starts[-1])
        order = np.lexsort((rng.random(len(flat)), np.repeat(np.arange(len(rows)), size)))
        return Desk(starts, self.target[flat[order]])


class Desk:
    """Sells labels.

    Parameters
    ----------
    starts, target : labels of row i are `target[starts[i]:starts[i + 1]]`, in the order in which they are sold.

    >>> desk = Desk(np.array([0, 2, 3]), np.array([1.0, 0.0, 1.0]))
    >>> desk.reveal(np.array([0, 0, 1]))
    >>> rows, target, weight = desk.labelled
    >>> rows.tolist(), target.tolist(), weight.tolist(), desk.bought
    ([0, 1], [0.5, 1.0], [2.0, 1.0], 3)
    """

    def __init__(self, starts: np.ndarray, target: np.ndarray) -> None:
        self._starts, self._target = starts, target
        self.seen = np.zeros(len(starts) - 1, np.int64)
        self.total = np.zeros(len(starts) - 1)

    @property
    def bought(self) -> int:
        """Labels sold so far."""
        return int(self.seen.sum())

    @property
    def left(self) -> np.ndarray:
        """Labels of each row that are still hidden, (rows,)."""
        found: np.ndarray = np.diff(self._starts) - self.seen
        return found

    @property
    def labelled(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows with a label, the mean of the labels seen of each, and how many these are."""
        rows = np.flatnonzero(self.seen)
        return rows, self.total[rows] / self.seen[rows], self.seen[rows].astype(float)

    def reveal(self, rows: np.ndarray) -> None:
        """Sells the next label of each row; a row named twice sells two."""
        for row in rows:
            if self.left[row] < 1:
                raise ValueError(f"row {row} has no label left")
            self.total[row] += self._target[self._starts[row] + self.seen[row]]
            self.seen[row] += 1


def hidden_labels(bench: Bench, labels: str) -> Hidden:
    """The labels a replay hides.

    Parameters
    ----------
    labels : `auto`, `gold` = what is known to be true; `votes` = each judgement on its own; otherwise a label set, one
        label an item.

    Raises
    ------
    WorkbenchError
        The bench has no judgements, or no label of that kind.
    """
    if labels == AUTOMATIC:
        labels = GOLD if bench.data is None or np.isfinite(bench.truth).mean() >= 0.5 else DEFAULT
    if labels == GOLD:
        known = bench.truth if bench.label is None else bench.label
        rows = np.flatnonzero(np.isfinite(known))
        found = Hidden(rows, np.arange(len(rows) + 1), known[rows], f"{bench.truth_is}, one label a pair")
    elif bench.data is None:
        raise WorkbenchError("These are arrays without judgements.", "Reveal their gold.")
    else:
        bought = label_set(hidden_gold(bench.data), "raw" if labels == VOTES else labels)
        row = bench.row_of_item[bought.item]
        order = np.argsort(row, kind="stable")
        order = order[row[order] >= 0]
        rows, size = np.unique(row[order], return_counts=True)
        what = "single judgements" if labels == VOTES else f"the label set {labels}, one label a pair"
        found = Hidden(rows, np.concatenate([[0], np.cumsum(size)]), bought.target[order], what)
    if len(found.rows) == 0:
        raise WorkbenchError(
            "No pair has a label of this kind to hide.",
            message("Choose other labels, or give a file of known right labels ", by("gold"), "."),
        )
    return found
