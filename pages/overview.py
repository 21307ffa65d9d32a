"""Can these labels be trusted? The verdict first, then what it rests on, each check with the way to its page."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import _costs
import _ui
import pandas as pd
import streamlit as st
from _routed_here import routed, routing_menu

from workbench.actions import Action, next_actions
from workbench.agreement.drill_down import items_labelled_by
from workbench.auditing.audit import Audit
from workbench.auditing.thresholds import ASKS, DEFAULTS, Thresholds, bounds_of
from workbench.cleaning import Effect
from workbench.dataset.annotation_set import AnnotationSet
from workbench.economics import Measured, Scenario, cost, inputs_from, preset, presets
from workbench.errors import WorkbenchError
from workbench.figures.badges import action_html, check_html, verdict_html
from workbench.figures.canvas import describe
from workbench.figures.labels import label_bars
from workbench.figures.tables import label_table, table_html, whole_percents
from workbench.report import Report, costs_code, csv_texts, finished_models, make_report, usual_cleaning
from workbench.report.feedback import annotator_feedback
from workbench.scale.audited import audit_part
from workbench.wording.actions import NOTHING
from workbench.workspace.own_thresholds import NAME, keep_thresholds, own_thresholds

DIRECTION = {"agr_read": "Direction", "agr_coef": "Alpha, nominal"}  # what the verdict's alpha is
PLACES: dict[str, tuple[str, str, dict[str, str]]] = {
    "overlap": ("items.py", "See the items", {}),
    "agreement beyond chance": ("agreement.py", "See agreement", DIRECTION),
    "consistency over time": ("agreement.py", "See agreement by week", {**DIRECTION, "agr_tab": "By week"}),
    "consistency across slices": ("agreement.py", "See agreement by slice", {**DIRECTION, "agr_tab": "By slice"}),
    "missing labels": ("start.py", "See how the file was read", {}),
    "sides": ("reversals.py", "See order and position", {"rev_tab": "Order"}),
    "order": ("reversals.py", "See order and position", {"rev_tab": "Order"}),
    "own judgements": ("reversals.py", "See who contradicts what", {}),
    "annotators": ("annotators.py", "See who is flagged and why", {}),
    "agreement between schools": ("annotators.py", "See who is in which school", {}),
    "sides of the files": ("start.py", "See how the files were read", {}),
    "spread over prompts": ("items.py", "See the items", {}),
    "labels on gold": ("labels.py", "See labels beside the gold", {}),
    "one label an item": ("labels.py", "See where the methods part", {}),
}
"""Check -> page, what the link says, and the choices it is opened with."""
DONE_IN: dict[str, tuple[str, str]] = {
    "cleaning": ("cleaning.py", "Open in Cleaning, filled in"),
    "annotators": ("annotators.py", "Open the suspect gold"),
    "agreement": ("agreement.py", "Open in Agreement"),
    "start": ("start.py", "Open in Start"),
}
"""Page of an action -> its file, and what the link says."""
NO_COSTS, COSTS_PAGE = "none", "the Costs page"
NOT_CHOSEN = (
    "No scenario of what labels cost was chosen when this report was made. One can be picked beside Costs, in the menu"
    " Report of the Overview page."
)
SHOWN = [
    "annotator",
    "kind",
    "annotations",
    "shared_items",
    "agreement_with_others",
    "median_seconds",
    "first_position_rate",
    "skips",
    "repeats",
]


def checks(result: Audit) -> None:
    """The checks as cards, in the order they were asked."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(
            "What it rests on",
            help=(
                "Each check holds one figure to a line in the same unit; the verdict is the worst of the checks. The"
                " lines can be drawn elsewhere for this workspace."
            ),
        )
        own = len(result.verdict.thresholds.changed)
        with st.popover(
            f"Lines ({own} own)" if own else "Lines",
            key="ovw_lines",
            on_change="rerun",
            help="Where the checks draw their lines, here and in reports made here",
        ) as menu:
            if menu.open:
                lines_menu(result.verdict.thresholds)
    with st.grid(columns="auto", min_column_width=270, gap="small"):
        for check in result.verdict.checks:
            with st.container(border=True, height="stretch"):
                st.html(check_html(check, intervals=True))
                if check.name in PLACES:
                    page, label, choices = PLACES[check.name]
                    st.page_link(page, label=label, query_params={"data": result.data.key, **choices})


