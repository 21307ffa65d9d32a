"""Contested items: scores checked by hand, against a slow count, and the list's filters add up."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from workbench.agreement.contested import RANKINGS, contested_items, judgements_of, label_spread
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import FIVE, LabelScale
from workbench.errors import WorkbenchError


def opened(
    votes: dict[str, list[str]],
    scale: LabelScale = FIVE,
    gold: dict[str, str] | None = None,
    language: dict[str, str] | None = None,
) -> AnnotationSet:
    """Items with these labels, one annotator a label."""
    items = pd.DataFrame({"item_id": list(votes), "gold": [(gold or {}).get(i) for i in votes]})
    items["prompt"], items["response_a"], items["response_b"] = (
        [f"Question {i}?" for i in votes],
        "yes",
        [f"no {i}" for i in votes],
    )
    items["slice.language"] = [(language or {}).get(i, "en") for i in votes]
    rows = [
        {"item_row": k, "annotator": f"ann{j}", "label": label}
        for k, labels in enumerate(votes.values())
        for j, label in enumerate(labels)
    ]
    return assemble([Export(items=items, rows=pd.DataFrame(rows), source="a.csv", format="table", scale=scale)])


HAND = {
    "split": ["A>>", "B>>"],  # 1 of 1 pairs differ in label and side, 4 steps apart, 1 bit
    "shade": ["A>>", "A>"],  # differs in label, not in side; 1 step
    "three": ["A>", "A>", "B>"],  # 2 of 3 pairs; steps (0 + 2 + 2) / 3 = 1.333; entropy .918296
    "agreed": ["B>", "B>", "B>"],
    "single": ["A>"],
    "tied": ["=", "A>"],  # a tie is a side of its own
}


def test_scores_by_hand() -> None:
    spread = label_spread(opened(HAND))
    np.testing.assert_allclose(spread.disagreement, [1, 1, 2 / 3, 0, np.nan, 1], atol=1e-6)
    np.testing.assert_allclose(spread.direction, [1, 0, 2 / 3, 0, np.nan, 1], atol=1e-6)
    np.testing.assert_allclose(spread.distance, [4, 1, 4 / 3, 0, np.nan, 1], atol=1e-6)
    np.testing.assert_allclose(spread.entropy, [1, 1, 0.9182958, 0, np.nan, 1], atol=1e-6)
    assert spread.labels.tolist() == [2, 2, 3, 3, 1, 2]


def test_scores_equal_a_slow_count_over_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.agreement.contested._CELLS", 35)  # several blocks of seven items
    rng = np.random.default_rng(3)
    votes = {f"i{k}": [FIVE.labels[c] for c in rng.integers(0, 5, rng.integers(1, 6))] for k in range(40)}
    data = opened(votes)
    spread = label_spread(data)
    for k, labels in enumerate(votes.values()):
        codes = [FIVE.code(v) for v in labels]
        pairs = list(combinations(codes, 2))
        if not pairs:
            assert np.isnan(spread.disagreement[k])
            continue
        assert spread.disagreement[k] == pytest.approx(np.mean([a != b for a, b in pairs]), abs=1e-6)
        assert spread.direction[k] == pytest.approx(
            np.mean([np.sign(a - 2) != np.sign(b - 2) for a, b in pairs]), abs=1e-6
        )
        assert spread.distance[k] == pytest.approx(np.mean([abs(a - b) for a, b in pairs]), abs=1e-6)


def test_against_gold_is_the_share_of_labels_that_miss_it() -> None:
    spread = label_spread(opened(HAND, gold={"three": "A>", "single": "B>"}))
    assert spread.against_gold[2] == pytest.approx(1 / 3)
    assert spread.against_gold[4] == 1
    assert np.isnan(spread.against_gold[0])


def test_the_most_contested_come_first_and_the_count_adds_up() -> None:
    listed = contested_items(opened(HAND))
    assert listed.frame["item_id"].tolist() == ["split", "tied", "three", "shade", "agreed"]
    assert listed.frame["votes"].tolist()[2] == "A> 2 · B> 1"
    assert listed.set_aside == {"fewer than 2 labels": 1}
    assert listed.n_matching + sum(listed.set_aside.values()) == listed.n_items == 6


@pytest.mark.parametrize("ranking", RANKINGS)
def test_every_ranking_puts_its_largest_first(ranking: str) -> None:
    frame = contested_items(opened(HAND, gold=dict.fromkeys(HAND, "A>")), ranking, min_labels=1).frame
    values = frame[ranking].fillna(-1).tolist()
    assert values == sorted(values, reverse=True)


def test_filters_by_slice_count_chosen_items_and_words() -> None:
    data = opened(HAND, language={"split": "de", "three": "de"})
    assert set(contested_items(data, slices={"slice.language": "de"}).frame["item_id"]) == {"split", "three"}
    assert set(contested_items(data, max_labels=2).frame["item_id"]) == {"split", "shade", "tied"}
    assert contested_items(data, items=np.array([0, 3])).frame["item_id"].tolist() == ["split", "agreed"]
    by_text = contested_items(data, text="QUESTION three")
    assert by_text.frame["item_id"].tolist() == ["three"]
    assert by_text.searched == 5
    assert contested_items(data, text="tied").frame["item_id"].tolist() == ["tied"]
    assert contested_items(data, text="(.*").n_matching == 0


def test_no_item_left_is_an_empty_list_with_reasons() -> None:
    listed = contested_items(opened(HAND), min_labels=9)
    assert len(listed.frame) == 0
    assert listed.set_aside == {"fewer than 9 labels": 6}


def test_unknown_choices_are_refused_in_words() -> None:
    data = opened(HAND)
    with pytest.raises(WorkbenchError, match="cannot be ordered by 'colour'"):
        contested_items(data, "colour")
    with pytest.raises(WorkbenchError, match=r"no slice 'slice\.colour'"):
        contested_items(data, slices={"slice.colour": "red"})


def test_the_judgements_of_an_item_are_all_of_them() -> None:
    items = pd.DataFrame({"item_id": ["x"]})
    rows = pd.DataFrame(
        {
            "item_row": [0, 0, 0],
            "annotator": ["a", "b", "a"],
            "label": ["A", None, "B"],
            "ended_at": pd.to_datetime(["2025-01-02", "2025-01-01", "2025-01-03"]),
        }
    )
    data = assemble([Export(items=items, rows=rows, source="a.csv", format="table", sides=True)])
    shown = judgements_of(data, 0)
    assert shown["annotator"].tolist() == ["b", "a", "a"]
    assert shown["repeat"].tolist() == [-1, 0, 1]
    assert shown["label"].fillna("none").tolist() == ["none", "A", "B"]
    assert shown["kind"].tolist() == ["human"] * 3
