import numpy as np
import pandas as pd
import pytest

from workbench.dataset.scales import FIVE
from workbench.formats.records.side_assignment import assign_sides, second_goes_first


def hashes(seed, n=2_000):
    return np.random.default_rng(seed).integers(1, 2**63, n, dtype=np.uint64)


def test_exchanging_the_two_responses_exchanges_the_answer():
    prompt, one, two = hashes(0), hashes(1), hashes(2)
    assert np.array_equal(second_goes_first(prompt, one, two), ~second_goes_first(prompt, two, one))


def test_about_half_are_exchanged_even_for_one_response_against_many():
    one = np.full(2_000, hashes(3)[0])
    assert second_goes_first(np.zeros(2_000, np.uint64), one, hashes(4)).mean() == pytest.approx(0.5, abs=0.034)


def test_equal_responses_stay():
    one = hashes(5)
    assert not second_goes_first(hashes(6), one, one).any()


def test_labels_of_every_strength_turn_with_their_item():
    labels = [*FIVE.labels, None]
    items = pd.DataFrame(
        {"prompt": [f"p{i}" for i in range(60)], "response_a": "x", "response_b": "y", "model_a": "mx", "model_b": "my"}
    )
    rows = pd.DataFrame({"item_row": np.repeat(np.arange(60), 6), "label": labels * 60})
    turned, told = assign_sides(items, rows, FIVE)
    swapped = (turned["response_a"] == "y").to_numpy()
    assert 0 < swapped.sum() < 60
    assert (turned["model_a"] == np.where(swapped, "my", "mx")).all()
    for i in range(60):
        part = told["label"].iloc[6 * i : 6 * i + 6]
        assert [label if isinstance(label, str) else None for label in part] == (
            [*reversed(FIVE.labels), None] if swapped[i] else labels
        )
    assert items["response_a"].tolist() == ["x"] * 60, "the arguments are left as they were"
