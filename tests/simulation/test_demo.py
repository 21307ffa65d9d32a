"""The committed demo: made by the simulator, in Label Studio's own form, with its trouble where the README says."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pandas as pd
import pytest

from tests.conftest import ROOT
from workbench.dataset.annotation_set import AnnotationSet
from workbench.formats import load
from workbench.simulation.simulate import simulate_preset, write_demo

FOLDER = ROOT / "data" / "demo"
EXPORT = FOLDER / "label_studio_export.json.gz"


@pytest.fixture(scope="module")
def tasks() -> list[dict]:
    return json.loads(gzip.decompress(EXPORT.read_bytes()))


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return load(EXPORT)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return pd.DataFrame(json.loads((FOLDER / "truth.json").read_text("utf-8"))["annotators"]).set_index("annotator")


def test_it_comes_out_again(tmp_path) -> None:
    written = write_demo(tmp_path)
    assert gzip.decompress(written[0].read_bytes()) == gzip.decompress(EXPORT.read_bytes())
    assert (tmp_path / "truth.json").read_bytes() == (FOLDER / "truth.json").read_bytes()
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "truth.parquet"), pd.read_parquet(FOLDER / "truth.parquet")
    )
    again = write_demo(tmp_path / "again")
    assert [a.read_bytes() for a in again] == [w.read_bytes() for w in written]


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_500_000


def test_it_is_what_label_studio_writes(tasks: list[dict]) -> None:
    ids = [task["id"] for task in tasks]
    assert len(set(ids)) == len(ids)
    for task in tasks:
        assert task["data"]["answer1"] != task["data"]["answer2"]
        assert task["total_annotations"] + task["cancelled_annotations"] == len(task["annotations"])
        for annotation in task["annotations"]:
            assert annotation["task"] == task["id"]
            assert annotation["completed_by"]["email"].endswith("@example.com")
            assert annotation["was_cancelled"] == (annotation["result"] == [])
            assert annotation["created_at"].endswith("Z")
    numbers = [annotation["id"] for task in tasks for annotation in task["annotations"]]
    assert len(set(numbers)) == len(numbers)


def test_nothing_is_lost_on_the_way_in(data: AnnotationSet) -> None:
    made = simulate_preset("demo").data
    assert data.scale.labels == made.scale.labels
    assert len(data.annotations) == len(made.annotations)
    assert (data.annotations["label"] == -1).sum() == (made.annotations["label"] == -1).sum() == 12
    assert (data.gold >= 0).sum() == (made.gold >= 0).sum() == 72
    assert data.items["pair_id"].nunique() == len(made.items) == 602
    assert data.items["pair_flipped"].sum() == len(data.items) - 602 == 61
    assert data.slices == made.slices
    assert sorted(data.annotations["seconds"].round(1)) == pytest.approx(sorted(made.annotations["seconds"].round(1)))
    truth = pd.read_parquet(FOLDER / "truth.parquet")
    assert truth["item_id"].tolist() == data.items["item_id"].tolist()
    # The same labels, seen as the export shows them: A is the answer on the left.
    content = made.annotations["label"].to_numpy().copy()
    swapped = made.annotations["shown_first"].to_numpy() == 1
    content[swapped] = made.scale.flip(content[swapped])
    assert (
        np.bincount(content[content >= 0]).tolist()
        == np.bincount(data.annotations["label"][data.annotations["label"] >= 0]).tolist()
    )


def _pairs(data: AnnotationSet) -> pd.DataFrame:
    codes = data.codes
    week = ((data.annotations["ended_at"] - pd.Timestamp("2026-03-02")).dt.days // 7 + 1).to_numpy()
    rows = pd.DataFrame(
        {
            "item": codes.item,
            "annotator": codes.annotator,
            "direction": data.scale.direction(codes.label),
            "week": week[codes.row],
        }
    )
    pairs = rows.merge(rows, on="item", suffixes=("", "_other"))
    pairs = pairs[pairs["annotator"] != pairs["annotator_other"]]
    return pairs.assign(
        agree=pairs["direction"] == pairs["direction_other"],
        category=data.items["slice.category"].to_numpy()[pairs["item"]],
    )


def test_the_planted_trouble_is_where_the_readme_says(data: AnnotationSet, people: pd.DataFrame) -> None:
    pairs = _pairs(data)
    names = data.annotators["annotator"]
    behaviour = people["behaviour"].reindex(names).to_numpy()

    with_others = pairs.groupby("annotator")["agree"].mean()
    assert behaviour[with_others.idxmin()] == "spammer"
    assert (
        with_others[behaviour == "honest"].min()
        > with_others[np.isin(behaviour, ["spammer", "speeder", "left-clicker", "drifter"])].max()
    )

    seconds = data.annotations.groupby("annotator")["seconds"].median()
    assert behaviour[seconds.idxmin()] == "speeder"
    assert seconds.min() < 0.4 * seconds.drop(seconds.idxmin()).min()

    codes = data.codes
    direction = data.scale.direction(codes.label)
    left = pd.Series(direction[direction != 1] == 0).groupby(codes.annotator[direction != 1]).mean()
    assert behaviour[left.idxmax()] == "left-clicker"
    assert left.max() > 0.8 > 0.65 > left.drop(left.idxmax()).max()

    of_two = pairs.groupby(["annotator", "annotator_other"])["agree"].agg(["mean", "size"])
    alike = of_two[of_two["size"] >= 40]["mean"].nlargest(4).index
    copies = people["copies"].dropna()
    assert {frozenset((names[a], names[b])) for a, b in alike} == {frozenset(pair) for pair in copies.items()}

    assert pairs.groupby("week")["agree"].mean().idxmin() == 4
    assert pairs.groupby("category", observed=True)["agree"].mean().idxmin() == "creative writing"
