"""Studies as runs: settings are checked, what was killed goes on to the same result, and the command line starts the
same runs."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.runs import KINDS, all_runs, start
from workbench.runs.folder import PROCESS, read_json
from workbench.runs.process import kill
from workbench.simulation.simulate import simulate
from workbench.studies.bench_building import data_file
from workbench.studies.replay import ReplaySettings
from workbench.studies.run import CELLS, SETTINGS, settings_from, settings_from_page
from workbench.workspace.dataset_store import Shelf

REPLAY = {"strategies": ["uncertainty"], "budget": 80, "seeds": 6, "points": 4}


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("RUNS", "UPLOADS", "EMBEDDINGS"):
        monkeypatch.setenv(f"WORKBENCH_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield
    for run in all_runs():
        kill(run.folder)


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return simulate(1_000, seed=3, gold_share=1.0, scale="binary", annotators=15).data


def test_every_study_is_a_kind_of_run() -> None:
    of_studies = {name for name, kind in KINDS.items() if kind.entry.startswith("workbench.studies")}
    assert of_studies - {"reward-gain"} == set(SETTINGS)  # the gain of people's labels is started on Routing


def test_settings_from_json_are_checked() -> None:
    assert (
        settings_from(SETTINGS["label-sets"], {"cleaning": {"least_reliability": 0.7}}).cleaning.least_reliability
        == 0.7
    )
    assert settings_from(SETTINGS["frontier"], {"cleaning": [True]}).cleaning == (True,)
    with pytest.raises(WorkbenchError, match="no setting of this study"):
        settings_from(ReplaySettings, {"strategy": "bald"})
    with pytest.raises(WorkbenchError, match="no setting of this study"):
        settings_from_page("label-sets", {"cleaning": {"reliability": 0.7}})


def test_a_killed_study_goes_on_to_the_result_of_one_that_was_not(data: AnnotationSet, tmp_path: Path) -> None:
    config = {
        "data": data.key,
        "paths": [str(data_file(data, Shelf(tmp_path / "shelf")))],
        "encoder": "hashed",
        "dims": 12,
        "settings": REPLAY,
        "device": "cpu",
    }
    whole = start("replay", config)
    assert whole.wait(120).state == "done", whole.log_tail()
    broken = start("replay", config)
    cells = broken.folder / CELLS
    until = time.monotonic() + 120
    while not cells.exists() or cells.read_text("utf-8").count("\n") < 3:
        assert time.monotonic() < until
        assert broken.status().living, broken.log_tail()
        time.sleep(0.02)
    os.kill(int((read_json(broken.folder / PROCESS) or {})["pid"]), signal.SIGKILL)
    while broken.status().living:
        assert time.monotonic() < until
        time.sleep(0.05)
    done = cells.read_text("utf-8").count("\n")
    broken.resume()
    assert broken.wait(120).state == "done", broken.log_tail()
    assert broken.result() == whole.result()
    assert done >= 3
    assert len({json.loads(line)["cell"] for line in cells.read_text("utf-8").splitlines()}) == 12


def test_the_command_line_prints_one_object(
    data: AnnotationSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(data_file(data, Shelf(tmp_path / "shelf")))
    assert (
        main(["study", "label-sets", path, "--sets", "majority,raw", "--seeds", "2", "--encoder", "hashed", "--json"])
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert [s["name"] for s in found["sets"]] == ["majority", "raw"]
    assert found["run"] == all_runs()[0].id


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["replay", "--seeds", "0"], "seeds is 0"),
        (["study", "threshold", "--rule", "taste"], "no rule"),
        (["study", "label-sets", "--sets", "raw"], "cannot be compared"),
        (["study", "learning-curve", "--sizes", "5"], "three sizes"),
        (["frontier", "--set", "label_price"], "INPUT=VALUE"),
        (["frontier", "--set", "label_prize=1"], "label_price"),
        (["frontier", "--worth", "5"], "Give a share above 0 and up to 0.5"),
        (["frontier", "--dollars-per-point", "-1"], "Give dollars above 0"),
        (["frontier", "--items", "999999"], "Plans of 999,999 items are asked for, and these data have"),
        (["frontier", "--preset", "humen"], "Did you mean human-gold?"),
        (["frontier", "--mix", "human 0.7"], "do not add up to 1"),
        (["frontier", "--mix", "robot"], "of the kind 'robot'"),
        (["frontier", "--labels-as", "majorty"], "no label set"),
        (["frontier", "--labels-per-item", "9"], "Fewer than half of the items have 9 labels"),
        (["frontier", "--encoder", "/nowhere/model"], "There is no model"),
        (["replay", "--strategies", "luck"], "no strategy luck"),
        (["replay", "--budget", "99999"], "99,999 labels is asked for"),
        (["replay", "--reveal", "tarot"], "no label set"),
        (["replay", "--penalty", "-1"], "A penalty of -1"),
        (["study", "threshold", "--thresholds", "nan"], "A threshold of nan"),
        (["study", "threshold", "--train-on", "tarot"], "no label set"),
        (["study", "label-sets", "--sets", "raw,tarot"], "no label set"),
        (["study", "learning-curve", "--sizes", "50", "60", "99999"], "labelled pairs to train on"),
        (["study", "learning-curve", "--forecast", "-4"], "A forecast for -4"),
    ],
)
def test_a_wrong_setting_starts_no_run(
    data: AnnotationSet, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    path = str(data_file(data, Shelf(tmp_path / "shelf")))
    place = 2 if words[0] == "study" else 1
    assert main([*words[:place], path, *words[place:]]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert "resume" not in told
    assert not all_runs()


def test_resuming_is_not_offered_where_it_fails_again(
    data: AnnotationSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a run is started with stays: a study that these data cannot bear fails as often as it is resumed."""
    config = {
        "data": data.key,
        "paths": [str(data_file(data, Shelf(tmp_path / "shelf")))],
        "encoder": "hashed",
        "device": "cpu",
    }
    settled = start("frontier", {**config, "settings": {"mixes": ["robot"], "seeds": 2}})
    assert settled.wait(120).state == "failed"
    assert settled.status().settled
    assert main(["runs", "watch", settled.id]) == 2
    told = capsys.readouterr().err
    assert "No annotator in this data is of the kind 'robot'. Choose among human.\n" in told
    # An encoder that is not there can be put there.
    outside = start("frontier", {**config, "encoder": "/nowhere/model", "settings": {"seeds": 2}})
    assert outside.wait(120).state == "failed"
    assert main(["runs", "watch", outside.id]) == 2
    assert (
        f"Once that is mended, it goes on with: python -m workbench runs resume {outside.id}" in capsys.readouterr().err
    )