def lines_menu(lines: Thresholds) -> None:
    """Every line with what it asks; kept for the workspace on the click, and to take along to the command line."""
    project = _ui.project_of(st.session_state.get("data") or "")
    whose = (
        "all data sets of this workspace" if project is None else f"the project {_ui.safe(project.name)}, with history"
    )
    st.caption(f"Kept for {whose}. Take the file along: `audit`, `check` and `report` read it with `--thresholds`.")
    drawn = None if project is None else _ui.projects().lines(project.id)
    if drawn is not None:
        # What this person sees is what the change is made from, also where it takes a while to send.
        st.session_state.setdefault("ovw_lines_seen", drawn.version)
    with st.form("ovw_lines_form", border=False):
        columns = st.columns(2)
        values: dict[str, float] = {}
        for place, (name, value) in enumerate(lines.to_dict().items()):
            low, high = bounds_of(name)
            values[name] = columns[place % 2].number_input(
                ASKS[name][:1].upper() + ASKS[name][1:],
                low,
                high,
                float(value),
                step=1.0 if high > 1 else 0.01,
                format="%.0f" if high > 1 else "%.3f",
                key=f"ovw_line_{name}_{value:g}",
                help=f"Default {DEFAULTS[name]:g}",
            )
        with st.container(horizontal=True):
            draw = st.form_submit_button("Draw the lines here", type="primary")
            back = st.form_submit_button("Back to the defaults", disabled=not lines.changed)
    st.download_button(
        "Download thresholds.toml",
        lines.to_toml(),
        NAME,
        "text/plain",
        key="ovw_lines_file",
        on_click="ignore",
    )
    if draw or back:
        try:
            new = Thresholds() if back else Thresholds(**values)
            if project is None or drawn is None:
                keep_thresholds(_ui.shelf().folder, new)
            else:
                seen = st.session_state.get("ovw_lines_seen", drawn.version)
                st.session_state.pop("ovw_lines_seen", None)
                _ui.projects().draw(project.id, new, seen=seen, who=_ui.who())
        except (WorkbenchError, OSError) as error:
            _ui.problem(error if isinstance(error, WorkbenchError) else _not_kept(error))
            return
        st.rerun()


def _not_kept(error: OSError) -> WorkbenchError:
    return WorkbenchError(
        f"The lines could not be kept: {(error.strerror or str(error)).lower()}.", "Check the rights of the folder."
    )


def workspace_lines() -> Thresholds:
    """The lines of the project that holds the data set, else of this workspace; where the file is damaged, that is said
    and the defaults stand."""
    project = _ui.project_of(st.session_state.get("data") or "")
    if project is not None:
        return _ui.projects().lines(project.id).thresholds
    try:
        return own_thresholds(_ui.shelf().folder)
    except WorkbenchError as error:
        _ui.problem(error)
        return Thresholds()


def next_steps(result: Audit) -> None:
    """What to do first, each with what it would change and the way to where it is done."""
    data = result.data
    st.subheader(
        "What to do next",
        help=(
            "At most five actions, first those that bear on a check that says stop, then those that would put most"
            " labels right. Intervals are 95%. Dollars at $1.50 a label."
        ),
    )
    with st.spinner("Working out what each action would change ..."):
        actions: tuple[Action, ...] = _ui.shared(actions_for, data, lines=result.verdict.thresholds)
    if not actions:
        st.write(_ui.safe(NOTHING))
    elif _ui.is_part(data):
        st.caption("Items, effects and dollars are of the part that is named at the top, not of the whole set.")
    for place, action in enumerate(actions, 1):
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"ovw_next_{place}"):
            st.html(action_html(action, place))
            go_to(action, data, place)


