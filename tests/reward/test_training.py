"""Training a head end to end: what is planted is found, an interrupted training ends as an uninterrupted one, folders
are plain and safe."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.reward.made import planted_pairs
from workbench.checkpoints import Checkpoints, FolderCheckpoints
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Cancelled, Step, Watch
from workbench.reward.hashed import HashedEncoder
from workbench.reward.model import RewardModel
from workbench.reward.pairs import Pairs
from workbench.reward.ranking import hits
from workbench.reward.settings import HeadSettings
from workbench.reward.training import loss_for
from workbench.reward.training import train as train_with

HASHED = HeadSettings(encoder="hashed", penalty=1.0)


@lru_cache
def small_encoder() -> HashedEncoder:
    pairs = planted_pairs(150)
    return HashedEncoder(48).fitted([*pairs.response_a, *pairs.response_b, *pairs.prompt])


def train(
    pairs: Pairs, settings: HeadSettings, watch: Watch = UNWATCHED, checkpoints: Checkpoints | None = None
) -> RewardModel:
    return train_with(pairs, settings, watch, checkpoints, encoder=small_encoder())


@pytest.fixture(scope="module")
def model() -> RewardModel:
    return train(planted_pairs(), replace(HASHED, members=3))


def test_what_is_planted_is_found_on_unseen_pairs(model: RewardModel) -> None:
    held = planted_pairs(seed=1)
    right = hits(model.margin(held.prompt, held.response_a, held.response_b), held.target)
    assert np.nanmean(right) > 0.8
    assert model.about["train"]["pairs"] == 300


def test_scores_margins_features_and_probabilities_agree(model: RewardModel) -> None:
    held = planted_pairs(40, seed=2)
    a, b = model.score(held.prompt, held.response_a), model.score(held.prompt, held.response_b)
    margin = model.margin(held.prompt, held.response_a, held.response_b)
    features = model.features(held)
    assert np.allclose(a - b, margin)
    assert np.allclose(model.head.margin(features.matrix), margin, atol=1e-4)
    assert np.allclose(
        model.probability(held.prompt, held.response_a, held.response_b), 1 / (1 + np.exp(-margin / model.temperature))
    )
    assert np.allclose(margin, -model.margin(held.prompt, held.response_b, held.response_a))
    assert model.member_probabilities(features.matrix).shape == (3, 40)
    assert np.ptp(model.member_probabilities(features.matrix), axis=0).max() > 0


def test_an_average_training_response_scores_nothing(model: RewardModel) -> None:
    pairs = planted_pairs()
    scores = model.score([*pairs.prompt] * 2, [*pairs.response_a, *pairs.response_b])
    assert abs(scores.mean()) < 1e-3


def test_a_model_comes_back_from_its_folder(model: RewardModel, tmp_path: Path) -> None:
    held = planted_pairs(20, seed=3)
    model.save(tmp_path / "m")
    back = RewardModel.load(tmp_path / "m")
    assert np.array_equal(back.score(held.prompt, held.response_a), model.score(held.prompt, held.response_a))
    assert back.temperature == model.temperature
    assert np.array_equal(back.head.covariance, model.head.covariance)
    card = (tmp_path / "m" / "README.md").read_text("utf-8")
    assert "300 in 30 prompt groups" in card
    assert not any(str(text) in card + (tmp_path / "m" / "model.json").read_text("utf-8") for text in held.response_a)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pkl", "model.pt"])
def test_what_could_run_code_is_never_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'touch /tmp/never'\ntR.")
    (tmp_path / "model.json").write_text("{}", "utf-8")
    with pytest.raises(WorkbenchError, match="can run code when opened and is never read"):
        RewardModel.load(tmp_path)
    with pytest.raises(WorkbenchError, match="is a file"):
        RewardModel.load(tmp_path / name)


def test_broken_folders_are_refused_with_a_reason(model: RewardModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    about = json.loads((tmp_path / "m" / "model.json").read_text("utf-8"))
    arrays = load_file(str(tmp_path / "m" / "model.safetensors"))
    save_file({**arrays, "coefficients": arrays["coefficients"][:-1]}, str(tmp_path / "m" / "model.safetensors"))
    with pytest.raises(WorkbenchError, match="coefficients does not fit"):
        RewardModel.load(tmp_path / "m")
    save_file({**arrays, "scale": np.full_like(arrays["scale"], np.nan)}, str(tmp_path / "m" / "model.safetensors"))
    with pytest.raises(WorkbenchError, match="scale holds what is no number"):
        RewardModel.load(tmp_path / "m")
    (tmp_path / "m" / "model.safetensors").write_bytes(b"not a tensor")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        RewardModel.load(tmp_path / "m")
    (tmp_path / "m" / "model.json").write_text(json.dumps({**about, "workbench_reward_model": 99}), "utf-8")
    with pytest.raises(WorkbenchError, match="not of this version"):
        RewardModel.load(tmp_path / "m")
    with pytest.raises(WorkbenchError, match="no model folder"):
        RewardModel.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -1.0),
        ("temperature", 0),
        ("temperature", float("nan")),
        ("temperature", "hot"),
        ("temperature", None),
        ("temperature", True),
        ("offset", float("inf")),
        ("offset", [1]),
        ("head", {"penalty": "1"}),
        ("head", None),
        ("blocks", ["x"]),
        ("names", 7),
        ("encoder", "hashed"),
        ("encoder", {}),
        ("about", 3),
    ],
)
def test_a_damaged_model_is_refused_by_name(model: RewardModel, tmp_path: Path, name: str, value: object) -> None:
    model.save(tmp_path / "m")
    place = tmp_path / "m" / "model.json"
    place.write_text(json.dumps(json.loads(place.read_text("utf-8")) | {name: value}), "utf-8")
    with pytest.raises(WorkbenchError, match="The reward model in m cannot be read"):
        RewardModel.load(tmp_path / "m")


@pytest.mark.parametrize("name", ["coefficients", "covariance", "cutpoints", "members", "scale"])
@pytest.mark.parametrize("damage", ["nan", "shape"])
def test_damaged_weights_are_refused_by_name(model: RewardModel, tmp_path: Path, name: str, damage: str) -> None:
    model.save(tmp_path / "m")
    place = str(tmp_path / "m" / "model.safetensors")
    arrays = load_file(place)
    value = arrays[name] if arrays[name].size else np.zeros(1)
    made = np.full_like(value, np.nan) if damage == "nan" else value[None, None]
    save_file({**arrays, name: made}, place)
    with pytest.raises(WorkbenchError, match=f"cannot be read: {name}"):
        RewardModel.load(tmp_path / "m")


def test_a_full_disk_leaves_the_model_that_was_there(
    model: RewardModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path / "m")
    before = {p.name: p.read_bytes() for p in (tmp_path / "m").iterdir()}

    def full(_content: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.reward.model.model_card", full)
    for name in ("m", "new"):
        with pytest.raises(WorkbenchError, match=f"{name}: cannot be written .no space left"):
            model.save(tmp_path / name)
    assert {p.name: p.read_bytes() for p in (tmp_path / "m").iterdir()} == before
    assert not (tmp_path / "new").exists()


def test_a_training_that_was_stopped_ends_as_one_that_was_not(tmp_path: Path) -> None:
    pairs, settings = planted_pairs(120, 10), HeadSettings(encoder="hashed", members=2, folds=3)
    whole = train(pairs, settings)
    for after in (2, 7, 25):
        seen = [0]

        def stop_asked(seen: list[int] = seen, after: int = after) -> bool:
            return seen[0] >= after

        def count(step: Step, seen: list[int] = seen) -> None:
            seen[0] += step.doing in ("Choosing features", "Fitting members")

        with pytest.raises(Cancelled):
            train(pairs, settings, Watch(count, stop_asked), FolderCheckpoints(tmp_path / str(after)))
        again = train(pairs, settings, checkpoints=FolderCheckpoints(tmp_path / str(after)))
        assert np.allclose(again.head.coefficients, whole.head.coefficients, atol=1e-9)
        assert again.temperature == pytest.approx(whole.temperature, abs=1e-6)
        assert np.allclose(again.members, whole.members, atol=1e-6)
        assert again.about["tried"] == whole.about["tried"]


def test_checkpoints_of_other_pairs_are_passed_over(tmp_path: Path) -> None:
    kept = FolderCheckpoints(tmp_path)
    settings = HeadSettings(encoder="hashed", folds=3)
    train(planted_pairs(100, 10), settings, checkpoints=kept)
    other = planted_pairs(100, 10, seed=5)
    assert np.array_equal(
        train(other, settings, checkpoints=kept).head.coefficients, train(other, settings).head.coefficients
    )


def test_graded_labels_take_the_cumulative_logit() -> None:
    pairs = planted_pairs(400, levels=5)
    model = train(pairs, HASHED)
    held = planted_pairs(seed=7)
    assert model.about["loss"] == "cumulative-logit"
    assert len(model.cutpoints) == 4
    p = model.probability(held.prompt, held.response_a, held.response_b)
    assert np.nanmean(hits(p - 0.5, held.target)) > 0.85
    assert loss_for(pairs, replace(HASHED, smoothing=0.1)) == "bradley-terry"
    assert loss_for(replace(pairs, target=np.clip(pairs.target, 0.1, 0.9)), HASHED) == "bradley-terry"


def test_correcting_for_flips_makes_it_surer() -> None:
    pairs = planted_pairs(400, flips=0.2)
    plain, corrected = train(pairs, replace(HASHED, views=False)), train(pairs, replace(HASHED, views=False, flips=0.2))
    held = planted_pairs(seed=9)

    def sure(m: RewardModel) -> float:
        return float(np.abs(m.probability(held.prompt, held.response_a, held.response_b) - 0.5).mean())

    assert sure(corrected) > sure(plain) + 0.03
    assert corrected.temperature == 1.0


def test_what_cannot_be_trained_is_said() -> None:
    pairs = planted_pairs(20)
    with pytest.raises(WorkbenchError, match="All pairs are ties"):
        train(replace(pairs, target=np.full(20, 0.5)), HASHED)
    with pytest.raises(WorkbenchError, match="no pair to train on"):
        train(pairs.take(np.empty(0, int)), HASHED)
    with pytest.raises(WorkbenchError, match="raw votes"):
        train(pairs, replace(HASHED, annotator_aware=True))
    with pytest.raises(WorkbenchError, match="no setting speed"):
        HeadSettings.of({"speed": 1})
    with pytest.raises(WorkbenchError, match="no loss"):
        HeadSettings(loss="hinge")
    with pytest.raises(WorkbenchError, match="flip rate of"):
        HeadSettings(flips=0.5)


def test_one_prompt_group_is_enough_to_train_on() -> None:
    pairs = planted_pairs(60)
    alone = replace(pairs, group=np.zeros(60, int), prompt=np.full(60, "", object))
    model = train(alone, HeadSettings(encoder="hashed"))
    assert model.temperature == 1.0
    assert model.about["tried"] == []
