"""Cycles of generate, judge, train: figures by hand, planted faults found, nothing found where nothing changed."""

from __future__ import annotations

import json
import zipfile
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.cycles import loop
from workbench.cli import main
from workbench.cycles import Cycle, Generated, Loop, follow_cycles, read_cycle
from workbench.cycles.following import FIRST
from workbench.cycles.reading import read_packed_cycle, with_vectors
from workbench.cycles.reward_models import drift, held_out
from workbench.cycles.spread import ACROSS, ALIKE, SEEN, TWICE, WITHIN, high_scoring, repeats, spreads
from workbench.errors import WorkbenchError


def made(prompt: list[str], score: list[float], vectors: np.ndarray | None = None, text: list[str] | None = None):
    words = None if text is None else np.array(text, object)
    return Generated(np.array(prompt, object), np.array(score, float), vectors, words)


def test_spreads_are_the_mean_distances_of_pairs() -> None:
    rng = np.random.default_rng(1)
    prompt, vectors = [f"p{i // 3}" for i in range(15)], rng.normal(size=(15, 4))
    found = spreads(made(prompt, [1.0] * 15, vectors))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    inside = [np.mean([1 - unit[i] @ unit[j] for i, j in combinations(range(3 * p, 3 * p + 3), 2)]) for p in range(5)]
    means = unit.reshape(5, 3, 4).mean(1)
    assert found[WITHIN].value == pytest.approx(np.mean(inside))
    assert found[ACROSS].value == pytest.approx(np.mean([1 - a @ b for a, b in combinations(means, 2)]))
    # Without a group of prompts, the figure is that of the other prompts.
    from workbench.cycles.figure import part_of

    part = part_of(np.array([f"p{i}" for i in range(5)], object))
    left = int(part[0])
    assert found[WITHIN].without[left] == pytest.approx(np.mean(np.array(inside)[part != left]))


def test_the_best_of_each_prompt_score_high_where_prompts_have_several_texts() -> None:
    score = [*range(8), *range(100, 108)]
    high = high_scoring(made(["easy"] * 8 + ["hard"] * 8, score))
    assert np.flatnonzero(high).tolist() == [6, 7, 14, 15]
    # One text a prompt: the best quarter of all. A text without a score is none of them.
    assert np.flatnonzero(high_scoring(made(list("abcdefgh"), [8, 7, 6, 5, 4, 3, 2, np.nan]))).tolist() == [0, 1]


def test_texts_that_come_again_are_counted() -> None:
    before = made(["p"], [1.0], text=["Old  text"])
    now = made(["p", "p", "q", "q"], [1.0] * 4, np.array([[1.0, 0], [1, 0.01], [0, 1], [1, 0]]),
               ["old text", "twice", "Twice", "new"])  # fmt: skip
    found = repeats(now, [before])
    assert (found[SEEN].value, found[TWICE].value, found[ALIKE].value) == (0.25, 0.5, 0.5)


def test_drift_counts_from_its_margin_and_order_from_its_own() -> None:
    old = {f"t{i}": float(i % 20) for i in range(200)}
    within, _ = drift(old, {name: score + 0.5 for name, score in old.items()})
    beyond, order = drift(old, {name: score + 3.0 for name, score in old.items()})
    assert within.p_value == 1.0
    assert beyond.p_value is not None
    assert beyond.p_value < 1e-6
    assert order.b.value == 1.0
    _, turned = drift(old, {name: -score for name, score in old.items()})
    assert turned.worse
    assert turned.p_value is not None
    assert turned.p_value < 1e-6
    assert drift({"a": 1.0}, {"a": 2.0}) == ()


def test_held_out_pairs_are_compared_in_pairs() -> None:
    before = {f"h{i}": 1.0 if i % 4 else -1.0 for i in range(100)}
    (change,) = held_out(before, before)
    assert (change.a.value, change.difference.value, change.p_value) == (0.75, 0.0, 1.0)
    assert change.difference.same_crew is not None
    assert change.difference.same_crew.width == 0
    (worse,) = held_out(before, {name: 1.0 if i % 2 else -1.0 for i, name in enumerate(before)})
    assert worse.difference.value == pytest.approx(-0.25)
    assert worse.worse


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("collapse within", {"spread_within"}),
        ("collapse across", {"spread_across"}),
        ("judge", {"judge_agreement"}),
        ("reward model", {"held_out"}),
        ("drift", {"anchor_shift"}),
        ("repeats", {"seen"}),
    ],
)
def test_a_planted_fault_is_found_in_its_cycle(kind: str, expected: set[str]) -> None:
    found = follow_cycles(loop(kind, np.random.default_rng(3)))
    assert found.steps[0].alarms == ()
    assert expected <= {alarm.measure.removesuffix(FIRST) for alarm in found.steps[1].alarms}
    assert bool(found.steps[1].collapse) == kind.startswith("collapse")


