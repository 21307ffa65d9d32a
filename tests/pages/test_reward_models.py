"""The page Reward models: what it starts, and that it says of a finished run what the library says."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile_data import hostile_set, small_sets
from tests.pages.conftest import said
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.reward.disagreements import disagreement_table
from workbench.reward.finetune import FineTuning
from workbench.reward.pairs import pairs_of
from workbench.reward.scorecard import Scorecard, scorecard
from workbench.reward.verdict_words import (
    beside_length_sentence,
    calibration_sentence,
    quantisation_sentence,
    verdict_sentence,
)
from workbench.runs import Run, all_runs, find
from workbench.runs.process import kill
from workbench.simulation.simulate import simulate
from workbench.workspace.dataset_store import Shelf

SMALL = small_sets()
TABS = ("Where", "Probabilities", "Disagreements", "Runs compared", "Time and size")


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield tmp_path / "runs"
    for run in all_runs():
        kill(run.folder)


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return simulate(900, annotators=10, seed=6).data


def finished(root: Path, data: AnnotationSet, seed: int = 0, title: str = "A model") -> tuple[Run, Scorecard]:
    """A finished run with a scorecard of its own, without the training."""
    rng = np.random.default_rng(seed)
    pairs = pairs_of(data, "majority")
    card = scorecard(rng.normal(size=len(pairs)) + 2 * (pairs.target - 0.5), pairs, rng, data=data)
    latency = [{"batch": 8, "median": 12.0, "slow": 15.0, "per_second": 666.0, "calls": 7}]
    share = {"value": 0.01, "same_crew": [0.0, 0.03], "n": 100, "n_set_aside": 0, "reason": None, "new_crew": None}
    result = {
        "eval": card.to_dict(),
        "pairs": 500,
        "groups": 400,
        "labels": "majority",
        "model": "head",
        "encoder": "hashed",
        "encoder_reason": "",
        "notes": ["A <b>note</b>"],
        "train": {},
        "set_aside": {"no label": 3},
        "key": data.key,
        "latency": latency,
        "folder": "model",
        "quantisation": {
            "flips": share,
            "change": {**share, "value": -0.002, "same_crew": [-0.01, 0.006]},
            "bytes_before": 91e6,
            "bytes_after": 46e6,
            "latency_after": latency,
        },
    }
    folder = root / f"20260102-0304{seed:02d}-train-{seed:06x}"
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "README.md").write_text("# Reward model\n")
    (folder / "model" / "model.json").write_text("{}")
    config = {
        "kind": "train",
        "entry": "workbench.reward.run:train_run",
        "title": title,
        "config": {"data": data.key, "paths": ["x"]},
        "devices": ["cpu"],
        "created_at": time.time(),
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "status.json").write_text(
        json.dumps({"state": "done", "created_at": time.time(), "devices": ["cpu"], "attempt": 1, "seconds": 5.0})
    )
    (folder / "result.json").write_text(json.dumps(result))
    return find(folder.name), card


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "").replace("\u2060", "")


@pytest.mark.parametrize("state", SMALL)
def test_data_at_the_edge_renders(state: str, visit: Callable[..., AppTest]) -> None:
    app = visit("reward_models.py", SMALL[state])
    assert not app.exception


def test_without_data_it_says_what_to_do(visit: Callable[..., AppTest]) -> None:
    app = visit("reward_models.py")
    assert not app.exception
    assert "Nothing is open yet" in said(app)


def test_without_texts_nothing_can_be_trained(visit: Callable[..., AppTest]) -> None:
    app = visit("reward_models.py", simulate(300, annotators=6, texts=False).data)
    assert not app.exception
    assert "trained on texts" in plain(app)


def test_the_page_says_which_encoder_is_in_use(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("reward_models.py", data)
    assert "In use: " in plain(app)
    app.text_input(key="rm_encoder").set_value("hashed").run()
    assert "In use: hashed, words alone." in plain(app)
    app.text_input(key="rm_encoder").set_value("no-such-model").run()
    assert not app.exception
    assert "There is no model 'no-such-model' on this machine" in plain(app)


@pytest.mark.parametrize("tab", TABS)
def test_a_finished_run_says_what_the_library_says(
    visit: Callable[..., AppTest], root: Path, data: AnnotationSet, tab: str
) -> None:
    run, card = finished(root, data)
    finished(root, data, seed=1, title="![x](http://evil.example/x.png) <b>other</b>")
    app = visit("reward_models.py", data, address={"run": run.id, "rm_tab": tab})
    assert not app.exception
    assert not app.error
    text = plain(app)
    assert verdict_sentence(card) in text
    assert beside_length_sentence(card) in text
    assert calibration_sentence(card) in text
    assert "Set aside before training: 3 pairs (no label)." in text
    assert f"Used {card.accuracy.n:,} of {card.pairs:,} held-out pairs" in text
    assert quantisation_sentence(run.result()["quantisation"]) in text
    assert "![x](http" not in said(app)
    assert "<b>" not in said(app).replace("\\<b\\>", "")


def test_a_picked_disagreement_shows_its_texts_as_text(
    visit: Callable[..., AppTest], root: Path, data: AnnotationSet
) -> None:
    run, card = finished(root, data)
    app = visit("reward_models.py", data, address={"run": run.id, "rm_tab": "Disagreements"})
    table = disagreement_table(data, card)
    assert list(app.dataframe[0].value["item_id"]) == list(table["item_id"])
    app.session_state["rm_disagree"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    texts = data.item_texts(np.array([table["position"].iloc[0]])).iloc[0]
    assert str(texts["response_a"])[:20].split("&")[0].split("'")[0] in said(app)


def test_disagreements_of_another_data_set_are_not_shown(
    visit: Callable[..., AppTest], root: Path, data: AnnotationSet, shelf: Shelf
) -> None:
    run, _ = finished(root, data)
    shelf.keep(data, "trained on", "upload")
    app = visit("reward_models.py", hostile_set(), address={"run": run.id, "rm_tab": "Disagreements"})
    assert not app.exception
    assert "trained on another data set" in plain(app)


def test_a_run_is_started_from_the_page_and_its_scorecard_shown(
    visit: Callable[..., AppTest], root: Path, data: AnnotationSet
) -> None:
    app = visit("reward_models.py", data)
    app.text_input(key="rm_encoder").set_value("hashed").run()
    app.button(key="rm_start").click().run()
    assert not app.exception
    (run,) = all_runs(("train",))
    assert run.config["labels"] == "consensus-soft"
    assert run.config["head"] == {"surface": True, "smoothing": 0.0, "flips": 0.0, "encoder": "hashed"}
    assert run.wait(240).state == "done", run.log_tail(30)
    app = visit("reward_models.py", data, address={"run": run.id})
    assert not app.exception
    assert "held-out pairs right" in plain(app)


def test_choices_of_a_fine_tuning_reach_the_run(visit: Callable[..., AppTest], root: Path, data: AnnotationSet) -> None:
    app = visit("reward_models.py", data)
    app.segmented_control(key="rm_model").set_value("finetune").run()
    app.number_input(key="rm_length").set_value(64).run()
    app.selectbox(key="rm_over").set_value("set aside").run()
    app.text_input(key="rm_encoder").set_value("no-such-model").run()
    app.button(key="rm_start").click().run()
    assert not app.exception
    assert not all_runs(("train",))  # told before anything is started
    assert app.error


def test_every_setting_of_a_fine_tuning_is_on_the_page(
    visit: Callable[..., AppTest], root: Path, data: AnnotationSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def check(config: dict[str, object], *_: object) -> None:
        asked.append(config)
        raise WorkbenchError("Enough.", "")

    monkeypatch.setattr("workbench.reward.before_training.check_training", check)
    app = visit("reward_models.py", data)
    app.segmented_control(key="rm_model").set_value("finetune")
    app.text_input(key="rm_encoder").set_value("m").run()
    app.number_input(key="rm_lora").set_value(8).run()
    app.text_input(key="rm_targets").set_value("q_proj, v_proj")
    app.number_input(key="rm_seed").set_value(7)
    app.number_input(key="rm_at_once").set_value(4)
    app.button(key="rm_start").click().run()
    assert not app.exception
    given = asked[0]["finetune"]
    assert (given["lora_targets"], given["seed"], given["pairs_at_once"]) == (("q_proj", "v_proj"), 7, 4)
    elsewhere = {"strength_margin", "centre", "saves", "lora_alpha", "learning_rate"}
    assert set(FineTuning.__dataclass_fields__) - elsewhere <= set(given)


def test_the_page_loads_no_torch() -> None:
    import subprocess

    from tests.pages.conftest import ROOT

    code = (
        "import sys; sys.path[:0] = ['pages', '.']\nfrom streamlit.testing.v1 import AppTest\napp ="
        " AppTest.from_file('pages/_frame.py', default_timeout=60)\nimport workbench.figures.reward,"
        " workbench.reward.disagreements, workbench.reward.encoders, workbench.reward.packed,"
        " workbench.reward.reading\nworkbench.reward.encoders.encoder_named(None)\nprint([m for m in ('torch',"
        " 'transformers', 'trl') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.strip().splitlines()[-1] == "[]"


def test_it_opens_on_the_last_result_and_a_missing_encoder_stops_it(
    visit: Callable[..., AppTest], root: Path, data: AnnotationSet
) -> None:
    _, card = finished(root, data)
    app = visit("reward_models.py", data)
    assert verdict_sentence(card) in plain(app)
    assert "so long the last one like it took here" in plain(app) or "its length is unknown" in plain(app)
    app.text_input(key="rm_encoder").set_value("/no/such/folder").run()
    app.button(key="rm_start").click().run()
    assert not app.exception
    assert len(all_runs()) == 1, "nothing was started"
    assert "There is no model" in app.error[0].value
