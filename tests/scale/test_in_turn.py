"""Scores, verdicts and choices of a sharded set: made bucket by bucket, and what they are in memory."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.judging.test_batch_files import results
from tests.reward.made import planted_pairs
from workbench.cli import main
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.judging.constitution import default_constitution
from workbench.judging.in_buckets import ask_about_shards, batch_folder, read_batches, write_batches
from workbench.judging.judged import Options
from workbench.judging.prompt import Asking
from workbench.judging.run import ask_judge
from workbench.judging.spec import parse_judge
from workbench.reward.opening import load_model
from workbench.reward.scoring import score_items
from workbench.reward.scoring_in_buckets import score_shards
from workbench.reward.settings import HeadSettings
from workbench.reward.training import train
from workbench.scale.backends import backend
from workbench.scale.in_turn import made_in_turn, pieces_of
from workbench.scale.sharding import Options as Cut
from workbench.scale.sharding import shard
from workbench.scale.shards import Shards
from workbench.scale.together import only_items, whole
from workbench.selection import select
from workbench.selection.in_stages import finalists_of
from workbench.selection.pooling import pool_from

ASKING = Asking(default_constitution(), principles=False)


def export(path: Path, n: int = 240, seed: int = 0, first: int = 0) -> Path:
    """Pairs with their texts, two judgements each; every second pair has none yet."""
    pairs = planted_pairs(n, groups=60, seed=seed)
    better = np.where(pairs.target > 0.5, "A", "B")
    table = pd.DataFrame(
        {
            "item": [f"i{first + k}" for k in range(n)],
            "prompt": [f"{first} {text}" for text in pairs.prompt],
            "response_a": pairs.response_a,
            "response_b": pairs.response_b,
            "label": np.where(np.arange(n) % 2, better, ""),
        }
    )
    pd.concat([table.assign(annotator=who) for who in ("ann", "ben")]).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Shards:
    place = tmp_path_factory.mktemp("pairs")
    return shard([export(place / "export.csv")], place / "set", Cut(buckets=4))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "head"
    train(planted_pairs(120, seed=3), HeadSettings(encoder="hashed", penalty=1.0, members=0)).save(folder)
    return folder


def _count(part: AnnotationSet, file: Path, times: int) -> None:
    file.write_text(str(times * len(part.items)), "utf-8")


def _fail(part: AnnotationSet, file: Path, times: int) -> None:
    raise AssertionError("it was made already")


def test_what_stands_is_not_made_again_and_a_delivery_adds_its_own(tmp_path: Path) -> None:
    shards = shard([export(tmp_path / "one.csv", 80)], tmp_path / "set", Cut(buckets=3))
    out = tmp_path / "out"

    def make(of: Shards, make: object = _count, times: int = 2) -> list[Path]:
        return made_in_turn(make, of, out, ".txt", times, settings={"times": times})

    files = make(shards)
    assert sum(int(file.read_text()) for file in files) == 2 * 80
    assert make(shards, _fail) == files
    files[0].unlink()
    with pytest.raises(AssertionError, match="made already"):
        make(shards, _fail)
    assert make(shards) == files
    with pytest.raises(WorkbenchError, match="other settings"):
        make(shards, times=3)
    grown = shard([export(tmp_path / "two.csv", 40, seed=1, first=1_000)], tmp_path / "set", Cut())
    assert [len(piece.buckets) for piece in pieces_of(grown)] == [2, 2, 2]
    later = make(grown)
    assert sum(int(file.read_text()) for file in later) == 2 * 120
    assert sorted(out.glob("*.txt")) == sorted(later)


def test_some_items_are_what_they_were(pairs: Shards) -> None:
    data = whole(pairs)
    some = only_items(data, np.array([7, 3, 200]))
    assert some.items["item_id"].tolist() == data.items["item_id"].iloc[[7, 3, 200]].tolist()
    pd.testing.assert_frame_equal(some.item_texts(), data.item_texts(np.array([7, 3, 200])))
    of = data.annotations["item"].isin([7, 3, 200])
    assert len(some.annotations) == of.sum()
    assert np.diff(some.codes.starts).tolist() == np.diff(data.codes.starts)[[7, 3, 200]].tolist()


def test_scores_are_those_in_memory(pairs: Shards, model: Path, tmp_path: Path) -> None:
    data = whole(pairs)
    expected = score_items(load_model(model), data)
    with backend("threads") as here:
        found = score_shards(model, pairs, tmp_path / "scores", backend=here)
    table = pd.concat([pd.read_parquet(file) for file in found.files], ignore_index=True)
    assert table["item_id"].tolist() == expected.table["item_id"].tolist()
    np.testing.assert_allclose(table["margin"], expected.table["margin"], rtol=1e-6)
    assert (found.pairs, found.accuracy.n) == (240, expected.accuracy.n)
    assert found.accuracy.value == pytest.approx(expected.accuracy.value)
    assert found.accuracy.same_crew.to_list() == pytest.approx(expected.accuracy.same_crew.to_list())
    assert found.cut == expected.cut


def test_every_pair_is_judged_once_by_one_ledger(pairs: Shards, tmp_path: Path) -> None:
    data, judge = whole(pairs), parse_judge("rule:longer")
    expected = ask_judge(data, judge, tmp_path / "one", ASKING)
    found = ask_about_shards(pairs, judge, tmp_path / "all", ASKING, Options())
    verdicts = pd.concat([pd.read_csv(file) for file in sorted(found.folder.glob("*.csv"))])
    assert verdicts["item_id"].nunique() == len(verdicts) == 240
    assert found.counts["judged"] == expected.to_dict()["judged"]
    assert found.to_dict()["flip_rate"] == expected.to_dict()["flip_rate"]
    grown = shard(sorted(found.folder.glob("*.csv")), tmp_path / "judged", Cut(buckets=2))
    assert grown.n_annotations == 240
    assert list(grown.annotators["kind"]) == ["ai"]


def test_batch_files_of_a_bucket_and_results_as_they_come(pairs: Shards, tmp_path: Path) -> None:
    judge, folder = parse_judge("openai:m@http://localhost:1/v1"), tmp_path / "judge"
    folder.mkdir()
    written = write_batches(pairs, judge, ASKING, folder, Options())
    assert written.requests == 480
    assert {file.parent.parent for file in written.files} == {batch_folder(folder)}
    assert len(written.files) == 4
    lines = results("openai", list(written.files), broken=False)
    np.random.default_rng(0).shuffle(lines)
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_text("\n".join([*lines[:300], '{"custom_id": "somebody-else"}', "no json"]))
    two.write_text("\n".join(lines[250:]))
    got, judged = read_batches(pairs, judge, ASKING, [one], folder, Options())
    assert (got.states["answered"], got.strangers) == (300, 2)
    assert judged.counts["answered"] == 300
    got, judged = read_batches(pairs, judge, ASKING, [two], folder, Options())
    assert (got.states["answered"], got.known) == (180, 50)
    assert judged.counts["judged"] == 240
    assert write_batches(pairs, judge, ASKING, folder, Options()).requests == 0


def test_a_choice_in_two_stages_is_nearly_that_in_one(pairs: Shards, model: Path) -> None:
    data = whole(pairs)
    stages = finalists_of(pairs, 12, "d_optimal", model=model)
    assert (stages.candidates, stages.buckets) == (120, 4)
    assert 48 <= stages.named <= 52
    one, two = (pool_from(each, model) for each in (data, stages.data))
    best, found = select(one.pool, 12), select(two.pool, 12)
    assert found.gain.sum() > 0.97 * best.gain.sum()
    named = set(stages.data.items["item_id"])
    chosen = set(data.items["item_id"].to_numpy()[one.items[best.picks]])
    assert len(chosen & named) >= 9


def test_the_commands_take_a_sharded_set(
    pairs: Shards, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, out = str(pairs.folder), tmp_path / "picks.csv"
    assert main(["score", str(model), place, "--out", str(tmp_path / "scores")]) == 0
    assert "Scored 240 pairs; on 120 with a label" in capsys.readouterr().out
    assert main(["score", str(model), place, "--out", str(tmp_path / "scores.csv")]) == 2
    assert "a file for each bucket" in capsys.readouterr().err
    asked = ["select", place, "--budget", "9", "--model", str(model), "--out", str(out), "--json"]
    assert main(asked) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["picked"], len(pd.read_csv(out))) == (9, 9)
    assert "two stages" in said["notes"][0]
    assert main(["select", place, "--budget", "9", "--pool", str(out)]) == 2
    assert "with shard" in capsys.readouterr().err
    assert main(["judge", place, "--judge", "rule:longer", "--out", str(tmp_path / "judge"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == 240
