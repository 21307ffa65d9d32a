"""Each pair to the cheapest labeller that is good enough: a plan tried on these data, with sliders for the promise."""

from __future__ import annotations

import json
from dataclasses import replace

import _ids
import _ui
import streamlit as st
from _judges_here import Judges, configurations, judges_here, measured_price
from _routed_here import keep_tried
from _routing_gain import gain
from _routing_live import live

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.judging import beside_chart, flow_chart, routing_table
from workbench.routing.plan import Plan, Tier, plan_text
from workbench.routing.routed import Routed
from workbench.routing.simulate import simulate_plan
from workbench.routing.verdicts import simulated_verdicts
from workbench.wording.judging import error_words
from workbench.workspace.addresses import digest

FLOOR, LONGER = "rule:longer", "the longer text"


def tried(
    data: AnnotationSet,
    tiers: list[tuple[str, float]],
    asked: dict[str, dict],
    risk: float,
    delta: float,
    **numbers: float | None,
) -> Routed:
    """The plan on these data."""
    plan = plan_of(tiers, **numbers)
    return simulate_plan(data, plan, simulated_verdicts(data, plan, None, asked=asked), risk=risk, delta=delta)


def plan_of(tiers: list[tuple[str, float]], **numbers: float | None) -> Plan:
    """The plan that the choices make."""
    whole = {k: int(v) for k, v in numbers.items() if k in ("calibration", "people_labels", "seed") and v is not None}
    made = (Tier(LONGER if name == FLOOR else name, name, price) for name, price in tiers)
    return Plan(tiers=tuple(made), **{**numbers, **whole})  # type: ignore[arg-type]


def choices(data: AnnotationSet, judges: Judges) -> tuple[list[tuple[str, float]], dict[str, float | None]]:
    """Tiers in order with their prices, and the numbers of the plan."""
    has_texts = bool((data.items["words_a"] > 0).any())
    options = [*([FLOOR] if has_texts else []), *judges]
    if not options:
        return [], {}
    key, usual = "rou_tiers", list(judges)[:2] or options[:1]
    named = st.session_state.get(key, _ids.from_address(key, data.key, options) or usual)
    st.session_state[key] = [name for name in named if name in options]
    chosen = st.multiselect(
        "Tiers to try, cheapest first",
        options,
        format_func=lambda n: LONGER if n == FLOOR else _ui.safe_plain(n),
        key=key,
        help="An item that the first is not sure of goes to the second, and so on; the rest goes to people.",
    )
    _ids.into_address(key, data.key, [] if chosen == usual else chosen)
    with st.expander("Prices and checks", key="rou_more"):
        columns = st.columns(3)
        prices = [
            columns[i % 3].number_input(
                f"$ an item, {LONGER if name == FLOOR else _ui.safe_plain(name)}",
                0.0, None, price_of(judges, name, i), format="%.4f", bind="query-params",
                key=f"rou_price_{digest(data.key, name)}",
                help="As its run measured it" if judges.get(name, ("", ""))[1] else None,
            )
            for i, name in enumerate(chosen)
        ]  # fmt: skip
        numbers = {
            "people_price": columns[0].number_input(
                "$ a label of people", 0.0, None, 1.5, key="rou_people", bind="query-params"
            ),
            "expert_price": columns[1].number_input(
                "$ for a settled disagreement", 0.0, None, 10.0, key="rou_expert", bind="query-params"
            ),
            "check_share": columns[2].slider(
                "Share of decided items that people check", 0.01, 0.5, 0.05, key="rou_checks", bind="query-params"
            ),
        }
    return list(zip(chosen, prices, strict=True)), numbers


def price_of(judges: Judges, name: str, place: int) -> float:
    """$ an item that stands in the field at first: measured where a run asked the judge."""
    if name == FLOOR:
        return 0.0
    measured = measured_price(judges, name)
    return 0.002 * (1 + 4 * place) if measured is None else measured


def promise() -> tuple[float, float, int, float]:
    """What the decisions promise: their risk, how often it may be broken, items that people label first, and the
    share of what people alone would cost that may be spent."""
    left, middle, right, last = st.columns(4)
    risk = left.slider(
        "Largest share of wrong decisions",
        0.01,
        0.5,
        0.15,
        0.01,
        key="rou_risk",
        bind="query-params",
        help=_ui.measure_help("certified_threshold"),
    )
    delta = middle.slider("How often that may be broken", 0.01, 0.3, 0.1, 0.01, key="rou_delta", bind="query-params")
    calibration = right.slider(
        "Items that people label first", 100, 3_000, 500, 50, key="rou_calibration", bind="query-params"
    )
    spend = last.slider(
        "Budget, % of people only", 5, 100, 100, 5, key="rou_cap", bind="query-params",
        help="What people cannot be paid for stays without a label, drawn at random. 100% = no bound.",
    )  # fmt: skip
    return risk, delta, calibration, spend / 100


