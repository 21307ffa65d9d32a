"""The routing that a report shows: a finished live one, or the plan as it stands on the Routing page."""

from __future__ import annotations

from typing import Any

import _ui
import streamlit as st

from workbench.dataset.annotation_set import AnnotationSet
from workbench.routing.plan import parse_plan
from workbench.routing.simulate import simulate_plan
from workbench.routing.verdicts import simulated_verdicts
from workbench.runs import all_runs, find
from workbench.wording.runs import moment

NO_ROUTING, ROUTING_PAGE = "none", "the Routing page"


def keep_tried(data: AnnotationSet, plan: str, risk: float, delta: float, runs: dict[str, str]) -> None:
    """Remembers the plan that the Routing page shows, for reports made in this session."""
    st.session_state["rou_tried"] = {"data": data.key, "plan": plan, "risk": risk, "delta": delta, "runs": runs}


def routing_menu(data: AnnotationSet) -> str:
    """The choice of a routing; empty for none."""
    tried = st.session_state.get("rou_tried", {}).get("data") == data.key
    done = [
        run
        for run in all_runs(("route",))
        if run.config.get("data") == data.key and run.status().state == "done" and (run.result() or {}).get("tiers")
    ]
    said = {NO_ROUTING: "No routing", ROUTING_PAGE: "As tried on the Routing page"}
    said |= {run.id: f"{run.title}, {moment(run.created_at)}" for run in done}
    name = st.selectbox(
        "Routing",
        [*([ROUTING_PAGE] if tried else []), NO_ROUTING, *(run.id for run in done)],
        key="ovw_report_routing",
        format_func=lambda n: _ui.safe_plain(said[n]),
        help="What came of sending each pair to the cheapest labeller that is good enough; try a plan on Routing.",
    )
    return "" if name == NO_ROUTING else str(name)


def routed(data: AnnotationSet, choice: str) -> tuple[dict[str, Any] | None, str]:
    """The routing of a choice, and the Python that makes it."""
    if not choice:
        return None, ""
    if choice != ROUTING_PAGE:
        return find(choice).result(), f"from workbench.runs import find\n\nrouting = find({choice!r}).result()"
    kept = st.session_state["rou_tried"]
    plan, promise = parse_plan(kept["plan"]), {"risk": kept["risk"], "delta": kept["delta"]}
    asked = {name: dict(find(run).config) for name, run in kept["runs"].items()}
    found = simulate_plan(data, plan, simulated_verdicts(data, plan, None, asked=asked), **promise)
    code = (
        "from workbench.routing.plan import parse_plan\n"
        "from workbench.routing.simulate import simulate_plan\n"
        "from workbench.routing.verdicts import simulated_verdicts\n"
        "from workbench.runs import find\n\n"
        f"plan = parse_plan({kept['plan']!r})\n"
        f"asked = {{name: find(run).config for name, run in {kept['runs']!r}.items()}}\n"
        "verdicts = simulated_verdicts(data, plan, None, asked=asked)\n"
        f"routing = simulate_plan(data, plan, verdicts, risk={kept['risk']!r}, delta={kept['delta']!r}).to_dict()"
    )
    return found.to_dict(), code
