"""Two deliveries: figures by hand, differences that are paired, parts that add up, planted causes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.delivery_year import POOL, VENDORS, World, changed, delivery, year
from benchmarks.growing_delivery import growing
from workbench.agreement import krippendorff_alpha, percent_agreement
from workbench.dataset.annotation_set import AnnotationSet
from workbench.deliveries import Comparison, Delivery, compare_deliveries, likely_cause
from workbench.deliveries.charts import CHARTED, LEAST, watch
from workbench.deliveries.comparing import changes
from workbench.deliveries.gold_wear import gold_wear
from workbench.deliveries.growing import watch_growing
from workbench.deliveries.measures import BY_NAME, MEASURES, counts_of
from workbench.deliveries.people import turnover
from workbench.deliveries.sums import sums_of
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.deliveries import comparison_table, control_chart, crews_table, difference_chart, drivers_chart
from workbench.simulation.simulate import simulate
from workbench.wording.deliveries import comparison_lines, comparison_sentence, outcomes_against

PLACE = {m.name: i for i, m in enumerate(MEASURES)}


def world() -> World:
    rng = np.random.default_rng(3)
    names = tuple(f"p{i:02d}" for i in range(18))
    return World(names, tuple(rng.uniform(0.4, 0.8, 18)), tuple(VENDORS[i % 3] for i in range(18)))


def deliveries(kind: str, before: int = 4, now: int = 1, seed: int = 11) -> tuple[list[Delivery], list[Delivery]]:
    rng = np.random.default_rng(seed)
    pool = rng.choice([-1, 1], POOL) * rng.uniform(0.6, 1.6, POOL)
    first = [delivery(world(), t, pool, rng) for t in range(before)]
    other = changed(world(), kind, rng)
    return first, [delivery(other, before + t, pool, rng) for t in range(now)]


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return simulate(900, annotators=9, seed=5, skip_share=0.05, texts=False).data


@pytest.fixture(scope="module")
def worse() -> Comparison:
    before, now = deliveries("vendor")
    return compare_deliveries(before, now, new_crew=False)


def test_figures_are_those_of_the_audit(data: AnnotationSet) -> None:
    value = sums_of([Delivery(data)]).value
    from workbench.agreement import Choice

    direction = Choice(direction=True)
    assert value[PLACE["alpha"]] == pytest.approx(krippendorff_alpha(data, level="nominal", choice=direction).value)
    assert value[PLACE["percent_agreement"]] == pytest.approx(percent_agreement(data, choice=direction).value)


def test_shares_by_hand(data: AnnotationSet) -> None:
    sums, rows = sums_of([Delivery(data)]), data.annotations
    label, codes = rows["label"].to_numpy(), data.codes
    assert sums.value[PLACE["missing"]] == pytest.approx((label == -1).mean())
    assert sums.value[PLACE["ties"]] == pytest.approx((codes.label == data.scale.tie).mean())
    gold = data.gold[codes.item]
    way = data.scale.direction_table()
    assert sums.value[PLACE["gold_accuracy"]] == pytest.approx((way[codes.label] == way[gold])[gold >= 0].mean())
    seconds = rows["seconds"].to_numpy()
    assert sums.value[PLACE["seconds"]] == pytest.approx(np.exp(np.log(seconds[seconds > 0]).mean()))
    assert counts_of(sums.total)[PLACE["missing"]] == len(rows)


def test_a_delivery_against_itself_changes_nothing(data: AnnotationSet) -> None:
    found = compare_deliveries(Delivery(data, "a"), Delivery(data, "b"))
    assert found.alarms == ()
    assert found.shared_items == len(data.items)
    for change in found.measures:
        if change.difference.value is not None:
            assert change.difference.value == 0
            assert change.difference.same_crew.to_list() == pytest.approx([0, 0])
            assert change.p_value == 1.0
    assert "no different" in comparison_sentence(found)
    assert [o.passed for o in outcomes_against(found)] == [True]


def test_shared_items_make_the_difference_a_paired_one(data: AnnotationSet) -> None:
    few = np.ones(len(data.annotations), bool)
    few[np.flatnonzero(data.annotations["label"].to_numpy() != -1)[::40]] = False
    other = data.keep_annotations(few, "left out")
    apart = simulate(900, annotators=9, seed=6, skip_share=0.05, texts=False).data
    apart.items["pair_id"] = [f"else-{i}" for i in range(len(apart.items))]
    apart.items["prompt_key"] = apart.items["prompt_key"] + np.uint64(10**9)
    paired, unpaired = (
        next(c for c in changes([Delivery(data)], [Delivery(d)], new_crew=False) if c.measure.name == "alpha")
        for d in (other, apart)
    )
    assert paired.difference.same_crew.width < unpaired.difference.same_crew.width / 2


def test_parts_add_up_to_the_difference(worse: Comparison) -> None:
    for change in worse.measures:
        if change.drivers:
            parts = sum(e.value for e in change.drivers.values())
            assert parts == pytest.approx(change.difference.value, abs=1e-9)


def test_a_vendor_that_worsens_is_named(worse: Comparison) -> None:
    assert {"alpha", "gold_accuracy"} & {alarm.measure for alarm in worse.worse}
    assert worse.cause is not None
    assert worse.cause.name == "vendor"
    then, now = worse.vendors[worse.cause.who]
    assert then.right - now.right > 0.1
    assert not all(o.passed for o in outcomes_against(worse))
    assert "Most likely" in "\n".join(comparison_lines(worse))


@pytest.mark.parametrize("kind", ["guidelines", "new people", "judge", "harder items"])
def test_each_planted_cause_is_named(kind: str) -> None:
    before, now = deliveries(kind, now=2)
    found = likely_cause(before, now)
    assert found is not None
    assert found.name == kind


def test_a_crew_of_other_people_has_no_same_people() -> None:
    before, now = deliveries("nothing", before=1)
    other = replace(
        now[0],
        data=replace(
            now[0].data,
            annotators=now[0].data.annotators.assign(annotator=[f"q{i}" for i in range(len(now[0].people))]),
        ),
    )
    found = compare_deliveries(before, other, new_crew=False)
    assert set(found.measure("alpha").drivers) == {"mix", "people_arrived"}
    assert not found.people.stayed
    assert len(turnover(before, [other]).arrived) == 18


def test_mix_of_items_is_told_from_people() -> None:
    """A slice on which people agree less becomes more common: all of the change is mix."""
    rng = np.random.default_rng(2)
    easy = simulate(3_000, annotators=12, seed=8, ambiguous_share=0.02, texts=False, weeks=2).data
    hard = easy.items["slice.category"] == "creative writing"
    keep = ~hard.to_numpy() & (rng.random(len(easy.items)) < 0.4) | hard.to_numpy()
    now = easy.keep_annotations(keep[easy.annotations["item"].to_numpy()], "other mix")
    found = compare_deliveries(Delivery(easy, "a"), Delivery(now, "b"), new_crew=False, column="category")
    drivers = found.measure("alpha").drivers
    assert drivers["mix"].value < -0.02
    assert abs(drivers["same_people"].value) < abs(drivers["mix"].value)


def test_gold_that_comes_again_is_counted() -> None:
    before, now = deliveries("nothing", before=1)
    wear = gold_wear(before, now)
    shared = set(before[0].pair[before[0].gold_direction >= 0]) & set(now[0].pair[now[0].gold_direction >= 0])
    assert wear.again == len(shared)
    assert 0 < wear.seen_before < wear.answers
    again = gold_wear(before, before)
    assert again.seen_before == again.answers


def test_prices_are_per_effective_label() -> None:
    before, now = deliveries("nothing", before=1)
    found = compare_deliveries(replace(before[0], price=0.5), replace(now[0], price=0.5), new_crew=False)
    then, _ = found.usd_per_effective_label
    assert then.value == pytest.approx(0.5 / found.measure("alpha").a.value)
    assert then.same_crew.low < then.value < then.same_crew.high


def test_labels_of_other_kinds_are_refused(data: AnnotationSet) -> None:
    binary = simulate(300, annotators=6, scale="binary", seed=1, texts=False).data
    with pytest.raises(WorkbenchError, match="different kinds"):
        compare_deliveries(Delivery(data), Delivery(binary))
    with pytest.raises(WorkbenchError, match="no slice"):
        compare_deliveries(Delivery(data), Delivery(data), column="colour")


def test_charts_find_a_planted_change_and_say_what_chance_allows() -> None:
    when, year_of = year(2, "new people")
    found = watch(year_of)
    assert any(when <= alarm.delivery <= when + 1 for alarm in found.alarms)
    chart = next(c for c in found.charts if c.name == "alpha")
    assert all(p.centre is None for p in chart.points[:LEAST])
    assert chart.points[LEAST].low < chart.points[LEAST].centre < chart.points[LEAST].high
    assert "alarms" in describe(control_chart(chart, [d.name for d in year_of], "alpha"))
    assert found.to_dict()["false_alarms_a_year"] == found.rate
    assert set(CHARTED) <= set(BY_NAME)
    with pytest.raises(WorkbenchError, match="no delivery"):
        watch([])


def test_figures_and_tables_have_a_row_each(worse: Comparison) -> None:
    assert len(comparison_table(worse)) == len(worse.measures)
    assert "Change from" in describe(difference_chart(worse))
    assert "all together" in describe(drivers_chart(worse.measure("alpha")))
    assert set(VENDORS) <= set(crews_table(worse)["who"])


def test_a_slice_that_one_side_lacks_has_no_weight_there() -> None:
    data = simulate(400, seed=5).data
    slices = np.arange(len(data.items)) % 3
    one = sums_of([Delivery(data)], slices=[slices], n_slices=3)
    other = sums_of([Delivery(data)], slices=[np.minimum(slices, 1)], n_slices=3)
    assert other.items[:, 2].sum() == 0
    mixed, without = one.under_mix_of(other)
    assert np.isfinite(mixed[0])
    assert without.shape[1] == len(mixed)
    back, _ = other.under_mix_of(one)
    assert np.isfinite(back[0])


def test_a_delivery_that_grows_is_out_when_its_figures_are_and_not_before() -> None:
    before, now = growing(3, "guidelines")
    found = {each.name: each for each in watch_growing(before, now)}
    assert found["ties"].out_since is not None
    assert found["chosen_first"].out_since is None
    assert [day.n for day in found["ties"].days] == sorted({day.n for day in found["ties"].days})
    assert all(day.low <= day.high for day in found["ties"].days)
    # The figure of the last day is that of the whole delivery, each item once.
    ties = now.data.scale.tie
    by_item = (now.data.annotations["label"] == ties)[now.data.annotations["annotator"] < 18]
    share = by_item.groupby(now.data.annotations["item"]).mean().mean()
    assert found["ties"].days[-1].value == pytest.approx(share)


def test_nothing_is_said_of_a_growing_delivery_without_a_change_or_without_others() -> None:
    before, now = growing(4, "nothing")
    assert [each.out_since for each in watch_growing(before, now)] == [None] * 6
    assert watch_growing(before[:3], now) == ()
