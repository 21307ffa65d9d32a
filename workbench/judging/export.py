"""The verdicts of a judge as an export like any other: one row an item, beside the people's, in the scale that these
use.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import FIVE, LabelScale
from workbench.drafts import drafted
from workbench.formats.files.paths import JUDGED
from workbench.formats.files.spreadsheet import defused
from workbench.judging.answers import STRENGTH
from workbench.judging.judged import Judged
from workbench.judging.verdict import LABELS

VERDICTS, RESULT = JUDGED


def labels_for(scale: LabelScale) -> tuple[str, ...]:
    """What a judge may answer about data on this scale: no tie where it has none, no strengths where it has none.

    >>> from workbench.dataset.scales import BINARY, TERNARY
    >>> labels_for(BINARY), labels_for(TERNARY)
    (('A>', 'B>'), ('A>', '=', 'B>'))
    """
    if not scale.has_sides:
        return LABELS
    strong = len(scale) > 3
    return tuple(k for k in LABELS if (strong or abs(STRENGTH[k]) < 2) and (scale.tie is not None or STRENGTH[k] != 0))


def on_scale(label: str | None, scale: LabelScale) -> str | None:
    """The label of the scale whose strength is nearest, never one of another direction; None where there is none.

    >>> from workbench.dataset.scales import BINARY, SEVEN
    >>> on_scale("A>>", BINARY), on_scale("=", BINARY), on_scale("B>>", SEVEN)
    ('A', None, 'B>>')
    """
    if label is None:
        return None
    used = scale if scale.has_sides else FIVE
    wanted = STRENGTH[label]
    same = [
        (abs(s - wanted), name)
        for s, name in zip(used.strengths, used.labels, strict=True)
        if np.sign(s) == np.sign(wanted)
    ]
    return min(same, key=lambda pair: pair[0])[1] if same else None


def verdict_table(data: AnnotationSet, judged: Judged, *, texts: bool | None = None) -> pd.DataFrame:
    """A row an item that was asked about; an item without a verdict stands there with an empty label, as a skip.

    Parameters
    ----------
    texts : whether prompt and responses stand in the rows; by default where nobody else has judged the pairs, so that
        the verdicts are training data by themselves, and where the items have no ids of their own, so that nothing else
        could tell which pair it is.
    """
    scale = data.scale if data.has_pairs else FIVE
    place = pd.Series(np.arange(len(data.items)), index=data.items["item_id"].astype(str))
    found = judged.verdicts.table
    items = place.loc[found["item_id"]].to_numpy()
    table = pd.DataFrame(
        {
            "item_id": found["item_id"].to_numpy(),
            "annotator": judged.spec.name,
            "annotator_kind": "ai",
            "label": [on_scale(label, scale) or "" for label in found["label"]],
            "scale": scale.name,
            "confidence": found["confidence"].to_numpy(),
        }
    )
    table["batch"] = f"{judged.spec.name} {judged.version}"
    derived = bool((data.items["item_id"] == data.items["pair_id"]).any()) if "pair_id" in data.items else True
    alone = bool((data.annotations["label"] < 0).all())
    if (derived or alone) if texts is None else texts:
        shown = data.item_texts(items)
        table = table.assign(**{c: shown[c].to_numpy() for c in ("prompt", "response_a", "response_b")})
    return table


def write_verdicts(data: AnnotationSet, judged: Judged, folder: Path) -> Path:
    """Writes `verdicts.csv` into the folder, and what the run came to as `result.json`.

    Cells that a spreadsheet would run are defused.

    Raises
    ------
    WorkbenchError : it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / VERDICTS
    with drafted(path) as draft:
        defused(verdict_table(data, judged)).to_csv(draft, index=False)
    with drafted(folder / RESULT) as draft:
        draft.write_text(json.dumps({**judged.to_dict(), "name": judged.spec.name}, allow_nan=False), "utf-8")
    return path


def with_verdicts(data: AnnotationSet, judged: Judged) -> AnnotationSet:
    """The same annotations with the judge among the annotators, as one of kind `ai`."""
    from dataclasses import replace

    scale = data.scale if data.has_pairs else FIVE
    place = pd.Series(np.arange(len(data.items)), index=data.items["item_id"].astype(str))
    found = judged.verdicts.table
    codes = [-1 if (label := on_scale(each, scale)) is None else scale.code(label) for each in found["label"]]
    rows = pd.DataFrame(
        {
            "item": place.loc[found["item_id"]].to_numpy(np.int32),
            "annotator": np.int32(len(data.annotators)),
            "label": np.array(codes, np.int8),
            "shown_first": np.int8(-1),
            "seconds": np.float32("nan"),
            "ended_at": np.datetime64("NaT"),
            "repeat": np.where(np.array(codes) < 0, -1, 0),
            "confidence": found["confidence"].to_numpy(np.float32),
        }
    )
    who = pd.DataFrame({"annotator": [judged.spec.name], "kind": ["ai"]})
    rows = rows.astype({c: t for c, t in data.annotations.dtypes.items() if c in rows and c != "confidence"})
    return replace(
        data,
        annotators=pd.concat([data.annotators, who.astype("str")], ignore_index=True),
        annotations=pd.concat([data.annotations, rows], ignore_index=True),
    )
