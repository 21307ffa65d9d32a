from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.aggregation import aggregate, score
from workbench.aggregation import states as states_module
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.errors import WorkbenchError
from workbench.scale import bucket_codes
from workbench.scale.labelling import aggregate_shards, write_labels
from workbench.scale.shards import Shards


@pytest.mark.parametrize("method", ["majority", "weighted", "one_coin", "dawid_skene"])
def test_methods_find_by_buckets_what_they_find_at_once(
    shards: Shards, data: AnnotationSet, tmp_path: Path, method: str
) -> None:
    found = aggregate_shards(shards, method, joined_up_to=0, scratch=tmp_path)
    ours, theirs = found.results[method], aggregate(data, method)
    assert len(ours.objective) == len(theirs.objective)
    if len(ours.objective):
        # Where one-coin stops climbing to the prior of its annotators depends on the last bits of what is added up.
        assert ours.objective[-1] == pytest.approx(theirs.objective[-1], rel=1e-7 if method == "one_coin" else 1e-9)
    np.testing.assert_allclose(ours.posterior, theirs.posterior, atol=1e-4 if method == "one_coin" else 1e-9)
    assert (ours.label == theirs.label).all()
    assert found.scores[method].accuracy == score(theirs, data.gold, data.group_codes).accuracy
    assert ours.annotators["n"].tolist() == theirs.annotators["n"].tolist()


def test_the_default_by_buckets(
    shards: Shards, data: AnnotationSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As with very many judgements, what annotators have in common is learned from a sample, the same in both.
    def few(codes: object, judgements: int = 0) -> np.ndarray:
        sizes = _sizes(codes)
        return np.flatnonzero((np.arange(len(sizes)) % 2 == 0) & (sizes > 0))

    for module in ("hard_items", "latent_strength", "consensus"):
        monkeypatch.setattr(f"workbench.aggregation.{module}.some_items", few)
    ours = aggregate_shards(shards, joined_up_to=0, scratch=tmp_path).results["consensus"]
    theirs = aggregate(data)
    np.testing.assert_allclose(ours.posterior, theirs.posterior, atol=1e-9)
    assert ours.details["weights"] == pytest.approx(theirs.details["weights"])
    assert ours.details["gold_used"] == theirs.details["gold_used"]


def _sizes(codes: object) -> np.ndarray:
    return codes.per_item if isinstance(codes, bucket_codes.BucketCodes) else np.diff(codes.starts)  # type: ignore[attr-defined]


def test_the_sample_of_buckets_is_that_of_all_at_once(shards: Shards, data: AnnotationSet) -> None:
    buckets = bucket_codes.BucketCodes(shards)
    items = states_module.some_items(buckets, 300)
    assert items is not None
    assert items.tolist() == states_module.some_items(data.codes, 300).tolist()  # type: ignore[union-attr]
    ours, present = states_module.part_of(buckets, items)
    theirs, people = states_module.part_of(data.codes, items)
    assert present.tolist() == people.tolist()
    assert np.array_equal(ours.annotator, theirs.annotator)
    assert np.array_equal(ours.label, theirs.label)
    assert np.array_equal(ours.starts, theirs.starts)


def test_the_sample_is_the_same_in_whatever_order_the_items_come(data: AnnotationSet) -> None:
    order = np.random.default_rng(3).permutation(len(data.items))
    items = states_module.some_items(data.codes, 300)
    assert items is not None
    codes, size = data.codes, np.diff(data.codes.starts)[order]
    rows = np.concatenate([np.arange(codes.starts[i], codes.starts[i + 1]) for i in order])
    turned = Codes(
        item=np.repeat(np.arange(len(order), dtype=np.int32), size),
        annotator=codes.annotator[rows],
        label=codes.label[rows],
        row=codes.row[rows],
        starts=np.concatenate([[0], np.cumsum(size)]),
        n_annotators=codes.n_annotators,
        n_labels=codes.n_labels,
        ids=data.items["item_id"].iloc[order],
    )
    again = states_module.some_items(turned, 300)
    assert again is not None
    assert order[again].tolist() == items.tolist()
    ours, theirs = (states_module.part_of(c, i)[0] for c, i in ((turned, again), (codes, items)))
    assert ours.label.tolist() == theirs.label.tolist()


def test_gold_that_is_given_is_held_to(shards: Shards, data: AnnotationSet, tmp_path: Path) -> None:
    ours = aggregate_shards(shards, "dawid_skene", clamp_gold=True, joined_up_to=0, scratch=tmp_path)
    theirs = aggregate(data, "dawid_skene", clamp_gold=True)
    np.testing.assert_allclose(ours.results["dawid_skene"].posterior, theirs.posterior, atol=1e-9)
    assert ours.scores["dawid_skene"].reason == "all gold was given to the method"


def test_labels_are_written_back_by_bucket(shards: Shards, data: AnnotationSet, tmp_path: Path) -> None:
    result = aggregate_shards(shards, "majority").results["majority"]
    folder = write_labels(result, shards, tmp_path / "labels")
    parts = [pd.read_parquet(path) for path in sorted(folder.iterdir())]
    assert [len(part) for part in parts] == [b.items for b in shards.buckets]
    whole = pd.concat(parts, ignore_index=True)
    assert whole["item_id"].tolist() == data.items["item_id"].tolist()
    theirs = aggregate(data, "majority").to_frame(data)
    assert whole["label"].fillna("").tolist() == theirs["label"].fillna("").tolist()


@pytest.mark.parametrize("method", ["glad", "mace", "bradley_terry"])
def test_methods_that_need_all_items_at_once_say_why(shards: Shards, method: str) -> None:
    with pytest.raises(WorkbenchError, match="cannot work bucket by bucket: "):
        aggregate_shards(shards, method)