def test_nothing_is_found_where_nothing_changed() -> None:
    found = follow_cycles(loop("nothing, other prompts", np.random.default_rng(5)))
    assert [step.alarms for step in found.steps] == [(), (), ()]
    names = {change.measure.name for change in found.steps[0].measures}
    assert {"principle honest", "judge_agreement", "judge_first", "spread_within", "anchor_order"} <= names
    assert list(found.steps[0].judges) == ["judge-v2"]
    assert json.dumps(found.to_dict(), allow_nan=False)


def written(folder: Path, seed: int, width: float) -> Path:
    rng = np.random.default_rng(seed)
    folder.mkdir()
    words = [" ".join(rng.choice(list("abcdefgh") if width > 0.5 else list("ab"), 6)) for _ in range(160)]
    prompt = [f"p{i // 4}" for i in range(160)]
    pd.DataFrame({"prompt": prompt, "score": rng.random(160), "text": words}).to_csv(folder / "texts.csv", index=False)
    vectors = 1 + width * rng.normal(size=(160, 6))
    np.save(folder / "vectors.npy", vectors)
    pd.DataFrame({"pair": range(40), "chosen": rng.random(40), "rejected": 0.5}).to_csv(
        folder / "held_out.csv", index=False
    )
    return folder


def test_folders_are_followed_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = written(tmp_path / "one", 1, 1.0), written(tmp_path / "two", 2, 0.1)
    assert main(["cycles", str(a), str(b), "--json", "--strict"]) == 1
    (step,) = json.loads(capsys.readouterr().out)["steps"]
    assert step["collapse"]
    assert step["a"] == "one"
    assert main(["cycles", str(a), str(a)]) == 0
    assert "no different" in capsys.readouterr().out
    assert main(["cycles", str(a)]) == 2
    assert main(["cycles", str(a), str(tmp_path / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_a_packed_cycle_is_read_as_its_folder_is(tmp_path: Path) -> None:
    folder = written(tmp_path / "one", 1, 1.0)
    packed = tmp_path / "cycle-7.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"one/{file.name}")
    got, own = read_packed_cycle(packed.read_bytes(), packed.name), read_cycle(folder)
    assert (got.name, got.held_out) == ("cycle-7", own.held_out)
    assert got.generated is not None
    assert own.generated is not None
    assert (got.generated.vectors == own.generated.vectors).all()


def test_texts_are_embedded_together(tmp_path: Path) -> None:
    cycles = [read_cycle(written(tmp_path / n, s, 1.0)) for n, s in (("a", 1), ("b", 2))]
    asked: list[int] = []

    def encode(texts: list[str]) -> np.ndarray:
        asked.append(len(texts))
        return np.ones((len(texts), 3))

    got = with_vectors(cycles, encode)
    assert asked == [320]
    assert all(c.generated is not None and c.generated.vectors.shape == (160, 3) for c in got)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("texts.csv", "prompt\na\n", "no column score"),
        ("texts.csv", "prompt,score\na,high\n", "no number"),
        ("anchors.csv", "anchor,score\na,1\na,2\n", "twice"),
        ("held_out.csv", "pair,right\na,1\n", "no column margin"),
        ("vectors.npy", "no", "no table of numbers"),
        ("other.csv", "a\n1\n", "no file of a cycle"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: str, says: str) -> None:
    (tmp_path / name).write_text(content)
    if name == "vectors.npy":
        (tmp_path / "texts.csv").write_text("prompt,score\na,1\n")
    with pytest.raises(WorkbenchError, match=says):
        read_cycle(tmp_path)


def test_cycles_with_nothing_in_common_are_refused() -> None:
    with pytest.raises(WorkbenchError, match="nothing in common"):
        follow_cycles([Cycle("1"), Cycle("2")])
    with pytest.raises(WorkbenchError, match="one cycle only"):
        follow_cycles([Cycle("1")])
    two = [Cycle(str(d), generated=made(["p"], [1.0], np.ones((1, d)))) for d in (2, 3)]
    with pytest.raises(WorkbenchError, match="different lengths"):
        follow_cycles(two)
    assert isinstance(follow_cycles([Cycle("1", held_out={"a": 1.0}), Cycle("2", held_out={"a": 1.0})]), Loop)
