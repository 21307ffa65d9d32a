"""Training: what is read, what soft labels do, and a training that was stopped ends as one that was not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.policy.made import tiny
from tests.reward.made import planted_pairs
from workbench.errors import WorkbenchError
from workbench.policy.settings import PolicySettings, read_settings
from workbench.progress import Cancelled, Step, Watch
from workbench.reward.pairs import Pairs

torch = pytest.importorskip("torch")

from workbench.checkpoints import FolderCheckpoints  # noqa: E402
from workbench.policy.base import causal_model  # noqa: E402
from workbench.policy.log_probabilities import (  # noqa: E402
    batch_of,
    divergence_by_token,
    pair_log_probabilities,
    response_log_probabilities,
)
from workbench.policy.texts import prompt_ids, token_pairs  # noqa: E402
from workbench.policy.training import open_base, train_on_texts  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    return planted_pairs(48, groups=24, seed=5)


@pytest.fixture(scope="module")
def base(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny(tmp_path_factory.mktemp("base"), pairs, steps=20)


@pytest.fixture(scope="module")
def chat(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny(tmp_path_factory.mktemp("chat"), pairs, chat=True)


def quick(base: str, **more: object) -> PolicySettings:
    given = {"batch_size": 8, "pairs_at_once": 4, "learning_rate": 1e-2, "beta": 0.5, "lora_rank": 4, "saves": 3}
    return PolicySettings(**{"base": base, **given, **more})  # type: ignore[arg-type]


def words(*texts: str) -> np.ndarray:
    return np.array(texts, object)


def one_pair(prompt: str, a: str, b: str) -> Pairs:
    return replace(planted_pairs(1), prompt=words(prompt), response_a=words(a), response_b=words(b))


# ------------------------------------------------------------ what is read


def test_a_conversation_keeps_its_turns_and_a_prompt_its_roles_whatever_is_cut(chat: str) -> None:
    _, tokenizer = causal_model(chat)
    turns = "User: the water is clear\n\nAssistant: the trees\n\nUser: about light"
    read = token_pairs(tokenizer, one_pair(turns, "because steps", "nah"), 64)
    said = tokenizer.decode(read.a.ids[0])
    assert said == (
        "<|user|> the water is clear <|end|> <|assistant|> the trees <|end|> <|user|> about light <|end|>"
        " <|assistant|> because steps <|end|>"
    )
    assert tokenizer.decode(read.a.ids[0][read.a.start[0] :]) == "because steps <|end|>"
    whole = len(read.a.ids[0])
    cut = token_pairs(tokenizer, one_pair(turns, "because steps", "nah"), whole - 3, "keep end")
    assert tokenizer.decode(cut.a.ids[0]).startswith("<|user|> clear <|end|> <|assistant|> the trees")
    assert tokenizer.decode(cut.a.ids[0]).endswith("because steps <|end|>")
    assert (cut.report.over, cut.report.set_aside) == (1, {})
    start = token_pairs(tokenizer, one_pair(turns, "because steps", "nah"), whole - 1)
    assert tokenizer.decode(start.a.ids[0]).endswith("because steps")
    with pytest.raises(WorkbenchError, match="No pair is left"):
        token_pairs(tokenizer, one_pair(turns, "because steps", "nah"), whole - 1, "set aside")


def test_pairs_that_are_too_long_are_counted_by_side_and_said(base: str) -> None:
    _, tokenizer = causal_model(base)
    long = " ".join(["clear"] * 30)
    two = replace(
        planted_pairs(3),
        prompt=words("water", "water", long),
        response_a=words(long, "kind", "kind"),
        response_b=words("kind", long, "meh"),
        target=np.array([1.0, 1.0, 0.5]),
    )
    read = token_pairs(tokenizer, two, 20)
    assert (read.report.over, read.report.preferred_over, read.report.other_over) == (3, 1, 1)
    assert read.report.set_aside == {"the prompt alone fills what the model reads": 1}
    assert read.kept.tolist() == [0, 1]
    assert "3 of 3 pairs are longer than 20 tokens" in str(read.report)
    assert "no chat template" in str(read.report)


def test_log_probabilities_are_those_of_the_whole_softmax_whatever_the_padding(base: str, pairs: Pairs) -> None:
    model, tokenizer = causal_model(base)
    read = token_pairs(tokenizer, pairs, 64)
    found = pair_log_probabilities(model, (read.a, read.b), read.kept, tokenizer.pad_token_id, 5)
    for i in (0, 7, 31):
        ids, start = read.a.ids[i], int(read.a.start[i])
        with torch.no_grad():
            whole = model(torch.tensor([ids])).logits[0].double().log_softmax(-1)
        by_hand = sum(float(whole[t - 1, ids[t]]) for t in range(start, len(ids)))
        assert found[i, 0] == pytest.approx(by_hand, abs=1e-4)


def test_the_divergence_is_zero_before_the_training_and_that_of_the_softmax_after(base: str, pairs: Pairs) -> None:
    ground = open_base(quick(base))
    read = token_pairs(ground.tokenizer, pairs, 64)
    batch = batch_of([(read.a, 0), (read.a, 1)], ground.tokenizer.pad_token_id)
    with torch.no_grad():
        assert divergence_by_token(ground.model, None, batch).abs().max() < 1e-9
        for name, weight in ground.model.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.05)
        moved = divergence_by_token(ground.model, None, batch)
        other, _ = causal_model(base)
        ids, start = read.a.ids[0], int(read.a.start[0])
        p = ground.model(torch.tensor([ids])).logits[0].double().log_softmax(-1)
        q = other(torch.tensor([ids])).logits[0].double().log_softmax(-1)
    by_hand = float((p.exp() * (p - q)).sum(-1)[start - 1 : len(ids) - 1].sum())
    assert float(moved[0]) == pytest.approx(by_hand, rel=1e-4)
    assert by_hand > 0


# ------------------------------------------------------------ what is learned


def test_labels_of_one_half_leave_the_policy_where_it_is_and_weights_count(
    base: str, pairs: Pairs, tmp_path: Path
) -> None:
    tied = replace(pairs, target=np.full(len(pairs), 0.5))
    history = train_on_texts(open_base(quick(base)), tied, quick(base), tmp_path / "tied").ended.history
    assert history[0]["grad_norm"] < 1e-6
    assert "rewards/accuracies" not in history[0]
    both = replace(pairs, weight=np.arange(len(pairs)) % 2.0)  # every second pair counts for nothing
    odd = pairs.take(np.arange(1, len(pairs), 2))
    whole = {"batch_size": 64, "max_steps": 1, "epochs": 1.0}
    first, second = (
        train_on_texts(open_base(quick(base, **whole)), data, quick(base, **whole), tmp_path / name).ended.history[0]
        for name, data in (("both", both), ("odd", odd))
    )
    assert first["grad_norm"] == pytest.approx(second["grad_norm"], rel=1e-4)


def test_parts_of_a_step_add_up_to_the_step(base: str, pairs: Pairs, tmp_path: Path) -> None:
    found = [
        train_on_texts(
            open_base(quick(base, pairs_at_once=size)), pairs, quick(base, pairs_at_once=size), tmp_path / str(size)
        ).ended.history
        for size in (8, 3)
    ]
    for name in ("loss", "grad_norm", "rewards/margins"):
        assert np.allclose(*([step[name] for step in each] for each in found), rtol=1e-3, atol=1e-5)


def test_soft_labels_hold_the_policy_back_where_the_crew_is_unsure(base: str, tmp_path: Path) -> None:
    settings = quick(base, epochs=12, lora_rank=0, learning_rate=1e-2)
    sure = planted_pairs(16, groups=16, seed=3)
    margins = {}
    for q in (0.6, 1.0):
        soft = replace(sure, target=np.where(sure.target > 0.5, q, 1 - q))
        history = train_on_texts(open_base(settings), soft, settings, tmp_path / str(q)).ended.history
        margins[q] = np.mean([step["rewards/margins"] for step in history[-4:]])
    # At q = 0.6 the loss is least at a margin of ln(0.6 / 0.4) = 0.41 for every pair.
    assert margins[0.6] == pytest.approx(0.41, abs=0.25)
    assert margins[1.0] > 2 * margins[0.6]


# ------------------------------------------------------------ stopped and gone on with


@pytest.mark.parametrize("rank", [4, 0])
def test_a_stopped_training_ends_as_one_that_was_not_stopped(
    base: str, pairs: Pairs, rank: int, tmp_path: Path
) -> None:
    settings = quick(base, epochs=2, lora_rank=rank)
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    ground = open_base(settings)
    whole = train_on_texts(ground, pairs, settings, tmp_path / "whole" / "checkpoints")
    at = [0]

    def seen(step: Step) -> None:
        at[0] = step.done if step.doing == "Training" else 0

    store = FolderCheckpoints(tmp_path / "parts" / "checkpoints")
    how = {"folder": tmp_path / "parts" / "checkpoints", "checkpoints": store}
    with pytest.raises(Cancelled):
        train_on_texts(open_base(settings), pairs, settings, watch=Watch(seen, lambda: at[0] >= 6), **how)
    again = open_base(settings)
    rest = train_on_texts(again, pairs, settings, **how)
    assert rest.ended.resumed_at >= 4
    assert rest.ended.steps == whole.ended.steps == 12
    assert rest.ended.history == whole.ended.history
    for ours, theirs in zip(again.model.parameters(), ground.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert not [p for p in tmp_path.rglob("*") if p.suffix in (".bin", ".pt", ".pth", ".pkl")]
    with pytest.raises(WorkbenchError, match="other settings or other data"):
        train_on_texts(open_base(settings), replace(pairs, target=1 - pairs.target), settings, **how)


# ------------------------------------------------------------ settings


def test_settings_say_what_is_wrong(tmp_path: Path) -> None:
    for wrong, said in (
        ({"method": "ppo"}, "There is no method 'ppo'"),
        ({"beta": 0.0}, "A beta of 0.0 cannot be used"),
        ({"learning_rat": 1e-3}, "There is no setting learning_rat"),
        ({"batch_size": "many"}, "The setting batch_size cannot be 'many'"),
    ):
        with pytest.raises(WorkbenchError, match=said):
            PolicySettings.of({"base": "m", **wrong})
    file = tmp_path / "policy.toml"
    file.write_text('[policy]\nbeta = 0.2\nmethod = "ipo"\n')
    assert read_settings(file) == {"beta": 0.2, "method": "ipo"}
    file.write_text("beta 0.2")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_settings(file)


def test_a_prompt_is_what_a_response_continues(chat: str, base: str) -> None:
    for folder, end in ((chat, "<|assistant|>"), (base, "water")):
        _, tokenizer = causal_model(folder)
        assert tokenizer.decode(prompt_ids(tokenizer, "about water")).strip().endswith(end)


def test_a_folder_without_a_language_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(WorkbenchError, match="safetensors"):
        causal_model(str(tmp_path / "model"))


def test_response_log_probabilities_take_gradients(base: str, pairs: Pairs) -> None:
    ground = open_base(quick(base))
    read = token_pairs(ground.tokenizer, pairs, 64)
    both = response_log_probabilities(ground.model, batch_of([(read.a, 0), (read.b, 0)], ground.tokenizer.pad_token_id))
    both.sum().backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in ground.model.parameters())
