"""A plan on pairs that nobody judged: a run that labels what judges may decide and writes tasks for the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import _runs
import _ui
import streamlit as st
from _judges_elsewhere import permitted

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import counted
from workbench.routing.plan import Plan, Tier, plan_text
from workbench.routing.work import checked_plan, hosts_elsewhere, kept_upload
from workbench.studies.bench_building import data_file

KINDS = ("route",)
STEPS = (
    "1. The run draws items for people to label first, and writes them as tasks.",
    "2. With their labels, judges are asked and thresholds certified; what they may decide is labelled.",
    "3. The rest and the random checks go to people in one batch; with those labels the error is known.",
)


def live(data: AnnotationSet, risk: float, delta: float, calibration: int, numbers: dict[str, float | None]) -> None:
    """What is to be routed, by whom, and the run."""
    st.caption("  \n".join(STEPS))
    left, right = st.columns(2)
    judges = left.text_area(
        "Judges to ask, one a line, cheapest first",
        "rule:longer",
        key="rou_specs",
        help="rule:longer, model:FOLDER, openai:MODEL@URL, anthropic:MODEL@URL, decisions:MODEL@URL or systemone:...",
    )
    new = right.file_uploader(
        "New pairs (else those of the open data)", key="rou_pool", type=["csv", "json", "jsonl"], max_upload_size=200
    )
    back = right.file_uploader(
        "Labels that came back", key="rou_back", accept_multiple_files=True, type=["csv", "json", "jsonl"],
        max_upload_size=200, help="Exports of the tasks this run wrote. The same choices go on where it was.",
    )  # fmt: skip
    with left.container(horizontal=True, vertical_alignment="bottom"):
        budget = st.number_input("Budget for each judge, $", 0.0, None, 5.0, key="rou_budget")
        in_all = st.number_input(
            "Budget for all of it, $", 0.0, None, None, key="rou_in_all", placeholder="no bound",
            help="Labels, checks and experts too. Items that people cannot be paid for stay without a label.",
        )  # fmt: skip
        local_only = st.toggle(
            "Local judges only", True, key="rou_local", help="A judge elsewhere is sent the texts of all pairs it sees."
        )
    plan = plan_of(judges, calibration, {**numbers, "budget": in_all})
    away = hosts_elsewhere(plan)
    allowed = permitted(data, away, key="rou") if away and not local_only else []
    config: dict[str, Any] = {
        "data": data.key,
        "paths": [str(data_file(data, _ui.shelf()))],
        "plan": plan,
        "risk": risk,
        "delta": delta,
        "local_only": local_only,
        "hosts": allowed,
        "budget": budget,
        "pool": [str(kept_upload(new.name, new.getvalue()))] if new is not None else [],
        "labels": [str(kept_upload(each.name, each.getvalue())) for each in back or []],
    }
    _runs.start_run(
        "route",
        config,
        title=f"routing of {data.key[:6]}",
        label="Route these pairs",
        key="rou_start",
        check=lambda: checked_plan(plan, config) and None,
    )
    if done := _runs.finished(KINDS, data=data.key, key="rou"):
        outcome(done[1])


def plan_of(judges: str, calibration: int, numbers: dict[str, float | None]) -> str:
    """The plan as TOML, or what stands there where no tier is named."""
    specs = list(dict.fromkeys(line.strip() for line in judges.splitlines() if line.strip()))
    if not specs:
        return ""
    return plan_text(Plan(tiers=tuple(Tier(s, s, None) for s in specs), calibration=calibration, **numbers))  # type: ignore[arg-type]


def outcome(result: dict[str, Any]) -> None:
    """What came of a step, and its files."""
    if result.get("status") == "needs labels":
        st.markdown(f"#### {counted(result['items'], 'item')} of {result['of']:,} need a label of people first.")
        st.caption("Hand out the tasks, bring the labels back above, and route the same pairs again.")
    else:
        st.markdown(f"#### {_ui.safe(result['verdict'])}")
        for note in result["notes"]:
            st.caption(_ui.safe(f"{note[:1].upper()}{note[1:]}."))
    with st.container(horizontal=True):
        for number, name in enumerate(result["files"]):
            path = Path(name)
            shown = "-".join(path.relative_to(result["folder"]).parts)
            if path.exists() and shown.startswith(("tasks", "labels", "certificate")):
                _ui.download(path.read_bytes(), shown, key=f"rou_file_{number}", label=f"Download {shown}")
