"""Files beside the annotations: gold labels, and texts that are read when they are shown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from workbench.dataset.texts import JoinedTexts
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.tables import side_files

MAPPING = {"item": "task", "annotator": "who", "label": "vote"}
VOTES = pd.DataFrame(
    {"task": ["t2", "t1", "t2", "t3"], "who": ["ann", "ann", "bob", "bob"], "vote": ["left", "right", "tie", "left"]}
)
TEXTS = pd.DataFrame(
    {
        "task": ["t1", "t2", "t9"],
        "prompt": ["p1", "p2", "p9"],
        "response_a": ["a1", "a2", "a9"],
        "response_b": ["b1", "b2", "b9"],
        "model_a": ["m", "m", "m"],
        "model_b": ["n", "n", "n"],
    }
)


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    VOTES.to_csv(tmp_path / "votes.csv", index=False)
    return tmp_path / "votes.csv"


def texts(tmp_path: Path, kind: str) -> Path:
    path = tmp_path / f"texts.{kind}"
    {
        "csv": lambda: TEXTS.to_csv(path, index=False),
        "parquet": lambda: TEXTS.to_parquet(path, row_group_size=1),
        "jsonl": lambda: TEXTS.to_json(path, orient="records", lines=True),
    }[kind]()
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_texts_join_by_item_id(tmp_path: Path, votes: Path, kind: str) -> None:
    data = load([votes, texts(tmp_path, kind)], mapping=MAPPING)
    assert data.items["item_id"].tolist() == ["t2", "t1", "t3"]
    assert data.item_texts()["prompt"].iloc[:2].tolist() == ["p2", "p1"]
    assert data.item_texts().iloc[2].isna().all()
    assert data.items["model_a"].iloc[:2].tolist() == ["m", "m"]
    assert data.items["words_a"].tolist() == [1, 1, -1]
    assert "items-without-texts" in {f.code for f in data.findings}


def test_large_texts_stay_in_their_file(tmp_path: Path, votes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_files, "LAZY_FROM", 0)
    path = texts(tmp_path, "parquet")
    data = load([votes, path], mapping=MAPPING)
    assert isinstance(data.texts, JoinedTexts)
    assert data.item_texts([1, 0, 1])["response_b"].tolist() == ["b1", "b2", "b1"]
    assert data.item_texts([2]).isna().all(axis=None)
    assert len(data.item_texts([])) == 0
    assert data.item_texts()["prompt"].iloc[:2].tolist() == ["p2", "p1"]
    assert data.items["model_b"].iloc[:2].tolist() == ["n", "n"]
    assert data.items["words_a"].tolist() == [-1, -1, -1]
    assert data.has_pairs
    assert data.key == load([path, votes], mapping=MAPPING).key
    TEXTS.assign(response_a="changed").to_parquet(path)
    assert data.key != load([votes, path], mapping=MAPPING).key
    path.unlink()
    with pytest.raises(WorkbenchError, match="texts cannot be read"):
        data.item_texts([0])


def test_an_audit_reads_no_texts(tmp_path: Path, votes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import workbench

    monkeypatch.setattr(side_files, "LAZY_FROM", 0)
    data = load([votes, texts(tmp_path, "parquet")], mapping=MAPPING)
    monkeypatch.setattr(JoinedTexts, "frame", lambda *_: pytest.fail("the texts were read"))
    workbench.audit(data)


def test_names_say_it_without_a_mapping(tmp_path: Path) -> None:
    VOTES.rename(columns={"task": "item_id", "who": "annotator", "vote": "label"}).to_parquet(
        tmp_path / "annotations.parquet"
    )
    TEXTS.rename(columns={"task": "item_id"}).to_parquet(tmp_path / "texts.parquet")
    data = load(tmp_path)
    assert (len(data.annotations), data.item_texts()["response_a"].iloc[:2].tolist()) == (4, ["a2", "a1"])


def test_texts_alone_are_no_annotations(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="texts but no labels"):
        load([texts(tmp_path, "csv")], mapping={**MAPPING, "prompt": "prompt"})


@pytest.mark.parametrize("header", ["item,label", "item_id,gold", "task,vote", "Task_ID,Gold_Label"])
def test_gold_files(tmp_path: Path, votes: Path, header: str) -> None:
    (tmp_path / "gold.csv").write_text(f"{header}\nt1,right\nt2,A\nt8,left\n")
    data = load(votes, mapping=MAPPING, gold=tmp_path / "gold.csv")
    assert [data.scale.labels[g] if g >= 0 else None for g in data.gold] == ["A", "B", None]
    assert "gold-for-unknown-items" in {f.code for f in data.findings}
    assert len(data.annotations) == 4


def test_gold_that_contradicts_itself_or_names_nothing(tmp_path: Path, votes: Path) -> None:
    (tmp_path / "gold.csv").write_text("item,label\nt1,right\nt1,left\n")
    data = load(votes, mapping=MAPPING, gold=tmp_path / "gold.csv")
    assert (data.gold == -1).all()
    assert "gold-contradicts-itself" in {f.code for f in data.findings}
    (tmp_path / "gold.csv").write_text("colour,size\nred,1\n")
    with pytest.raises(
        WorkbenchError, match=r"gold.csv: a gold file needs the columns item and label; it has colour, size"
    ):
        load(votes, mapping=MAPPING, gold=tmp_path / "gold.csv")
