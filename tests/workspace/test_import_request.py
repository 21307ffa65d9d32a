"""What is said of an export before it is opened is what opening it then does."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from workbench.checkpoints import FolderCheckpoints
from workbench.errors import WorkbenchError
from workbench.locations import data_folder
from workbench.progress import Cancelled
from workbench.runs import RunContext, all_runs, start
from workbench.workspace import import_run
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.import_request import (
    Request,
    allowed_roots,
    ledger_table,
    look_at,
    name_people,
    preview_rows,
    spelling_table,
)
from workbench.workspace.import_run import import_config

VOTES = """\
item_id,annotator,label,prompt,response_a,response_b
1,ann,left,p,x,y
1,bob,right,p,x,y
2,ann,tie,q,x,z
2,bob,,q,x,z
"""


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text(VOTES)
    return path


def test_a_look_says_rows_columns_guess_and_samples(votes: Path) -> None:
    [look] = look_at([votes])
    assert (look.name, look.rows, look.columns[:3]) == ("votes.csv", 4, ("item_id", "annotator", "label"))
    assert look.guess["label"] == ("label",)
    assert look.samples["annotator"] == ("ann", "bob")
    assert look.formats[0][0] == "columns"


def test_the_preview_shows_what_reading_gives(votes: Path) -> None:
    request = Request(paths=(str(votes),))
    [look] = look_at(request.paths)
    shown = preview_rows(look, request)
    data = request.read()
    assert shown["label"].fillna("").tolist() == data.rows()["label"].fillna("").tolist() == ["A", "B", "=", ""]
    assert shown["response_b"].tolist() == ["y", "y", "z", "z"]


def test_the_preview_follows_a_mapping(votes: Path) -> None:
    mapping = (("item", ("item_id",)), ("label", ("annotator",)))
    request = Request(paths=(str(votes),), mapping=mapping)
    shown = preview_rows(look_at(request.paths)[0], request)
    assert sorted(set(shown["label"])) == ["ann", "bob"]
    with pytest.raises(WorkbenchError, match="no column 'nothing'"):
        preview_rows(look_at(request.paths)[0], Request(paths=request.paths, mapping=(("label", ("nothing",)),)))


def test_spellings_are_counted_and_can_be_read_otherwise(votes: Path) -> None:
    request = Request(paths=(str(votes),))
    [look] = look_at(request.paths)
    table, scale, how = spelling_table(look, request)
    assert scale == ("A", "=", "B")
    assert dict(zip(table["spelling"], table["label"], strict=True)) == {"left": "A", "right": "B", "tie": "=", "": ""}
    assert "left" in how
    other = Request(paths=request.paths, scale=("A", "=", "B"), spelling=(("tie", "B"),))
    table, _, _ = spelling_table(look, other)
    assert dict(zip(table["spelling"], table["label"], strict=True))["tie"] == "B"
    assert other.read().rows()["label"].fillna("").tolist() == ["A", "B", "B", ""]
    missing = Request(paths=request.paths, scale=("A", "=", "B"), spelling=(("tie", ""),)).read()
    assert missing.rows()["label"].fillna("").tolist() == ["A", "B", "", ""]
    assert any(f.code == "skips" and f.count == 2 for f in missing.findings)


def test_a_request_survives_the_way_to_another_process() -> None:
    request = Request(
        paths=("a.csv", "b.csv"),
        format="columns",
        mapping=(("item", ("x", "y")),),
        scale=("A", "B"),
        spelling=(("gut", "A"),),
        gold="gold.csv",
        keep_identical=True,
        hash_annotators=True,
        within=("/data",),
    )
    assert Request.from_json(request.to_json()) == request
    assert json.loads(request.to_json())["mapping"] == [["item", ["x", "y"]]]


def test_the_python_of_a_request_does_the_same(votes: Path) -> None:
    import workbench

    request = Request(
        paths=(str(votes),),
        mapping=(("item", ("item_id",)), ("label", ("label",))),
        scale=("ternary",),
        spelling=(("left", "B"),),
        hash_annotators=True,
    )
    assert eval(request.to_python(), {"workbench": workbench}).key == request.read().key


def test_files_outside_the_folders_are_refused(votes: Path, tmp_path: Path) -> None:
    inside = Request(paths=(str(votes),), within=(str(tmp_path),))
    assert len(inside.read().items) == 2
    with pytest.raises(WorkbenchError):
        Request(paths=(str(votes),), within=(str(tmp_path / "elsewhere"),)).read()
    with pytest.raises(WorkbenchError):
        look_at([votes], [tmp_path / "elsewhere"])


def test_every_row_is_accounted_for(votes: Path) -> None:
    table = ledger_table(Request(paths=(str(votes),)).read()).set_index("what")["rows"]
    assert table.iloc[0] == table.iloc[1:].sum() == 4


@pytest.mark.parametrize(
    ("ids", "people"),
    [
        (["A2K5ICP43ML4PW", "A1VRX31UZ8G3QR"], True),
        (["5f3c9a7be4b0a1d2c3e4f567"] * 2, True),
        (["ann@example.org", "bob"], True),
        (["ann", "bob"], False),
        (["1", "2", "17"], False),
        (["annotator1"], False),
        ([], False),
    ],
)
def test_ids_that_lead_to_a_person(ids: list[str], people: bool) -> None:
    assert name_people(ids) is people


def test_allowed_folders_are_the_data_folder_and_those_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_DATA_ROOTS", f"{tmp_path / 'a'}: :{tmp_path / 'b'}:{data_folder()}:{tmp_path / 'a'}")
    assert allowed_roots() == [data_folder(), tmp_path / "a", tmp_path / "b"]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def test_a_reading_puts_the_data_set_on_the_shelf(votes: Path, tmp_path: Path, runs: Path) -> None:
    shelf = Shelf(tmp_path / "uploads")
    request = Request(paths=(str(votes),))
    run = start("import", import_config(request, shelf, "votes.csv", "upload"))
    assert run.wait(60).state == "done"
    key = (run.result() or {})["key"]
    assert key == request.read().key
    assert shelf.listing()[0].name == "votes.csv"
    assert shelf.read(key).scale.labels == ("A", "=", "B")
    assert all_runs() == []  # lists of runs are not told of it
    assert [each.id for each in all_runs(("import",))] == [run.id]


def test_a_reading_that_fails_says_why(tmp_path: Path, runs: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    run = start(
        "import",
        import_config(Request(paths=(str(tmp_path / "empty.csv"),)), Shelf(tmp_path / "up"), "empty.csv", "upload"),
    )
    status = run.wait(60)
    assert (status.state, status.what) == ("failed", "empty.csv: the file is empty.")


def test_a_reading_can_be_stopped_and_leaves_nothing(tmp_path: Path, runs: Path) -> None:
    path = tmp_path / "large.parquet"
    n = 2_000_000
    pd.DataFrame(
        {"item_id": [i // 3 for i in range(n)], "annotator": [i % 50 for i in range(n)], "label": ["A", "B"] * (n // 2)}
    ).to_parquet(path)
    shelf = Shelf(tmp_path / "uploads")
    run = start("import", import_config(Request(paths=(str(path),)), shelf, "large", "upload"))
    assert run.status().living
    assert run.cancel().state == "cancelled"
    run.delete()
    assert not run.folder.exists()
    assert shelf.listing() == []


def test_a_reading_that_nobody_looks_at_ends(votes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the tab was closed: the file that whoever looks touches is too old."""
    monkeypatch.setattr(import_run, "UNWATCHED_SECONDS", -1.0)
    shelf = Shelf(tmp_path / "uploads")
    with pytest.raises(Cancelled):
        import_run.import_run(
            import_config(Request(paths=(str(votes),)), shelf, "votes.csv", "upload"),
            RunContext(tmp_path, FolderCheckpoints(tmp_path / "checkpoints")),
        )
    assert shelf.listing() == []
