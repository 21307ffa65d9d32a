"""What labels cost and what they are worth: a scenario under sliders, beside others, over scale, and the best plan for the money."""

from __future__ import annotations

from collections.abc import Sequence

import _costs
import _ui
import streamlit as st

from workbench.annotations import AnnotationSet
from workbench.economics import (
    MEASURES,
    Cost,
    Measured,
    Scenario,
    best_plan,
    break_even,
    compare,
    cost,
    inputs_from,
    over_scale,
    power,
    preset,
    tornado,
    votes_or_items,
)
from workbench.economics.inputs import GROUPS, INPUTS
from workbench.economics.sensitivity import drawn_with_seed
from workbench.economics.words import (
    alpha_sentence,
    break_even_sentence,
    claims_sentences,
    comparison_sentence,
    cost_sentence,
    plan_sentence,
    settings_in_words,
    spread_sentence,
    tornado_sentence,
    votes_sentence,
)
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.costs import (
    break_even_chart,
    parts_chart,
    plans_chart,
    scale_chart,
    spread_chart,
    tornado_chart,
    votes_chart,
)
from workbench.figures.costs_tables import (
    curves_table,
    inputs_table,
    parts_table,
    plans_table,
    readable_costs,
    readable_parts,
    side_by_side,
    swings_table,
    table_html,
)

PAY = {"label": "per label", "hour": "per hour"}
AI_PAY = {"judgement": "per judgement", "token": "by tokens"}
AGGREGATION = {"majority": "majority", "weighted": "weighted"}
TARGET = {"label": "one label", "votes": "all votes"}


def measured(data: AnnotationSet) -> Measured:
    return inputs_from(data)


# ---------------------------------------------------------------- the inputs


def inputs(s: _costs.State, found: Measured | None) -> None:
    """Preset, pairs, and the inputs of one group."""
    if st.session_state.get("cst_pick") != s.preset:
        st.session_state["cst_pick"] = s.preset
    st.selectbox("Start from", _costs.names(), key="cst_pick", on_change=_costs.chosen_preset, format_func=lambda n: f"{n}: {preset(n).title}", help="Presets with their sources. Everything can be changed below.")  # fmt: skip
    if s.file is not None:
        st.caption(_ui.safe(f"From your file: {s.file.title}."))
    pairs = s.pairs or s.start.pairs
    options = sorted({*_costs.PAIRS, pairs})
    if st.session_state.get("cst_n") != pairs:
        st.session_state["cst_n"] = pairs
    st.select_slider("Usable pairs", options, key="cst_n", on_change=_costs.chosen_pairs, format_func=lambda n: f"{n:,}", help="Pairs that training can use, after everything set aside.")  # fmt: skip
    with st.container(key="cst_measured_box"):
        use_measured(s, found)
    group = st.pills("Inputs", GROUPS, default=GROUPS[0], required=True, key="cst_group", label_visibility="collapsed")
    start = _costs.before_changes(s, found.inputs if found else {})
    now, wrong = start, {}
    try:
        now = _costs.scenario_of(s, found.inputs if found else {})
    except WorkbenchError as error:
        name = error.what.partition(":")[0]
        wrong[name] = _ui.safe(f"{error.what} {error.remedy}")
    values = {**{n: i.value for n, i in now.inputs.items()}, **{n: v for n, v in s.settings.items() if n in INPUTS}}
    if group == "People":
        _costs.choice_field("pay", "People are paid", PAY, now.choices["pay"], start.choices["pay"])
    if group == "AI judges" and values["ai_judges"]:
        _costs.choice_field("ai_pay", "Judges are paid", AI_PAY, now.choices["ai_pay"], start.choices["ai_pay"])
    if group == "Quality":
        _costs.choice_field("aggregation", "Votes become a label by", AGGREGATION, now.choices["aggregation"], start.choices["aggregation"])
        _costs.choice_field("training_target", "Training uses", TARGET, now.choices["training_target"], start.choices["training_target"])
    elsewhere = [message for name, message in wrong.items() if name not in INPUTS or INPUTS[name].group != group]
    for message in elsewhere:
        st.error(message)
    for kind in _costs.shown_inputs(group, now):
        _costs.number_field(kind, float(values[kind.name]), start.inputs[kind.name], wrong.get(kind.name, ""))
    with st.container(horizontal=True):
        st.button("Undo all changes", key="cst_undo", on_click=_costs.undo, disabled=not s.settings and s.pairs is None, type="tertiary")
        with st.popover("File", key="cst_file", type="tertiary", on_change="rerun") as menu:
            if menu.open:
                files(s, now)


def use_measured(s: _costs.State, found: Measured | None) -> None:
    """The switch that takes what the open data set tells."""
    if found is None:
        return
    if st.session_state.get("cst_use_measured") != s.measured:
        st.session_state["cst_use_measured"] = s.measured

    def switched() -> None:
        _costs.state().measured = st.session_state["cst_use_measured"]

    st.toggle(f"Use {len(found.inputs)} inputs measured from the open data", key="cst_use_measured", on_change=switched, help="Such as accuracy, seconds per label and gold share. Each is marked as measured.")  # fmt: skip


