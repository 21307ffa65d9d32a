"""Dollars against accuracy: what a plan buys, what it costs, and when the intervals allow to stop."""

from __future__ import annotations

import numpy as np
import pytest

from tests.studies.grounds import crowd, crowd_bench, linear_bench
from workbench.economics.scenario import preset
from workbench.errors import WorkbenchError
from workbench.simulation.simulate import simulate
from workbench.studies.bench import Bench
from workbench.studies.cells import Cells
from workbench.studies.frontier import frontier
from workbench.studies.frontier_plans import FrontierSettings, Shop, usual_mixes
from workbench.studies.labelling_plan import Counter, Mix, counter, dollars
from workbench.studies.resampling import Resampler
from workbench.studies.stopping import pareto_line, steps_along, where_to_stop

SMALL = FrontierSettings(
    labels_per_item=(1, 3), labels_as=("majority",), cleaning=(False,), items=(60, 120, 240), seeds=4
)


def test_a_plan_costs_what_the_cost_model_says() -> None:
    human = preset("human-1.50")
    # 1,000 items, 3 labels each, at $1.50.
    assert dollars(human, Mix.parse("human"), 1_000, 3) == pytest.approx(4_500)
    # With 10% gold: 4,500 / 0.9.
    assert dollars(human.with_values(gold_share=0.1), Mix.parse("human"), 1_000, 3) == pytest.approx(5_000)
    # Two judges at $0.02, and half of each: 500 x 2 x 0.02 + 500 x 2 x 1.50.
    assert dollars(human, Mix.parse("ai"), 1_000, 2) == pytest.approx(40)
    assert dollars(human, Mix.parse("human 0.5 + ai 0.5"), 1_000, 2) == pytest.approx(20 + 1_500)
    # Experts at $10 a label; what is paid once is paid once.
    assert dollars(human, Mix.parse("expert"), 100, 1) == pytest.approx(1_000)
    assert dollars(human.with_values(fixed_cost=700), Mix.parse("human 0.5 + ai 0.5"), 1_000, 2) == pytest.approx(
        700 + 1_520
    )


def test_a_larger_plan_buys_what_the_smaller_bought() -> None:
    data = crowd(2_000)
    desk = counter(data, np.arange(len(data.items)), Mix.parse("human"), 3, np.random.default_rng(0))
    few, n_few = desk.bought(50, 1)
    more, n_more = desk.bought(50, 3)
    many, n_many = desk.bought(120, 1)
    assert (n_few, n_more, n_many) == (50, 150, 120)
    rows = lambda d: set(map(tuple, d.annotations[["item", "annotator"]].to_numpy().tolist()))  # noqa: E731
    assert rows(few) < rows(more)
    assert rows(few) < rows(many)


def test_kinds_label_their_share_of_the_items() -> None:
    data = simulate(6_000, seed=2, judges=2, labels_per_item=2, texts=False).data
    mix = Mix.parse("human 0.7 + ai 0.3")
    desk = counter(data, np.arange(len(data.items)), mix, 2, np.random.default_rng(1))
    bought, n = desk.bought(300, 2)
    kinds = data.annotators["kind"].to_numpy()[bought.codes.annotator]
    assert n == 600
    assert (kinds == "ai").mean() == pytest.approx(0.3, abs=0.08)
    by_item = {int(i): set(kinds[bought.codes.item == i]) for i in np.unique(bought.codes.item)}
    assert all(len(k) == 1 for k in by_item.values())


def test_mixes_are_read_and_refused() -> None:
    assert Mix.parse("human").shares == (("human", 1.0),)
    assert Mix.parse("human 70% + ai 30%") == Mix.parse("human 0.7 + ai 0.3")
    for text in (
        "human 0.5",
        "human 0.5 + ai 0.6",
        "human x",
        "human 0.5 + human 0.5",
        "",
        "human nan + ai 0.5",
        "human -1 + ai 2",
    ):
        with pytest.raises(WorkbenchError):
            Mix.parse(text)
    bench = crowd_bench(simulate(4_000, seed=2, judges=2, gold_share=1.0, scale="binary", texts=False).data)
    assert [m.name for m in usual_mixes(bench)] == ["human", "ai", "human 50% + ai 50%"]


