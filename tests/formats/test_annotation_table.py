"""One plain table, a row a judgement, that `load` understands without being told anything."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import FIVE, categories
from workbench.errors import WorkbenchError
from workbench.formats import load, write
from workbench.formats.writers import annotation_table

ITEMS = pd.DataFrame(
    {
        "item_id": ["x", "y"],
        "prompt": ["=p", 'q, "quoted"\nline'],
        "response_a": ["- one", "two"],
        "response_b": ["b", "+c"],
        "model_a": ["m", "m"],
        "model_b": ["n", "@n"],
        "group": ["g", "g"],
        "gold": ["A>", "="],
        "slice.language": ["en", "de"],
    }
)
ROWS = pd.DataFrame(
    {
        "item_row": [0, 0, 1, 1],
        "annotator": ["ann", "=bob", "ann", "=bob"],
        "label": ["A>>", "tie (bothbad)", "=", None],
        "shown_first": ["a", "b", None, "a"],
        "seconds": [1.5, None, 3, 4],
        "ended_at": pd.to_datetime(["2026-03-02T09:14:05.120", None, "2026-03-02", "2026-03-03"], format="ISO8601"),
        "confidence": [0.5, None, 1, 1],
        "reason": ["-r", None, "x", "y"],
        "dim.helpful": ["A", "B", None, "A"],
    }
)


@pytest.fixture
def data() -> AnnotationSet:
    return assemble([Export(items=ITEMS, rows=ROWS, source="made.json", format="made", scale=FIVE)])


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_it_reads_back_to_the_same_content(data: AnnotationSet, tmp_path: Path, kind: str) -> None:
    path = write(data, "annotations", tmp_path / f"long.{kind}")[0]
    back = load(path)
    assert back.scale == FIVE
    assert back.key == data.key
    pd.testing.assert_frame_equal(
        back.rows().drop(columns=["dim.helpful"]), data.rows().drop(columns=["dim.helpful"]), check_like=True
    )


def test_csv_cannot_run(data: AnnotationSet, tmp_path: Path) -> None:
    table = pd.read_csv(write(data, "annotations", tmp_path / "long.csv")[0], dtype=str, keep_default_na=False)
    assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in table.to_numpy().ravel())


def test_texts_can_be_left_out(data: AnnotationSet, tmp_path: Path) -> None:
    back = load(write(data, "annotations", tmp_path / "long.parquet", texts=False)[0])
    assert back.item_texts([0]).isna().all(axis=None)
    assert back.rows()["label"].iloc[0] == "A>>"


def test_large_tables_are_written_in_parts(
    data: AnnotationSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotation_table, "AT_ONCE", 1)
    assert load(write(data, "annotations", tmp_path / "long.parquet")[0]).key == data.key


def test_categories_stay_categories_even_if_they_look_like_sides(tmp_path: Path) -> None:
    made = assemble(
        [
            Export(
                items=pd.DataFrame({"item_id": ["1", "2"]}),
                rows=pd.DataFrame({"annotator": "ann", "label": ["A", "B"]}),
                source="f",
                format="made",
                scale=categories(["A", "B"]),
            )
        ]
    )
    back = load(write(made, "annotations", tmp_path / "long.csv")[0])
    assert (back.has_pairs, back.scale.labels) == (False, ("A", "B"))


def test_other_endings_are_refused(data: AnnotationSet, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"\.parquet, \.csv or \.jsonl"):
        write(data, "annotations", tmp_path / "long.xlsx")
