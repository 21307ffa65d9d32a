"""Work in parts: everything once, in order."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from workbench.parallel import WORTH_A_THREAD, beside, even_parts, in_parts


@pytest.mark.parametrize("n", [0, 1, 1_001])
def test_parts_cover_everything_once_and_in_order(n: int) -> None:
    assert np.concatenate(in_parts(even_parts(n, 10), np.arange)).tolist() == list(range(n))


def test_few_are_one_part() -> None:
    assert even_parts(9, 10) == [(0, 9)]


def test_results_come_in_the_order_of_the_parts() -> None:
    assert in_parts([(0, 3), (3, 4), (4, 9)], lambda low, high: (low, high)) == [(0, 3), (3, 4), (4, 9)]


@pytest.mark.parametrize("judgements", [10, WORTH_A_THREAD])
def test_what_is_made_beside_others_returns_or_raises_the_same_way(judgements: int) -> None:
    with beside(judgements) as meanwhile:
        made, failed = meanwhile.submit(divmod, 7, 2), meanwhile.submit(divmod, 7, 0)
        assert made.result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            failed.result()


def test_few_judgements_need_no_thread() -> None:
    with beside(WORTH_A_THREAD - 1) as few, beside(WORTH_A_THREAD) as many:
        assert few.submit(threading.get_ident).result() == threading.get_ident()
        assert many.submit(threading.get_ident).result() != threading.get_ident()
