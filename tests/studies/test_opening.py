"""From annotations to a bench: what is known, what is held apart, what is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.aggregation import aggregate
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import NULL, TERNARY
from workbench.errors import WorkbenchError
from workbench.reward.pairs import Pairs, hard_target
from workbench.simulation.simulate import simulate
from workbench.studies.bench import Bench, held_out_rows
from workbench.studies.bench_building import data_file, open_bench, open_paths, why_no_study
from workbench.workspace.dataset_store import Shelf


@pytest.fixture(autouse=True)
def embeddings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_EMBEDDINGS", str(tmp_path / "embeddings"))


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lengths for features: for tests of everything else, since an encoder takes seconds."""

    def lengths(
        pairs: Pairs, others: Pairs | None, encoder: str | None, dims: int, watch: object
    ) -> tuple[np.ndarray, np.ndarray | None, str]:
        made = [
            np.array([[len(a) - len(b)] for a, b in zip(p.response_a, p.response_b, strict=True)], np.float32)
            for p in (pairs, others)
            if p is not None
        ]
        return made[0], made[1] if len(made) > 1 else None, "lengths"

    monkeypatch.setattr("workbench.studies.bench_building.features_of", lengths)


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return simulate(1_000, seed=3, gold_share=1.0, annotators=12).data


@pytest.mark.usefixtures("light")
def test_truth_is_gold_and_ties_are_no_truth(data: AnnotationSet) -> None:
    bench = open_bench(data, encoder="hashed", dims=16)
    assert bench.truth_is == "gold labels"
    gold = data.gold[bench.item]
    side = data.scale.direction_table()[gold]
    assert np.array_equal(np.isnan(bench.truth), (gold == NULL) | (side == 1))
    known = np.isfinite(bench.truth)
    assert np.array_equal(bench.truth[known] == 1, side[known] == 0)


@pytest.mark.usefixtures("light")
def test_without_gold_the_crew_is_its_own_truth_and_that_is_said(data: AnnotationSet) -> None:
    bare = replace(data, gold=np.full(len(data.items), NULL, data.gold.dtype))
    bench = open_bench(bare, encoder="hashed", dims=16)
    assert "no gold" in bench.truth_is
    said = hard_target(bare.scale, aggregate(bare).label)
    known = np.flatnonzero(np.isfinite(bench.truth))
    assert len(known) > 0
    assert all(said[int(bench.item[row])] == bench.truth[row] for row in known)


@pytest.mark.usefixtures("light")
def test_little_gold_is_joined_by_the_crew(data: AnnotationSet) -> None:
    few = np.flatnonzero(data.gold != NULL)[:30]
    gold = np.full(len(data.items), NULL, data.gold.dtype)
    gold[few] = data.gold[few]
    bench = open_bench(replace(data, gold=gold))
    assert "too few alone" in bench.truth_is
    side = data.scale.direction_table()[gold[bench.item]]
    told = (gold[bench.item] != NULL) & (side != 1)
    assert np.array_equal(bench.truth[told] == 1, side[told] == 0)
    assert np.isfinite(bench.truth).mean() > 0.6


def test_exchanging_the_sides_changes_the_sign(data: AnnotationSet) -> None:
    frame = data.item_texts(np.arange(40))
    items = pd.DataFrame(
        {
            "item_id": [str(i) for i in range(40)],
            "prompt": frame["prompt"],
            "response_a": frame["response_a"],
            "response_b": frame["response_b"],
        }
    )
    turned = items.rename(columns={"response_a": "response_b", "response_b": "response_a"})
    rows = pd.DataFrame({"item_id": items["item_id"], "annotator": "k", "label": "A"})

    def bench(table: pd.DataFrame) -> Bench:
        return open_bench(
            assemble([Export(items=table, rows=rows, source="t", format="t", sides=True)], scale=TERNARY),
            encoder="hashed",
            dims=1_000,
        )

    assert bench(items).features == pytest.approx(-bench(turned).features, abs=1e-5)


@pytest.mark.usefixtures("light")
def test_evaluation_pairs_that_were_seen_are_left_out_and_counted(data: AnnotationSet) -> None:
    other = simulate(1_000, seed=9, gold_share=1.0, annotators=12).data
    apart = open_bench(data, other, "hashed", dims=16)
    assert apart.evaluation is not None
    assert apart.truth_is == "gold labels of the evaluation set"
    assert np.isfinite(apart.evaluation.truth).all()
    split = apart.split(0)
    assert len(split.truth) == len(apart.evaluation)
    assert 0.7 < len(split.train) / len(apart) < 0.9
    with pytest.raises(WorkbenchError, match="All evaluation pairs share"):
        open_bench(data, data, "hashed", dims=16)


@pytest.mark.usefixtures("light")
def test_too_many_pairs_are_drawn_from_by_whole_groups_and_counted(data: AnnotationSet) -> None:
    every, some = open_bench(data, encoder="hashed", dims=8), open_bench(data, encoder="hashed", dims=8, most=200)
    assert len(some) <= 200
    lost = {k: v for k, v in some.set_aside.items() if "beyond" in k}
    assert sum(lost.values()) == len(every) - len(some)
    kept, gone = set(data.group_codes[some.item]), np.setdiff1d(every.item, some.item)  # type: ignore[index]
    assert not kept & set(data.group_codes[gone])  # type: ignore[index]


def test_no_split_cuts_a_group() -> None:
    group = np.random.default_rng(0).integers(0, 40, 400)
    for seed in range(20):
        held = held_out_rows(group, 0.3, np.random.default_rng(seed))
        assert not set(group[held]) & set(group[~held])
        assert 0.15 < held.mean() < 0.45
    two = held_out_rows(np.array([1, 1, 1, 2]), 0.3, np.random.default_rng(0))
    assert 0 < two.sum() < 4


def test_the_file_of_the_shelf_gives_the_same_bench(data: AnnotationSet, tmp_path: Path) -> None:
    path = data_file(data, Shelf(tmp_path / "shelf"))
    assert data_file(data, Shelf(tmp_path / "shelf")) == path
    one, two = open_bench(data, encoder="hashed", dims=8), open_paths([path], encoder="hashed", dims=8)
    assert one.key == two.key
    assert one.features.shape == (len(one), 8)
    assert "hashed with surface features, 8 main directions" in one.encoder


def test_why_no_study_is_said(data: AnnotationSet) -> None:
    assert why_no_study(data) == ""
    assert "no texts" in why_no_study(simulate(1_000, seed=1, texts=False, annotators=12).data)
    ratings = pd.DataFrame({"item_id": ["1", "2"], "annotator": ["x", "y"], "label": ["good", "bad"]})
    assert "compare no two" in why_no_study(
        assemble(
            [
                Export(
                    items=ratings[["item_id"]],
                    rows=ratings[["annotator", "label"]],
                    source="t",
                    format="t",
                    sides=False,
                )
            ]
        )
    )


@pytest.mark.usefixtures("light")
def test_argument_pairs_open(real_data: Path) -> None:
    bench = open_paths([real_data / "ukpconvarg" / "dev"], [real_data / "ukpconvarg" / "strict-csv"], "hashed", dims=16)
    # 28 topics and stances less the 3 of the crowd judgements.
    assert bench.evaluation is not None
    assert bench.buckets == 25
    assert bench.groups == 3
    assert len(bench) == 1_783