def test_the_line_and_its_steps_by_hand() -> None:
    cost, accuracy = np.array([100.0, 200, 300, 400]), np.array([0.70, 0.69, 0.74, 0.75])
    line = pareto_line(cost, accuracy)
    assert line == [0, 2, 3]
    drawn = np.tile(accuracy, (50, 1))
    steps = steps_along(line, cost, accuracy, drawn, Resampler(5, 20, draws=50), 100)
    # $200 for four points, $100 for one.
    assert [s.dollars_per_point.value for s in steps] == pytest.approx([50.0, 100.0])
    assert [s.gain.value for s in steps] == pytest.approx([0.04, 0.01])


def draws(means: list[float], spread: float, n: int = 4_000) -> np.ndarray:
    return np.random.default_rng(0).normal(means, spread, (n, len(means)))


def test_stop_where_nothing_dearer_gains_enough() -> None:
    cost = np.array([100.0, 200, 400, 800])
    found = where_to_stop([0, 1, 2, 3], cost, draws([0.70, 0.80, 0.801, 0.802], 0.001), worth=0.01)
    assert (found.verdict, found.at) == ("stop", 1)
    assert found.most_gain is not None
    assert 0.002 < found.most_gain < 0.01


def test_go_on_where_twice_the_money_surely_gains() -> None:
    cost = np.array([100.0, 200, 400])
    found = where_to_stop([0, 1, 2], cost, draws([0.70, 0.75, 0.80], 0.002), worth=0.01)
    assert (found.verdict, found.at) == ("go on", 2)
    assert found.sure_gain is not None
    assert 0.03 < found.sure_gain < 0.05


def test_undecided_where_the_intervals_allow_both() -> None:
    cost = np.array([100.0, 200, 400])
    found = where_to_stop([0, 1, 2], cost, draws([0.79, 0.80, 0.81], 0.02), worth=0.01)
    assert (found.verdict, found.at, found.supported) == ("undecided", None, False)


def test_a_dear_plan_off_the_line_counts_too() -> None:
    """A plan whose mean is lower but whose interval is wide may still be the better one: it forbids stopping."""
    means, spread = [0.80, 0.795], np.array([0.001, 0.05])
    drawn = np.random.default_rng(0).normal(means, spread, (4_000, 2))
    assert where_to_stop([0], np.array([100.0, 200.0]), drawn, worth=0.01).verdict == "undecided"


def test_the_value_of_a_point_decides() -> None:
    cost = np.array([100.0, 1_100.0])
    drawn = draws([0.80, 0.82], 0.0005)
    # Two points for $1,000: worth it at $1,000 a point, not at $100.
    assert where_to_stop([0, 1], cost, drawn, dollars_per_point=1_000).verdict == "go on"
    found = where_to_stop([0, 1], cost, drawn, dollars_per_point=100)
    assert (found.verdict, found.at) == ("stop", 0)


def test_more_money_buys_more_accuracy_and_resumes_to_the_same() -> None:
    bench = crowd_bench(crowd(2_400, scale="binary"), noise=1.0)
    found = frontier(bench, SMALL)
    assert [t.dollars for t in found.tried] == sorted(t.dollars for t in found.tried)
    assert len(found.tried) == 6
    assert found.line[0] == 0 or found.tried[found.line[0]].dollars == found.tried[0].dollars
    cheapest, best = found.tried[found.line[0]], found.tried[found.line[-1]]
    assert best.accuracy.value >= cheapest.accuracy.value  # type: ignore[operator]
    assert found.stop.verdict in ("stop", "go on", "undecided")
    half = Cells()
    from dataclasses import replace

    frontier(bench, replace(SMALL, seeds=2), cells=half)
    assert frontier(bench, SMALL, cells=half).to_dict() == found.to_dict()


