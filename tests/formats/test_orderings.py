import math

import numpy as np
import pytest

from workbench.formats.records.orderings import best_of, named_ranks, pair_labels, ranks_of


@pytest.mark.parametrize(
    "ranking",
    [
        ["b", "a", "c"],
        np.array(["b", "a", "c"], object),
        '["b", "a", "c"]',
        {"rank": [2, 1, 3], "value": ["a", "b", "c"]},
        [{"value": "a", "rank": 2}, {"value": "b", "rank": 1}, {"value": "c", "rank": 3}],
        {"best": ["b"], "rest": ["a", "c"]},
    ],
)
def test_every_spelling_of_one_ranking(ranking):
    assert ranks_of(ranking, ["a", "b", "c"]) == [2.0, 1.0, 3.0]


def test_equal_ranks_are_ties_and_unranked_options_have_no_label():
    ranks = ranks_of([{"value": "a", "rank": 1}, {"value": "b", "rank": 1}], ["a", "b", "c"])
    assert pair_labels(ranks) == [(0, 1, "="), (0, 2, None), (1, 2, None)]
    assert pair_labels(ranks_of([["a", "b"], "c"], ["a", "b", "c"])) == [(0, 1, "="), (0, 2, "A"), (1, 2, "A")]


@pytest.mark.parametrize(
    "junk", [None, 3, "x", {}, [], [None, {}, [[]]], {"rank": 3, "value": None}, {"rank": ["x"], "value": [[1]]}]
)
def test_junk_ranks_nothing(junk):
    assert all(math.isnan(rank) for rank in ranks_of(junk, ["a", "b"]))


def test_four_responses_make_six_pairs_and_a_best_of_four_three():
    assert len(pair_labels([1.0, 2.0, 3.0, 4.0])) == 6
    assert [label for _, _, label in best_of(2, 4)] == ["B", "B", "A"]


def test_scores_become_ranks():
    assert named_ranks({"a": 3.0, "b": 5.0, "c": 3.0})[:2] == [2.0, 1.0]
    assert math.isnan(named_ranks({"a": math.nan, "b": 1.0})[0])