def files(s: _costs.State, now: Scenario) -> None:
    """The scenario as a TOML file, and one from a file."""
    st.download_button("Download scenario (TOML)", lambda: now.to_toml().encode(), f"{_ui.file_stem('scenario', preset=now.name)}.toml", "application/toml", key="cst_toml", on_click="ignore")  # fmt: skip
    st.file_uploader("Open a scenario file", type=["toml"], key="cst_upload", max_upload_size=1, on_change=_costs.opened_file)
    if s.refused is not None:
        _ui.problem(s.refused)


# ---------------------------------------------------------------- what comes of them


def result(s: _costs.State, scenario: Scenario) -> None:
    """The sentence, the chart of parts, the scenarios side by side, and the view that is open."""
    found = cost(scenario, s.pairs)
    others = compare([preset(name) for name in s.compared if name in _costs.names()], found.pairs)
    st.markdown(f"#### {_ui.safe(cost_sentence(found))}", help=WORTH)
    st.caption(_ui.safe(" ".join([alpha_sentence(found), *claims_sentences(found)])))
    costs = [found, *others]
    figure = parts_chart(costs)
    chart(figure, "cst_parts", lambda: parts_table(costs), scenario)
    # Not st.dataframe: a table that is drawn on a canvas takes the browser longer than a chart, on every move of a slider.
    st.html(table_html(readable_costs(costs), chosen=0))
    if len(costs) > 1:
        st.caption(_ui.safe(f"{comparison_sentence(costs)} All at {found.pairs:,} pairs."))
    view = st.segmented_control("Look closer", list(VIEWS), default="Parts", required=True, key="cst_view", label_visibility="collapsed")
    VIEWS[view](s, scenario, found, others)


WORTH = (
    "An effective label is a label without noise: one of accuracy p carries $(2p - 1)^2$ of its information at most. Votes are taken as independent; what makes everybody err together "
    "is not voted away: set the share of split pairs (under Items), and treat accuracies above 95 % with care. docs/costs.md has every formula."
)


def chart(figure: object, key: str, rows: object, scenario: Scenario) -> None:
    """A chart with its downloads."""
    _ui.chart(figure, key, alt=describe(figure), rows=rows, name=key.replace("cst_", "costs-"), scenario=scenario.name)  # type: ignore[arg-type]


def parts(s: _costs.State, scenario: Scenario, found: Cost, others: Sequence[Cost]) -> None:  # noqa: ARG001
    """Every part of the cost of a pair, and what is known about the scenario."""
    st.html(table_html(readable_parts(found), words=("How it comes about",)))
    for note in scenario.notes:
        st.caption(_ui.safe(note))


def scale(s: _costs.State, scenario: Scenario, found: Cost, others: Sequence[Cost]) -> None:  # noqa: ARG001
    """Totals over the number of pairs."""
    curves = {c.scenario.name if i else f"{c.scenario.name} (yours)": over_scale(c.scenario, points=17) for i, c in enumerate([found, *others])}
    figure = scale_chart(curves, found.pairs)
    chart(figure, "cst_scale", lambda: curves_table(curves), scenario)


def matters(s: _costs.State, scenario: Scenario, found: Cost, others: Sequence[Cost]) -> None:  # noqa: ARG001
    """Which inputs move a figure most."""
    measure = st.selectbox("Figure", list(MEASURES), index=1, format_func=lambda m: MEASURES[m], key="cst_figure")
    swings = tornado(scenario, found.pairs, measure)
    st.write(_ui.safe(tornado_sentence(swings)))
    chart(tornado_chart(swings), "cst_tornado", lambda: swings_table(swings), scenario)
    st.caption("\\* No range is known for this input: 20 % to each side is assumed. A range can be stated in a scenario file.")


def sure(s: _costs.State, scenario: Scenario, found: Cost, others: Sequence[Cost]) -> None:  # noqa: ARG001
    """How far a figure may be off."""
    measure = st.selectbox("Figure", list(MEASURES), index=1, format_func=lambda m: MEASURES[m], key="cst_doubt")
    spread = drawn_with_seed(scenario, found.pairs, measure, 0)
    st.write(_ui.safe(spread_sentence(spread)))
    if spread.drawn:
        figure = spread_chart(spread)
        _ui.chart(figure, "cst_spread", alt=describe(figure), name="costs-spread", scenario=scenario.name)


