"""Probabilities for CROWDLAB from files: what is read, what is spread, and what is refused in words that say what to
do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.aggregation.cases import judged
from workbench.aggregation import aggregate
from workbench.aggregation.probabilities import probabilities_of, read_probabilities, spread_over_labels
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import BINARY, FIVE, categories
from workbench.errors import WorkbenchError


@pytest.fixture
def data() -> AnnotationSet:
    """Five items on five labels: 4 A>>, 2 A>, 2 ties, 1 B>, 1 B>>; the last item has no judgement."""
    item = np.array([0, 0, 0, 1, 1, 1, 2, 2, 3, 3])
    return judged(
        item, np.array([0, 1, 2, 0, 1, 2, 0, 1, 0, 1]), np.array([0, 0, 0, 0, 1, 1, 2, 2, 3, 4]), FIVE, items=5
    )


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("prefix", ["", "p."])
def test_a_column_a_label(data: AnnotationSet, tmp_path: Path, ending: str, prefix: str) -> None:
    table = pd.DataFrame(
        {
            "item_id": ["i3", "i0"],
            **{prefix + label: [0.2, p] for label, p in zip(FIVE.labels, (0.6, 0.1, 0.1, 0.1, 0.1), strict=True)},
        }
    )
    path = tmp_path / f"p.{ending}"
    {
        "csv": lambda: table.to_csv(path, index=False),
        "jsonl": lambda: table.to_json(path, orient="records", lines=True),
        "parquet": lambda: table.to_parquet(path),
    }[ending]()
    found = read_probabilities(path, data)
    assert found.values[0].tolist() == pytest.approx([0.6, 0.1, 0.1, 0.1, 0.1])
    assert found.values[3].tolist() == pytest.approx([0.2] * 5)
    assert np.isnan(found.values[[1, 2, 4]]).all()
    assert (found.known, found.missing, found.unknown, found.spread) == (2, 2, 0, False)
    assert aggregate(data, "crowdlab", probabilities=found.values).n_decided >= 3


def test_the_labels_this_workbench_exports_are_read_back(data: AnnotationSet, tmp_path: Path) -> None:
    from workbench.cli.labelling import write_labels

    labels = aggregate(data, "one_coin").to_frame(data)
    write_labels(labels, tmp_path / "labels.csv")
    found = read_probabilities(tmp_path / "labels.csv", data)
    np.testing.assert_allclose(found.values, aggregate(data, "one_coin").posterior, atol=1e-12)


def test_the_chance_of_a_is_spread_over_the_labels_of_each_side(data: AnnotationSet) -> None:
    found = spread_over_labels(np.array([0.7, 0.0, 0.05]), data)
    # Ties are a fifth of the judgements: 0.2. A: 0.7 - 0.1 over A>> and A> as 4 to 2; B: 0.3 - 0.1 in equal parts.
    assert found[0].tolist() == pytest.approx([0.4, 0.2, 0.2, 0.1, 0.1])
    assert found[1].tolist() == pytest.approx([0, 0, 0, 0.5, 0.5])
    # Twice the chance of A is all the room that a tie has.
    assert found[2].tolist() == pytest.approx([0, 0, 0.1, 0.45, 0.45])
    assert (found[:, :2].sum(1) + found[:, 2] / 2).tolist() == pytest.approx([0.7, 0.0, 0.05])


def test_what_is_left_out_is_counted(data: AnnotationSet) -> None:
    table = pd.DataFrame({"item": ["i1", "i2", "nobody", "i4"], "P(A)": [0.5, None, 0.9, 0.5]})
    found = probabilities_of(table, data)
    assert (found.known, found.missing, found.unknown, found.spread) == (2, 3, 1, True)
    assert str(found).startswith("probabilities for 2 items; none for 3 items with judgements")
    assert "1 row of items that are not in the annotations" in str(found)


def test_one_column_serves_two_labels() -> None:
    two = judged(np.array([0, 1]), np.array([0, 0]), np.array([0, 1]), BINARY)
    assert probabilities_of(pd.DataFrame({"id": ["i1"], "A": ["0.25"]}), two).values[1].tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"who": ["i0"], "p_a": [0.5]}, "no column of item ids; it has who, p_a"),
        ({"item_id": ["i0"], "score": [0.5]}, "no column of probabilities for A>>, A>, =, B>, B>>"),
        ({"item_id": ["i0"], "A>>": [1.0]}, "no column of probabilities for A>, =, B>, B>>"),
        ({"item_id": ["x", "y"], "p_a": [0.5, 0.5]}, "it names no item of the annotations in 2 rows"),
        ({"item_id": ["i0", "i0"], "p_a": [0.5, 0.5]}, "1 item stands there (i0) more than once"),
        ({"item_id": ["i0"], "p_a": ["high"]}, "'high', which is no number"),
        ({"item_id": ["i0"], "p_a": [3.5]}, "column p_a holds 3.5"),
        (
            {"item_id": ["i0"], **{key: [0.5] for key in FIVE.labels}},
            "the probabilities of 1 item do not sum to 1 (2.5 for i0)",
        ),
        (
            {"item_id": ["i0"], **{key: [0.25] for key in FIVE.labels[:4]}, "B>>": [None]},
            "do not sum to 1 (a label is blank)",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(data: AnnotationSet, table: dict, said: str) -> None:
    with pytest.raises(WorkbenchError) as raised:
        probabilities_of(pd.DataFrame(table), data, "p.csv")
    assert said in raised.value.what
    assert raised.value.what.startswith("p.csv: ")
    assert raised.value.remedy


def test_categories_have_no_a() -> None:
    some = judged(np.array([0, 1]), np.array([0, 0]), np.array([0, 1]), categories(["cat", "dog"]))
    with pytest.raises(WorkbenchError, match="no column of probabilities for cat, dog"):
        probabilities_of(pd.DataFrame({"item_id": ["i0"], "p_a": [0.5]}), some)
    assert probabilities_of(pd.DataFrame({"item_id": ["i0"], "cat": [0.5], "dog": [0.5]}), some).known == 1