def go_to(action: Action, data: AnnotationSet, place: int) -> None:
    """The one click to where an action is done, filled in."""
    target = action.target
    if target.page == "items":
        if st.button(f"Open the {len(target.items):,} items", key=f"ovw_next_go_{place}"):
            _ui.open_items(list(target.items), action.title)
        return
    page, label = DONE_IN[target.page]
    choices = {name: list(v) if isinstance(v, tuple) else v for name, v in target.choices.items()}
    st.page_link(page, label=label, query_params={"data": data.key, **choices})


def labels_and_counts(result: Audit) -> None:
    """What was labelled: the mix of labels, and what became of the rows of the export."""
    data, counts = result.data, result.counts
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Labels")
        figure = label_bars(result.labels, data.scale)
        code = "audit = workbench.audit(data)\naudit.labels"
        _ui.chart(
            figure,
            "ovw_labels",
            alt=describe(figure),
            rows=lambda: label_table(result.labels, data.scale),
            name="labels",
            code=code,
        )
    with right:
        st.subheader("Rows")
        _ui.used_line(
            counts["annotations"] - counts["repeats"],
            counts["rows_read"],
            {"repeats": counts["repeats"], "without a label": counts["skips"], **counts["set_aside"]},
            unit="rows read",
        )
        rows = [
            ("Judgements with a label", counts["annotations"]),
            ("Items", counts["items"]),
            ("Items with two labels or more", counts["items_with_overlap"]),
            ("Annotators", counts["annotators"]),
            ("Repeats of one's own judgement", counts["repeats"]),
            ("Skips and unreadable labels", counts["skips"]),
            *((f"Set aside: {reason}", n) for reason, n in counts["set_aside"].items()),
        ]
        st.html(table_html(pd.DataFrame([(what, f"{n:,}") for what, n in rows], columns=["What", "How many"])))
        times = result.times
        st.caption(
            _ui.safe(
                f"Times: median {times.median_seconds:.0f} seconds."
                if times.usable
                else f"Times cannot be used: {times.reason}."
            )
        )


def annotators(result: Audit) -> None:
    """The annotators in short; a row opens what one labelled."""
    st.subheader("Annotators")
    frame = result.annotators
    columns = [
        c
        for c in SHOWN
        if c in frame
        and (c in ("annotator", "annotations", "agreement_with_others") or len(frame[c].dropna().drop_duplicates()) > 1)
    ]
    table = frame.sort_values("annotations", ascending=False, kind="stable")[columns]
    settings: dict[str, Any] = {
        "annotator": st.column_config.TextColumn("Annotator"),
        "kind": st.column_config.TextColumn("Kind"),
        "annotations": st.column_config.NumberColumn("Labels", format="localized"),
        "shared_items": st.column_config.NumberColumn(
            "Shared items", format="localized", help="Items that somebody else labelled too"
        ),
        "agreement_with_others": st.column_config.ProgressColumn(
            "Agrees with others",
            format="percent",
            min_value=0.0,
            max_value=1.0,
            help="Mean share of the others' labels on the same item that are alike",
        ),
        "median_seconds": st.column_config.NumberColumn("Median seconds", format="%.0f"),
        "first_position_rate": st.column_config.NumberColumn(
            "Chose the first",
            format="percent",
            help=(
                "Share of choices for the response shown first; far from a half is a habit, or a randomisation that"
                " failed"
            ),
        ),
        "skips": st.column_config.NumberColumn("Skips", format="localized"),
        "repeats": st.column_config.NumberColumn("Repeats", format="localized"),
    }
    event = st.dataframe(
        whole_percents(table.head(1_000), ("agreement_with_others", "first_position_rate")),
        hide_index=True,
        key="ovw_annotators",
        on_select="rerun",
        selection_mode="single-row",
        column_config=settings,
        placeholder="–",
        height=min(38 + 35 * max(len(table), 1), 420),
        alt="Annotators, most labels first",
    )
    more = f" The 1,000 with the most labels of {len(table):,} are listed." if len(table) > 1_000 else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(lambda: frame, "annotators", key="ovw_annotators_file", label="Download annotators")
        st.caption(f"Pick a row to open what the annotator labelled.{more}")
        st.page_link("annotators.py", label="See all about the annotators", query_params={"data": result.data.key})
    if event.selection.rows:
        who = table["annotator"].iloc[event.selection.rows[0]]
        _ui.open_items(items_labelled_by(result.data, (who,)), f"labelled by {who}")


