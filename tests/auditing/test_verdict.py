"""The verdict: each check at, below and above its line, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.auditing.verdict import Flagged, Thresholds, judge
from workbench.estimates import Estimate, Interval

GOOD = {"items": 1_000, "items_with_overlap": 600, "annotations": 1_900, "skips": 20}
EVEN = {"A": 900, "B": 1_000}


def alpha(value: float, half: float = 0.05) -> Estimate:
    return Estimate("alpha", value, Interval(value - half, value + half, "same crew", "test"), None, 600)


def check(name: str, **changed: object):
    given = {"counts": GOOD, "labels": EVEN, "alpha": alpha(0.4), "first_position": (950, 1_900)} | changed
    verdict = judge(**given)  # type: ignore[arg-type]
    return verdict, next((c for c in verdict.checks if c.name == name), None)


def test_all_well_is_ready() -> None:
    verdict, _ = check("overlap")
    assert verdict.status == "ready"
    assert {c.status for c in verdict.checks} == {"ready"}


@pytest.mark.parametrize(
    ("overlap", "status"),
    [(0, "stop"), (199, "review"), (200, "ready")],  # 20 % of 1,000 is the line
)
def test_overlap(overlap: int, status: str) -> None:
    verdict, found = check("overlap", counts=GOOD | {"items_with_overlap": overlap})
    assert found is not None
    assert found.status == status == verdict.status


def test_few_overlapping_items_are_reviewed_even_when_all_overlap() -> None:
    _, found = check("overlap", counts={"items": 99, "items_with_overlap": 99, "annotations": 300, "skips": 0})
    assert found is not None
    assert found.status == "review"


@pytest.mark.parametrize(("value", "status"), [(0.26, "ready"), (0.24, "review"), (0.05, "stop"), (-0.2, "stop")])
def test_agreement_turns_on_the_lower_end_of_the_interval(value: float, status: str) -> None:
    _, found = check("agreement beyond chance", alpha=alpha(value, half=0.05))
    assert found is not None
    assert found.value == pytest.approx(value - 0.05)
    assert found.status == status


def test_an_interval_over_few_prompts_alone_stops_nothing() -> None:
    """Three topics make an interval from -.10 whatever the labels are like; agreement below chance still stops."""
    wide = replace(alpha(0.27, half=0.37), interval_notes=("rests on 3 prompts",))
    _, found = check("agreement beyond chance", alpha=wide)
    assert found is not None
    assert (found.status, "rests on 3 prompts" in found.why) == ("review", True)
    _, found = check("agreement beyond chance", alpha=replace(alpha(-0.1), interval_notes=("rests on 3 prompts",)))
    assert found is not None
    assert found.status == "stop"


def test_undefined_agreement_is_reviewed_with_its_reason() -> None:
    _, found = check("agreement beyond chance", alpha=Estimate("alpha", None, reason="only one label was ever given"))
    assert found is not None
    assert (found.status, found.value) == ("review", None)
    assert "only one label" in found.why


@pytest.mark.parametrize(("skips", "status"), [(100, "ready"), (101, "review"), (475, "review"), (476, "stop")])
def test_missing_labels(skips: int, status: str) -> None:
    # 100 of 2,000 are 5 %; 475 of 2,375 are 20 %.
    total = 2_000 if skips < 400 else 2_375
    _, found = check("missing labels", counts=GOOD | {"annotations": total - skips, "skips": skips})
    assert found is not None
    assert found.status == status


def test_sides_allow_for_chance_in_a_small_set() -> None:
    _, small = check("sides", first_position=(30, 50))  # 60 %, but three standard errors are 21 points
    _, large = check("sides", first_position=(6_000, 10_000))
    assert small is not None
    assert large is not None
    assert (small.status, large.status) == ("ready", "review")


def test_sides_are_not_judged_where_positions_are_unknown() -> None:
    verdict, found = check("sides", first_position=(0, 0))
    assert found is None
    assert verdict.status == "ready"


def test_a_week_below_the_rest_is_named() -> None:
    weeks = [("2026-W01", alpha(0.42)), ("2026-W02", alpha(0.10)), ("2026-W03", alpha(0.41))]
    _, found = check("consistency over time", weeks=weeks)
    assert found is not None
    assert found.status == "review"
    assert "2026-W02 (0.10)" in found.why
    assert "W03" not in found.why


def test_thresholds_move_the_lines() -> None:
    strict = judge(
        counts=GOOD, labels=EVEN, alpha=alpha(0.4), first_position=(0, 0), thresholds=Thresholds(alpha_review=0.6)
    )
    assert strict.status == "review"
    assert "agreement beyond chance" in strict.sentence


@pytest.mark.parametrize(
    ("labels", "status"), [(0, "ready"), (190, "ready"), (191, "review")]
)  # 10 % of 1,900 is the line
def test_flagged_annotators_count_by_what_they_gave(labels: int, status: str) -> None:
    verdict, found = check("annotators", flagged=Flagged(int(labels > 0), 12, labels, 1_900))
    assert found is not None
    assert found.status == status == verdict.status
    assert found.value == pytest.approx(labels / 1_900)
    assert found.why.startswith("Nobody is" if labels == 0 else "1 of 12 annotators is flagged; 10% of the labels")


def test_annotators_whom_nobody_looked_at_are_not_checked() -> None:
    verdict, found = check("annotators", flagged=None)
    assert found is None
    assert verdict.status == "ready"


@pytest.mark.parametrize(("value", "status"), [(0.80, "ready"), (0.74, "review"), (0.45, "stop")])
def test_labels_on_gold_turn_on_the_lower_end_of_the_interval(value: float, status: str) -> None:
    verdict, found = check("labels on gold", gold=alpha(value, half=0.05))
    assert found is not None
    assert found.status == status == verdict.status
    assert found.value == pytest.approx(value - 0.05)


def test_without_gold_nothing_is_said_of_it() -> None:
    _, found = check("labels on gold", gold=Estimate("on gold", None, reason="no gold"))
    assert found is None
