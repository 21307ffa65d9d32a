"""Figures of costs: what is drawn is what was computed, and each says in words what it shows."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.economics import (
    best_plan,
    break_even,
    compare,
    draw,
    over_scale,
    preset,
    presets,
    tornado,
    votes_or_items,
)
from workbench.economics.model import PARTS
from workbench.figures import costs as figures
from workbench.figures import costs_tables as tables
from workbench.figures import plans
from workbench.figures.canvas import describe
from workbench.figures.tables import table_html


def test_bars_add_up_to_the_cost_of_a_pair() -> None:
    every = compare([preset(name) for name in presets()], 10_000)
    figure = figures.parts_chart(every)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    for i, found in enumerate(every):
        assert sum(bar.x[i] for bar in bars) == pytest.approx(found.cost_per_item)
    assert "human-1.50 $1.50" in describe(figure)


def test_every_part_belongs_to_one_group() -> None:
    grouped = [part for _, members in figures.GROUPS.values() for part in members]
    assert sorted(grouped) == sorted(PARTS)


def test_break_even_is_marked_where_it_is() -> None:
    found = break_even(preset("ai-0.02").with_values(fixed_cost=20_000), preset("human-1.50"), 10_000)
    figure = figures.break_even_chart(found)
    assert [s.x0 for s in figure.layout.shapes if s.line.dash == "dash"] == pytest.approx([20_000 / 1.48])
    assert [s.x0 for s in figure.layout.shapes if s.line.dash == "dot"] == [10_000]


@pytest.mark.parametrize("name", presets())
def test_every_figure_draws_every_preset(name: str) -> None:
    s = preset(name)
    drawn = [
        figures.scale_chart({name: over_scale(s)}, 10_000),
        figures.tornado_chart(tornado(s, 10_000)),
        plans.spread_chart(draw(s, 10_000, np.random.default_rng(0), 200)["total"]),
        figures.break_even_chart(break_even(s, preset("human-gold"), 10_000, "label_price", "cost_per_effective")),
        plans.plans_chart(best_plan(s, budget=10_000.0)),
        plans.votes_chart(votes_or_items(s, 10_000)),
    ]
    for figure in drawn:
        assert describe(figure)
        figure.to_json()


def test_tables_hold_what_the_figures_show() -> None:
    pair = compare([preset("human-gold"), preset("hybrid")], 5_000)
    assert tables.parts_table(pair)["total"].sum() == pytest.approx(sum(c.total for c in pair))
    assert tables.side_by_side(pair)["weeks"].tolist() == [c.weeks for c in pair]
    assert len(tables.readable_costs(pair)) == 2
    assert tables.inputs_table(pair[0])["unit"].notna().all()
    assert set(tables.curves_table({"a": over_scale(preset("hybrid"))})["scenario"]) == {"a"}
    assert len(tables.plans_table(best_plan(preset("hybrid"), budget=1_000.0))) >= 1
    assert len(tables.swings_table(tornado(preset("hybrid"), 10))) >= 1


def test_a_name_that_is_markup_stays_text() -> None:
    mine = compare([preset("hybrid").renamed("<img src=x onerror=alert(1)>")], 1_000)
    assert "<img" not in table_html(tables.readable_costs(mine))
    assert "<img" not in figures.parts_chart(mine).to_json()
    shares = tables.readable_parts(mine[0])
    assert shares["Part"].tolist() == sorted(
        shares["Part"], key=lambda name: -next(p.per_item for p in mine[0].parts if p.name == name)
    )


def test_inputs_are_read_by_title_in_people_s_units() -> None:
    found = compare([preset("human-gold")], 10_000)[0]
    rows = {row["Input"]: row for row in tables.readable_inputs(found).to_dict("records")}
    assert rows["Annotator accuracy"]["Value"] == "83.6%"
    assert rows["Rejected work"]["Range"] == "5 to 25%"
    assert rows["Price per label"]["Range"] == "$1.00 to $2.00"
    assert rows["People are paid"]["Value"] == "per label"
    assert "AI accuracy" not in rows
    assert len(tables.inputs_table(found)) > len(rows)


def test_who_makes_the_weeks_stands_beside_them() -> None:
    costs = compare([preset("human-gold"), preset("human-1.50"), preset("ai-0.02")], 10_000)
    assert tables.readable_costs(costs)["Weeks"].tolist() == ["1.4 (experts)", "0.2", "–"]
    assert tables.side_by_side(costs)["limited_by"].fillna("").tolist() == ["experts", "annotators", ""]


def test_the_figure_as_it_stands_is_named_and_the_uncertain_inputs_are_listed() -> None:
    found = draw(preset("human-gold"), 10_000, np.random.default_rng(0), 200)["total"]
    assert [n.text for n in plans.spread_chart(found).layout.annotations][-1] == "as it stands $78,824"
    assert tables.ranges_table(found)["Uncertain input"].tolist() == [
        "Price per label",
        "Rejected work",
        "Price per expert label",
    ]
    assert tables.draws_table(found)["total"].tolist() == found.draws.tolist()


def test_numbers_of_pairs_are_written_alike_over_scale_and_at_break_even() -> None:
    found = break_even(preset("ai-0.02").with_values(fixed_cost=20_000), preset("human-1.50"), 10_000)
    ticks = figures.break_even_chart(found).layout.xaxis.ticktext
    assert set(figures.scale_chart({"a": over_scale(preset("hybrid"))}, 10_000).layout.xaxis.ticktext) <= set(ticks)
    assert tables.break_even_table(found)["pairs"].tolist() == found.x.tolist()


def test_a_break_even_is_drawn_no_further_than_there_is_something_to_see() -> None:
    found = break_even(preset("human-gold"), preset("human-1.50"), 10_000, "label_price", "cost_per_effective")
    drawn = figures.break_even_chart(found).data[0].x
    assert max(found.at[-1], found.stands) < max(drawn) <= 1.6 * found.stands < found.x[-1]