def take_along(result: Audit) -> None:
    """The whole audit as a file, and as Python."""
    with st.container(horizontal=True):
        st.download_button(
            "Download the audit",
            lambda: json.dumps(result.to_dict(), indent=1, ensure_ascii=False).encode(),
            f"{_ui.file_stem('audit')}.json",
            "application/json",
            key="ovw_audit",
            on_click="ignore",
            help="Everything on this page and more, as JSON: what the command `audit --json` prints",
        )
        with st.popover(
            "Report",
            key="ovw_report",
            on_change="rerun",
            help="One file with every figure, its intervals and the code that gives it, to send or to print",
        ) as menu:
            if menu.open:
                report_menu(result)
        with st.popover(
            "Feedback",
            key="ovw_feedback",
            on_change="rerun",
            help="A page for one annotator: what the labels show, examples, gold missed, what good looks like",
        ) as menu:
            if menu.open:
                feedback_menu(result)
        own = result.verdict.thresholds.to_python()
        lines = "from workbench.auditing.thresholds import Thresholds\n" if own else ""
        lines += "from workbench.scale.audited import audit_part\n" if result.of else ""
        head = f"from workbench.actions import next_actions\n{lines}\n"
        call = f"{'audit_part' if result.of else 'workbench.audit'}(data{f', thresholds={own}' if own else ''})"
        _ui.copy_as_python(
            f"{head}result = {call}\nprint(result)\nresult.verdict.status\n\nnext_actions(result)", key="ovw_code"
        )


def feedback_menu(result: Audit) -> None:
    """For whom, and the page; it is made on the click."""
    flagged = [str(name) for name in result.flags.flagged]
    others = [str(name) for name in result.annotators["annotator"] if str(name) not in set(flagged)]
    if not flagged and not others:
        st.caption("There is no annotator.")
        return
    st.caption("For the annotator to read. It holds texts of the data, names nobody else, and prints to PDF.")
    who = st.selectbox(
        "Annotator",
        [*flagged, *others],
        format_func=lambda n: f"{_ui.safe_plain(n)} (flagged)" if n in flagged else _ui.safe_plain(n),
        key="ovw_feedback_who",
    )
    shown = st.toggle("Show the id", value=True, key="ovw_feedback_id", help="Else its hash")
    st.download_button(
        "Download the page",
        lambda: annotator_feedback(result, who, show_id=shown).encode(),
        f"{_ui.file_stem('feedback')}.html",
        "text/html",
        key="ovw_feedback_html",
        on_click="ignore",
        type="primary",
    )


def report_menu(result: Audit) -> None:
    """The choices of a report, and its files; each is made on the click."""
    data = result.data
    st.caption(
        "A page that opens anywhere without a network and prints to PDF. Ids of annotators are hashed and no text is in"
        " it unless you say so."
    )
    choices: dict[str, Any] = {
        "show_annotators": st.toggle("Show annotator ids", key="ovw_report_ids"),
        "texts": st.toggle("Show texts of the most contested items", key="ovw_report_texts"),
    }
    if result.surveyed is None or result.surveyed.data is not result.data:
        choices["close_look"] = st.toggle(
            "Look closely at annotators",
            key="ovw_report_look",
            help=(
                "Estimates each annotator's accuracy, raises flags and tries the usual cleaning; with so many"
                " judgements it takes a few seconds more."
            ),
        )
    choices["priced"] = costs_menu(data)
    choices["routing"] = routing_menu(data)
    load, stem = _ui.load_line(), _ui.file_stem("report")
    with st.container(horizontal=True):
        st.download_button(
            "HTML",
            lambda: report_of(data, load, **choices).to_html().encode(),
            f"{stem}.html",
            "text/html",
            key="ovw_report_html",
            on_click="ignore",
            type="primary",
            help="For the browser and for paper",
        )
        st.download_button(
            "JSON",
            lambda: json.dumps(report_of(data, load, **choices).to_dict(), ensure_ascii=False).encode(),
            f"{stem}.json",
            "application/json",
            key="ovw_report_json",
            on_click="ignore",
            help="The same numbers for programs",
        )
        st.download_button(
            "CSV",
            lambda: zipped(csv_texts(report_of(data, load, **choices))),
            f"{stem}.zip",
            "application/zip",
            key="ovw_report_csv",
            on_click="ignore",
            help="The same numbers as tables, in one archive",
        )