def tried_out(
    data: AnnotationSet,
    judges: Judges,
    tiers: list[tuple[str, float]],
    risk: float,
    delta: float,
    calibration: int,
    spend: float,
    **numbers: float | None,
) -> None:
    """The plan on these data, as sentence, flow, other ways and table."""
    asked = configurations(judges, [name for name, _ in tiers])
    given = {"tiers": tiers, "asked": asked, "risk": risk, "delta": delta, "calibration": calibration}
    try:
        with st.spinner("Trying the plan"):
            found: Routed = _ui.shared(tried, data, **given, **numbers)
            if spend < 1:
                numbers = {**numbers, "budget": found.budget(spend)}
                found = _ui.shared(tried, data, **given, **numbers)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.markdown(f"#### {_ui.safe(found.verdict())}", help=_ui.measure_help("routing_error"))
    st.caption(
        _ui.safe(
            f"${found.usd:,.2f} in all; error of the delivered labels {error_words(found.error)} (same crew)."
            + (
                f" As it would be known from {found.checked:,} random checks: {error_words(found.decided_error)}."
                if found.checked
                else ""
            )
            + "".join(f" {note[:1].upper()}{note[1:]}." for note in found.notes)
            + (f" {alone}" if (alone := found.without_promise()) else "")
        )
    )
    flow = flow_chart(found)
    _ui.chart(
        flow, "rou_flow", alt=describe(flow), rows=lambda: routing_table(found), name="routing", risk=risk, delta=delta
    )
    st.markdown(
        "##### Beside other ways", help="Error against the other people of an item, or gold; judges and a person alike."
    )
    beside = beside_chart(found)
    _ui.chart(beside, "rou_beside", alt=describe(beside), name="routing-beside")
    percent = st.column_config.NumberColumn
    st.dataframe(
        routing_table(found),
        hide_index=True,
        key="rou_table",
        placeholder="–",
        alt="The plan, a row a tier",
        column_config={
            "tier": "Tier",
            "asked": percent("Asked", format="localized"),
            "decides": percent("Decides", format="localized"),
            "threshold": percent("From confidence", format="%.3f"),
            "risk at most": percent("Risk at most", format="%.3f"),
            "error": percent("Error", format="%.3f"),
            "usd": percent("Cost", format="dollar"),
            "why not": "Why it decides nothing",
        },
    )
    runs = {name: judges[name][1] for name in asked}
    keep_tried(data, plan_text(plan_of(tiers, calibration=calibration, **numbers)), risk, delta, runs)
    with st.container(horizontal=True):
        left_over = [i for i, place in enumerate(found.where.tolist()) if place == -1]
        if found.to_people and st.button(f"Open the {found.to_people:,} items for people", key="rou_open"):
            _ui.open_items(left_over, "items that go to people")
        if found.to_people and st.button("Have people judge them here", key="rou_collect", help="A batch on Collect"):
            _ui.collect_items(left_over, "items that go to people")
        _ui.download(
            json.dumps(found.certificate, indent=1).encode(),
            "certificate.json",
            key="rou_certificate",
            label="Certificate",
        )
        tried_plan = plan_of(tiers, calibration=calibration, **numbers)
        named = [replace(t, judge=asked[t.name]["judge"]) if t.name in asked else t for t in tried_plan.tiers]
        plan = plan_text(replace(tried_plan, tiers=tuple(named)))
        _ui.download(plan.encode(), "plan.toml", key="rou_plan", label="The plan as a file")


st.title("Routing")
data = _ui.require_data()
if not data.has_pairs:
    st.info("These labels choose no side. Routing is about pairs of responses.")
    st.stop()
judges = judges_here(data)
set_here, below = _ui.above()
with set_here:
    tiers, numbers = choices(data, judges)
    if not tiers:
        st.info(
            "Choose at least one tier. AI judges stand here once they were asked on the Judges page, or their export is"
            " open with the people's."
        )
        st.stop()
    risk, delta, calibration, spend = promise()
with below:
    tab_try, tab_live, tab_gain = st.tabs(
        ["Try it on these data", "Run it", "Which pairs for people"], key="rou_tab", bind="query-params"
    )
    if tab_try.open:
        with tab_try:
            tried_out(data, judges, tiers, risk, delta, calibration, spend, **numbers)
    if tab_gain.open:
        with tab_gain:
            gain(data)
    if tab_live.open:
        with tab_live:
            live(data, risk, delta, calibration, numbers)