def crossing(s: _costs.State, scenario: Scenario, found: Cost, others: Sequence[Cost]) -> None:  # noqa: ARG001
    """Where this scenario and another cost the same."""
    left, middle, right = st.columns(3)
    names = [n for n in _costs.names() if n != scenario.name or s.settings or s.file]
    with left:
        other = st.selectbox("Against", names, index=names.index("ai-0.02") if "ai-0.02" in names else 0, key="cst_other")
    with middle:
        over = st.selectbox(
            "Over", ["pairs", *INPUTS], format_func=lambda n: "usable pairs" if n == "pairs" else f"{INPUTS[n].title} of yours", key="cst_over"
        )
    with right:
        measure = st.selectbox("Equal in", list(MEASURES), format_func=lambda m: MEASURES[m], key="cst_equal")
    where = break_even(scenario.renamed("yours"), preset(other), found.pairs, over, measure)
    st.write(_ui.safe(break_even_sentence(where)))
    chart(break_even_chart(where), "cst_even", None, scenario)


def plan(s: _costs.State, scenario: Scenario, found: Cost, others: Sequence[Cost]) -> None:  # noqa: ARG001
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
        accuracy = st.slider("Label accuracy at least", 50, 99, 85, format="%d %%", key="cst_least")
    plans = best_plan(scenario, budget=budget or None, weeks=weeks or None, accuracy=accuracy / 100)
    st.write(f"**{_ui.safe(plan_sentence(plans))}**")
    if plans.best is None:
        return
    chart(plans_chart(plans), "cst_plans", lambda: plans_table(plans), scenario)
    for each in plans.runners_up:
        st.caption(_ui.safe(f"Next: {settings_in_words(each)}. {cost_sentence(each.cost)}"))
    st.button("Take this plan", key="cst_take", on_click=_costs.take, args=(plans.best,), help="Sets the inputs of the best plan")


def enough(s: _costs.State, scenario: Scenario, found: Cost, others: Sequence[Cost]) -> None:  # noqa: ARG001
    """Items, labels, people and gold that are needed; votes or items."""
    width = st.slider("Interval of agreement, plus or minus", 0.01, 0.20, 0.05, 0.01, key="cst_width")
    wanted = st.slider("Reliability wanted of an item's labels together", 0.50, 0.95, 0.80, 0.05, key="cst_reliability")
    table = power.what_is_needed(scenario, found.pairs, found.human_labels, width, wanted)
    st.html(table_html(table, words=("What", "Because")))
    votes = votes_or_items(scenario, found.pairs)
    st.write(_ui.safe(votes_sentence(votes)))
    chart(votes_chart(votes), "cst_votes", None, scenario)


def every_input(s: _costs.State, scenario: Scenario, found: Cost, others: Sequence[Cost]) -> None:
    """All inputs with unit, source and date."""
    st.caption(_ui.safe(f"Source: {scenario.source}" + (f", {scenario.date}." if scenario.date else ".")))
    frame = inputs_table(found)
    st.dataframe(frame, hide_index=True, key="cst_inputs", placeholder="–", height=420, alt="Every input with its unit, range, source and date")
    _ui.download(frame, "costs-inputs", key="cst_inputs_file")
    told = side_by_side([found, *others])
    _ui.download(told, "costs-side-by-side", key="cst_side_file")
    st.code(python_of(s, scenario), language="python")


def python_of(s: _costs.State, scenario: Scenario) -> str:
    """The lines of Python that give the same cost."""
    changes = scenario.changed_from(preset(s.preset))
    inside = ", ".join(f"{name}={value!r}" for name, value in changes.items())
    return f"from workbench.economics import cost, preset\n\nscenario = preset({s.preset!r}){f'.with_values({inside})' if inside else ''}\ncost(scenario, {s.pairs or scenario.pairs}).to_dict()"


VIEWS = {
    "Parts": parts,
    "Scale": scale,
    "What matters": matters,
    "How sure": sure,
    "Break-even": crossing,
    "Best plan": plan,
    "How much is enough": enough,
    "All inputs": every_input,
}


# ---------------------------------------------------------------- the page


@st.fragment
def explore(data: AnnotationSet | None) -> None:
    """Inputs and what comes of them together: a change reruns this and nothing else of the page."""
    s = _costs.state()
    found = _ui.cached(measured, data) if data is not None else None
    if s.problems:
        st.warning("**Something in the link was not understood and left out.**" + "".join(f"\n- {_ui.safe(problem)}" for problem in s.problems))
    left, right = st.columns([1, 2.6], gap="large")
    with left:
        inputs(s, found)
    with right:
        listed = [n for n in _costs.names() if n != s.preset or s.settings or s.file]
        s.compared = [n for n in s.compared if n in listed]
        if st.session_state.get("cst_compare") != s.compared:
            st.session_state["cst_compare"] = list(s.compared)

        def compared() -> None:
            _costs.state().compared = list(st.session_state["cst_compare"])

        try:
            result(s, _costs.scenario_of(s, found.inputs if found else {}))
        except WorkbenchError as error:
            _ui.problem(error)
        st.multiselect("Compare with", listed, key="cst_compare", on_change=compared, max_selections=4, placeholder="nothing")
    if s.measured and found is not None:
        with st.expander("What the open data set could not tell"):
            for name, why in found.not_measured.items():
                st.write(_ui.safe(f"{INPUTS[name].title}: {why}."))
    _costs.write_address(s)


st.title("Costs")
explore(_ui.dataset())