def test_the_forecast_is_priced_and_says_that_it_is_one() -> None:
    found = frontier(crowd_bench(crowd(2_400), noise=1.0), SMALL)
    assert found.curve is not None
    assert [o.forecast.labels for o in found.onward] == [480, 960]
    assert found.onward[1].dollars == pytest.approx(2 * found.onward[0].dollars)
    assert all(o.forecast.warning for o in found.onward)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"worth": 5}, "Give a share above 0 and up to 0.5"),
        ({"worth": 0}, "above 0"),
        ({"worth": float("nan")}, "gain of nan"),
        ({"dollars_per_point": -1}, "Give dollars above 0"),
        ({"dollars_per_point": 0}, "Give dollars above 0"),
        ({"dollars_per_point": float("inf")}, "Give dollars above 0"),
        ({"penalty": -1}, "A penalty of -1"),
        ({"labels_as": ("majorty",)}, "There is no label set 'majorty'"),
        ({"mixes": ("human 0.7",)}, "do not add up to 1"),
        ({"mixes": ("human nan",)}, "do not add up to 1"),
        ({"scenario": "gold-plated"}, "There is no preset"),
        ({"prices": {"label_prize": 1.0}}, "Did you mean label_price"),
        ({"prices": {"label_price": -1.0}}, "label_price: -1 is not possible"),
    ],
)
def test_a_wrong_setting_is_told_without_data(given: dict, says: str) -> None:
    with pytest.raises(WorkbenchError) as caught:
        FrontierSettings(**given)
    assert says in str(caught.value)
    assert str(caught.value).endswith((".", "?"))


def test_more_items_than_there_are_is_an_error_that_says_how_many() -> None:
    bench = crowd_bench(crowd(2_400))
    room = Shop(bench, FrontierSettings(labels_per_item=(1, 3), seeds=2)).room
    assert room == min(len(counter_of(bench, seed).items) for seed in range(2))
    for n in (room + 1, 999_999):
        with pytest.raises(
            WorkbenchError,
            match=f"Plans of {n:,} items are asked for, and these data have {room:,} items with 3 labels each",
        ):
            frontier(bench, FrontierSettings(labels_per_item=(1, 3), items=(60, n), seeds=2))
    assert {
        p.items for p in Shop(bench, FrontierSettings(labels_per_item=(1, 3), items=(60, room), seeds=2)).plans
    } == {60, room}


def counter_of(bench: Bench, seed: int) -> Counter:
    """Items of a seed with three labels each, counted once more."""
    assert bench.data is not None
    train = bench.item[bench.split(seed).train]
    return counter(bench.data, np.sort(train), Mix.parse("human"), 3, np.random.default_rng(seed))


def test_labels_an_item_that_few_items_have_are_named() -> None:
    found = frontier(
        crowd_bench(crowd(2_400)),
        FrontierSettings(
            labels_per_item=(1, 3, 9), labels_as=("majority",), cleaning=(False,), items=(60, 120), seeds=2
        ),
    )
    assert {t.plan.labels for t in found.tried} == {1, 3}
    assert any("Plans with 9 labels an item were not tried" in note for note in found.notes)


def test_what_cannot_be_bought_is_said() -> None:
    with pytest.raises(WorkbenchError, match="without judgements"):
        frontier(linear_bench(200))
    bench = crowd_bench(crowd(1_000))
    with pytest.raises(WorkbenchError, match="Fewer than half"):
        frontier(bench, FrontierSettings(labels_per_item=(9,), seeds=1))
    with pytest.raises(WorkbenchError, match="of the kind"):
        frontier(bench, FrontierSettings(mixes=("expert",), seeds=1))
    with pytest.raises(WorkbenchError, match="There is no preset"):
        frontier(bench, FrontierSettings(scenario="gold-plated", seeds=1))
