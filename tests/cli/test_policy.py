"""`policy`: one command from an export to a policy, and bad input told in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.locations import demo_folder
from workbench.simulation.demo import EXPORT

pytest.importorskip("torch")

CONFIG = """
learning_rate = 2e-2
beta = 0.3
max_steps = 3
max_length = 96
max_new_tokens = 8
batch_size = 4
saves = 1

[measuring]
prompts = 4
samples = 1
curve_prompts = 4
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("WORKBENCH_UPLOADS", str(tmp_path / "uploads"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "policy.toml").write_text(CONFIG)
    return tmp_path


def test_from_the_demo_to_a_policy(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = str(demo_folder() / EXPORT)
    given = ["--model", "tiny", "--method", "dpo", "--labels", "dawid-skene-soft", "--share", "0.05"]
    more = ["--judge", "rule:longer", "--config", str(place / "policy.toml"), "--out", str(place / "out"), "--json"]
    assert main(["policy", export, *given, *more]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["eval"]["accuracy"] is not None
    assert found["eval"]["interval"][0] < found["eval"]["interval"][1]
    assert found["labels"] == "dawid-skene-soft"
    assert found["eval"]["wins"]["orders"] == 2
    assert Path(found["folder"]) == place / "out"
    assert {"model.safetensors", "config.json", "policy.json", "README.md", "adapter"} <= {
        p.name for p in (place / "out").iterdir()
    }
    assert "Prefers the right response" in (place / "out" / "README.md").read_text()


def test_bad_input_is_told_in_a_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = str(demo_folder() / EXPORT)
    (place / "bad.toml").write_text("method = 'dpo'\n")
    (place / "odd.toml").write_text("betta = 0.2\n")
    for more, words in (
        (["--model", "no-such-model"], "There is no model 'no-such-model'"),
        (["--model", "tiny", "--labels", "oracle"], "there is no such label source"),
        (["--model", "tiny", "--method", "grpo"], "none is named"),
        (["--model", "tiny", "--share", "2"], "not a share"),
        (["--model", "tiny", "--reward", str(place / "none")], "there is no such folder"),
        (["--model", "tiny", "--judge", "best"], "is no judge"),
        (["--model", "tiny", "--config", str(place / "bad.toml")], "has an option of its own"),
        (["--model", "tiny", "--config", str(place / "odd.toml")], "There is no setting betta"),
        (["--model", "tiny", "--config", str(place / "none.toml")], "There is no file 'none.toml'"),
    ):
        assert main(["policy", export, *more]) == 2
        said = capsys.readouterr().err
        assert words in said
        assert said.count("\n") == 1
