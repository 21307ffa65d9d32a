"""What was judged: the distinct presentations of items among the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.formats.records.shown_first import exchanged_rows
from workbench.formats.tables.cells import keys, spelled_labels, texts
from workbench.formats.tables.mapping_fields import EXAMPLE, ITEM_FIELDS, TEXT_FIELDS


def presentations(
    table: pd.DataFrame, chosen: Mapping[str, Sequence[str]], empty_is_text: bool
) -> tuple[pd.DataFrame, np.ndarray]:
    """The distinct presentations of items among the rows, in order of appearance, and that of each row.

    CSV cannot tell an empty text from none: a response beside another one is an empty text there.
    """
    fields: dict[str, pd.Series] = {}
    for field in chosen:
        if field in TEXT_FIELDS:
            fields[field] = texts(table, chosen[field])
        elif field == "gold":
            fields[field] = spelled_labels(table[chosen[field][0]])
        elif field == "exchanged":
            fields[field] = exchanged_rows(table[chosen[field][0]])
        elif field in ITEM_FIELDS or field.startswith("slice."):
            fields["item_id" if field == "item" else field] = keys(table, chosen[field])
    if not fields:
        raise WorkbenchError("No column is named as the item, nor are there responses.", EXAMPLE)
    if empty_is_text and {"response_a", "response_b"} <= set(fields):
        a, b = fields["response_a"], fields["response_b"]
        fields["response_a"], fields["response_b"] = a.mask(a.isna() & b.notna(), ""), b.mask(b.isna() & a.notna(), "")
    combined = np.zeros(len(table), np.int64)
    for i, values in enumerate(fields.values()):
        codes = (
            values.cat.codes.to_numpy(np.int64)
            if isinstance(values.dtype, pd.CategoricalDtype)
            else pd.factorize(values)[0]
        )
        combined = (
            np.asarray(codes, np.int64) + 1 if i == 0 else combined * (int(codes.max(initial=-1)) + 2) + codes + 1
        )
        if i < len(fields) - 1:  # keeps the numbers small, whatever the number of fields
            combined = pd.factorize(combined)[0].astype(np.int64)
    index, distinct = pd.factorize(combined)
    first = np.zeros(len(distinct), np.int64)
    first[index[::-1]] = np.arange(len(index))[::-1]
    return pd.DataFrame({f: v.take(first).reset_index(drop=True) for f, v in fields.items()}), index.astype(np.int64)


def nameless_ones(items: pd.DataFrame) -> np.ndarray:
    """Presentations that nothing tells apart: no id, and not two responses or models."""
    known = items["item_id"].notna().to_numpy(bool) if "item_id" in items else np.zeros(len(items), bool)
    for a, b in (("response_a", "response_b"), ("model_a", "model_b")):
        if a in items and b in items:
            known = known | (items[a].notna() & items[b].notna()).to_numpy(bool)
    return ~known
