"""Calibration, contradictions, gold to learn from and soft labels, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.aggregation import aggregate
from workbench.aggregation.asking import (
    GOLD_USES,
    QUICK_UP_TO,
    aggregate_asking,
    costly_methods,
    gold_to_learn_from,
    probability_of_a,
    quick_methods,
    side_by_side,
)
from workbench.aggregation.calibration import calibration, confidence_bars
from workbench.aggregation.differences import against_gold, methods_differ, undecided_items
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.errors import WorkbenchError
from workbench.simulation.simulate import simulate


def crowd(votes: list[str], gold: list[str | None], sides: bool = True) -> AnnotationSet:
    """Items with these votes, one letter a label."""
    items = pd.DataFrame({"item_id": [str(i) for i in range(len(votes))], "gold": gold})
    rows = pd.DataFrame(
        [{"item_row": i, "annotator": f"a{j}", "label": v} for i, said in enumerate(votes) for j, v in enumerate(said)]
    )
    return assemble([Export(items=items, rows=rows, source="t", format="t", sides=sides)])


def test_confidence_and_calibration_by_hand() -> None:
    # Ten items by three to none, all right; ten by two to one, seven right.
    data = crowd(["AAA"] * 10 + ["AAB"] * 10, ["A"] * 17 + ["B"] * 3)
    result = aggregate(data, "majority")
    bars = confidence_bars(result)
    assert bars["items"].sum() == 20
    assert bars.loc[bars["items"] > 0, "from"].round(2).tolist() == [0.65, 0.95]
    found = calibration(result, data.gold, bins=2)
    assert found.n == 20
    assert found.bins["confidence"].to_list() == pytest.approx([2 / 3, 1.0])
    assert found.bins["right"].to_list() == pytest.approx([0.7, 1.0])
    assert found.error == pytest.approx(0.5 * (0.7 - 2 / 3))
    assert (found.bins["low"].iloc[0] < 0.7 < found.bins["high"].iloc[0], found.bins["high"].iloc[1]) == (True, 1.0)


def test_without_gold_calibration_says_so() -> None:
    data = crowd(["AA", "AB"], [None, None])
    assert calibration(aggregate(data, "majority"), data.gold).reason == "the data have no gold"
    known = crowd(["AA", "AB"], ["A", "B"])
    assert (
        calibration(aggregate(known, "majority", clamp_gold=True), known.gold).reason == "no gold is left to judge by"
    )


def test_contradictions_are_the_surest_first_and_undecided_is_none() -> None:
    data = crowd(["AAB", "AAA", "AB", "BBB", "AAA"], ["B", "B", "A", "B", None])
    results = {"majority": aggregate(data, "majority")}
    found = against_gold(data, results, "majority")
    assert found.positions.tolist() == [1, 0]
    assert found.frame["p_gold"].to_list() == pytest.approx([0.0, 1 / 3])
    assert undecided_items(results["majority"], "tied").tolist() == [2]
    assert (
        against_gold(data, {"majority": aggregate(data, "majority", clamp_gold=True)}, "majority").positions.tolist()
        == []
    )


def test_strength_passes_unless_asked_for() -> None:
    items = pd.DataFrame({"item_id": ["1"], "gold": ["A>>"]})
    rows = pd.DataFrame({"item_row": [0, 0, 0], "annotator": list("xyz"), "label": ["A>", "A>", "B>>"]})
    from workbench.dataset.scales import FIVE

    data = assemble([Export(items=items, rows=rows, source="t", format="t", scale=FIVE)])
    results = {"majority": aggregate(data, "majority")}
    assert len(against_gold(data, results, "majority").positions) == 0
    assert against_gold(data, results, "majority", direction_only=False).positions.tolist() == [0]


def test_methods_differ_where_a_good_annotator_stands_against_two_bad_ones() -> None:
    data = simulate(3_000, seed=2).data
    results = {m: aggregate(data, m) for m in ("majority", "dawid_skene")}
    found = methods_differ(data, results, "dawid_skene")
    one, other = results["majority"].direction, results["dawid_skene"].direction
    assert set(found.positions) == set(np.flatnonzero((one >= 0) & (other >= 0) & (one != other)))
    assert (np.diff(results["dawid_skene"].direction_confidence[found.positions]) >= 0).all()
    assert len(methods_differ(data, {"majority": results["majority"]}, "majority").positions) == 0


def test_gold_is_shared_out() -> None:
    data = crowd(["A"] * 10, ["A"] * 8 + [None] * 2)
    counts = {use: int(gold_to_learn_from(data, use).sum()) for use in GOLD_USES}
    assert counts == {"judge": 0, "half": 4, "learn": 8}
    half = side_by_side(data, {"majority": aggregate_asking(data, "majority", gold_use="half")})
    assert (half.scores["majority"].n, half.clamped) == (4, True)
    with pytest.raises(WorkbenchError, match="cannot be used"):
        gold_to_learn_from(data, "eat")


def test_a_tie_is_half_an_a() -> None:
    data = crowd(["AA=", "BB", "AB"], [None] * 3)
    assert probability_of_a(aggregate(data, "majority")).tolist() == pytest.approx([2 / 3 + 1 / 6, 0.0, 0.5])
    with pytest.raises(WorkbenchError, match="no A"):
        probability_of_a(aggregate(crowd(["34"], [None], sides=False), "majority"))


def test_costly_methods_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    data = simulate(2_000, seed=1).data
    assert costly_methods(data) == ()
    monkeypatch.setitem(QUICK_UP_TO, "bradley_terry", 1_000)
    assert costly_methods(data) == ("bradley_terry",)
    assert "crowdlab" not in quick_methods(data)
