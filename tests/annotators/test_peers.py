"""Agreement with others and activity, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.annotators import agreement_with_others, annotator_activity, usable_times
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble


def annotations(*rows: tuple[str, str, str | None], **columns: list[object]) -> AnnotationSet:
    item, annotator, label = zip(*rows, strict=True)
    frame = pd.DataFrame({"annotator": annotator, "label": label, **columns})
    return assemble(
        [Export(items=pd.DataFrame({"item_id": item}), rows=frame, source="test", format="test", sides=True)]
    )


def test_own_label_is_left_out() -> None:
    # Item 1: x, y say A, z says B. Each of x and y agrees with one of two others, z with none.
    # Item 2: x and z agree. x: (1/2 + 1) / 2 = 3/4; y: 1/2; z: (0 + 1) / 2 = 1/2.
    data = annotations(("1", "x", "A"), ("1", "y", "A"), ("1", "z", "B"), ("2", "x", "B"), ("2", "z", "B"))
    found = agreement_with_others(data)
    assert found["agreement"].tolist() == [0.75, 0.5, 0.5]
    assert found["items"].tolist() == [2, 1, 2]


def test_alone_on_every_item_is_undefined_not_zero() -> None:
    found = agreement_with_others(annotations(("1", "x", "A"), ("2", "y", "B")))
    assert found["agreement"].isna().all()


def test_mean_over_annotators_weighted_by_labels_is_the_pooled_agreement_of_equal_items() -> None:
    rng = np.random.default_rng(5)
    rows = [(str(i), f"r{j}", "AB"[int(rng.integers(2))]) for i in range(200) for j in rng.choice(8, 3, replace=False)]
    data = annotations(*rows)
    found = agreement_with_others(data)
    pooled = (found["agreement"] * found["items"]).sum() / found["items"].sum()
    by_item = [pd.Series([r[2] for r in rows if r[0] == str(i)]).value_counts() for i in range(200)]
    assert pooled == pytest.approx(np.mean([(c * (c - 1)).sum() / 6 for c in by_item]))


def test_first_position_counts_only_choices_with_a_known_side() -> None:
    data = annotations(
        ("1", "x", "A"),
        ("2", "x", "B"),
        ("3", "x", "B"),
        ("4", "x", "="),
        ("5", "x", "A"),
        ("6", "x", None),
        shown_first=["a", "b", "a", "a", None, "a"],
    )
    found = annotator_activity(data).iloc[0]
    assert found["first_position_n"] == 3
    assert found["first_position_rate"] == pytest.approx(2 / 3)
    assert (found["annotations"], found["skips"]) == (5, 1)


@pytest.mark.parametrize(
    ("seconds", "usable"),
    [
        ([None] * 4, False),
        ([83.0] * 4, False),
        ([0.0] * 4, False),
        ([83.0, 83.0, 83.0, 84.0], False),
        ([10.0, 20.0, 35.0, None], True),
    ],
)
def test_times_that_are_placeholders_are_not_used(seconds: list[object], usable: bool) -> None:
    data = annotations(*[(str(i), "x", "A") for i in range(4)], seconds=seconds)
    assert usable_times(data).usable is usable
    assert usable or usable_times(data).reason
