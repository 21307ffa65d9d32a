"""What labels cost and what they are worth: a scenario under sliders, beside others, over scale, and the best plan for
the money."""

from __future__ import annotations

from collections.abc import Mapping

import _costs
import _costs_fields
import _costs_views
import _ui
import streamlit as st

from workbench.dataset.annotation_set import AnnotationSet
from workbench.economics import Input, Measured, Scenario, compare, cost, inputs_from, inputs_of_judge
from workbench.economics.fields import asks_people, in_play, in_titles
from workbench.economics.inputs import CHOICES, GROUPS, INPUTS
from workbench.economics.same_crew import crew_sentence
from workbench.errors import WorkbenchError
from workbench.figures.costs import parts_chart
from workbench.figures.costs_tables import parts_table, readable_costs
from workbench.figures.tables import table_html
from workbench.judging.export import with_verdicts
from workbench.judging.work import verdicts_of_run
from workbench.runs import all_runs, find
from workbench.wording.economics import alpha_sentence, claims_sentences, comparison_sentence, cost_sentence
from workbench.wording.runs import moment

CHOSEN_IN = {"pay": "People", "ai_pay": "AI judges", "aggregation": "Quality", "training_target": "Quality"}


def measured(data: AnnotationSet, run: str) -> Measured:
    """What the data tell, and the judge of a finished run beside them."""
    found = inputs_from(data)
    if not run:
        return found
    judge = find(run)
    verdicts = verdicts_of_run(data, judge.config)
    told = inputs_of_judge({"name": verdicts.spec.name, **verdicts.to_dict()}, with_verdicts(data, verdicts))
    left = {name: why for name, why in found.not_measured.items() if name not in told.inputs}
    return Measured({**found.inputs, **told.inputs}, {**left, **told.not_measured})


def judge_runs(data: AnnotationSet) -> dict[str, str]:
    """Finished judge runs on these data: id -> how it is called."""
    runs = [r for r in all_runs(("judge",)) if r.config.get("data") == data.key and r.status().state == "done"]
    return {run.id: f"{run.title}, {moment(run.created_at)}" for run in runs}


# ---------------------------------------------------------------- the inputs


def inputs(s: _costs.State, found: Measured | None, judges: Mapping[str, str]) -> None:
    """Where it starts, pairs, and the inputs of one group."""
    known = found.inputs if found else {}
    start, now = _costs.before_changes(s, known), _costs.scenario_of(s, known)
    begin(s, now)
    exact = st.session_state.get("cst_exact", False)
    _costs_fields.pairs_field(s, exact)
    use_measured(s, found)
    if judges:
        st.selectbox(
            "With the judge of a run",
            ["", *judges],
            format_func=lambda run: _ui.safe_plain(judges.get(run, "none")),
            key="cst_judge_run",
            persist_state="session",
            help="Its measured price, tokens and accuracy against these people join the measured inputs.",
        )
    st.toggle(
        "Exact values",
        key="cst_exact",
        persist_state="session",
        on_change=s.wrong.clear,
        help="Fields to type into instead of sliders, over everything the model allows.",
    )
    group = st.pills(
        "Inputs",
        GROUPS,
        default=GROUPS[0],
        required=True,
        key="cst_group",
        persist_state="session",
        label_visibility="collapsed",
    )
    used = in_play(now)
    fields = [kind for kind in INPUTS.values() if kind.group == group and kind.name in used]
    for name, message in s.wrong.items():
        if name != "pairs" and name not in {kind.name for kind in fields}:
            st.error(_costs.line(message))
    if group == "People" and not asks_people(now):
        st.caption("Nobody is asked: an AI labels every pair. How many go to people is under Routing.")
    if group == "Routing" and not now["ai_judges"]:
        st.caption("People label every pair. With an AI judge, it is chosen here what goes to people.")
    for name in CHOICES:
        if CHOSEN_IN[name] == group and name in used:
            _costs_fields.choice_field(name, now.choices[name], start)
    for kind in fields:
        _costs_fields.number_field(s, kind, now[kind.name], start, exact)


def begin(s: _costs.State, now: Scenario) -> None:
    """The scenario it starts from, files, and the way back."""
    key = _costs.showing("cst_pick", s.begun or s.preset)
    st.selectbox(
        "Start from",
        s.names(),
        key=key,
        on_change=_costs.chosen_start,
        args=(key,),
        help="Presets with their sources, and scenarios of this session. Everything can be changed below.",
    )
    st.caption(_costs.line(f"{now.title[:1].upper()}{now.title[1:]}."))
    with st.container(horizontal=True):
        with st.popover("File", key="cst_file", type="tertiary", on_change="rerun") as menu:
            if menu.open:
                files(now)
        st.button(
            "Undo all changes",
            key="cst_undo",
            on_click=_costs.undo,
            disabled=not s.settings and s.pairs is None,
            type="tertiary",
        )


