"""Training rows: who is chosen, how surely, by how much; and nothing left out without its reason."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import FIVE
from workbench.errors import WorkbenchError
from workbench.formats import load, write
from workbench.formats.writers.preference_rows import decide, write_preference_rows

VOTES = {
    "clear": ["A>>", "A>", "A>"],  # strength (2 + 1 + 1) / 3, P(A) = 1
    "split": ["A>", "B>", "B>>"],  # 1 of 3 for A; strength towards B (-1 + 1 + 2) / 3
    "even": ["A>", "B>"],
    "ties": ["=", "=", "A>"],
    "most": ["A>", "A>", "=", "B>"],  # 2 A, 1 tie, 1 B: P(A) = 2.5 / 4
    "skip": [None],
    "bare": ["B>"],  # has no texts
}


@pytest.fixture
def data() -> AnnotationSet:
    names = list(VOTES)
    items = pd.DataFrame(
        {
            "item_id": names,
            "prompt": [f"prompt {n}" for n in names],
            "response_a": [f"={n} left" for n in names],
            "response_b": [f"{n} right" for n in names],
            "model_a": "m",
            "model_b": "n",
            "group": "g",
        }
    )
    items.loc[items["item_id"] == "bare", ["prompt", "response_a", "response_b"]] = None
    rows = pd.DataFrame(
        [
            {"item_row": i, "annotator": f"w{k}", "label": label}
            for i, n in enumerate(names)
            for k, label in enumerate(VOTES[n])
        ]
    )
    return assemble([Export(items=items, rows=rows, source="made.json", format="made", scale=FIVE)])


def read(path: Path) -> dict[str, dict]:
    return {row["item_id"]: row for row in map(json.loads, path.read_text().splitlines())}


def test_the_vote(data: AnnotationSet, tmp_path: Path) -> None:
    rows_path, sidecar_path = write_preference_rows(data, tmp_path / "rows.jsonl")
    rows = read(rows_path)
    assert set(rows) == {"clear", "split", "most"}
    assert rows["clear"] == {
        "prompt": "prompt clear",
        "chosen": "=clear left",
        "rejected": "clear right",
        "p_chosen": 1.0,
        "item_id": "clear",
    }
    assert (rows["split"]["chosen"], rows["split"]["p_chosen"]) == ("split right", pytest.approx(2 / 3))
    assert (rows["most"]["chosen"], rows["most"]["p_chosen"]) == ("=most left", 0.625)
    with_margins = read(write_preference_rows(data, tmp_path / "margins.jsonl", margins=True)[0])
    assert [with_margins[n]["margin"] for n in ("clear", "split", "most")] == pytest.approx([4 / 3, 2 / 3, 0.25])
    sidecar = pd.read_parquet(sidecar_path).set_index("item_id")
    assert sidecar["used"].to_dict() == {n: n in rows for n in VOTES}
    assert sidecar["reason"].dropna().to_dict() == {
        "even": "tie",
        "ties": "tie",
        "skip": "no label",
        "bare": "no texts",
    }
    assert sidecar.loc["split", ["votes.A>", "votes.B>", "votes.B>>", "votes.="]].tolist() == [1, 1, 1, 0]
    assert sidecar["annotators"].to_dict() == {
        "clear": 3,
        "split": 3,
        "even": 2,
        "ties": 3,
        "most": 4,
        "skip": 0,
        "bare": 1,
    }
    assert sidecar.loc["clear", "agreement"] == pytest.approx(1 / 3)
    assert sidecar.loc["skip", "agreement"] != sidecar.loc["skip", "agreement"]
    assert sidecar["pair_id"].str.len().eq(16).all()


def test_ties_may_stay_at_one_half(data: AnnotationSet, tmp_path: Path) -> None:
    rows = read(write_preference_rows(data, tmp_path / "rows.jsonl", ties="soft", margins=True)[0])
    assert set(rows) == {"clear", "split", "even", "ties", "most"}
    assert {(rows[n]["chosen"], rows[n]["p_chosen"], rows[n]["margin"]) for n in ("even", "ties")} == {
        ("=even left", 0.5, 0.0),
        ("=ties left", 0.5, 0.0),
    }


def test_binary_rows_have_no_margin_and_soft_labels_come_back(tmp_path: Path) -> None:
    """A margin of 1 on every row, which TRL takes off the difference of the scores, made the loss 1.279 for .670."""
    import workbench
    from workbench.reward.pairs import pairs_of

    votes = {"one": "AAB", "two": "BBB"}
    rows = pd.DataFrame(
        [
            {
                "item_id": n,
                "prompt": n,
                "response_a": f"{n} left",
                "response_b": f"{n} right",
                "annotator": k,
                "label": v,
            }
            for n, each in votes.items()
            for k, v in enumerate(each)
        ]
    )
    rows.to_csv(tmp_path / "votes.csv", index=False)
    data = workbench.load(str(tmp_path / "votes.csv"))
    written, _ = write_preference_rows(data, tmp_path / "rows.jsonl")
    assert all("margin" not in row for row in read(written).values())
    unanimous = data.keep_annotations(np.asarray(data.annotations["item"] == 1), "of one item")
    with pytest.raises(WorkbenchError, match="no strengths"):
        write_preference_rows(unanimous, tmp_path / "margins.jsonl", margins=True)
    back = pairs_of(workbench.load(str(written)))
    assert back.labels == "written"
    said = {
        prompt: q if a.endswith("left") else 1 - q
        for prompt, a, q in zip(back.prompt, back.response_a, back.target, strict=True)
    }
    assert said == pytest.approx({"one": 2 / 3, "two": 0.0})


def test_labels_of_an_aggregation_decide(data: AnnotationSet) -> None:
    labels = np.array([4, 0, 3, -1, 2, 1, -1])
    made = decide(data, labels=labels)
    assert made.chosen.tolist() == [1, 0, 1, -1, -1, 0, -1]
    assert made.reason.tolist() == [None, None, None, "no label", "tie", None, "no label"]
    assert made.p_chosen[[0, 1]].tolist() == [0.0, pytest.approx(1 / 3)]  # what the votes say against the label shows
    assert made.margin[5] == 1.0


def test_soft_labels_of_an_aggregation(data: AnnotationSet) -> None:
    soft = np.array([0.2, 0.9, 0.5, np.nan, 0.6, 0.3, 0.4])
    made = decide(data, soft=soft)
    assert made.chosen.tolist() == [1, 0, -1, -1, 0, 1, 1]
    assert made.p_chosen[[0, 1, 4]].tolist() == [0.8, 0.9, 0.6]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet"])
def test_conversations(data: AnnotationSet, tmp_path: Path, name: str) -> None:
    path = write_preference_rows(data, tmp_path / name, conversational=True)[0]
    rows = list(read(path).values()) if name.endswith("jsonl") else pq.read_table(path).to_pylist()
    assert rows[0]["prompt"] == [{"role": "user", "content": "prompt clear"}]
    assert (rows[0]["chosen"], rows[0]["rejected"]) == (
        [{"role": "assistant", "content": "=clear left"}],
        [{"role": "assistant", "content": "clear right"}],
    )


def test_our_own_rows_are_read_again(data: AnnotationSet, tmp_path: Path) -> None:
    for conversational in (False, True):
        back = load(write(data, "trl", tmp_path / "rows.jsonl", conversational=conversational)[0])
        assert (back.format, len(back.items)) == ("trl", 3)
        assert set(back.item_texts()["prompt"]) == {"prompt clear", "prompt split", "prompt most"}


def test_csv_cannot_run(data: AnnotationSet, tmp_path: Path) -> None:
    path = write_preference_rows(data, tmp_path / "rows.csv")[0]
    assert pd.read_csv(path)["chosen"].tolist() == ["'=clear left", "split right", "'=most left"]


def test_large_sets_are_written_in_parts(data: AnnotationSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.formats.writers import preference_rows

    whole = {kind: write_preference_rows(data, tmp_path / f"whole.{kind}")[0].read_bytes() for kind in ("jsonl", "csv")}
    monkeypatch.setattr(preference_rows, "AT_ONCE", 1)
    for kind, content in whole.items():
        assert write_preference_rows(data, tmp_path / f"parts.{kind}")[0].read_bytes() == content
    assert pq.read_table(write_preference_rows(data, tmp_path / "parts.parquet")[0]).num_rows == 3


def test_nothing_to_write_is_an_error_that_counts_why(data: AnnotationSet, tmp_path: Path) -> None:
    tied = data.keep_annotations(data.annotations["item"].isin([2, 3]).to_numpy(), "others")
    with pytest.raises(WorkbenchError, match="no label: 5, tie: 2"):
        write_preference_rows(tied, tmp_path / "rows.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_mistakes_are_explained(data: AnnotationSet, tmp_path: Path) -> None:
    ratings = assemble(
        [
            Export(
                items=pd.DataFrame({"item_id": ["1"]}),
                rows=pd.DataFrame({"annotator": ["ann"], "label": ["x"]}),
                source="f",
                format="made",
                sides=False,
            )
        ]
    )
    for made, name, options, match in (
        (ratings, "x.jsonl", {}, "categories"),
        (data, "x.txt", {}, ".jsonl or .parquet"),
        (data, "x.csv", {"conversational": True}, ".jsonl or .parquet"),
        (data, "x.jsonl", {"labels": np.array([1])}, "7 items"),
    ):
        with pytest.raises(WorkbenchError, match=match):
            write_preference_rows(made, tmp_path / name, **options)
    with pytest.raises(WorkbenchError, match=r"no such format.*trl \(.*workbench \("):
        write(data, "excel", tmp_path / "x")
    with pytest.raises(WorkbenchError, match="no option conversational"):
        write(data, "workbench", tmp_path / "x", conversational=True)
    with pytest.raises(WorkbenchError, match="cannot be written"):
        write(data, "annotations", tmp_path / "missing" / "x.parquet")


def test_a_conversation_of_several_turns_stays_one(tmp_path: Path) -> None:
    talk = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello\n\nthere"},
        {"role": "user", "content": "Bye"},
    ]
    rows = [
        {
            "prompt": talk,
            "chosen": [{"role": "assistant", "content": f"So long {i}"}],
            "rejected": [{"role": "assistant", "content": "No"}],
        }
        for i in range(2)
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = write(load(tmp_path / "in.jsonl"), "trl", tmp_path / "out.jsonl", conversational=True)[0]
    assert [
        {k: row[k] for k in ("prompt", "chosen", "rejected")} for row in map(json.loads, out.read_text().splitlines())
    ] == rows