def costs_menu(data: AnnotationSet) -> tuple[Scenario, int] | None:
    """The choice of a scenario, with its pairs: the one that stands on the Costs page in this session, a preset, or
    none."""
    here: _costs.State | None = st.session_state.get("cst")
    options = [*([COSTS_PAGE] if here else []), NO_COSTS, *presets()]
    said = {NO_COSTS: "No costs", COSTS_PAGE: f"As on the Costs page, from {here.start.name}" if here else ""}
    name = st.selectbox(
        "Costs",
        options,
        key="ovw_report_costs",
        format_func=lambda n: said.get(n) or f"{n}: {preset(n).title}",
        help="What labels cost, by a scenario. Set one up on the Costs page and it is offered here as it stands there.",
    )
    if name == NO_COSTS:
        return None
    if name != COSTS_PAGE or here is None:
        return preset(name), preset(name).pairs
    try:
        found = _ui.cached(measured, data).inputs if here.measured else {}
        scenario = _costs.scenario_of(here, found)
    except WorkbenchError as error:
        _ui.problem(error)
        return None
    # The report is read apart from the workbench: it names the page on which an input was set.
    there = {
        name: replace(scenario.inputs[name], source="set on the Costs page")
        for name in here.settings
        if name in scenario.inputs
    }
    return scenario.with_inputs(there), here.pairs or scenario.pairs


def measured(data: AnnotationSet) -> Measured:
    """Inputs of the cost model that the data tell."""
    return inputs_from(data)


def report_of(
    data: AnnotationSet,
    load: str,
    show_annotators: bool,
    texts: bool,
    close_look: bool | None = None,
    priced: tuple[Scenario, int] | None = None,
    routing: str = "",
) -> Report:
    """The report of the audit that the page shows, or of a closer one where that is asked for, with the finished
    trainings on these data."""
    given = {"close_look": True} if close_look else {}
    audited: Audit = _ui.shared(audit_part, data, **given)
    models = finished_models(data.key)
    costs, code = (NOT_CHOSEN, "") if priced is None else (cost(*priced), costs_code(*priced))
    outcome, outcome_code = routed(data, routing)
    return make_report(
        audited.judged(workspace_lines()),
        load=load,
        cleaning=_ui.shared(cleaned, data, **given),
        reward_models=models,
        costs=costs,
        costs_code=code,
        routing=outcome,
        routing_code=outcome_code,
        show_annotators=show_annotators,
        texts=texts,
    )


def actions_for(data: AnnotationSet, lines: Thresholds) -> tuple[Action, ...]:
    """What to do next, under these lines."""
    result: Audit = _ui.shared(audit_part, data).judged(lines)
    return next_actions(result, effect=_ui.shared(cleaned, data))


def cleaned(data: AnnotationSet, close_look: bool | None = None) -> Effect | str:
    """What the usual rules change."""
    return usual_cleaning(_ui.shared(audit_part, data, **({"close_look": True} if close_look else {})))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Several files as one archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


data = _ui.require_data(counts_all=True)
st.title("Overview")
with st.spinner("Auditing ...", show_time=True):
    result: Audit = _ui.shared(audit_part, data).judged(workspace_lines())
c = result.counts
st.html(
    verdict_html(
        result.verdict,
        f"{c['annotations']:,} judgements of {c['items']:,} items by {c['annotators']:,} annotators;"
        f" {c['items_with_overlap']:,} items have labels from two annotators or more.",
    )
)
next_steps(result)
take_along(result)
checks(result)
labels_and_counts(result)
if data.findings:
    st.subheader("Findings in the export")
    _ui.findings(data.findings, key="ovw_findings")
annotators(result)
