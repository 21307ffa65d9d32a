import itertools
import math

import numpy as np
import pytest

from workbench.formats.records.rankings import Option, Rankings


def options(*scores):
    return [Option(f"response {k}", f"m{k}", score, {"length": float(k)}) for k, score in enumerate(scores)]


def winners(items, rows):
    return {
        frozenset((a, b)): {"A": a, "B": b, "=": "="}.get(label)
        for a, b, label in zip(items["model_a"], items["model_b"], rows["label"], strict=True)
    }


def test_every_pair_once_with_the_higher_score_winning():
    rankings = Rankings()
    rankings.add(4, "p", options(3.0, 1.0, 3.0, math.nan), {"slice.source": "s"})
    items, rows = rankings.pairs()
    expected = {
        frozenset(("m0", "m1")): "m0",
        frozenset(("m0", "m2")): "=",
        frozenset(("m0", "m3")): None,
        frozenset(("m1", "m2")): "m2",
        frozenset(("m1", "m3")): None,
        frozenset(("m2", "m3")): None,
    }
    assert winners(items, rows) == expected
    assert rows["ref"].tolist() == [4] * 6
    assert items["slice.source"].tolist() == ["s"] * 6


def test_aspects_and_margins_follow_the_sides():
    rankings = Rankings()
    rankings.add(1, "p", options(1.0, 5.0, 2.0))
    items, rows = rankings.pairs()
    longer = ["A" if int(a[1:]) > int(b[1:]) else "B" for a, b in zip(items["model_a"], items["model_b"], strict=True)]
    assert rows["dim.length"].tolist() == longer
    assert sorted(rows["dim.margin"]) == [1.0, 3.0, 4.0]


def test_rankings_of_several_sizes_keep_their_order():
    rankings = Rankings()
    for k, size in enumerate((4, 2, 4, 3), 1):
        rankings.add(k, f"p{k}", options(*range(size)))
    items, rows = rankings.pairs()
    assert rows["ref"].tolist() == [1] * 6 + [2] + [3] * 6 + [4] * 3
    for prompt, part in items.groupby("prompt"):
        size = {"p1": 4, "p2": 2, "p3": 4, "p4": 3}[prompt]
        pairs = {frozenset(pair) for pair in zip(part["model_a"], part["model_b"], strict=True)}
        assert pairs == {frozenset((f"m{i}", f"m{j}")) for i, j in itertools.combinations(range(size), 2)}


def test_only_decided_pairs_where_the_best_alone_is_known():
    rankings = Rankings()
    rankings.add(1, "p", options(0.0, 1.0, 0.0, 0.0))
    items, rows = rankings.pairs(only_decided=True)
    assert set(winners(items, rows).values()) == {"m1"}
    assert len(rows) == 3


def test_sides_are_balanced_though_the_best_comes_first():
    rankings = Rankings()
    for k in range(400):
        rankings.add(k, f"p{k}", [Option(f"{k} good", None, 2.0), Option(f"{k} poor", None, 1.0)])
    share = (rankings.pairs()[1]["label"] == "A").mean()
    assert share == pytest.approx(0.5, abs=3 * math.sqrt(0.25 / 400))


def test_no_rankings_give_no_rows():
    items, rows = Rankings().pairs()
    assert (len(items), len(rows)) == (0, 0)
    assert np.array_equal(items.columns[:3], ["prompt", "response_a", "response_b"])
