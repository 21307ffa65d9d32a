"""Which label an item gets from its posterior: arithmetic to check by hand."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.aggregation import choose, direction_posterior
from workbench.aggregation.contract import candidate_labels
from workbench.dataset.scales import FIVE, FOUR, TERNARY, categories


def test_plurality_over_labels_would_invert_the_direction() -> None:
    """A>>, A>>, A>, A>, B>, B>, B>: B> is the commonest label, A the commoner direction."""
    p = np.array([[2, 2, 3, 0]]) / 7
    made = choose(p, FOUR)
    assert p.argmax() == FOUR.code("B>")
    assert made.direction.tolist() == [0]
    assert made.label.tolist() == [FOUR.code("A>")]  # A>> and A> are as probable: the milder one
    assert made.strength_tied.tolist() == [True]
    assert made.direction_confidence[0] == pytest.approx(4 / 7)
    assert made.confidence[0] == pytest.approx(2 / 7)


def test_the_most_probable_strength_of_the_most_probable_direction() -> None:
    made = choose(np.array([[0.3, 0.05, 0.25, 0.32, 0.08]]), FIVE)  # A .35, tie .25, B .40
    assert made.label.tolist() == [FIVE.code("B>")]
    assert made.direction.tolist() == [2]


def test_a_tie_is_a_direction_of_its_own() -> None:
    np.testing.assert_allclose(direction_posterior(np.array([[0.2, 0.1, 0.4, 0.2, 0.1]]), FIVE), [[0.3, 0.4, 0.3]])
    assert choose(np.array([[0.2, 0.1, 0.4, 0.2, 0.1]]), FIVE).label.tolist() == [FIVE.code("=")]


def test_equal_directions_stay_undecided_and_missing_ones_say_so() -> None:
    made = choose(np.array([[0.4, 0.2, 0.4], [np.nan] * 3, [0.1, 0.2, 0.7]]), TERNARY)
    assert made.label.tolist() == [-1, -1, 2]
    assert made.undecided.tolist() == [2, 1, 0]
    assert np.isnan(made.confidence[:2]).all()


def test_rounding_does_not_decide() -> None:
    made = choose(np.array([[1 / 3 + 1e-16, 1 / 3, 1 / 3 - 1e-16]]), TERNARY)
    assert made.undecided.tolist() == [2]


def test_categories_have_no_sides_so_the_commonest_wins() -> None:
    made = choose(np.array([[0.3, 0.3, 0.4], [0.5, 0.5, 0.0]]), categories("xyz"))
    assert made.label.tolist() == [2, -1]


def test_candidates_share_a_random_draw() -> None:
    p = np.array([[2, 2, 3, 0], [1, 1, 1, 1], [0, 1, 3, 0]]) / [[7], [4], [4]]
    assert candidate_labels(p, FOUR).tolist() == [
        [True, True, False, False],
        [True, True, True, True],
        [False, False, True, False],
    ]


def test_nothing_to_choose_from() -> None:
    assert choose(np.empty((0, 3)), TERNARY).label.shape == (0,)
