"""Small hand-written files given to a reader, in every shape it may meet them."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import assemble
from workbench.formats.files.document import Document, Reader


def records(rows: Sequence[Mapping[str, Any]], name: str = "file.jsonl") -> Document:
    """The rows as a JSON file gives them."""
    return Document(name=name, shape="records", content=json.loads(json.dumps(rows)), extension="jsonl")


def parquet(rows: Sequence[Mapping[str, Any]], name: str = "file.parquet") -> Document:
    """The rows through Parquet: nested lists become numpy arrays of dicts."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), buffer)
    buffer.seek(0)
    return Document(name=name, shape="table", content=pq.read_table(buffer).to_pandas(), extension="parquet")


def table(rows: Sequence[Mapping[str, Any]], name: str = "file.csv") -> Document:
    """The rows as a CSV file gives them: strings, empty = null, nested values as JSON text."""
    cells = [
        {k: None if v is None else v if isinstance(v, str) else json.dumps(v) for k, v in row.items()} for row in rows
    ]
    return Document(name=name, shape="table", content=pd.DataFrame(cells, dtype="str"), extension="csv")


def opened(reader: Reader, document: Document, **options: Any) -> AnnotationSet:
    """The annotation set of one file, after checking that the reader recognises it and leaves it as it was."""
    before = copy.deepcopy(document.content)
    assert reader.recognise(document) > 0
    data = assemble([reader.read(document)], **options)
    assert str(document.content) == str(before)
    return data


def labels(data: AnnotationSet) -> list[str | None]:
    """The labels in words, in the order of the file."""
    return [label if isinstance(label, str) else None for label in data.rows()["label"]]


def codes(data: AnnotationSet) -> set[str]:
    """The codes of the findings."""
    return {finding.code for finding in data.findings}


def chosen_texts(data: AnnotationSet) -> list[str]:
    """The text that each judgement prefers, whichever side it is on."""
    texts = data.item_texts()
    rows = data.annotations
    favours_b = data.scale.direction(rows["label"].to_numpy()) == data.scale.direction_table()[-2]
    side = ["response_b" if b else "response_a" for b in favours_b]
    return [texts[s].iloc[i] for s, i in zip(side, rows["item"], strict=True)]
