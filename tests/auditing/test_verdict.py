"""The verdict: each check at, below and above its line, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.auditing.verdict import BothOrders, Flagged, Thresholds, Verdict, judge
from workbench.estimates import Estimate, Interval, rests_on_few
from workbench.findings import finding

GOOD = {"items": 1_000, "items_with_overlap": 600, "annotations": 1_900, "skips": 20}
EVEN = {"A": 900, "B": 1_000}


def alpha(value: float, half: float = 0.05) -> Estimate:
    return Estimate(
        name="alpha",
        value=value,
        same_crew=Interval(value - half, value + half, "same crew", "test"),
        new_crew=None,
        n=600,
    )


def share(k: int, n: int, errors: float = 1.96) -> Estimate:
    reach = errors * (k / n * (1 - k / n) / n) ** 0.5
    return Estimate(
        name="share",
        value=k / n,
        same_crew=Interval(k / n - reach, k / n + reach, "same crew", "Wald"),
        new_crew=None,
        n=n,
    )


def check(name: str, **changed: object):
    given = {"counts": GOOD, "labels": EVEN, "alpha": alpha(0.4), "first_position": share(950, 1_900)} | changed
    verdict = judge(**given)  # type: ignore[arg-type]
    return verdict, next((c for c in verdict.checks if c.name == name), None)


def test_all_well_is_ready() -> None:
    verdict, _ = check("overlap")
    assert verdict.status == "ready"
    assert {c.status for c in verdict.checks} == {"ready"}


@pytest.mark.parametrize(
    ("overlap", "status"),
    [(0, "stop"), (199, "review"), (200, "ready")],  # 20% of 1,000 is the line
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
    wide = replace(alpha(0.27, half=0.37), interval_notes=(rests_on_few(3, "prompt"),))
    _, found = check("agreement beyond chance", alpha=wide)
    assert found is not None
    assert (found.status, "rests on 3 prompts" in found.why) == ("review", True)
    _, found = check("agreement beyond chance", alpha=replace(alpha(-0.1), interval_notes=(rests_on_few(3, "prompt"),)))
    assert found is not None
    assert found.status == "stop"


def test_undefined_agreement_is_reviewed_with_its_reason() -> None:
    _, found = check(
        "agreement beyond chance", alpha=Estimate(name="alpha", value=None, reason="only one label was ever given")
    )
    assert found is not None
    assert (found.status, found.value) == ("review", None)
    assert "only one label" in found.why


@pytest.mark.parametrize(("skips", "status"), [(100, "ready"), (101, "review"), (475, "review"), (476, "stop")])
def test_missing_labels(skips: int, status: str) -> None:
    # 100 of 2,000 are 5%; 475 of 2,375 are 20%.
    total = 2_000 if skips < 400 else 2_375
    _, found = check("missing labels", counts=GOOD | {"annotations": total - skips, "skips": skips})
    assert found is not None
    assert found.status == status


def test_sides_allow_for_chance_in_a_small_set() -> None:
    _, small = check("sides", first_position=share(30, 50))  # 60%, but three standard errors are 21 points
    _, large = check("sides", first_position=share(6_000, 10_000))
    assert small is not None
    assert large is not None
    assert (small.status, large.status) == ("ready", "review")


def test_sides_are_not_judged_where_positions_are_unknown() -> None:
    verdict, found = check("sides", first_position=None)
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
    strict = judge(counts=GOOD, labels=EVEN, alpha=alpha(0.4), thresholds=Thresholds(alpha_review=0.6))
    assert strict.status == "review"
    assert "agreement beyond chance" in strict.sentence


@pytest.mark.parametrize(("labels", "status"), [(0, "ready"), (76, "ready"), (77, "review")])  # 4% of 1,900 is the line
def test_flagged_annotators_count_by_what_they_gave(labels: int, status: str) -> None:
    verdict, found = check("annotators", flagged=Flagged(int(labels > 0), 12, labels, 1_900))
    assert found is not None
    assert found.status == status == verdict.status
    assert found.value == pytest.approx(labels / 1_900)
    assert found.why.startswith("Nobody is" if labels == 0 else "1 of 12 annotators is flagged; 4% of the labels")


def test_annotators_whom_nobody_looked_at_are_not_checked() -> None:
    verdict, found = check("annotators", flagged=None)
    assert found is None
    assert verdict.status == "ready"


@pytest.mark.parametrize(("value", "status"), [(0.80, "ready"), (0.74, "review"), (0.45, "stop")])
def test_labels_on_gold_turn_on_the_lower_end_of_the_interval(value: float, status: str) -> None:
    verdict, found = check("labels on gold", gold={"Default": alpha(value, half=0.05)})
    assert found is not None
    assert found.status == status == verdict.status
    assert found.value == pytest.approx(value - 0.05)


def test_without_gold_nothing_is_said_of_it() -> None:
    _, found = check("labels on gold", gold={"Default": Estimate(name="on gold", value=None, reason="no gold")})
    assert found is None


def test_a_figure_and_its_line_are_of_one_unit_and_sense() -> None:
    """Whatever the data: ready exactly where the figure meets the line that is shown beside it."""
    weeks = [("2026-W01", alpha(0.45)), ("2026-W02", alpha(0.29, half=0.2)), ("2026-W03", alpha(0.41))]
    seen = 0
    for k in range(12):
        verdict = judge(
            counts=GOOD | {"items_with_overlap": 90 + 20 * k, "skips": 40 * k},
            labels={"A": 900, "B": 8 * 4**k % 60_000},
            alpha=alpha(0.1 + 0.03 * k),
            first_position=share(1_000 + 20 * k, 2_000),
            both_orders=BothOrders(500, 100 + 10 * k, 100, 0.01),
            within=share(60 + 12 * k, 400),
            weeks=weeks,
            slices=[(name, alpha(0.1 * k, half=0.02)) for name in "ab"],
            flagged=Flagged(1, 9, 40 * k, 1_900),
            gold={"Default": alpha(0.65 + 0.02 * k)},
        )
        for found in verdict.checks:
            if found.meets is not None:
                seen += 1
                assert found.meets == (found.status == "ready"), found
                figure, line = found.held()
                assert (figure.endswith("%"), line.split()[-1]) == (line.endswith("%"), line.split()[-1])
    assert seen > 100


def test_a_week_that_is_lower_by_chance_is_held_to_what_chance_allows() -> None:
    """.29 with a wide interval beside a whole of .44: no tick beside two numbers of which the smaller is bad."""
    weeks = [("2026-W01", alpha(0.45)), ("2026-W02", alpha(0.29, half=0.2))]
    _, found = check("consistency over time", weeks=weeks, alpha=alpha(0.44, half=0.03))
    assert found is not None
    assert found.status == "ready"
    assert found.value == pytest.approx(0.15)
    assert found.threshold > found.value
    assert (found.sense, found.figure) == ("at most", "alpha of 2026-W02 below the whole")


@pytest.mark.parametrize(
    ("contradicted", "status"),
    [(60, "ready"), (176, "review"), (190, "stop")],  # of 400: 15%, 44% (39% at least), 47.5% (43% at least)
)
def test_repeats_that_contradict_themselves(contradicted: int, status: str) -> None:
    verdict, found = check("own judgements", within=share(contradicted, 400))
    assert found is not None
    assert found.status == status == verdict.status


def test_few_repeats_stop_nothing() -> None:
    _, found = check("own judgements", within=share(3, 6))
    assert found is not None
    assert found.status == "ready"


def test_the_order_counts_where_pairs_were_judged_in_both() -> None:
    """160 of 1,000 pairs went to the first place both times and 60 to the second: 5 points, sd sqrt(220) / 2,000."""
    _, found = check("order", both_orders=BothOrders(1_000, 160, 60, 1e-11))
    assert found is not None
    assert (found.status, found.value) == ("review", pytest.approx(0.05))
    assert found.threshold == pytest.approx(3 * 220**0.5 / 2_000)
    assert "towards the first" in found.why
    _, even = check("order", both_orders=BothOrders(1_000, 112, 108, 0.8))
    assert even is not None
    assert even.status == "ready"


def test_no_preferences_is_said_first_and_all_ties_are_not_milder_than_nearly_all() -> None:
    nearly, most = check("preferences", labels={"A": 10, "=": 980, "B": 10}, tie="=")
    every, all_ = check("preferences", labels={"A": 0, "=": 1_000, "B": 0}, tie="=")
    assert nearly.status == every.status == "stop"
    assert most.status == all_.status == "stop"
    assert every.sentence.startswith("No preferences to learn from: every label is a tie (1,000 of 1,000).")
    sorted_, _ = check("preferences", sided=False)
    assert sorted_.status == "review"
    assert sorted_.sentence.startswith("No preferences to learn from: the labels rate or sort single things")
    none, _ = check("preferences", labels={"A": 0, "B": 0})
    assert none.sentence.startswith("No preferences to learn from: there is no label.")


def test_a_bad_aggregation_is_not_bad_data() -> None:
    """The default finds the gold's side on 53%, plain majority on 83%: the labels are fine, the method is not."""
    verdict, data = check("labels on gold", gold={"Default": alpha(0.53), "Majority": alpha(0.83)})
    _, method = check("one label an item", gold={"Default": alpha(0.53), "Majority": alpha(0.83)})
    assert data is not None
    assert method is not None
    assert (verdict.status, data.status, method.status) == ("review", "ready", "review")
    assert "Take Majority" in method.why
    assert "by Majority" in data.why
    # Two that are alike, the default a little behind: nothing to say.
    assert check("one label an item", gold={"Default": alpha(0.80), "Majority": alpha(0.82)})[1] is None


def test_methods_that_disagree_are_named_as_methods() -> None:
    said = finding("warning", "methods-disagree", "Two methods differ on 120 of 595 items.", count=120)
    verdict, found = check("one label an item", findings=[said])
    assert found is not None
    assert (verdict.status, found.status) == ("review", "review")
    assert "says nothing against the judgements" in found.why
    assert check("one label an item", findings=[finding("info", "other", "x")])[1] is None


def test_the_lines_travel_with_the_verdict() -> None:
    own = Thresholds(gold=0.8)
    verdict = judge(counts=GOOD, labels=EVEN, alpha=alpha(0.4), thresholds=own)
    assert isinstance(verdict, Verdict)
    assert verdict.to_dict()["thresholds"]["gold"] == 0.8  # type: ignore[index]
