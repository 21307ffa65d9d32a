"""Pairs by label source: what each target is, what is set aside and why, and splits that cut no group."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import TERNARY
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.reward.pairs import group_folds, label_sources, leave_one_source_out, pairs_of, split_by_group


def annotated() -> AnnotationSet:
    items = pd.DataFrame(
        {
            "item_id": ["1", "2", "3", "4", "5"],
            "prompt": ["p", "p", "q", "r", None],
            "response_a": ["a", "b", "c", None, "e"],
            "response_b": ["x", "y", "z", "w", "f"],
            "slice.source": ["web", "web", "book", None, "book"],
        }
    )
    votes = [
        ("1", "k", "A"),
        ("1", "l", "A"),
        ("1", "m", "B"),
        ("2", "k", "A"),
        ("2", "l", "B"),
        ("3", "k", "="),
        ("4", "k", "A"),
    ]
    rows = pd.DataFrame(votes, columns=["item_id", "annotator", "label"])
    rows["item_row"] = rows.pop("item_id").astype(int) - 1
    return assemble([Export(items=items, rows=rows, source="t", format="t", sides=True)], scale=TERNARY)


def test_a_majority_label_is_certain_and_a_tied_vote_is_no_label() -> None:
    pairs = pairs_of(annotated(), "majority")
    assert pairs.item.tolist() == [0, 2]
    assert pairs.target.tolist() == [1.0, 0.5]
    assert pairs.level.tolist() == [0, 1]
    assert (pairs.levels, pairs.tie, pairs.ties) == (3, 1, 1)
    assert dict(pairs.set_aside) == {"a response has no text": 1, "no label": 1, "the votes are tied": 1}


def test_the_share_of_votes_is_a_soft_label() -> None:
    pairs = pairs_of(annotated(), "majority-soft")
    assert pairs.item.tolist() == [0, 1, 2]
    assert pairs.target.round(4).tolist() == [0.6667, 0.5, 0.5]


def test_raw_votes_are_one_pair_each_with_who_gave_them() -> None:
    data = annotated()
    pairs = pairs_of(data, "raw")
    assert pairs.item.tolist() == [0, 0, 0, 1, 1, 2]
    assert pairs.target.tolist() == [1.0, 1.0, 0.0, 1.0, 0.0, 0.5]
    assert data.annotators["annotator"].to_numpy()[pairs.annotator].tolist() == ["k", "l", "m", "k", "l", "k"]
    assert dict(pairs.set_aside) == {"a response has no text": 1, "no label": 1}


@pytest.mark.parametrize("source", [s for s in label_sources() if s not in ("gold", "raw", "written")])
def test_every_aggregation_is_a_label_source(source: str) -> None:
    pairs = pairs_of(annotated(), source)
    assert ((pairs.target >= 0) & (pairs.target <= 1)).all()
    assert len(pairs) + sum(pairs.set_aside.values()) == 5
    if not source.endswith("-soft"):
        assert set(pairs.target) <= {0.0, 0.5, 1.0}


def test_items_of_one_prompt_or_one_pair_share_a_group() -> None:
    pairs = pairs_of(annotated(), "majority-soft")
    assert pairs.group[0] == pairs.group[1] != pairs.group[2]


def test_a_source_is_the_slice_asked_for() -> None:
    pairs = pairs_of(annotated(), "majority-soft")
    assert pairs.source.tolist() == ["web", "web", "book"]
    held = {source: (train.tolist(), out.tolist()) for source, train, out in leave_one_source_out(pairs)}
    assert held == {"web": ([2], [0, 1]), "book": ([0, 1], [2])}
    with pytest.raises(WorkbenchError, match="no slice 'topic'"):
        pairs_of(annotated(), "majority", slice="topic")


def test_unknown_labels_and_absent_gold_are_named() -> None:
    with pytest.raises(WorkbenchError, match="no label source 'best'"):
        pairs_of(annotated(), "best")
    with pytest.raises(WorkbenchError, match="no gold"):
        pairs_of(annotated(), "gold")
    with pytest.raises(WorkbenchError, match="no texts"):
        pairs_of(annotated().without_texts(), "majority")


def test_identical_texts_are_set_aside(tmp_path: Path) -> None:
    rows = pd.DataFrame({"#id": ["u_v", "w_x"], "label": ["a1", "a2"], "a1": ["same", "one"], "a2": ["same", "two"]})
    rows.to_csv(tmp_path / "t_s.csv", sep="\t", index=False)
    pairs = pairs_of(load(str(tmp_path / "t_s.csv")))
    assert len(pairs) == 1
    assert dict(pairs.set_aside) == {"the two responses are the same text": 1}


def test_gold_rows_without_annotators_train_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(
        '{"prompt": "p", "chosen": "yes", "rejected": "no"}\n{"prompt": "q", "chosen": "b", "rejected": "a"}\n'
    )
    pairs = pairs_of(load(str(tmp_path / "rows.jsonl")))
    better = np.where(pairs.target == 1, pairs.response_a, pairs.response_b)
    assert sorted(better) == ["b", "yes"]
    assert pairs.prompt.tolist() == ["p", "q"]
    assert pairs.groups == 2


def test_no_split_cuts_a_group() -> None:
    rng = np.random.default_rng(0)
    pairs = pairs_of(annotated(), "raw").take(rng.integers(0, 6, 200))
    pairs = type(pairs)(**{**pairs.__dict__, "group": rng.integers(0, 40, 200)})
    train, held = split_by_group(pairs, 0.2, rng)
    assert not set(pairs.group[train]) & set(pairs.group[held])
    assert sorted([*train, *held]) == list(range(200))
    assert 20 <= len(held) <= 60
    fold = group_folds(pairs.group, 5, rng)
    assert all(len(set(fold[pairs.group == g])) == 1 for g in set(pairs.group))
    assert np.ptp(np.bincount(fold)) <= np.bincount(pairs.group).max()


def test_one_group_cannot_be_split() -> None:
    pairs = pairs_of(annotated(), "raw").take(np.array([0, 1, 2]))
    with pytest.raises(WorkbenchError, match="one prompt group"):
        split_by_group(pairs, 0.2, np.random.default_rng(0))


def test_other_labels_of_the_same_pairs() -> None:
    data = annotated()
    soft, hard = pairs_of(data, "majority-soft"), pairs_of(data, "majority")
    both = soft.with_labels_of(hard)
    assert both.item.tolist() == [0, 2]
    assert both.target.tolist() == [1.0, 0.5]
    assert both.set_aside["no label by majority"] == 1


def test_argument_pairs(real_data: Path) -> None:
    pairs = pairs_of(load(str(real_data / "ukpconvarg" / "strict-csv")), slice="topic")
    assert pairs.labels == "gold"
    assert pairs.groups == 28
    assert len({*pairs.source}) == 16
    assert len(pairs) + sum(pairs.set_aside.values()) == 10_295
