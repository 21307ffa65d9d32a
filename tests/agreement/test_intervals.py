from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.agreement.annotated import annotated
from tests.agreement.published import FLEISS_1971, KRIPPENDORFF_2011, from_counts
from tests.agreement.test_resampling import crowd
from workbench.agreement import (
    Tally,
    all_coefficients,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
    tally,
    tally_of,
)
from workbench.agreement.coefficients import krippendorff
from workbench.agreement.intervals import crew_spread, item_spread
from workbench.agreement.resampling import sums


def simulated(
    rng: np.random.Generator, items: int, annotators: int, spread: float, skills: np.ndarray | None = None
) -> tuple[Tally, np.ndarray]:
    """Two classes, three labels an item; annotators right with probability .8 +- spread."""
    right = np.clip(rng.normal(0.8, spread, annotators), 0.5, 0.99) if skills is None else skills
    truth = rng.integers(0, 2, items)
    who = np.argsort(rng.random((items, annotators)), 1)[:, :3]
    label = np.where(rng.random((items, 3)) < right[who], truth[:, None], 1 - truth[:, None])
    return tally_of(np.repeat(np.arange(items), 3), who.ravel(), label.ravel(), ("A", "B")), right


def test_percent_interval_by_hand() -> None:
    # 20 items of two labels, 15 alike: the jackknife variance of a mean is s^2 / n = .25 * .75 / 19; on the logit,
    # t(19).
    found = percent_agreement(from_counts([[2, 0]] * 8 + [[0, 2]] * 7 + [[1, 1]] * 5))
    reach = stats.t.ppf(0.975, 19) * np.sqrt(0.25 * 0.75 / 19) / (0.25 * 0.75)
    assert found.same_crew.to_list() == pytest.approx([1 / (1 + np.exp(-(np.log(3) + s * reach))) for s in (-1, 1)])


def test_jackknife_bca_and_percentile_are_near_each_other() -> None:
    t, _ = crowd(11, items=400)
    widths = {m: krippendorff_alpha(t, method=m).same_crew.width for m in ("jackknife", "bca", "percentile")}
    assert widths["bca"] == pytest.approx(widths["jackknife"], rel=0.1)
    assert widths["percentile"] == pytest.approx(widths["jackknife"], rel=0.1)
    with pytest.raises(ValueError, match="method must be one of"):
        krippendorff_alpha(t, method="hope")


def test_confidence_is_what_was_asked() -> None:
    t, _ = crowd(12)
    at = {level: krippendorff_alpha(t, confidence=level).same_crew for level in (0.8, 0.95, 0.99)}
    assert at[0.8].width < at[0.95].width < at[0.99].width
    assert at[0.8].level == 0.8


def test_alpha_of_krippendorffs_example_has_the_published_spread() -> None:
    # irrCAC gives a standard error of .146; the pair bootstrap that treats pairs of one item as independent, .075.
    t = KRIPPENDORFF_2011
    assert np.sqrt(item_spread(sums(t, krippendorff("nominal", t.values))).variance) == pytest.approx(0.146, abs=0.001)


def test_intervals_cover_what_they_are_about() -> None:
    """A small version of benchmarks/interval_coverage.py: 200 runs, four standard errors of leeway around 95%."""
    rng, same, new, item_only = np.random.default_rng(13), [], [], []
    population = np.clip(rng.normal(0.8, 0.12, 100_000), 0.5, 0.99)
    for _ in range(200):
        t, right = simulated(rng, 300, 12, 0.12)
        found = percent_agreement(t)
        # Two annotators agree when both are right or both wrong.
        pairs = np.outer(right, right) + np.outer(1 - right, 1 - right)
        of_crew = (pairs.sum() - np.trace(pairs)) / (12 * 11)
        of_all = population.mean() ** 2 + (1 - population.mean()) ** 2
        same.append(found.same_crew.low <= of_crew <= found.same_crew.high)
        new.append(found.new_crew.low <= of_all <= found.new_crew.high)
        item_only.append(found.same_crew.low <= of_all <= found.same_crew.high)
    leeway = 4 * np.sqrt(0.95 * 0.05 / 200)
    assert np.mean(same) == pytest.approx(0.95, abs=leeway)
    assert np.mean(new) > 0.95 - leeway
    assert np.mean(item_only) < 0.85, "the same-crew interval must not be read as being about new annotators"


def test_new_crew_is_never_the_narrower_one() -> None:
    for seed in range(8):
        for found in all_coefficients(crowd(20 + seed)[0]).values():
            assert found.new_crew.low <= found.same_crew.low
            assert found.new_crew.high >= found.same_crew.high


def test_annotators_of_one_skill_add_nothing_they_need_not() -> None:
    rng = np.random.default_rng(14)
    alike, _ = simulated(rng, 3_000, 40, 0, np.full(40, 0.8))
    unlike, _ = simulated(rng, 3_000, 40, 0, np.tile([0.6, 0.95], 20))
    assert gwet_ac1(alike).new_crew.width < 1.5 * gwet_ac1(alike).same_crew.width
    assert gwet_ac1(unlike).new_crew.width > 2.5 * gwet_ac1(unlike).same_crew.width


