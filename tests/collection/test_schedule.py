from __future__ import annotations

import numpy as np
import pytest

from workbench.collection.schedule import Shares, first_shown, kind_of_task


@pytest.mark.parametrize("share", [0.05, 0.1, 0.07])
def test_the_share_of_gold_is_exact_in_the_mean(share):
    kinds = [
        kind_of_task("secret", f"p{p}", n, Shares(gold=share, repeat=0.0)) for p in range(60) for n in range(1, 51)
    ]
    realised = kinds.count("gold") / len(kinds)
    # At most one task a block of 20 is random: standard deviation of the mean under sqrt(.25 / 180) / 20.
    assert realised == pytest.approx(share, abs=4 * np.sqrt(0.25 / 180) / 20)


def test_five_per_cent_of_two_blocks_is_two_tasks_and_not_rounded_away():
    for person in ("a", "b", "c"):
        kinds = [kind_of_task("s", person, n, Shares(gold=0.05, repeat=0.0)) for n in range(1, 41)]
        assert kinds.count("gold") == 2


def test_kinds_are_the_same_again_and_differ_between_people():
    def kinds(person: str) -> list[str]:
        return [kind_of_task("s", person, n, Shares()) for n in range(1, 201)]

    assert kinds("a") == kinds("a")
    assert kinds("a") != kinds("b")


def test_sides_are_fair_stable_and_exchanged_in_the_repeat():
    sides = [first_shown("s", "ann", f"item-{i}", 0) for i in range(2_000)]
    assert abs(sides.count("a") - 1_000) < 4 * np.sqrt(2_000 * 0.25)
    assert [first_shown("s", "ann", f"item-{i}", 0) for i in range(2_000)] == sides
    assert all(first_shown("s", "ann", f"item-{i}", 1) != side for i, side in enumerate(sides))
