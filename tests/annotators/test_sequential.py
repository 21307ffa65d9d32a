"""Sequential tests and detection times: exact tables, Wald's bound, and simulation as the independent check."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.annotators.gold import PRIOR_STRENGTH, gold_accuracy
from workbench.annotators.planning import Design, floor_rule, sequential_plan
from workbench.annotators.sequential import SequentialTest, course, least_answers
from workbench.dataset.assembly import Export, assemble


def test_steps_add_up_by_hand() -> None:
    # ln(.5/.8) = -.470 and ln(.5/.2) = .916: four wrong answers reach ln 19 = 2.944, three do not.
    test = SequentialTest()
    decision, used, path = test.run(np.zeros(5, bool))
    assert (decision, used) == ("flag", 4)
    assert path[:2] == pytest.approx([0.9163, 1.8326], abs=1e-4)
    assert test.run(np.ones(7, bool))[:2] == ("clear", 7)
    assert test.run(np.ones(6, bool))[:2] == ("undecided", 6)


@pytest.mark.parametrize(
    ("test", "accuracy", "flagged", "answers"),
    [
        (SequentialTest(), 0.5, 0.963, 13.8),
        (SequentialTest(), 0.8, 0.036, None),
        (SequentialTest(alpha=0.01), 0.5, None, 21.1),
        (SequentialTest(alpha=0.01), 0.8, 0.0066, None),
        (SequentialTest(p_bad=0.4), 0.4, None, 8.2),
    ],
)
def test_exact_courses(test: SequentialTest, accuracy: float, flagged: float | None, answers: float | None) -> None:
    found = course(test, accuracy)
    if flagged is not None:
        assert found.flagged == pytest.approx(flagged, abs=6e-4)
    if answers is not None:
        assert found.mean_answers == pytest.approx(answers, abs=0.05)


def test_error_rates_hold_and_no_test_beats_the_bound() -> None:
    for test in (SequentialTest(), SequentialTest(0.9, 0.6, 0.02, 0.1), SequentialTest(0.7, 0.5, 0.01, 0.01)):
        bad, good = course(test, test.p_bad), course(test, test.p_good)
        # Wald: the two error rates together stay below alpha + beta.
        assert good.flagged + (1 - bad.flagged) <= test.alpha + test.beta
        assert bad.mean_answers >= least_answers(test)


def test_many_annotators_share_alpha() -> None:
    assert course(SequentialTest().corrected(50), 0.8).flagged <= 0.05 / 50


@pytest.mark.parametrize(
    ("accuracy", "by_20", "by_50", "by_100", "mean", "late", "ever"),
    [
        (0.20, 0.0069, 0.942, 0.998, 43.7, 52, 1.0),
        (0.40, 0.0050, 0.683, 0.932, 55.8, 113, 1.0),
        (0.36, 0.0055, 0.749, 0.959, 51.1, 88, 1.0),
        (0.50, 0.0037, 0.500, 0.815, 86.9, 264, 1.0),
        (0.70, None, 0.163, 0.382, None, None, 0.511),
        (0.80, None, 0.058, 0.159, None, None, 0.184),
        (0.85, None, 0.027, 0.079, None, None, 0.086),
        (0.90, None, 0.009, 0.027, None, None, 0.028),
    ],
)
def test_floor_rule_table(
    accuracy: float, by_20: float | None, by_50: float, by_100: float, mean: float | None, late: int | None, ever: float
) -> None:
    """Five gold items in each batch of 50, flag below 60% from the fifth on: the claim of 20 tasks does not hold."""
    found = floor_rule(accuracy, batches=200)
    assert found.flagged_by[[50, 100]] == pytest.approx([by_50, by_100], abs=6e-4)
    assert found.ever == pytest.approx(ever, abs=2e-3)
    if by_20 is not None and mean is not None:
        assert found.flagged_by[20] == pytest.approx(by_20, abs=6e-5)
        assert found.mean == pytest.approx(mean, abs=0.06)
        assert found.late == late


def test_two_golds_a_batch_can_never_flag_within_forty_tasks() -> None:
    found = floor_rule(0.5, gold_per_batch=2, batches=100)
    assert found.flagged_by[40] == 0
    assert found.median == 132


def test_peers_find_a_clicker_six_times_sooner_than_gold_alone() -> None:
    test = SequentialTest()
    fused, alone = sequential_plan(test, 0.5), sequential_plan(test, 0.5, Design(overlap=0))
    assert fused.mean_to_decision == pytest.approx(20.8, abs=0.5)
    assert alone.mean_to_decision == pytest.approx(137.9, abs=0.5)
    assert sequential_plan(test, 0.8).ever <= 0.039


def test_plan_agrees_with_simulation() -> None:
    rng, test, design = (
        np.random.default_rng(0),
        SequentialTest(),
        Design(gold_share=0.2, overlap=0.5, peer_accuracy=0.75),
    )
    n = 20_000
    ratio, flagged, open_ = np.zeros(n), np.zeros(n, bool), np.ones(n, bool)
    good, bad = design.matches_peers(0.8), design.matches_peers(0.5)
    for _ in range(60):
        right, one, two = rng.random(n) < 0.6, rng.random(n) < 0.75, rng.random(n) < 0.75
        gold = rng.random(n) < 0.2
        peers = ~gold & (rng.random(n) < 0.5) & (one == two)
        step = np.where(gold, np.where(right, test.step_right, test.step_wrong), 0.0)
        step += np.where(peers, np.where(right == one, np.log(bad / good), np.log((1 - bad) / (1 - good))), 0.0)
        ratio += step * open_
        flagged |= open_ & (ratio >= test.flag_at)
        open_ &= (ratio < test.flag_at) & (ratio > test.clear_at)
    found = sequential_plan(test, 0.6, design)
    assert found.flagged_by[60] == pytest.approx(flagged.mean(), abs=4 * (0.25 / n) ** 0.5)


def five_point(*rows: tuple[str, str, str]):  # type: ignore[no-untyped-def]
    """Rows of (annotator, label, gold), an item each."""
    who, label, gold = zip(*rows, strict=True)
    items = pd.DataFrame(
        {"item_id": [str(i) for i in range(len(rows))], "gold": gold, "response_a": "x", "response_b": "y"}
    )
    return assemble(
        [Export(items=items, rows=pd.DataFrame({"annotator": who, "label": label}), source="t", format="t")]
    )


def test_gold_scores_by_hand() -> None:
    data = five_point(("ann", "A>>", "A>"), ("ann", "A>", "A>"), ("ann", "=", "A>"), ("ann", "B>>", "A>>"))
    found = gold_accuracy(data).iloc[0]
    # Direction: yes, yes, no, no. Exact: no, yes, no, no. Ordinal: 1 - 1/4, 1, 1 - 1/4, 0.
    assert [found["direction_accuracy"], found["exact_accuracy"], found["ordinal_accuracy"]] == pytest.approx(
        [0.5, 0.25, 0.625]
    )
    # Guessing evenly among five labels, two of which favour A.
    assert found["chance"] == pytest.approx(0.4)


def test_annotator_without_gold_is_unknown_not_one_half() -> None:
    data = five_point(("ann", "A>", "A>"), ("bob", "B>", None), ("ann", "B>", "A>"))  # type: ignore[arg-type]
    found = gold_accuracy(data)
    assert found["n"].tolist() == [2, 0]
    assert found["estimate"].iloc[0] == pytest.approx((PRIOR_STRENGTH * 0.5 + 1) / (PRIOR_STRENGTH + 2))
    assert found[["direction_accuracy", "estimate", "low", "chance"]].iloc[1].isna().all()