def use_measured(s: _costs.State, found: Measured | None) -> None:
    """The switch that takes what the open data set tells."""
    if found is None:
        if s.measured:
            st.caption("This link takes inputs measured from a data set, and none is open: these are the preset's own.")
        return
    key = _costs.showing("cst_use_measured", s.measured)

    def switched() -> None:
        if key == _costs.key_of("cst_use_measured"):
            _costs.state().measured = st.session_state[key]

    st.toggle(
        f"Use {len(found.inputs)} inputs measured from the open data",
        key=key,
        on_change=switched,
        help=(
            "Such as accuracy, seconds per label and gold share. Each is marked as measured. Scenarios beside it get"
            " the same crew and task."
        ),
    )


def files(now: Scenario) -> None:
    """The scenario as a TOML file, and one from a file."""
    st.download_button(
        "Download scenario (TOML)",
        lambda: now.to_toml().encode(),
        f"{_ui.file_stem('scenario', preset=now.name)}.toml",
        "application/toml",
        key="cst_toml",
        on_click="ignore",
    )
    st.file_uploader(
        "Open a scenario file", type=["toml"], key="cst_upload", max_upload_size=1, on_change=_costs.opened_file
    )


# ---------------------------------------------------------------- what comes of them


WORTH = (
    "An effective label is a label without noise: one of accuracy p carries $(2p - 1)^2$ of its information at most."
    " Votes are taken as independent; what makes everybody err together is not voted away: set the share of split pairs"
    " (under Items), and treat accuracies above 95% with care. docs/costs.md has every formula."
)


def result(s: _costs.State, scenario: Scenario, known: Mapping[str, Input]) -> None:
    """The sentence, the chart of parts, the scenarios side by side, and the view that is open."""
    found = cost(scenario, s.pairs)
    st.markdown(f"#### {_costs.line(cost_sentence(found))}")
    st.caption(_costs.line(" ".join([alpha_sentence(found), *claims_sentences(found)])), help=WORTH)
    choose_others(s, scenario)
    others = compare([_costs.beside(s, name, known) for name in s.compared], found.pairs)
    costs = [found, *others]
    _costs_views.chart(parts_chart(costs), "cst_parts", lambda: parts_table(costs), scenario)
    # Not st.dataframe: a table that is drawn on a canvas takes the browser longer than a chart, on every move of a
    # slider.
    st.html(table_html(readable_costs(costs), chosen=0))
    if len(costs) > 1:
        said = [comparison_sentence(costs), f"All at {found.pairs:,} pairs."]
        said += [crew_sentence(known)] if s.measured else []
        said += (
            [f"As kept: {', '.join(name for name in s.compared if name in s.kept)}."]
            if s.measured and s.kept.keys() & set(s.compared)
            else []
        )
        st.caption(_costs.line(" ".join(said)))
    view = st.segmented_control(
        "Look closer",
        list(_costs_views.VIEWS),
        default="Parts",
        required=True,
        key="cst_view",
        persist_state="session",
        label_visibility="collapsed",
    )
    _costs_views.VIEWS[view](_costs_views.Shown(s, scenario, found, others, known))


def choose_others(s: _costs.State, scenario: Scenario) -> None:
    """What stands beside it in the chart below."""
    listed = s.others()
    s.compared = [name for name in s.compared if name in listed]
    key = _costs.showing("cst_compare", list(s.compared))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            "Compare with",
            listed,
            key=key,
            on_change=_costs.compared,
            args=(key,),
            max_selections=_costs.MOST_COMPARED,
            placeholder="nothing",
            width=450,
        )
        st.button(
            "Keep for comparison",
            key="cst_keep",
            on_click=_costs.keep,
            args=(scenario,),
            help=(
                "Keeps this scenario as it stands, beside whatever you change next and as a start. The address brings"
                " it back; to keep it as a file, download it under File."
            ),
        )


# ---------------------------------------------------------------- the page


@st.fragment
def explore(data: AnnotationSet | None) -> None:
    """Inputs and what comes of them together: a change reruns this and nothing else of the page."""
    s = _costs.state()
    judges = judge_runs(data) if data is not None else {}
    run = st.session_state.get("cst_judge_run", "")
    found = _ui.cached(measured, data, run=run if run in judges else "") if data is not None else None
    known = found.inputs if found else {}
    s.at_hand = bool(known)
    if s.refused is not None:
        _ui.problem(s.refused)
    if s.problems:
        st.warning(
            "**Something in the link was not understood and left out.**"
            + "".join(f"\n- {_ui.safe(problem)}" for problem in s.problems)
        )
    left, right = _ui.beside([1, 2.6])
    try:
        with left, st.container(gap="xsmall"):
            inputs(s, found, judges)
        with right:
            result(s, _costs.scenario_of(s, known), known)
    except WorkbenchError as error:
        _ui.problem(in_titles(error))
    if s.measured and found is not None:
        with st.expander("What the open data set could not tell"):
            for name, why in found.not_measured.items():
                st.write(_costs.line(f"{INPUTS[name].title}: {why}."))
    _costs.write_address(s)


st.title("Costs")
data = _ui.dataset()
if data is not None:
    _ui.say_part(data)
explore(data)
