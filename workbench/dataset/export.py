"""What a format reader found in one file: items as they were presented, and judgements in the file's own spelling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from workbench.dataset.scales import LabelScale
from workbench.findings import Finding


@dataclass(frozen=True, eq=False, kw_only=True)
class Export:
    """What a reader found in one file.

    Attributes
    ----------
    items : one row for each *presentation* of an item, all columns optional but at least an id or a content:
        `item_id`, `prompt`, `response_a`, `response_b` (as shown: A first, or left), `model_a`, `model_b`, `group`
        (prompt or ranking that intervals cluster by), `gold` (in the spelling of the labels, towards A and B as in this
        row), `exchanged` (bool: labels and gold of this row name the sides the other way round than its responses and
        the item's other rows do), `slice.NAME`. Null = unknown.
    rows : one row for each judgement or skip: `item_row` (position in `items`; without this column row i belongs to
        items row i), `annotator` (null = the export has no id), `annotator_kind` (human, expert, ai), `label` (the
        export's spelling, towards A and B as in its items row; null = skipped), `shown_first` (`a` or `b` of its items
        row; null = unknown), `seconds` (float), `ended_at` (datetime64, UTC, naive), `annotation_id`, `confidence`
        (float), `reason` (text), `batch`, `dim.NAME`, and `ref` (the row number or key in the file, for messages).
    source : the file's name, for messages.
    format : the reader's name.
    scale : the label scale where the format fixes it; otherwise it is recognised from the spellings.
    spelling : what some spellings mean, spelling -> label of `scale`.
    sides : whether labels choose between two responses; None = decided by whether the items have responses or models.
    set_aside : reason -> rows the reader read but cannot represent.
    label_name : the column or question the labels come from, whose name may say what numbers mean.
    guessed : nobody has said which column is what, so that labels that are not understood are asked about.
    gold_only : the file holds gold for items of other files, and no judgements.
    distinct_responses : the format gives every response an id of its own, so that two with the same text are still two
        and their items stay.
    """

    items: pd.DataFrame
    rows: pd.DataFrame
    source: str
    format: str
    scale: LabelScale | None = None
    spelling: Mapping[str, str] = field(default_factory=dict)
    sides: bool | None = None
    set_aside: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    label_name: str = ""
    guessed: bool = False
    gold_only: bool = False
    distinct_responses: bool = False
