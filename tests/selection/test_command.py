"""`select` on the command line: picks, tasks beside their key, and one readable line where it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.selection.test_pooling import half_labelled
from workbench.cli import main
from workbench.formats.writers.annotation_table import write_annotation_table
from workbench.selection import STRATEGIES, select
from workbench.selection.pooling import pool_from


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_EMBEDDINGS", str(tmp_path / "embeddings"))


@pytest.fixture
def labels(tmp_path: Path) -> str:
    """A file in which half of the pairs have labels."""
    return str(write_annotation_table(half_labelled(), tmp_path / "labels.parquet"))


def test_json_names_the_items_the_library_picks(
    labels: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "batch.json"
    assert (
        main(
            [
                "select",
                labels,
                "--budget",
                "6",
                "--strategy",
                "k-centre",
                "--encoder",
                "hashed",
                "--balance",
                "topic",
                "--to",
                "label-studio",
                "--out",
                str(out),
                "--seed",
                "4",
                "--json",
            ]
        )
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    data = half_labelled()
    made = pool_from(data, encoder="hashed", slice="topic")
    picks = select(made.pool, 6, "k_centre", 4, balance="equal").picks
    assert told["items"] == data.items["item_id"].to_numpy()[made.items[picks]].tolist()
    assert (told["picked"], told["pool"]["new"], told["pool"]["labelled"]) == (6, 30, 30)
    assert told["pool"]["encoder"] == "hashed"
    assert [Path(f).name for f in told["files"]] == ["batch.json", "batch.key.csv", "batch.config.xml"]
    key = pd.read_csv(tmp_path / "batch.key.csv", dtype="str")
    assert key["item_id"].tolist() == told["items"]
    assert {task["data"]["task_id"] for task in json.loads(out.read_text("utf-8"))} == set(key["task_id"])


def test_new_pairs_come_from_a_file_of_their_own(
    labels: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pool = tmp_path / "new.csv"
    pd.DataFrame(
        {
            "id": [f"n{i}" for i in range(5)],
            "prompt": "p",
            "response_a": [f"one {i}" for i in range(5)],
            "response_b": "two",
        }
    ).to_csv(pool, index=False)
    assert main(["select", labels, "--pool", str(pool), "--budget", "40", "--encoder", "hashed", "--json"]) == 0
    assert {f"n{i}" for i in range(5)} <= set(json.loads(capsys.readouterr().out)["items"])
    assert main(["select", str(pool), "--budget", "2", "--encoder", "hashed"]) == 0  # nothing is labelled yet
    assert "D-optimal: 2 of 5 pairs picked." in capsys.readouterr().out


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_runs(strategy: str, labels: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            [
                "select",
                labels,
                "--budget",
                "5",
                "--strategy",
                strategy.replace("_", "-"),
                "--encoder",
                "hashed",
                "--cost-aware",
                "--noise-aware",
                "--json",
            ]
        )
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["picked"] == 5
    assert any("does not look at costs" in note for note in told["notes"]) == (
        "cost_aware" not in STRATEGIES[strategy].options
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--strategy", "best"], "there is no such strategy"),
        (["--to", "paper", "--out", "x"], "no form of tasks"),
        (["--to", "csv"], "needs a file"),
        (["--balance", "nowhere"], "no slice"),
        (["--model", "nowhere"], "no model folder"),
        (["--model", "x", "--encoder", "hashed"], "beside --model"),
        (["--no-duplicates", "7"], "cosine"),
        (["--budget", "-1"], "no number of pairs"),
    ],
)
def test_what_cannot_be_done_is_one_readable_line(
    options: list[str], said: str, labels: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [] if "--model" in options else ["--encoder", "hashed"]
    assert main(["select", labels, "--budget", "5", *chosen, *options]) == 2
    error = capsys.readouterr().err
    assert said in error.splitlines()[-1]
    assert "Traceback" not in error
