"""Files that go with a file of annotations: gold labels, and the texts of the items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export
from workbench.dataset.scales import NULL
from workbench.dataset.spellings import read_labels
from workbench.dataset.texts import JoinedTexts
from workbench.errors import WorkbenchError, counted, first_five
from workbench.findings import Finding, finding
from workbench.formats.files.document import Document
from workbench.formats.files.parquet import ParquetTable
from workbench.formats.tables.cells import cells, has_column, keys, texts
from workbench.formats.tables.column_guessing import guess_columns
from workbench.formats.tables.column_mapping import read_mapped
from workbench.formats.tables.mapping_fields import TEXT_FIELDS, Mapping_, checked_mapping
from workbench.hashing import hash_strings

LAZY_FROM = 256 << 20
"""Bytes of text in a Parquet file from which its texts stay there until they are shown."""


def read_gold(document: Document, mapping: Mapping_ | None = None) -> Export:
    """Known right labels of items: columns `item` and `label` (or `gold`), or the same mapping as the annotations.

    Raises
    ------
    WorkbenchError
        There is no item or no label column.
    """
    names = {c.casefold().strip(): c for c in document.columns}
    label = next(
        (
            names[n]
            for n in ("gold", "gold_label", "label", "answer", "golden", "ground_truth", "expected")
            if n in names
        ),
        None,
    )
    chosen: dict[str, list[str]] = {}
    if mapping:
        asked = {
            f: c
            for f, c in mapping.items()
            if f in ("item", "gold", "label", *TEXT_FIELDS, "model_a", "model_b", "group")
        }
        present = {
            f: c for f, c in asked.items() if all(has_column(document, x) for x in ([c] if isinstance(c, str) else c))
        }
        chosen = checked_mapping(present, document)
    for field, plain in (
        ("item", ("item", "item_id", "id", "key", "task_id")),
        ("prompt", ("prompt",)),
        ("response_a", ("response_a",)),
        ("response_b", ("response_b",)),
    ):
        if field not in chosen and (column := next((names[n] for n in plain if n in names), None)):
            chosen[field] = [column]
    gold = chosen.pop("gold", None) or chosen.pop("label", None) or ([label] if label else None)
    chosen.pop("label", None)
    if not gold or not ("item" in chosen or {"response_a", "response_b"} <= set(chosen)):
        raise WorkbenchError(
            f"{document.name}: a gold file needs the columns item and label; it has {first_five(document.columns)}.",
            "Rename the columns, or map them.",
        )
    export = read_mapped(document, {**chosen, "label": gold, "gold": gold})
    return replace(
        export, rows=export.rows.iloc[:0], gold_only=True, sides=None, scale=None, findings=document.findings
    )


def with_gold(data: AnnotationSet, export: Export) -> AnnotationSet:
    """An annotation set with the gold of a gold file, by item id; it takes the place of the gold the items had."""
    place = pd.Index(data.items["item_id"]).get_indexer(pd.Index(export.items["item_id"].astype("str")))
    read = read_labels(export.items["gold"], sides=data.scale.has_sides, scale=data.scale)
    codes = read.codes.astype(data.gold.dtype)
    if {"response_a", "response_b"} <= set(export.items):
        shown, own = hash_strings(export.items["response_a"]), data.items["key_b"].to_numpy()[place]
        codes = np.where((place >= 0) & (shown == own) & (shown != 0), data.scale.flip(codes), codes)
    known = (place >= 0) & (codes != NULL)
    table = pd.DataFrame({"item": place[known], "gold": codes[known]}).drop_duplicates()
    against = table["item"][table["item"].duplicated(keep=False)].unique()
    table = table[~table["item"].isin(against)]
    gold = data.gold.copy()
    gold[against], gold[table["item"].to_numpy()] = NULL, table["gold"].to_numpy()
    found = list(export.findings)
    if (place < 0).any():
        found.append(
            finding(
                "warning",
                "gold-for-unknown-items",
                f"The gold file names {counted(int((place < 0).sum()), 'item')} not in the annotations, set aside.",
                "Check that both files use the same item ids.",
                export.items["item_id"][place < 0],
            )
        )
    if len(against):
        found.append(
            finding(
                "warning",
                "gold-contradicts-itself",
                f"The gold of {counted(len(against), 'item')} contradicts itself and is not used.",
                "Decide which gold label is right.",
                data.items["item_id"].to_numpy()[against],
            )
        )
    if read.unreadable.any():
        found.append(
            finding(
                "warning",
                "unreadable-gold",
                f"{counted(int(read.unreadable.sum()), 'gold label is', 'gold labels are')} not on the scale"
                f" {', '.join(data.scale.labels[:9])}; those items count as having no gold.",
                count=int(read.unreadable.sum()),
            )
        )
    return replace(data, gold=gold).with_findings(*found)


def holds_texts(document: Document, mapping: Mapping_) -> bool:
    """Whether a file has the mapped item column and some texts, but no label: then its texts belong to the other files'
    items.
    """
    if document.shape == "xml" or "item" not in mapping:
        return False
    present = {
        f for f, c in mapping.items() if all(has_column(document, x) for x in ([c] if isinstance(c, str) else c))
    }
    return (
        "label" not in present
        and ("item" in present or "item_id" in document.columns)
        and bool(_own_names(document, mapping) & set(TEXT_FIELDS))
    )


def _own_names(document: Document, mapping: Mapping_) -> set[str]:
    mapped = {f for f, c in mapping.items() if all(has_column(document, x) for x in ([c] if isinstance(c, str) else c))}
    return mapped | {f for f in TEXT_FIELDS if f in document.columns}


@dataclass(frozen=True, eq=False)
class SideTexts:
    """A file of texts (and other columns) of items, by item id.

    Attributes
    ----------
    document : the opened file.
    chosen : field -> its columns.
    ids : item id of each of its rows, as categories.
    lazy : whether prompt and responses are left in the file until they are shown.
    """

    document: Document
    chosen: dict[str, list[str]]
    ids: pd.Series
    lazy: bool

    @classmethod
    def open(cls, document: Document, mapping: Mapping_ | None) -> SideTexts:
        """Finds the columns; only the ids are read."""
        if mapping:
            wanted = {
                f: c
                for f, c in mapping.items()
                if f in (*TEXT_FIELDS, "item", "model_a", "model_b", "group") or f.startswith("slice.")
            }
            wanted = {
                f: c
                for f, c in wanted.items()
                if all(has_column(document, x) for x in ([c] if isinstance(c, str) else c))
            }
            wanted = {
                **{f: f for f in (*TEXT_FIELDS, "model_a", "model_b", "group") if f in document.columns},
                **wanted,
            }
            wanted.setdefault("item", "item_id")
        else:
            wanted = {
                f: c
                for f, c in guess_columns(document).mapping.items()
                if f in (*TEXT_FIELDS, "item", "model_a", "model_b", "group") or f.startswith("slice.")
            }
        chosen = checked_mapping(wanted, document)
        ids = keys(cells(document, chosen["item"], chosen["item"]), chosen["item"])
        columns = [c for f in TEXT_FIELDS for c in chosen.get(f, [])]
        single = all(len(chosen.get(f, [""])) == 1 for f in TEXT_FIELDS)
        table = document.content
        lazy = (
            single
            and isinstance(table, ParquetTable)
            and table.path is not None
            and table.text_bytes(columns) >= LAZY_FROM
        )
        return cls(document, chosen, ids, lazy)

    def joined(self, exports: Sequence[Export]) -> list[Export]:
        """The exports, their items completed with what this file says of them."""
        fields = [f for f in self.chosen if f != "item" and not (self.lazy and f in TEXT_FIELDS)]
        columns = [c for f in fields for c in self.chosen[f]]
        table = cells(self.document, columns, [c for f in fields if f not in TEXT_FIELDS for c in self.chosen[f]])
        values = {f: texts(table, self.chosen[f]) if f in TEXT_FIELDS else keys(table, self.chosen[f]) for f in fields}
        found: list[Finding] = []
        done = []
        for export in exports:
            if "item_id" not in export.items:
                done.append(export)
                continue
            place = self._places(export.items["item_id"])
            missing = np.flatnonzero(place < 0)
            if len(missing):
                found.append(
                    finding(
                        "warning",
                        "items-without-texts",
                        f"{self.document.name} holds no texts for {len(missing):,} items of {export.source}.",
                        "Export the texts of all items.",
                        export.items["item_id"].iloc[missing[:1000]],
                        len(missing),
                    )
                )
            added = {
                f: v.reset_index(drop=True).reindex(place).reset_index(drop=True)
                for f, v in values.items()
                if f not in export.items
            }
            sides = True if {"response_b", "model_b"} & set(self.chosen) and export.scale is None else export.sides
            done.append(replace(export, items=export.items.assign(**added), sides=sides))
        done[0] = replace(done[0], findings=(*done[0].findings, *self.document.findings, *found))
        return done

    def attached(self, data: AnnotationSet) -> AnnotationSet:
        """The annotation set with texts that are read from the file when they are shown."""
        if not self.lazy or self.document.path is None:
            return data
        place = self._places(data.items["item_id"])
        columns = {f: self.chosen[f][0] for f in TEXT_FIELDS if f in self.chosen}
        note = finding(
            "info",
            "texts-read-when-shown",
            f"The texts stay in {self.document.name} until they are shown; their lengths, and which responses are the"
            " same text, are not known.",
        )
        return data.with_texts(JoinedTexts(self.document.path, columns, place)).with_findings(note)

    def _places(self, item_id: pd.Series) -> np.ndarray:
        """Row of each item in this file, the first one where it has several, -1 where it has none."""
        own = self.ids.cat.codes.to_numpy(np.int64)
        first = np.full(len(self.ids.cat.categories) + 1, -1, np.int64)
        first[own[::-1]] = np.arange(len(own))[::-1]
        first[-1] = -1
        if isinstance(item_id.dtype, pd.CategoricalDtype):
            known = self.ids.cat.categories.get_indexer(item_id.cat.categories)
            return first[np.append(known, -1)[item_id.cat.codes.to_numpy()]]
        return first[self.ids.cat.categories.get_indexer(pd.Index(item_id))]
