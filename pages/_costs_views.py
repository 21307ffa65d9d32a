"""What can be looked at closer on the Costs page: one function for each view of the scenario that is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import _costs
import _ui
import streamlit as st

from workbench.economics import (
    INPUTS,
    MEASURES,
    Cost,
    Input,
    Scenario,
    best_plan,
    break_even,
    over_scale,
    power,
    preset,
    tornado,
    votes_or_items,
)
from workbench.economics.break_even import promising
from workbench.economics.fields import asks_people, in_play
from workbench.economics.sensitivity import drawn_with_seed
from workbench.figures.canvas import describe
from workbench.figures.costs import break_even_chart, scale_chart, tornado_chart
from workbench.figures.costs_tables import (
    break_even_table,
    curves_table,
    draws_table,
    inputs_table,
    plans_table,
    ranges_table,
    readable_inputs,
    readable_parts,
    side_by_side,
    swings_table,
    votes_table,
)
from workbench.figures.plans import plans_chart, spread_chart, votes_chart
from workbench.figures.tables import table_html
from workbench.wording.economics import (
    break_even_sentence,
    cost_sentence,
    plan_sentence,
    settings_in_words,
    spread_sentence,
    tornado_sentence,
    votes_sentence,
)


@dataclass(frozen=True)
class Shown:
    """What the page shows.

    Attributes
    ----------
    state : what the reader chose.
    scenario, cost : it as it stands, and what it comes to.
    others : the scenarios beside it.
    measured : inputs measured from the open data set.
    """

    state: _costs.State
    scenario: Scenario
    cost: Cost
    others: Sequence[Cost]
    measured: Mapping[str, Input]


def chart(figure: Any, key: str, rows: Any, scenario: Scenario) -> None:
    """A chart with its downloads."""
    _ui.chart(figure, key, alt=describe(figure), rows=rows, name=key.replace("cst_", "costs-"), scenario=scenario.name)


def parts(shown: Shown) -> None:
    """Every part of the cost of a pair, and what is known about the scenario."""
    st.html(table_html(readable_parts(shown.cost), words=("How it comes about",)))
    for note in shown.scenario.notes:
        st.caption(_costs.line(note))
    if shown.state.changed and shown.state.start.notes:
        st.caption(_costs.line(f"The notes on {shown.state.start.name} are about its own inputs, and left out here."))


def scale(shown: Shown) -> None:
    """Totals over the number of pairs."""
    curves = {c.scenario.name: over_scale(c.scenario, points=17) for c in (shown.cost, *shown.others)}
    chart(scale_chart(curves, shown.cost.pairs), "cst_scale", lambda: curves_table(curves), shown.scenario)


def matters(shown: Shown) -> None:
    """Which inputs move a figure most."""
    measure = st.selectbox("Figure", list(MEASURES), index=1, format_func=lambda m: MEASURES[m], key="cst_figure")
    swings = tornado(shown.scenario, shown.cost.pairs, measure)
    st.write(_costs.line(tornado_sentence(swings)))
    chart(tornado_chart(swings), "cst_tornado", lambda: swings_table(swings), shown.scenario)
    st.caption(
        "\\* No range is known for this input: 20% to each side is assumed. A range can be stated in a scenario file."
    )


def sure(shown: Shown) -> None:
    """How far a figure may be off."""
    measure = st.selectbox("Figure", list(MEASURES), index=1, format_func=lambda m: MEASURES[m], key="cst_doubt")
    spread = drawn_with_seed(shown.scenario, shown.cost.pairs, measure, 0)
    st.write(_costs.line(spread_sentence(spread)))
    if not spread.drawn:
        return
    chart(spread_chart(spread), "cst_spread", lambda: draws_table(spread), shown.scenario)
    st.html(table_html(ranges_table(spread)))


def crossing(shown: Shown) -> None:
    """Where this scenario and another cost the same."""
    s, mine, names = shown.state, shown.scenario, shown.state.others()
    moving = ["pairs", *(name for name in INPUTS if name in in_play(mine))]
    if "cst_other" not in st.session_state:
        # Two lines that never meet answer nothing: open on a question that has an answer.
        first = dict.fromkeys(
            [
                *(c.scenario.name for c in shown.others),
                *(n for n in ("human-1.50", "hybrid", "ai-0.02", "human-gold") if n in names),
            ]
        )
        asked = promising(mine, [_costs.beside(s, name, shown.measured) for name in first], shown.cost.pairs)
        st.session_state["cst_other"], st.session_state["cst_over"], st.session_state["cst_equal"] = asked
    for key, known in (("cst_other", names), ("cst_over", moving)):
        if st.session_state.get(key) not in known:
            st.session_state[key] = known[0]
    left, middle, right = st.columns(3)
    with left:
        other = st.selectbox("Against", names, key="cst_other")
    with middle:
        over = st.selectbox(
            "Over",
            moving,
            format_func=lambda n: INPUTS[n].title if n in INPUTS else "Usable pairs",
            key="cst_over",
            help=_costs.line(f"The pairs of both, or an input of {mine.name}."),
        )
    with right:
        measure = st.selectbox("Equal in", list(MEASURES), format_func=lambda m: MEASURES[m], key="cst_equal")
    where = break_even(mine, _costs.beside(s, other, shown.measured), shown.cost.pairs, over, measure)
    st.write(_costs.line(break_even_sentence(where)))
    chart(break_even_chart(where), "cst_even", lambda: break_even_table(where), mine)


def plan(shown: Shown) -> None:
    """The best plan for a budget, a deadline or an accuracy."""
    first, second, third = st.columns(3)
    with first:
        budget = st.number_input(
            "Budget, $",
            0.0,
            1e9,
            20_000.0,
            1_000.0,
            key="cst_budget",
            help="0 = no budget: the cheapest plan for the pairs above that meets the rest.",
        )
    with second:
        weeks = st.number_input("Weeks at most", 0.0, 520.0, 0.0, 1.0, key="cst_weeks", help="0 = no deadline")
    with third:
        accuracy = st.slider("Label accuracy at least", 50, 99, 85, format="%d%%", key="cst_least")
    pairs = None if budget else shown.cost.pairs
    plans = best_plan(shown.scenario, budget=budget or None, weeks=weeks or None, accuracy=accuracy / 100, pairs=pairs)
    st.write(f"**{_costs.line(plan_sentence(plans))}**")
    if plans.best is None:
        return
    chart(plans_chart(plans), "cst_plans", lambda: plans_table(plans), shown.scenario)
    for each in plans.runners_up:
        st.caption(_costs.line(f"Next: {settings_in_words(each)}. {cost_sentence(each.cost)}"))
    start = _costs.before_changes(shown.state, shown.measured)
    st.button(
        "Take this plan",
        key="cst_take",
        on_click=_costs.take,
        args=(plans.best, start),
        help="Sets the inputs of the best plan",
    )


WIDTH = (
    "How far the measured figure may lie from the true one, 95 times out of 100. Items for alpha: $n = z^2 \\cdot 4V /"
    " w^2$, with $V$ the variance over items of the share of votes that agree and $w$ this value. Annotators for"
    " another crew: the fewest whose interval, with the spread of accuracy between people, is no wider. An AI's"
    " accuracy $p$: $n = z^2 p(1 - p) / w^2$."
)
RELIABILITY = (
    "How far other people's labels of the same items would come out the same, all labels of an item taken together: 0"
    " is chance, 1 is perfect. Labels: $m = \\rho_w (1 - \\rho) / (\\rho (1 - \\rho_w))$ (Spearman-Brown), with $\\rho$"
    " the alpha of one label and $\\rho_w$ this value."
)


def enough(shown: Shown) -> None:
    """Items, labels, people and gold that are needed; votes or items."""
    mine, found = shown.scenario, shown.cost
    by_people = mine["escalated_share"] > 0
    if not asks_people(mine):
        st.write(
            "Nobody is asked in this scenario: an AI labels every pair. So there is no agreement to measure, nobody to"
            " hire and no vote to add."
        )
    first, second, third = st.columns(3)
    with first:
        width = st.slider("Known within, plus or minus", 0.01, 0.20, 0.05, 0.01, key="cst_width", help=WIDTH)
    wanted, weeks = 0.8, 4.0
    if by_people:
        with second:
            wanted = st.slider(
                "Reliability of an item's labels", 0.50, 0.95, 0.80, 0.05, key="cst_reliability", help=RELIABILITY
            )
    if asks_people(mine):
        with third:
            weeks = st.number_input(
                "Weeks to be done in",
                0.1,
                520.0,
                4.0,
                1.0,
                format="%.10g",
                key="cst_by_weeks",
                help="From the start to the last label, the weeks to start included.",
            )
    needed = power.what_is_needed(found, width, wanted, weeks)
    st.html(table_html(power.needed_table(needed), words=("What", "Because")))
    _ui.download(
        lambda: power.needed_figures(needed),
        "costs-needed",
        key="cst_needed",
        label="Download this table",
        scenario=mine.name,
    )
    if by_people:
        votes = votes_or_items(mine, found.pairs)
        st.write(_costs.line(votes_sentence(votes)))
        chart(votes_chart(votes), "cst_votes", lambda: votes_table(votes), mine)


def every_input(shown: Shown) -> None:
    """All inputs with unit, source and date."""
    mine = shown.scenario
    table = readable_inputs(shown.cost)
    idle = len(INPUTS) - len(in_play(mine) & set(INPUTS))
    source = f"Source of {shown.state.start.name}: {mine.source}" + (f", {mine.date}." if mine.date else ".")
    st.caption(
        _costs.line(
            f"{source} {idle} other inputs play no part in this scenario; the download has them too."
            if idle
            else source
        )
    )
    with st.container(height=460, border=False):
        st.html(table_html(table, words=("Source",), wrapped=("Value",)))
    with st.container(horizontal=True):
        _ui.download(lambda: inputs_table(shown.cost), "costs-inputs", key="cst_inputs_file", label="Download inputs")
        _ui.download(
            lambda: side_by_side([shown.cost, *shown.others]),
            "costs-side-by-side",
            key="cst_side_file",
            label="Download comparison",
        )
    st.code(python_of(shown), language="python")


def python_of(shown: Shown) -> str:
    """The lines of Python that give the same cost."""
    s = shown.state
    changes = shown.scenario.changed_from(preset(s.preset))
    inside = ", ".join(f"{name}={value!r}" for name, value in changes.items())
    return (
        "from workbench.economics import cost, preset\n\nscenario ="
        f" preset({s.preset!r}){f'.with_values({inside})' if inside else ''}\ncost(scenario,"
        f" {shown.cost.pairs}).to_dict()"
    )


VIEWS: dict[str, Callable[[Shown], None]] = {
    "Parts": parts,
    "Scale": scale,
    "What matters": matters,
    "How sure": sure,
    "Break-even": crossing,
    "Best plan": plan,
    "How much is enough": enough,
    "All inputs": every_input,
}
