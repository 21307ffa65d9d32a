"""Any table through a column mapping."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import FIVE
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.records.shown_first import read_shown_first
from workbench.formats.tables.cells import keys


def opened(tmp_path: Path, rows: list[dict], kind: str = "csv", **options: object) -> AnnotationSet:
    frame = pd.DataFrame(rows)
    path = tmp_path / f"file.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path, index=False)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return load(path, **options)  # type: ignore[arg-type]


def said(data: AnnotationSet) -> list[list[str | None]]:
    rows = data.rows()[["item_id", "annotator", "label"]].astype(object)
    return rows.where(rows.notna(), None).values.tolist()


KINDS = pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])


@KINDS
def test_a_long_table(tmp_path: Path, kind: str) -> None:
    rows = [
        {"task": t, "who": w, "vote": v, "other": 1}
        for t, w, v in [(1, "ann", "left"), (1, "bob", "right"), (2, "ann", "tie")]
    ]
    data = opened(tmp_path, rows, kind, mapping={"item": "task", "annotator": "who", "label": "vote"})
    assert said(data) == [["1", "ann", "A"], ["1", "bob", "B"], ["2", "ann", "="]]


@KINDS
def test_the_content_is_the_same_from_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    rows = [
        {
            "prompt": f"p{i // 2}",
            "a": f"x{i // 2}",
            "b": f"y{i // 2}",
            "who": f"w{i % 2}",
            "vote": "A",
            "s": 1.5 + i,
            "t": f"2026-03-02T09:14:0{i}Z",
        }
        for i in range(4)
    ]
    mapping = {
        "prompt": "prompt",
        "response_a": "a",
        "response_b": "b",
        "annotator": "who",
        "label": "vote",
        "seconds": "s",
        "ended_at": "t",
    }
    assert opened(tmp_path, rows, kind, mapping=mapping).key == opened(tmp_path, rows, "jsonl", mapping=mapping).key


def test_several_columns_are_one_key(tmp_path: Path) -> None:
    rows = [{"doc": 1, "q": 2, "team": "x", "nr": i, "vote": "A"} for i in range(2)] + [
        {"doc": 12, "q": "", "team": "x", "nr": 0, "vote": "B"}
    ]
    data = opened(tmp_path, rows, mapping={"item": ["doc", "q"], "annotator": ["team", "nr"], "label": "vote"})
    assert data.items["item_id"].tolist() == ["1|2", "12|"]
    assert data.annotators["annotator"].tolist() == ["x|0", "x|1"]


def test_keys_that_hold_the_joint_do_not_collide() -> None:
    table = pd.DataFrame({"a": ["x|y", "x"], "b": ["z", "y|z"]})
    assert keys(table, ["a", "b"]).nunique() == 2


def test_ids_are_text_however_they_are_written(tmp_path: Path) -> None:
    rows = [{"task": t, "who": w, "vote": "A"} for t, w in [(1, 4.0), (1.0, " 5 "), ("1", 6), (None, 7)]]
    (tmp_path / "x.json").write_text(json.dumps(rows))
    data = load(tmp_path / "x.json", mapping={"item": "task", "annotator": "who", "label": "vote"})
    assert said(data) == [["1", "4", "A"], ["1", "5", "A"], ["1", "6", "A"]]
    assert data.ledger.set_aside == {"no item": 1}


def test_a_wide_table_has_an_annotator_a_column(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "x": "9", "y": "11", "ann": "A", "bob": "tie"},
        {"id": 2, "x": "r", "y": "s", "ann": "B", "bob": None},
    ]
    data = opened(tmp_path, rows, mapping={"item": "id", "response_a": "x", "response_b": "y", "label": ["ann", "bob"]})
    assert said(data) == [["1", "ann", "A"], ["1", "bob", "="], ["2", "ann", "B"]]
    assert data.ledger.rows_read == 3
    assert "empty-cells" in {f.code for f in data.findings}


def test_columns_beside_wide_labels_go_along_with_them(tmp_path: Path) -> None:
    rows = [{"id": 1, "l1": "left", "w1": "ann", "s1": 3, "l2": "right", "w2": "bob", "s2": 9}]
    data = opened(
        tmp_path,
        rows,
        mapping={"item": "id", "label": ["l1", "l2"], "annotator": ["w1", "w2"], "seconds": ["s1", "s2"]},
    )
    assert said(data) == [["1", "ann", "A"], ["1", "bob", "B"]]
    assert data.annotations["seconds"].tolist() == [3, 9]


def test_nested_records_are_reached_by_dots(tmp_path: Path) -> None:
    rows = [
        {"task": {"id": 7}, "answers": [{"text": "9"}, {"text": "11"}], "meta": {"who": "ann"}, "choice": ["left"]},
        {
            "task": {"id": 7},
            "answers": [{"text": "9"}, {"text": "11"}],
            "meta": {"who": "bob"},
            "choice": [{"selected": "right"}],
        },
    ]
    data = opened(
        tmp_path,
        rows,
        "jsonl",
        mapping={
            "item": "task.id",
            "response_a": "answers.0.text",
            "response_b": "answers.1.text",
            "annotator": "meta.who",
            "label": "choice",
        },
    )
    assert said(data) == [["7", "ann", "A"], ["7", "bob", "B"]]
    assert data.item_texts()["response_b"].tolist() == ["11"]


def test_messages_are_read_as_texts(tmp_path: Path) -> None:
    rows = [
        {
            "prompt": [{"role": "user", "content": "Hi"}],
            "a": [{"role": "assistant", "content": "x"}],
            "b": "y",
            "vote": "A",
        }
    ]
    data = opened(
        tmp_path, rows, "jsonl", mapping={"prompt": "prompt", "response_a": "a", "response_b": "b", "label": "vote"}
    )
    assert data.item_texts().iloc[0].tolist() == ["Hi", "x", "y"]


def test_seconds_from_start_and_end(tmp_path: Path) -> None:
    rows = [
        {"id": i, "who": "ann", "vote": "A", "start": "3/24/2016 17:56:23", "end": f"3/24/2016 17:57:0{i}"}
        for i in range(3)
    ]
    data = opened(
        tmp_path,
        rows,
        mapping={"item": "id", "annotator": "who", "label": "vote", "started_at": "start", "ended_at": "end"},
    )
    assert data.annotations["seconds"].tolist() == [37, 38, 39]
    assert data.annotations["ended_at"].iloc[2] == pd.Timestamp("2016-03-24 17:57:02")


def test_milliseconds_are_said_and_times_that_are_none_are_counted(tmp_path: Path) -> None:
    rows = [
        {"id": i, "who": "ann", "vote": "A", "ms": 24_000 + i, "when": "soon" if i else "2026-01-01"} for i in range(3)
    ]
    data = opened(
        tmp_path, rows, mapping={"item": "id", "annotator": "who", "label": "vote", "seconds": "ms", "ended_at": "when"}
    )
    assert data.annotations["seconds"].iloc[0] == pytest.approx(24.0)
    assert {"times-in-milliseconds", "unreadable-times"} <= {f.code for f in data.findings}


@pytest.mark.parametrize(
    ("name", "values", "sides"),
    [
        ("shown_first", ["A", "B", None, "a"], [0, 1, -1, 0]),
        ("first", ["left", "right"], [0, 1]),
        ("order", ["AB", "BA"], [0, 1]),
        ("first", [1, 2], [0, 1]),
        ("first", [0, 1], [0, 1]),
        ("a_first", [True, False], [0, 1]),
        ("swapped", [True, False], [1, 0]),
        ("is_flipped", [0, 1], [0, 1]),
        ("first", ["response_a", "Response B", "sideways"], [0, 1, -1]),
    ],
)
def test_every_way_to_say_what_was_shown_first(name: str, values: list, sides: list[int]) -> None:
    read, notes = read_shown_first(pd.Series(values, name=name))
    assert read.cat.codes.tolist() == sides
    assert name in notes[0].message
    assert any(f.code == "unreadable-shown-first" for f in notes) == ("sideways" in values)


def test_names_of_the_models_say_what_was_shown_first() -> None:
    models = pd.Series(["m1", "m2"]), pd.Series(["m2", "m1"])
    assert read_shown_first(pd.Series(["m1", "m1"], name="first"), *models)[0].tolist() == ["a", "b"]


def test_labels_may_name_the_models(tmp_path: Path) -> None:
    rows = [
        {"q": "p", "m1": "gpt", "m2": "llama", "winner": "llama"},
        {"q": "p", "m1": "llama", "m2": "gpt", "winner": "llama"},
    ]
    data = opened(tmp_path, rows, mapping={"prompt": "q", "model_a": "m1", "model_b": "m2", "label": "winner"})
    assert (len(data.items), [r[2] for r in said(data)]) == (1, ["B", "B"])


def test_ratings_of_one_thing_are_categories(tmp_path: Path) -> None:
    rows = [{"id": 1, "who": "ann", "vote": v} for v in (0, 1)]
    assert not opened(tmp_path, rows, mapping={"item": "id", "annotator": "who", "label": "vote"}).has_pairs


def test_scale_and_spelling_are_the_users_own(tmp_path: Path) -> None:
    rows = [{"id": i, "who": "ann", "vote": v, "a": "x", "b": f"y{i}"} for i, v in enumerate([1, 5, 3, 9])]
    data = opened(
        tmp_path,
        rows,
        mapping={"item": "id", "annotator": "who", "label": "vote", "response_a": "a", "response_b": "b"},
        scale=FIVE,
        spelling={"9": "="},
    )
    assert [r[2] for r in said(data)] == ["A>>", "B>>", "=", "="]


def test_other_fields_are_kept(tmp_path: Path) -> None:
    rows = [
        {
            "id": 1,
            "who": "ann",
            "vote": "left",
            "sure": 0.5,
            "why": "x",
            "b": 7,
            "lang": "en",
            "type": "Expert",
            "help": "A",
            "n": "31",
        },
        {
            "id": 2,
            "who": "gpt",
            "vote": "right",
            "sure": "?",
            "why": None,
            "b": 8,
            "lang": "de",
            "type": "LLM",
            "help": None,
            "n": "32",
        },
    ]
    data = opened(
        tmp_path,
        rows,
        "jsonl",
        mapping={
            "item": "id",
            "annotator": "who",
            "label": "vote",
            "confidence": "sure",
            "reason": "why",
            "batch": "b",
            "slice.language": "lang",
            "annotator_kind": "type",
            "dim.helpful": "help",
            "annotation_id": "n",
        },
    )
    assert data.items["slice.language"].tolist() == ["en", "de"]
    assert data.annotators["kind"].tolist() == ["expert", "ai"]
    assert np.isnan(data.annotations["confidence"].iloc[1])
    assert {"reason", "batch", "dim.helpful"} <= set(data.annotations)
    assert "unreadable-confidence" in {f.code for f in data.findings}


@pytest.mark.parametrize(
    ("mapping", "parts"),
    [
        ({"item": "id", "label": "vot"}, ["no column 'vot'", "Did you mean 'vote'", "id, who, vote"]),
        ({"item": "id", "lable": "vote"}, ["no such field", "Did you mean label"]),
        ({"item": "id", "label": ""}, ["no column is named as the label", "mapping="]),
        ({"annotator": "who", "label": "vote", "item": ""}, ["No column is named as the item"]),
        ({"item": "id", "label": "vote", "slice.": "who"}, ["no such field"]),
    ],
)
def test_mistakes_in_the_mapping_are_explained(tmp_path: Path, mapping: dict, parts: list[str]) -> None:
    with pytest.raises(WorkbenchError) as caught:
        opened(tmp_path, [{"id": 1, "who": "ann", "vote": "A"}], mapping=mapping)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("label", ["better, a or b", ["better", "a or b"]])
def test_a_column_with_a_comma_in_its_name(tmp_path: Path, label: str | list[str]) -> None:
    data = opened(
        tmp_path,
        [{"id": 1, "better, a or b": "left"}, {"id": 2, "better, a or b": "right"}],
        mapping={"item": "id", "label": label},
    )
    assert [r[2] for r in said(data)] == ["A", "B"]


def test_only_mapped_columns_of_a_parquet_file_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.formats.files.parquet import ParquetTable

    asked: list[list[str]] = []
    read = ParquetTable.read
    monkeypatch.setattr(
        ParquetTable,
        "read",
        lambda self, columns=None, **more: (asked.append(list(columns)), read(self, columns, **more))[1],
    )
    opened(tmp_path, [{"id": 1, "vote": "left", "huge": "x"}], "parquet", mapping={"item": "id", "label": "vote"})
    assert asked == [["id", "vote"]]


def test_snow_rte_through_a_mapping(real_data: Path) -> None:
    data = load(
        real_data / "snow2008" / "rte.standardized.csv",
        mapping={"item": "orig_id", "annotator": "!amt_worker_ids", "label": "response", "gold": "gold"},
    )
    assert (len(data.items), len(data.annotators), len(data.annotations), (data.gold >= 0).sum()) == (
        800,
        164,
        8000,
        800,
    )
    votes = np.bincount(data.codes.item * 2 + data.codes.label, minlength=1600).reshape(800, 2)
    ahead = votes[:, 0] != votes[:, 1]
    assert int((~ahead).sum()) == 65
    right = (votes.argmax(1) == data.gold)[ahead].sum() + 0.5 * 65
    assert right / 800 == pytest.approx(0.896875)


def test_of_very_wide_tables_the_first_columns_are_looked_at_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import workbench.formats as formats
    from workbench.formats.tables import column_guessing

    for module in (formats, column_guessing):
        monkeypatch.setattr(module, "MOST_LOOKED_AT", 5)
    path = tmp_path / "wide.csv"
    path.write_text("task,rater,verdict,x0,x1,x2,x3\n1,ann,left,a,b,c,d\n1,bob,right,a,b,c,d\n2,ann,left,a,b,c,d\n")
    data = formats.load(path)
    assert data.scale.labels == ("A", "B")
    (note,) = [f for f in data.findings if f.code == "columns-not-looked-at"]
    assert "of its 7 columns only the first 5" in note.message
