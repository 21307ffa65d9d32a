"""Flat exports with one judgement a row: items, questions and platform columns of a table brought into an `Export`.

MTurk, Toloka, Appen and Label Studio's small forms differ in the names of their columns; what a row means is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.dataset.scales import LabelScale
from workbench.errors import WorkbenchError, counted
from workbench.formats.files.document import Document
from workbench.formats.records.answers import UNDECIDED, AnsweredHarvest
from workbench.formats.records.nested import label_of, number_of, text_of
from workbench.formats.records.remedies import ANOTHER_FORMAT
from workbench.formats.records.roles import Roles, find_roles


class FlatTable:
    """The rows of a flat export, those without an item set aside.

    Parameters
    ----------
    document : the file.
    name : the reader's name.
    item : column with the item's id; rows without one are set aside where the file has that column.
    worker : column with the annotator's id.

    Raises
    ------
    WorkbenchError
        The file has neither of the two columns.
    """

    def __init__(self, document: Document, name: str, item: str, worker: str) -> None:
        self.harvest = AnsweredHarvest(document, name)
        table = pd.DataFrame() if document.shape == "xml" else document.table
        self._table = table.set_axis([str(c) for c in table.columns], axis=1)
        if item not in self._table and worker not in self._table:
            raise WorkbenchError(
                f"{document.name}: it has no column {item} or {worker}, so it is no export of {name}.",
                ANOTHER_FORMAT,
            )
        self._ref = np.arange(len(table)) + document.first_row
        self._item = item if item in self._table.columns else None
        if self._item is not None:
            self.drop(self._table[self._item].map(text_of).isna().to_numpy(bool), f"rows without {self._item}")

    def __contains__(self, column: str) -> bool:
        return column in self._table.columns

    def __getitem__(self, column: str) -> pd.Series:
        values = self._table[column]
        return values.iloc[:, 0] if isinstance(values, pd.DataFrame) else values

    def __len__(self) -> int:
        return len(self._table)

    @property
    def columns(self) -> list[str]:
        """The columns in the file's order."""
        return list(dict.fromkeys(self._table.columns))

    @property
    def ref(self) -> np.ndarray:
        """Row numbers in the file."""
        return self._ref

    def texts(self, column: str) -> pd.Series:
        """A column as texts, null where empty, nested or not in the file."""
        return self[column].map(text_of) if column in self else pd.Series([None] * len(self), dtype=object)

    def drop(self, rows: np.ndarray, reason: str) -> None:
        """Sets rows aside."""
        for ref in self._ref[rows]:
            self.harvest.set_aside(reason, int(ref))
        self._table = self._table.loc[~rows].reset_index(drop=True)
        self._ref = self._ref[~rows]

    def varies(self, column: str) -> bool:
        """Whether some item has different values in this column: then it is an answer and not the item's data."""
        if self._item is None:
            return False
        values = self[column].map(label_of)
        return bool((values.groupby(self.texts(self._item)).nunique().to_numpy() >= 2).any())

    def export(
        self,
        answers: Mapping[str, pd.Series],
        data: Sequence[str],
        columns: Mapping[str, Any],
        *,
        names: Mapping[str, str] | None = None,
        gold: Mapping[str, pd.Series] | None = None,
        label: Sequence[str | None] | None = None,
        sides: bool | None = None,
        scale: LabelScale | None = None,
    ) -> Export:
        """The table as an `Export`.

        Parameters
        ----------
        answers : question -> its answers, in row order.
        data : columns with the item's data.
        columns : columns of `Export.rows`; `label` is taken from the answers.
        names : shorter names of the data columns, where the platform prefixes them.
        gold : question -> known right answers.
        label : labels where the format says which they are.
        sides, scale : as in `Export`.
        """
        if len(self) == 0:
            return self.harvest.export(None)
        short = dict(names or {})
        roles = find_roles([short.get(c, c) for c in data])
        column_of = {short.get(c, c): c for c in data}
        table, item_row = self._items(roles, column_of)
        rows = pd.DataFrame({"item_row": item_row, "ref": self._ref, "label": UNDECIDED, **columns})
        if label is not None:
            rows["label"] = pd.Series(list(label), dtype=object)
        if roles.has_pair and "shown_first" not in rows:
            rows["shown_first"] = "a"
        if roles.prompt or roles.responses:
            self.harvest.findings.append(roles.finding())
        rows, question = self.harvest.decide(
            table, rows, {q: [_answer(v) for v in values] for q, values in answers.items()}, sides
        )
        known = dict(gold or {}).get(question or "")
        if known is not None:
            table["gold"] = self._gold(table, item_row, known.map(label_of), rows["label"])
        return self.harvest.export(scale, sides=sides, frames=(table, rows))

    def _gold(self, items: pd.DataFrame, item_row: np.ndarray, gold: pd.Series, label: pd.Series) -> list[str | None]:
        """The one right answer of each item; none where several are accepted or rows disagree."""
        several = np.array([isinstance(text, str) and "\n" in text for text in gold], bool) & ~gold.isin(
            label
        ).to_numpy(bool)
        if several.any():
            self.harvest.note(
                "info",
                "several-right-answers",
                f"{len(np.unique(item_row[several])):,} test questions accept several answers and are not used as"
                " gold.",
                "",
                self._ref[several],
            )
        usable = gold.mask(pd.Series(several)).groupby(item_row)
        against = usable.nunique().to_numpy() >= 2
        if against.any():
            self.harvest.note(
                "warning",
                "gold-contradicts-itself",
                f"The gold of {counted(int(against.sum()), 'item')} contradicts itself and is not used.",
                "Decide which gold label is right.",
            )
        first = usable.first().mask(pd.Series(against))
        return [v if isinstance(v, str) else None for v in first.reindex(range(len(items)))]

    def _items(self, roles: Roles, column_of: Mapping[str, str]) -> tuple[pd.DataFrame, np.ndarray]:
        """One row for each distinct presentation, and that of each row of the table."""
        used = [
            *roles.prompt,
            *roles.responses,
            *roles.models,
            *([roles.group] if roles.group else []),
            *([roles.gold] if roles.gold else []),
            *roles.slices,
        ]
        keys = [self.texts(self._item)] if self._item is not None else []
        shown = {name: self[column_of[name]] for name in used}
        keyed = keys or [values.map(label_of) for values in shown.values()]
        if not keyed:
            keyed = [pd.Series(self._ref)]
        code = np.zeros(len(self), np.int64)
        for key in [*keyed, *([shown[n].map(label_of) for n in roles.responses] if keys else [])]:
            code = pd.factorize(code * (len(self) + 1) + pd.factorize(key)[0])[0]
        first = np.unique(code, return_index=True)[1]
        picked = {name: values.iloc[first].tolist() for name, values in shown.items()}
        items = pd.DataFrame(
            [roles.item({name: values[i] for name, values in picked.items()}) for i in range(len(first))]
        )
        if self._item is not None:
            items.insert(0, "item_id", keys[0].iloc[first].to_numpy())
        elif not roles.responses:
            items.insert(0, "item_id", [f"row {self._ref[i]}" for i in first])
        return items, code


def _answer(value: Any) -> str | float | None:
    """Numbers stay numbers only where the file had them as numbers."""
    text = label_of(value)
    return number_of(value) if isinstance(value, float) and text is not None else text
