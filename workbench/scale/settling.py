"""How labels are read, decided once by what all parts hold, so that each bucket reads them so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.export import Export
from workbench.dataset.label_reading import read_all_labels
from workbench.dataset.scales import NULL, LabelScale
from workbench.findings import Finding, finding
from workbench.scale.spilling import Part

_SHOWN = 2_000
"""Rows that stand for all labels of a file, in the proportions they have there."""


@dataclass(frozen=True, eq=False)
class Settled:
    """The reading of labels.

    Attributes
    ----------
    scale : of all files.
    spelling : mark of a file -> its spelling -> label.
    findings : how labels were read.
    """

    scale: LabelScale
    spelling: Mapping[str, Mapping[str, str]]
    findings: tuple[Finding, ...]


def settle(
    parts: Sequence[Part],
    golds: Export | None = None,
    *,
    scale: LabelScale | None = None,
    spelling: Mapping[str, str] | None = None,
) -> Settled:
    """Reads the labels of all parts onto one scale.

    Parameters
    ----------
    parts : all of them.
    golds : of a file of gold.
    scale, spelling : the user's own reading.

    Raises
    ------
    WorkbenchError
        Labels are not understood, or stand on no common scale.
    """
    files = list(dict.fromkeys(part.file for part in parts))
    shown = {file: _shown([part for part in parts if part.file == file]) for file in files}
    exports = list(shown.values()) + ([] if golds is None else [golds])
    items = pd.concat([e.items.assign(export=i) for i, e in enumerate(exports)], ignore_index=True)
    shift = np.cumsum([0, *(len(e.items) for e in exports)])
    rows = pd.concat(
        [
            e.rows.assign(export=i, item_row=np.arange(len(e.rows)) + int(s))
            for i, (e, s) in enumerate(zip(exports, shift, strict=False))
        ],
        ignore_index=True,
    )
    read = read_all_labels(exports, items, rows, scale, dict(spelling or {}))
    spelled: dict[str, dict[str, str]] = {}
    for i, file in enumerate(files):
        own, told = rows["export"].to_numpy() == i, dict(spelling or {})
        for value, code in zip(rows["label"][own], read.label[own].tolist(), strict=True):
            if code != NULL and not pd.isna(value):
                told.setdefault(str(value), read.scale.labels[code])
        of_items = items["export"].to_numpy() == i
        if "gold" in items:
            for value, code in zip(items["gold"][of_items], read.gold[of_items].tolist(), strict=True):
                if code != NULL and not pd.isna(value):
                    told.setdefault(str(value), read.scale.labels[code])
        spelled[file] = told
    return Settled(read.scale, spelled, tuple(finding("info", "labels-read", how) for how in read.how))


def _shown(parts: Sequence[Part]) -> Export:
    """A small export with the labels of a file, each as often as its share of them."""
    counts: dict[Any, int] = {}
    for part in parts:
        for value, n in zip(part.values, part.times, strict=True):
            counts[value] = counts.get(value, 0) + n
    total = max(sum(counts.values()), 1)
    labels = [v for v, n in counts.items() for _ in range(min(n, max(1, round(_SHOWN * n / total))))]
    golds = list(dict.fromkeys(value for part in parts for value in part.golds))
    n = max(len(labels), len(golds), 1)
    first = parts[0]
    items = pd.DataFrame({"item_id": pd.array([str(i) for i in range(n)], dtype="str")})
    if golds:
        items["gold"] = pd.Series([*golds, *[None] * (n - len(golds))], dtype=object)
    rows = pd.DataFrame({"label": pd.Series([*labels, *[None] * (n - len(labels))], dtype=object)})
    export = Export(
        items=items,
        rows=rows,
        source=first.source,
        format=first.format,
        scale=first.scale,
        spelling=first.spelling,
        sides=any(part.sides for part in parts),
        label_name=first.label_name,
        guessed=any(part.guessed for part in parts),
    )
    return export


def as_settled(export: Export, settled: Settled, file: str) -> Export:
    """An export that is read as was decided."""
    return replace(export, scale=settled.scale, spelling=settled.spelling.get(file, {}), guessed=False)
