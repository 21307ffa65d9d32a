"""What is said of an export before it is opened is what opening it then does."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pandas as pd
import pytest

from workbench.errors import WorkbenchError
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.import_job import Job, Status
from workbench.workspace.import_request import (
    Request,
    allowed_roots,
    ledger_table,
    look_at,
    name_people,
    preview_rows,
    spelling_table,
)

VOTES = "item_id,annotator,label,prompt,response_a,response_b\n1,ann,left,p,x,y\n1,bob,right,p,x,y\n2,ann,tie,q,x,z\n2,bob,,q,x,z\n"  # noqa: E501


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
    request = Request((str(votes),))
    [look] = look_at(request.paths)
    shown = preview_rows(look, request)
    data = request.read()
    assert shown["label"].fillna("").tolist() == data.rows()["label"].fillna("").tolist() == ["A", "B", "=", ""]
    assert shown["response_b"].tolist() == ["y", "y", "z", "z"]


def test_the_preview_follows_a_mapping(votes: Path) -> None:
    request = Request((str(votes),), mapping=(("item", ("item_id",)), ("label", ("annotator",))))
    shown = preview_rows(look_at(request.paths)[0], request)
    assert sorted(set(shown["label"])) == ["ann", "bob"]
    with pytest.raises(WorkbenchError, match="no column 'nothing'"):
        preview_rows(look_at(request.paths)[0], Request(request.paths, mapping=(("label", ("nothing",)),)))


def test_spellings_are_counted_and_can_be_read_otherwise(votes: Path) -> None:
    request = Request((str(votes),))
    [look] = look_at(request.paths)
    table, scale, how = spelling_table(look, request)
    assert scale == ("A", "=", "B")
    assert dict(zip(table["spelling"], table["label"], strict=True)) == {"left": "A", "right": "B", "tie": "=", "": ""}
    assert "left" in how
    other = Request(request.paths, scale=("A", "=", "B"), spelling=(("tie", "B"),))
    table, _, _ = spelling_table(look, other)
    assert dict(zip(table["spelling"], table["label"], strict=True))["tie"] == "B"
    assert other.read().rows()["label"].fillna("").tolist() == ["A", "B", "B", ""]
    missing = Request(request.paths, scale=("A", "=", "B"), spelling=(("tie", ""),)).read()
    assert missing.rows()["label"].fillna("").tolist() == ["A", "B", "", ""]
    assert any(f.code == "skips" and f.count == 2 for f in missing.findings)


def test_a_request_survives_the_way_to_another_process() -> None:
    request = Request(
        ("a.csv", "b.csv"),
        "columns",
        (("item", ("x", "y")),),
        ("A", "B"),
        (("gut", "A"),),
        "gold.csv",
        True,
        True,
        ("/data",),
    )
    assert Request.from_json(request.to_json()) == request
    assert json.loads(request.to_json())["mapping"] == [["item", ["x", "y"]]]


def test_the_python_of_a_request_does_the_same(votes: Path) -> None:
    import workbench

    request = Request(
        (str(votes),),
        mapping=(("item", ("item_id",)), ("label", ("label",))),
        scale=("ternary",),
        spelling=(("left", "B"),),
        hash_annotators=True,
    )
    assert eval(request.to_python(), {"workbench": workbench}).key == request.read().key


def test_files_outside_the_folders_are_refused(votes: Path, tmp_path: Path) -> None:
    inside = Request((str(votes),), within=(str(tmp_path),))
    assert len(inside.read().items) == 2
    with pytest.raises(WorkbenchError):
        Request((str(votes),), within=(str(tmp_path / "elsewhere"),)).read()
    with pytest.raises(WorkbenchError):
        look_at([votes], [tmp_path / "elsewhere"])


def test_every_row_is_accounted_for(votes: Path) -> None:
    table = ledger_table(Request((str(votes),)).read()).set_index("what")["rows"]
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
    monkeypatch.setenv("WORKBENCH_DATA_ROOTS", f"{tmp_path / 'a'}: :{tmp_path / 'b'}")
    assert allowed_roots(tmp_path) == [tmp_path / "data", tmp_path / "a", tmp_path / "b"]


def wait(job: Job) -> Status:
    until = time.monotonic() + 60
    while (status := job.status()).state == "running" and time.monotonic() < until:
        time.sleep(0.05)
    return status


def test_a_job_puts_the_data_set_on_the_shelf(votes: Path, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "uploads")
    request = Request((str(votes),))
    job = Job.start(request, shelf, "votes.csv", "upload")
    status = wait(job)
    assert (status.state, status.key) == ("done", request.read().key)
    assert shelf.listing()[0].name == "votes.csv"
    assert shelf.read(status.key).scale.labels == ("A", "=", "B")
    job.cancel()
    assert not job.folder.exists()


def test_a_job_that_cannot_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    job = Job.start(Request((str(tmp_path / "empty.csv"),)), Shelf(tmp_path / "uploads"), "empty.csv", "upload")
    status = wait(job)
    assert (status.state, status.what) == ("failed", "empty.csv: the file is empty.")
    job.cancel()


def test_a_job_can_be_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "large.parquet"
    n = 2_000_000
    pd.DataFrame(
        {"item_id": [i // 3 for i in range(n)], "annotator": [i % 50 for i in range(n)], "label": ["A", "B"] * (n // 2)}
    ).to_parquet(path)
    shelf = Shelf(tmp_path / "uploads")
    job = Job.start(Request((str(path),)), shelf, "large", "upload")
    assert job.status().state == "running"
    job.cancel()
    assert job.status().state == "failed"
    assert shelf.listing() == []
