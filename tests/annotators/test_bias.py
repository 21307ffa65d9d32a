"""First position, label mix and straight-lining, by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from tests.annotators.people import annotated, crew, mostly, random_letters
from workbench.annotators import expected_run, first_position, label_mix, others, run_probability


def test_run_probability_counts_sequences() -> None:
    # Of the 2^6 sequences, those with AAA somewhere.
    hits = sum("AAA" in "".join(s) for s in product("AB", repeat=6))
    assert run_probability(6, 3, 0.5) == pytest.approx(hits / 64)
    assert [round(run_probability(n, length, 0.6), 4) for n, length in ((50, 10), (100, 10), (100, 12))] == [
        0.0998,
        0.2049,
        0.0765,
    ]
    assert round(run_probability(100, 12, 0.5), 4) == 0.0109


def test_expected_run_of_one_label_only_is_all_of_them() -> None:
    assert expected_run(np.array([30.0, 0.0]), np.array([1.0, 0.0])).tolist() == [30.0, 1.0]


def test_a_run_is_judged_by_the_annotators_own_rates() -> None:
    truth = random_letters(80, 1)
    peers = {f"p{i}": mostly(truth, 0.9, i) for i in range(4)}
    fair = mostly(truth, 0.9, 9)
    lined = fair[:30] + "A" * 25 + fair[55:]
    table = label_mix(others(crew({**peers, "lined": lined, "fond": "A" * 79 + "B"})))
    by = dict(zip([*peers, "lined", "fond"], table.to_dict("records"), strict=True))
    assert by["lined"]["longest_run"] >= 25
    assert by["lined"]["run_p"] < 1e-3
    assert by["p0"]["run_p"] > 0.01
    # Nearly always A: the longest run is what such a rate brings, but the mix is not what the items ask for.
    assert by["fond"]["run_p"] > 0.01
    assert by["fond"]["mix_p"] < 1e-6
    assert by["fond"]["entropy"] == pytest.approx(stats.entropy([79, 1], base=2))


def test_items_sorted_by_label_make_no_straight_liner() -> None:
    truth = "A" * 40 + "B" * 40
    peers = {f"p{i}": mostly(truth, 0.95, i) for i in range(5)}
    assert (label_mix(others(crew(peers)))["run_p"] > 0.01).all()


def test_first_position_by_hand() -> None:
    # x chooses the side shown first 9 of 10 times, y and z half of the time.
    shown = ["a", "b"] * 15
    rows = []
    for name, hits in (("x", 9), ("y", 5), ("z", 5)):
        for i in range(10):
            first = "A" if i % 2 == 0 else "B"
            rows.append((f"{i}{name}", name, first if i < hits else ("B" if first == "A" else "A")))
    table = first_position(others(annotated(rows, shown_first=shown)), margin=0.0)
    assert table["first_position_rate"].tolist() == pytest.approx([0.9, 0.5, 0.5])
    assert table["first_position_p"][0] == pytest.approx(2 * stats.binom.sf(8, 10, 0.5))


def test_fixed_sides_are_held_against_what_others_chose() -> None:
    # A is always shown first and usually better: choosing it is no lean.
    truth = "A" * 45 + "B" * 5
    table = first_position(others(crew({f"p{i}": mostly(truth, 0.97, i) for i in range(4)}, shown_first="a")))
    assert (table["first_position_rate"] > 0.8).all()
    assert (table["first_position_p"] > 0.2).all()
