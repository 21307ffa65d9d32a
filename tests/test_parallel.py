"""Work in parts: everything once, in order."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.parallel import even_parts, in_parts


@pytest.mark.parametrize("n", [0, 1, 1_001])
def test_parts_cover_everything_once_and_in_order(n: int) -> None:
    assert np.concatenate(in_parts(even_parts(n, 10), np.arange)).tolist() == list(range(n))


def test_few_are_one_part() -> None:
    assert even_parts(9, 10) == [(0, 9)]


def test_results_come_in_the_order_of_the_parts() -> None:
    assert in_parts([(0, 3), (3, 4), (4, 9)], lambda low, high: (low, high)) == [(0, 3), (3, 4), (4, 9)]
