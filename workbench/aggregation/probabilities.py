"""Probabilities of a classifier for the items of an annotation set, read from a file: what CROWDLAB joins with the
judgements.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError, counted, first_five

ITEM_COLUMNS = ("item_id", "item", "id", "key", "task_id")
"""Names by which the column of item ids is found, the first that is there."""

SIDE_COLUMNS = ("p_a", "p(a)", "prob_a", "probability_a", "p_chosen_a")
"""Names of a column with the chance that A is better, half of a tie counted in."""


@dataclass(frozen=True, eq=False)
class Probabilities:
    """A classifier's probability of each label for each item.

    Attributes
    ----------
    values : float64 (n_items, K), as CROWDLAB takes them; rows of NaN where the file has none.
    known : items it has probabilities for.
    missing : items with a judgement that it has none for; the judgements alone speak there.
    unknown : rows that name items which are not in the annotations.
    spread : whether the file has the chance of A alone, which was spread over the labels of each side.
    """

    values: np.ndarray
    known: int
    missing: int
    unknown: int
    spread: bool

    def __str__(self) -> str:
        said = [f"probabilities for {counted(self.known, 'item')}"]
        if self.missing:
            said.append(f"none for {counted(self.missing, 'item')} with judgements, where these speak alone")
        if self.unknown:
            said.append(f"{counted(self.unknown, 'row')} of items that are not in the annotations set aside")
        if self.spread:
            said.append("the chance of A was spread over the labels of each side as the judgements are")
        return "; ".join(said)


def read_probabilities(path: str | Path, data: AnnotationSet) -> Probabilities:
    """Reads them from CSV, TSV, Parquet, JSON or JSON lines.

    Parameters
    ----------
    path : a file with an item column (`item_id`) and one column a label (`A>>`, or `p.A>>` as the exported labels have
        it), or one with the chance that A is better (`p_a`).
    data : the annotations they belong to.

    Raises
    ------
    WorkbenchError
        As `probabilities_of`, or the file cannot be read.
    """
    from workbench.formats.files.opening import open_document

    document = open_document(path)
    if document.shape == "xml":
        raise WorkbenchError(
            f"{document.name}: probabilities are not read from XML.", "Give CSV, Parquet or JSON lines."
        )
    return probabilities_of(document.table, data, document.name)


def probabilities_of(table: pd.DataFrame, data: AnnotationSet, name: str = "the table") -> Probabilities:
    """A frame of probabilities in the order of the items.

    Parameters
    ----------
    table, name : as in `read_probabilities`, and what it is called in messages.

    Raises
    ------
    WorkbenchError
        A column is missing, a value is no probability, the rows of some items do not sum to 1, an item stands there
        twice, or no item is known.

    Examples
    --------
    >>> from workbench.dataset.assembly import Export, assemble
    >>> rows = pd.DataFrame({"item_id": ["1", "2"], "annotator": "x", "label": ["A", "B"]})
    >>> data = assemble(
    ...     [Export(items=rows[["item_id"]], rows=rows[["annotator", "label"]], source="t", format="t", sides=True)]
    ... )
    >>> probabilities_of(pd.DataFrame({"item_id": ["2"], "p_a": [0.25]}), data).values.tolist()
    [[nan, nan], [0.25, 0.75]]
    """
    from workbench.formats.tables.cells import keys

    columns = {str(column).lstrip("'").strip().casefold(): column for column in reversed(table.columns)}
    item = next((columns[n] for n in ITEM_COLUMNS if n in columns), None)
    if item is None:
        raise WorkbenchError(
            f"{name}: there is no column of item ids; it has {first_five(list(map(str, table.columns)))}.",
            "Name it item_id.",
        )
    ids = keys(table, [item])
    values, spread = _values(table, columns, data, name)
    given = ids.notna().to_numpy() & ~np.isnan(values).all(1)
    place = np.where(given, pd.Index(data.items["item_id"]).get_indexer(pd.Index(ids.astype("str"))), -1)
    used = np.flatnonzero(place >= 0)
    if len(used) == 0:
        raise WorkbenchError(
            f"{name}: it names no item of the annotations in {counted(len(table), 'row')}.",
            f"Its ids must be those of the annotations, such as {first_five(data.items['item_id'].head(5).tolist())}.",
        )
    twice = pd.Series(place[used]).duplicated(keep=False).to_numpy()
    if twice.any():
        raise WorkbenchError(
            f"{name}: {_items(ids.iloc[used[twice]].unique())} more than once.", "Give one row an item."
        )
    _check(values[used], ids.iloc[used].to_numpy(), name)
    found = np.full((len(data.items), len(data.scale)), np.nan)
    found[place[used]] = values[used]
    judged = np.diff(data.codes.starts) > 0
    return Probabilities(
        found, len(used), int((judged & np.isnan(found[:, 0])).sum()), int((given & (place < 0)).sum()), spread
    )


def _values(table: pd.DataFrame, columns: dict[str, str], data: AnnotationSet, name: str) -> tuple[np.ndarray, bool]:
    """One probability a label, (rows, K), and whether they were spread from the chance of A."""
    labels = data.scale.labels
    own = [
        next((columns[n] for n in (f"p.{label}".casefold(), label.casefold()) if n in columns), None)
        for label in labels
    ]
    if all(column is not None for column in own):
        return np.column_stack([_numbers(table[column], name) for column in own]), False
    side = next((columns[n] for n in SIDE_COLUMNS if n in columns), None)
    if side is None and data.scale.has_sides and len(labels) == 2:
        side = own[0]
    if side is None or not data.scale.has_sides:
        missing = [label for label, column in zip(labels, own, strict=True) if column is None]
        raise WorkbenchError(
            f"{name}: there is no column of probabilities for {first_five(missing)}; it has"
            f" {first_five(list(map(str, table.columns)))}.",
            f"Give one column a label: {', '.join(labels[:9])}."
            + (" Or one with the chance that A is better: p_a." if data.scale.has_sides else ""),
        )
    return spread_over_labels(_numbers(table[side], name), data), len(labels) > 2


def spread_over_labels(of_a: np.ndarray, data: AnnotationSet) -> np.ndarray:
    """Probabilities of the labels from the chance that A is better, half of a tie counted in.

    A tie gets the share that ties have among the judgements, as far as the chance of the weaker side leaves room for
    it; what remains of each side falls on its labels as the judgements of that side do. P(labels for A) + P(tie) / 2 is
    the chance given.

    Parameters
    ----------
    of_a : float64 (n,).

    Returns
    -------
    float64 (n, K).
    """
    scale, sign = data.scale, np.sign(data.scale.strengths)
    given = np.bincount(data.codes.label, minlength=len(scale)).astype(float)
    tie = given[sign == 0].sum() / max(given.sum(), 1.0)
    tied = np.minimum(tie, 2 * np.minimum(of_a, 1 - of_a))
    found = np.zeros((len(of_a), len(scale)))
    for side, chance in ((1, of_a - tied / 2), (-1, 1 - of_a - tied / 2), (0, tied)):
        own = np.flatnonzero(sign == side)
        within = given[own] + 1e-9
        found[:, own] = chance[:, None] * (within / within.sum())[None]
    return found


def _numbers(column: pd.Series, name: str) -> np.ndarray:
    blank = column.isna() | (column.astype(object) == "")
    numbers = pd.to_numeric(column.where(~blank), errors="coerce").to_numpy(float)
    wrong = np.flatnonzero(~blank.to_numpy() & ~np.isfinite(numbers))
    if len(wrong):
        raise WorkbenchError(
            f"{name}: column {column.name} holds {column.iloc[wrong[0]]!r}, which is no number.",
            "Give probabilities from 0 to 1.",
        )
    out = np.flatnonzero((numbers < -1e-9) | (numbers > 1 + 1e-9))
    if len(out):
        raise WorkbenchError(
            f"{name}: column {column.name} holds {numbers[out[0]]:g}.",
            "Give probabilities from 0 to 1, not scores or per cent.",
        )
    return numbers


def _check(values: np.ndarray, ids: np.ndarray, name: str) -> None:
    """Every row is a distribution."""
    off = np.flatnonzero(~(np.abs(values.sum(1) - 1) <= 1e-3))
    if len(off):
        total = values[off[0]].sum()
        first = "a label is blank" if np.isnan(total) else f"{total:.4g} for {ids[off[0]]}"
        raise WorkbenchError(
            f"{name}: the probabilities of {counted(len(off), 'item')} do not sum to 1 ({first}).",
            "Give probabilities of all labels, not scores.",
        )


def _items(ids: np.ndarray) -> str:
    return f"{counted(len(ids), 'item stands', 'items stand')} there ({first_five([str(i) for i in ids])})"
