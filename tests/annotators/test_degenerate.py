"""Data with nothing in them to tell annotators apart give figures that are unknown, not errors, and no warning about a
division by zero."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.annotators.people import annotated, crew
from workbench.annotators import annotator_activity, annotator_table, flag_annotators, survey
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.simulation.simulate import simulate


def categories(labels: list[str | None]) -> AnnotationSet:
    rows = pd.DataFrame(
        {
            "item_id": [str(i // 3) for i in range(len(labels))],
            "annotator": ["x", "y", "z"] * (len(labels) // 3),
            "label": labels,
        }
    )
    return assemble([Export(items=rows[["item_id"]], rows=rows[["annotator", "label"]], source="t", format="t")])


def all_the_same(label: int) -> AnnotationSet:
    data = simulate(400, annotators=8, seed=1, texts=False).data
    labels = data.annotations["label"].to_numpy()
    return replace(
        data, annotations=data.annotations.assign(label=np.where(labels >= 0, label, labels).astype(np.int8))
    )


def skipped() -> AnnotationSet:
    data = simulate(400, annotators=8, seed=1, texts=False).data
    return replace(data, annotations=data.annotations.assign(label=np.int8(-1), repeat=np.int16(-1)))


CASES = {
    "ties": lambda: crew({f"p{i}": "=" * 30 for i in range(4)}),
    "one side": lambda: crew({f"p{i}": "A" * 30 for i in range(4)}),
    "five labels, all ties": lambda: all_the_same(2),
    "five labels, all A": lambda: all_the_same(0),
    "gold and all ties": lambda: annotated(
        [(str(i), p, "=") for i in range(30) for p in "xyz"], gold={str(i): "=" for i in range(5)}
    ),
    "one annotator": lambda: crew({"x": "ABAB" * 5}),
    "one judgement": lambda: annotated([("1", "x", "A")]),
    "one category": lambda: categories(["cat"] * 60),
    "a category and a rare one": lambda: categories((["cat"] * 29 + ["dog"]) * 2),
    "only skips": skipped,
    "no label at all": lambda: categories([None] * 6),
}


@pytest.mark.parametrize("case", list(CASES))
def test_no_warning_and_no_error(case: str) -> None:
    data = CASES[case]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = survey(data)
        flags = flag_annotators(found)
        table = annotator_table(found, flags=flags)
    assert len(table) == len(data.annotators)
    assert set(flags.flagged) <= set(data.annotators["annotator"])


def test_first_position_is_the_same_wherever_it_is_counted() -> None:
    data = simulate(3_000, annotators=12, left_clickers=2, repeat_share=0.3, seed=4, texts=False).data
    plain, close = annotator_activity(data), survey(data).position
    assert (data.annotations["repeat"] > 0).sum() > 300
    pd.testing.assert_series_equal(plain["first_position_rate"], close["first_position_rate"])
    assert plain["first_position_n"].tolist() == close["first_position_n"].tolist()
