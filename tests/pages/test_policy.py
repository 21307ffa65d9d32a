"""The page Policy: what it starts, and that it says of a finished run what the library says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile_data import small_sets
from tests.pages.conftest import said
from tests.policy.cards import finished_card
from workbench.dataset.annotation_set import AnnotationSet
from workbench.policy.samples_file import write_samples
from workbench.policy.scorecard import PolicyScorecard
from workbench.policy.verdict_words import sentences
from workbench.reward.pairs import pairs_of
from workbench.runs import Run, all_runs, find
from workbench.runs.process import kill
from workbench.simulation.simulate import simulate

SMALL = small_sets()
TABS = ("What moved", "Reward against KL", "Responses", "Policies compared", "Training")


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    yield tmp_path / "runs"
    for run in all_runs():
        kill(run.folder)


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return simulate(600, annotators=8, seed=6).data


def finished(root: Path, data: AnnotationSet, seed: int = 0, title: str = "A policy") -> tuple[Run, PolicyScorecard]:
    """A finished run with a scorecard of its own, without the training."""
    card = finished_card(pairs_of(data, "majority"), np.random.default_rng(seed))
    result = {
        "eval": card.to_dict(),
        "method": "dpo",
        "base": "tiny",
        "labels": "majority",
        "pairs": 500,
        "groups": 400,
        "units": 498,
        "read": {"n": 500},
        "read_words": "All 500 pairs fit into 256 tokens; the longest text has 120.",
        "set_aside": {"no label": 3},
        "settings": {"beta": 0.1},
        "train": {
            "steps": 40,
            "of_steps": 40,
            "resumed_at": 20,
            "pairs_per_second": 12.5,
            "device": "CPU",
            "last": {"step": 40.0, "loss": 0.61, "rewards/margins": 0.4},
        },
        "notes": ["A <b>note</b>"],
        "versions": {},
        "key": data.key,
        "folder": "model",
    }
    folder = root / f"20260102-0304{seed:02d}-policy-{seed:06x}"
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "README.md").write_text("# Policy\n")
    (folder / "model" / "policy.json").write_text("{}")
    write_samples(folder, [{"prompt": "Why?", "policy": "<script>alert(1)</script>", "reference": "Because."}])
    config = {
        "kind": "policy",
        "entry": "workbench.policy.run:policy_run",
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
    assert not visit("policy.py", SMALL[state]).exception


def test_without_texts_nothing_can_be_trained(visit: Callable[..., AppTest]) -> None:
    app = visit("policy.py", simulate(300, annotators=6, texts=False).data)
    assert not app.exception
    assert "a policy learns from texts" in plain(app)


@pytest.mark.parametrize("tab", TABS)
def test_a_finished_run_says_what_the_library_says(
    visit: Callable[..., AppTest], root: Path, data: AnnotationSet, tab: str
) -> None:
    run, card = finished(root, data)
    finished(root, data, seed=1, title="![x](http://evil.example/x.png) <b>other</b>")
    app = visit("policy.py", data, address={"run": run.id, "po_tab": tab})
    assert not app.exception
    assert not app.error
    text = plain(app)
    for sentence in sentences(card):
        assert sentence in text
    assert "Set aside before training: 3 (no label)." in text
    assert "All 500 pairs fit into 256 tokens" in text
    assert f"Used {card.accuracy.n:,} of {card.pairs:,} held-out pairs" in text
    assert "![x](http" not in said(app)
    assert "<b>" not in said(app).replace("\\<b\\>", "")


def test_what_would_fail_is_refused_before_a_run_is_made(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("policy.py", data)
    for base, judge, words in (
        ("", "", "No language model is named"),
        ("no-such-model", "", "There is no model 'no-such-model'"),
        ("tiny", "openai:m@https://example.org/v1", "would send prompts and responses to example.org"),
        ("tiny", "nobody", "is no judge"),
    ):
        app.text_input(key="po_base").set_value(base).run()
        app.text_input(key="po_judge").set_value(judge).run()
        app.button(key="po_start").click().run()
        assert not app.exception
        assert words in plain(app), words
    assert all_runs(("policy",)) == []


def test_choices_reach_the_run(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("policy.py", data)
    app.selectbox(key="po_method").set_value("ipo").run()
    app.text_input(key="po_base").set_value("tiny").run()
    app.number_input(key="po_rank").set_value(0).run()
    app.number_input(key="po_beta").set_value(0.25).run()
    app.selectbox(key="po_cut").set_value("set aside").run()
    app.number_input(key="po_prompts").set_value(0).run()
    app.button(key="po_start").click().run()
    assert not app.exception
    (run,) = all_runs(("policy",))
    assert run.config["labels"] == "consensus-soft"
    policy = run.config["policy"]
    assert (policy["method"], policy["lora_rank"], policy["beta"]) == ("ipo", 0, 0.25)
    assert (policy["learning_rate"], policy["over_length"]) == (1e-6, "set aside")
    assert run.config["measuring"] == {"prompts": 0, "curve_prompts": 0, "judge": "", "local_only": True}