def test_one_annotator_with_most_labels_leaves_few_degrees_of_freedom() -> None:
    rng = np.random.default_rng(15)
    second = rng.integers(1, 40, 2_000)
    truth = rng.integers(0, 2, 2_000)
    label = np.where(rng.random((2, 2_000)) < 0.8, truth, 1 - truth)
    t = tally_of(
        np.tile(np.arange(2_000), 2), np.concatenate([np.zeros(2_000, int), second]), label.ravel(), ("A", "B")
    )
    summed = sums(t, krippendorff("nominal", t.values))
    assert len(t.cells.annotators) == 40
    without = summed.without_annotator()
    # Without annotator 1 no item has two labels left, so there is no new-crew interval, and it says so.
    assert np.isnan(without[0])
    assert crew_spread(summed, item_spread(summed)).reason == "without annotator 1 it would be undefined"


def test_groups_are_resampled_as_one() -> None:
    # Every item of a group is the same item five times: five times the items, no more information.
    t, labels = crowd(16, items=60)
    five, group = np.repeat(labels, 5, axis=1), np.repeat(np.arange(60), 5)
    from tests.agreement.test_resampling import of_matrix

    alone = krippendorff_alpha(of_matrix(five, 3), "nominal")
    together = krippendorff_alpha(of_matrix(five, 3, group), "nominal")
    assert together.value == alone.value
    assert together.same_crew.width == pytest.approx(krippendorff_alpha(t, "nominal").same_crew.width, rel=0.02)
    assert alone.same_crew.width < 0.5 * together.same_crew.width
    assert together.same_crew.method.startswith("group jackknife")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("i1", "a", "x"), ("i2", "b", "y")], "no item has labels from two annotators"),
        ([("i1", "a", "x"), ("i1", "b", "x"), ("i2", "a", "x"), ("i2", "b", "x")], "every label is 'x'"),
    ],
)
def test_undefined_has_its_reason(rows: list[tuple], reason: str) -> None:
    for key, found in all_coefficients(annotated(rows)).items():
        if reason.startswith("every") and key.startswith("percent"):
            assert found.value == 1.0
        else:
            assert found.value is None
            assert reason in found.reason


def test_missing_intervals_have_their_reason() -> None:
    perfect = from_counts([[2, 0], [0, 2], [2, 0]])
    assert "no disagreement was seen" in krippendorff_alpha(perfect).interval_notes[0]
    assert krippendorff_alpha(perfect).same_crew is None
    two = tally_of([0, 0, 1, 1, 2, 2, 3, 3], [0, 1] * 4, [0, 0, 1, 1, 0, 1, 1, 1], ("A", "B"))
    assert krippendorff_alpha(two).interval_notes == (
        "new crew: it needs three annotators or more",
        "rests on 2 items of another label",
    )
    assert krippendorff_alpha(two).same_crew is not None


def test_anonymous_judgements_have_no_new_crew() -> None:
    rng = np.random.default_rng(17)
    rows = [(f"i{i}", None, ("x", "y")[int(rng.random() < 0.3 + 0.4 * (i % 2))]) for i in range(40) for _ in range(3)]
    found = gwet_ac1(annotated(rows))
    assert found.same_crew is not None
    assert found.new_crew is None
    assert found.interval_notes == ("new crew: the judgements carry no annotator ids",)


def test_repeats_do_not_count() -> None:
    rows = [("i1", "a", "x"), ("i1", "b", "y"), ("i2", "a", "x"), ("i2", "b", "x"), ("i3", "a", "y"), ("i3", "b", "y")]
    times = pd.date_range("2024-01-01", periods=7).astype(str).tolist()
    once = annotated([(*r, t) for r, t in zip(rows, times, strict=False)], "item annotator label ended_at")
    again = annotated(
        [(*r, t) for r, t in zip([*rows, ("i1", "a", "y")], times, strict=True)], "item annotator label ended_at"
    )
    assert krippendorff_alpha(again) == krippendorff_alpha(once)


def test_fleiss_interval_does_not_depend_on_the_order_of_items() -> None:
    shuffled = np.repeat(FLEISS_1971.counts, FLEISS_1971.frequency, axis=0)[::-1]
    a, b = all_coefficients(FLEISS_1971), all_coefficients(from_counts(shuffled))
    for key in a:
        assert a[key].value == pytest.approx(b[key].value)
        assert a[key].same_crew.to_list() == pytest.approx(b[key].same_crew.to_list())


def test_empty_data() -> None:
    nothing = tally(tally_of([], [], [], ("A", "B")))
    for found in all_coefficients(nothing).values():
        assert (found.value, found.reason, found.n) == (None, "there are no labels", 0)
