"""PandaLM test set: one row a pair with one column for each human annotator, and the verdict files of model judges."""

from __future__ import annotations

import re

import pandas as pd

from workbench.dataset.assembly import Export
from workbench.dataset.scales import TERNARY
from workbench.formats.files.document import Document
from workbench.formats.records.nested import label_of, text_of
from workbench.formats.records.record_collector import Harvest

NAME = "pandalm"
TITLE = "PandaLM test set"

_SPELLING = {"1": "A", "2": "B", "0": "="}


def recognise(document: Document) -> float:
    """Knows the human file by its annotator columns and the judge files by `idx` and `<judge>_result`."""
    if {"idx", "response1", "response2", "annotator1"} <= document.keys:
        return 1.0
    return 0.9 if "idx" in document.keys and _judge(document.keys) else 0.0


def read(document: Document) -> Export:
    """Human rows become one judgement for each annotator column; a judge's file adds one for each pair."""
    harvest = Harvest(document, NAME)
    judge = _judge(document.keys)
    needed = ("idx", f"{judge}_result") if judge is not None else ("idx", "instruction", "response1", "response2")
    usable = []
    for number, record in harvest.records():
        if text_of(record.get("idx")) is None or not record.keys() >= set(needed):
            harvest.set_aside(f"without {' or '.join(needed)}", number)
        else:
            usable.append(record)
    table = pd.DataFrame(
        {
            c: pd.Series([r.get(c) for r in usable], dtype=object)
            for c in dict.fromkeys(key for r in usable for key in r)
        }
    )
    if len(table) == 0:
        return harvest.export(TERNARY, _SPELLING)
    items = pd.DataFrame({"item_id": table["idx"].map(text_of)})
    if judge is not None:
        rows = pd.DataFrame(
            {"label": table[f"{judge}_result"].map(label_of), "annotator": f"judge:{judge}", "annotator_kind": "ai"}
        )
        if f"{judge}_reason" in table:
            rows["reason"] = table[f"{judge}_reason"].map(text_of)
        rows = rows.assign(item_row=range(len(table)), ref=table["idx"].map(text_of))
        return harvest.export(TERNARY, _SPELLING, frames=(items, rows))
    prompt = table["instruction"].map(_text)
    if "input" in table:
        prompt = prompt + table["input"].map(lambda v: f"\n\n{_text(v)}" if _text(v) else "")
    items = items.assign(
        prompt=prompt, response_a=table["response1"].map(_text), response_b=table["response2"].map(_text)
    )
    if "cmp_key" in table:
        models = table["cmp_key"].map(_text).str.split("_", n=1, expand=True).reindex(columns=[0, 1])
        items = items.assign(model_a=models[0], model_b=models[1])
    if "motivation_app" in table:
        items["slice.application"] = table["motivation_app"].map(text_of)
    columns = sorted((str(c) for c in table if re.fullmatch(r"annotator\d+", str(c))), key=lambda c: int(c[9:]))
    parts = [
        pd.DataFrame(
            {
                "item_row": range(len(table)),
                "annotator": c,
                "label": table[c].map(label_of),
                "shown_first": "a",
                "ref": table["idx"].map(text_of),
            }
        )
        for c in columns
    ]
    rows = pd.concat(parts).sort_values("item_row", kind="stable", ignore_index=True) if parts else pd.DataFrame()
    return harvest.export(TERNARY, _SPELLING, frames=(items, rows))


def _judge(keys: set[str]) -> str | None:
    return next((key[: -len("_result")] for key in sorted(keys) if key.endswith("_result")), None)


def _text(value: object) -> str:
    """Responses that are JSON booleans or NaN are texts too: what the file shows."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    text = text_of(value)
    return str(value) if text is None else text
