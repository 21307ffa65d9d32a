"""Estimated accuracy: against known items, against the truth, and what others' doubt does to it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.annotators.people import annotated, crew, mostly, random_letters
from workbench.annotators import confusion_counts, estimated_accuracy, others, suspect_gold
from workbench.simulation.simulate import simulate


def test_more_right_answers_mean_more_and_more_answers_a_narrower_interval() -> None:
    def answers(n: int, right: int) -> pd.Series:
        gold = {str(i): "AB"[i % 2] for i in range(n)}
        other = {"A": "B", "B": "A"}
        rows = [(str(i), "x", gold[str(i)] if i % 10 < right else other[gold[str(i)]]) for i in range(n)]
        return estimated_accuracy(others(annotated(rows, gold))).iloc[0]

    poor, fair, good, much = answers(40, 5), answers(40, 7), answers(40, 9), answers(400, 7)
    assert poor["estimated_accuracy"] < fair["estimated_accuracy"] < good["estimated_accuracy"]
    assert fair["estimated_n"] == 40
    assert much["estimated_high"] - much["estimated_low"] < fair["estimated_high"] - fair["estimated_low"]
    assert fair["estimated_low"] < 0.7 < fair["estimated_high"]


def test_own_vote_does_not_count() -> None:
    # x is alone: nothing is known about it. y and z agree with each other, which says something about both.
    truth = random_letters(60, 1)
    data = crew({"x": " " * 60 + truth, "y": truth + " " * 60, "z": truth + " " * 60})
    table = estimated_accuracy(others(data))
    assert table["estimated_n"].tolist() == [0, 60, 60]
    assert np.isnan(table["estimated_accuracy"][0])
    assert (table["estimated_accuracy"][1:] > 0.8).all()


def test_the_truth_lies_in_the_intervals() -> None:
    made = simulate(
        15_000,
        annotators=60,
        seed=3,
        spammers=3,
        speeders=0,
        left_clickers=0,
        drifters=0,
        colluders=0,
        ambiguous_share=0.0,
        texts=False,
    )
    table = estimated_accuracy(others(made.data))
    codes, direction = made.data.codes, made.data.scale.direction
    right = direction(codes.label) == direction(made.truth.items["label"].to_numpy())[codes.item]
    actual = np.bincount(codes.annotator, weights=right) / np.bincount(codes.annotator)
    assert np.corrcoef(table["estimated_accuracy"], actual)[0, 1] > 0.9
    assert np.abs(table["estimated_accuracy"] - actual).mean() < 0.06
    inside = (table["estimated_low"] <= actual) & (actual <= table["estimated_high"])
    assert inside.mean() > 0.8


def test_confusion_counts_add_up_to_the_labels() -> None:
    truth = random_letters(50, 4)
    found = others(crew({f"p{i}": mostly(truth, 0.95, i) for i in range(4)}))
    counts = confusion_counts(found, 0)
    assert counts.sum() == pytest.approx(50)
    assert counts[0, 0] > 5 * counts[0, -1]


def test_gold_that_all_good_annotators_fail_is_suspect() -> None:
    truth = random_letters(100, 5)
    made = crew({f"p{i}": mostly(truth, 0.95, i) for i in range(7)})
    gold = np.full(len(made.items), -1, np.int8)
    code = {"A": 0, "B": len(made.scale) - 1}
    gold[:20] = [code[t] for t in truth[:20]]
    gold[7] = code["B" if truth[7] == "A" else "A"]
    from dataclasses import replace

    found = suspect_gold(others(replace(made, gold=gold)))
    assert np.flatnonzero(found.distrusted).tolist() == [7]
    first = found.items.iloc[0]
    assert (first["item_id"], first["instead"]) == ("0007", truth[7])
    assert found.finding().count == 1
    assert found.finding().rows == ("0007",)
    assert suspect_gold(others(made)).finding() is None


@pytest.mark.parametrize(("scale", "named"), [("binary", 0.05), ("five", 0.6)])
def test_wrong_gold_among_three_labels_an_item(scale: str, named: float) -> None:
    # One in eight gold labels is wrong. Three labels rarely settle a single one, but together they tell how many there
    # are, and the list begins with them.
    made = simulate(20_000, annotators=40, seed=3, scale=scale, wrong_gold=0.13, texts=False)
    found = suspect_gold(others(made.data))
    wrong = made.truth.items["wrong_gold"].to_numpy()
    listed = wrong[found.items["item"].to_numpy(int)]
    n, whole = int(wrong.sum()), len(found.items)
    assert found.wrong_share is not None
    share, low, high = found.wrong_share
    assert low - 0.01 <= n / whole <= high + 0.01
    assert share == pytest.approx(n / whole, abs=0.05)
    assert listed[:n].mean() > 0.5  # a list in any order would have 13%
    believed = found.likeliest()
    assert len(believed) >= 20
    assert believed["chance_wrong"].is_monotonic_decreasing
    assert (believed["believed"] == (believed["chance_wrong"] <= 0.8)).all()
    # What is called wrong is so about as often as it says, and the finding speaks of it.
    told = found.items["chance_wrong"].to_numpy()
    assert listed[told > 0.5].mean() > 0.5
    assert wrong[found.distrusted].sum() >= named * n
    assert found.finding() is not None


def test_little_gold_gets_a_list_without_a_verdict() -> None:
    made = simulate(1_800, annotators=18, seed=2, scale="binary", wrong_gold=0.13, texts=False)
    found = suspect_gold(others(made.data))
    wrong = made.truth.items["wrong_gold"].to_numpy()[found.items["item"].to_numpy(int)]
    assert len(found.items) == 57
    assert not found.distrusted.any()
    assert wrong[:10].sum() >= 3 > 10 * wrong.mean()
    assert found.items["chance_wrong"].iloc[0] > 0.4


def test_good_gold_is_left_alone() -> None:
    found = suspect_gold(others(simulate(20_000, annotators=40, seed=3, scale="binary", texts=False).data))
    assert found.wrong_share is not None
    assert found.wrong_share[1] < 0.02
    assert found.left == pytest.approx(0.0, abs=0.02)
    assert found.finding() is None
