"""One run from an export to a policy: what it is held against, what it writes, and what is refused before it begins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.policy.made import tiny
from tests.reward.made import planted_pairs
from workbench.checkpoints import FolderCheckpoints
from workbench.errors import WorkbenchError
from workbench.reward.run import train_run
from workbench.runs.context import RunContext

torch = pytest.importorskip("torch")

from workbench.policy.base import causal_model  # noqa: E402
from workbench.policy.run import checked, policy_run  # noqa: E402
from workbench.policy.scorecard import policy_scorecard_from  # noqa: E402
from workbench.policy.verdict_words import sentences  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    torch.set_num_threads(1)
    return


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Judgements of 120 pairs by three annotators, who err now and then."""
    pairs, rng = planted_pairs(120, groups=30, seed=4), np.random.default_rng(1)
    place = tmp_path_factory.mktemp("data") / "votes.jsonl"
    with place.open("w", encoding="utf-8") as stream:
        for i in range(len(pairs)):
            for who in "xyz":
                for_a = (pairs.target[i] > 0.5) != (rng.random() < 0.15)
                row = {"item": i, "annotator": who, "label": "A" if for_a else "B", "prompt": pairs.prompt[i]}
                row |= {"response_a": pairs.response_a[i], "response_b": pairs.response_b[i]}
                stream.write(json.dumps(row) + "\n")
    return place


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny(tmp_path_factory.mktemp("base"), planted_pairs(120, groups=30, seed=4), steps=30)


@pytest.fixture(scope="module")
def reward(export: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A head on hashed words: a reward model of a second's training."""
    folder = tmp_path_factory.mktemp("reward")
    config = {"paths": [str(export)], "labels": "majority", "head": {"encoder": "hashed", "penalty": 1.0}}
    train_run(config, context(folder))
    return str(folder / "model")


def context(folder: Path) -> RunContext:
    folder.mkdir(exist_ok=True)
    return RunContext(folder, FolderCheckpoints(folder / "checkpoints"))


def asked(export: Path, base: str, **more: object) -> dict:
    policy = {"base": base, "batch_size": 16, "learning_rate": 2e-2, "epochs": 3.0, "beta": 0.3, "max_new_tokens": 12}
    policy |= {"lora_rank": 8, "saves": 2, **dict(more.pop("policy", {}))}  # type: ignore[arg-type, call-overload]
    measuring = {"prompts": 10, "samples": 2, "curve_prompts": 8, "judge": "rule:longer"}
    measuring |= dict(more.pop("measuring", {}))  # type: ignore[arg-type, call-overload]
    given = {"paths": [str(export)], "labels": "dawid-skene-soft", "share": 0.3, "policy": policy}
    return {**given, "measuring": measuring, **more}


def test_from_an_export_to_a_policy_and_its_scorecard(export: Path, base: str, reward: str, tmp_path: Path) -> None:
    config = asked(export, base, rewards={"folders": [reward]})
    result = policy_run(config, context(tmp_path / "run"))
    json.dumps(result, allow_nan=False)
    card = policy_scorecard_from(result["eval"])
    assert card.to_dict() == result["eval"]
    assert card.accuracy.value is not None
    assert card.accuracy.same_crew is not None
    assert card.accuracy.value > 0.65 > card.reference.value  # type: ignore[operator]
    assert card.reward_model is not None
    assert card.kl is not None
    assert card.kl.value > 0.01  # type: ignore[operator]
    assert card.wins is not None
    assert (card.wins.orders, card.wins.flipped) == (2, 0)
    assert card.curve is not None
    assert [p.step for p in card.curve.points] == sorted({0, *(p.step for p in card.curve.points)})
    assert card.curve.points[-1].step == result["train"]["steps"]
    assert all(a.kl.value <= b.kl.value for a, b in zip(card.curve.points, card.curve.points[1:2], strict=False))
    said = " ".join(sentences(card))
    assert "Prefers the right response in" in said
    assert "took no part in the training" in said
    assert result["read"]["n"] == result["pairs"]
    assert "README.md" in {p.name for p in (tmp_path / "run" / "model").iterdir()}
    rows = [json.loads(line) for line in (tmp_path / "run" / "samples.jsonl").read_text().splitlines()]
    assert len(rows) == card.sampled_prompts * card.samples_each
    assert not [p for p in tmp_path.rglob("*") if p.suffix in (".bin", ".pt", ".pth", ".pkl")]
    # The folder is a plain model of transformers, and the same one with its additions put on the base.
    from peft import PeftModel

    model, tokenizer = causal_model(str(tmp_path / "run" / "model"))
    onto, _ = causal_model(base)
    onto = PeftModel.from_pretrained(onto, tmp_path / "run" / "model" / "adapter").eval()
    ids = tokenizer("the answer\n\nclear because", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        assert torch.allclose(model(ids).logits, onto(ids).logits, atol=1e-5)
    assert base not in (tmp_path / "run" / "model" / "adapter" / "adapter_config.json").read_text()


@pytest.mark.parametrize("method", ["rloo", "grpo", "best-of-n", "rejection"])
def test_a_policy_learns_from_what_a_reward_model_likes(
    method: str, export: Path, base: str, reward: str, tmp_path: Path
) -> None:
    more = {"method": method, "samples": 4, "max_steps": 4, "beta": 0.05, "saves": 1}
    config = asked(export, base, policy=more, rewards={"folders": [reward]}, measuring={"judge": "rule:longer"})
    result = policy_run(config, context(tmp_path / "run"))
    card = policy_scorecard_from(result["eval"])
    assert result["train"]["steps"] == 4
    assert card.kl is not None
    assert card.kl.value > 1e-4  # type: ignore[operator]
    assert card.curve is not None
    assert all(point.reward.value is not None for point in card.curve.points)
    assert not [p for p in tmp_path.rglob("*") if p.suffix in (".bin", ".pt", ".pth", ".pkl")]


def test_a_resumed_run_has_the_result_of_one_that_was_not_stopped(export: Path, base: str, tmp_path: Path) -> None:
    config = asked(export, base, policy={"lora_rank": 0, "learning_rate": 2e-3, "max_steps": 6})
    whole = policy_run(config, context(tmp_path / "whole"))
    again = policy_run(config, context(tmp_path / "whole"))  # as after a kill between training and result
    assert again["train"]["resumed_at"] == 6
    assert again["eval"] == whole["eval"]


def test_what_can_be_refused_is_refused_before_anything_is_read(base: str, reward: str) -> None:
    for more, said in (
        ({"policy": {"base": base, "method": "rloo"}}, "none is named"),
        ({"policy": {"base": base, "method": "ppo"}}, "no method"),
        ({"policy": {"base": base}, "measuring": {"prompt": 3}}, "no setting prompt"),
        ({"policy": {"base": base}, "measuring": {"judge": "rule:shorter"}}, "no rule"),
        ({"policy": {"base": base}, "measuring": {"judge": "openai:m@https://example.org/v1"}}, "example.org"),
        (
            {
                "policy": {"base": base, "method": "grpo"},
                "measuring": {"judge": f"model:{reward}"},
                "rewards": {"folders": [reward]},
            },
            "find it good whatever",
        ),
    ):
        with pytest.raises(WorkbenchError, match=said):
            checked(more)
