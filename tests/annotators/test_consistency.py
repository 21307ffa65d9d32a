"""Self-consistency by hand."""

from __future__ import annotations

import pandas as pd

import workbench
from workbench.annotators import self_consistency
from workbench.dataset.assembly import Export, assemble


def test_content_counts_not_the_side() -> None:
    items = pd.DataFrame(
        {
            "item_id": list("1234"),
            "prompt": ["p", "p", "q", "q"],
            "response_a": ["x", "y", "x", "x"],
            "response_b": ["y", "x", "y", "y"],
        }
    )
    rows = pd.DataFrame({"annotator": ["ann", "ann", "bob", "bob"], "label": ["A", "B", "A", "="], "shown_first": "a"})
    found = self_consistency(assemble([Export(items=items, rows=rows, source="t", format="t")]))
    assert found["self_consistency"].tolist() == [1.0, 0.0]
    assert found["self_consistency_n"].tolist() == [1, 1]


def test_a_pair_that_comes_again_as_another_item_counts_for_the_share() -> None:
    items = pd.DataFrame({"item_id": list("12"), "prompt": "p", "response_a": ["x", "y"], "response_b": ["y", "x"]})
    rows = pd.DataFrame({"annotator": ["ann", "ann"], "label": ["A", "A"], "shown_first": "a"})
    told = workbench.audit(assemble([Export(items=items, rows=rows, source="t", format="t")])).to_dict()["annotators"][
        0
    ]
    # No item was judged twice, but the pair was, the other way round both times: a share of 0 of 1, not of 0.
    assert (told["repeats"], told["self_consistency"], told["self_consistency_n"]) == (0, 0.0, 1)


def test_nothing_repeated_is_unknown() -> None:
    items = pd.DataFrame({"item_id": ["1"], "response_a": ["x"], "response_b": ["y"]})
    found = self_consistency(
        assemble(
            [Export(items=items, rows=pd.DataFrame({"annotator": ["ann"], "label": ["A"]}), source="t", format="t")]
        )
    )
    assert found["self_consistency"].isna().all()
