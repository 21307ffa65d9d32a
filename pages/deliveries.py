"""Delivery after delivery: what changed and why, charts over all of them, and what was noted and decided."""

from __future__ import annotations

import json
from typing import Any

import _cycles
import _ui
import streamlit as st

from workbench.dataset.annotation_set import AnnotationSet
from workbench.deliveries import Comparison, Delivery, compare_deliveries
from workbench.deliveries.charts import LEAST, Watch, watch
from workbench.deliveries.growing import RATE, Growing, watch_growing
from workbench.deliveries.measures import BY_NAME
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.deliveries import comparison_table, control_chart, crews_table, difference_chart, drivers_chart
from workbench.figures.growing import growing_chart
from workbench.figures.tables import whole_percents
from workbench.wording.deliveries import cause_sentence, comparison_sentence, gold_sentences
from workbench.workspace.projects import KINDS, Delivered, Project, Projects

NO_PROJECT = "No project"


# ---------------------------------------------------------------- answers


def compared(data: AnnotationSet, before: str, names: tuple[str, str], price: tuple[Any, Any]) -> Comparison:
    """The open data against another set of the shelf."""
    earlier = _ui.data_of(before)
    return compare_deliveries(Delivery(earlier, names[0], price[0]), Delivery(data, names[1], price[1]))


def watched(data: AnnotationSet, keys: tuple[str, ...], names: tuple[str, ...]) -> Watch:  # noqa: ARG001
    """Charts over the deliveries of a project."""
    return watch([Delivery(_ui.data_of(k), n) for k, n in zip(keys, names, strict=True)])


def grown(data: AnnotationSet, keys: tuple[str, ...], names: tuple[str, ...]) -> tuple[Growing, ...]:
    """The open delivery while it comes in, against whole ones before it."""
    before = [Delivery(_ui.data_of(k), n) for k, n in zip(keys, names, strict=True)]
    return watch_growing(before, Delivery(data, "now"))


# ---------------------------------------------------------------- the project


def project_chosen(projects: Projects) -> Project | None:
    """The project of this session, or none; a new one is made here."""
    every = projects.every(_ui.who() or None)
    names = [NO_PROJECT, *(p.name for p in every)]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    asked = st.session_state.pop("dlv_made", None)
    if asked in names:
        st.session_state["dlv_project"] = asked
    chosen = left.selectbox(
        "Project",
        names,
        key="dlv_project",
        format_func=_ui.safe_plain,
        help="A project holds deliveries in order, its own lines of the verdict, notes and decisions.",
    )
    with right.popover("New project", on_change="rerun", key="dlv_new") as menu:
        if menu.open:
            with st.form("dlv_new_form", border=False):
                name = st.text_input("Name", max_chars=80)
                if st.form_submit_button("Make it", type="primary"):
                    _done(lambda: st.session_state.update(dlv_made=projects.make(name, _ui.who()).name))
    return next((p for p in every if p.name == chosen), None)


def _done(change: Any) -> None:
    """Carries out a change and draws the page again, or says why not."""
    try:
        change()
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.rerun()


def add_delivery(projects: Projects, project: Project, data: AnnotationSet, listed: list[Delivered]) -> None:
    """The open data set as a delivery of the project."""
    kept = _ui.about()
    known = next((d for d in listed if d.key == data.key), None)
    with st.popover(
        "Change this delivery" if known else "Add the open data set", on_change="rerun", key="dlv_add"
    ) as m:
        if not m.open:
            return
        with st.form("dlv_add_form", border=False):
            usual = "delivery" if kept is None else kept.name
            name = st.text_input("Name", known.name if known else usual, max_chars=80)
            day = st.date_input("Came on", known.day if known else "today", format="YYYY-MM-DD")
            vendor = st.text_input("Vendor", known.vendor if known else "", max_chars=80)
            price = st.number_input("US dollars a label", 0.0, None, known.price if known else None, step=0.05)
            if st.form_submit_button("Keep it", type="primary"):
                _done(
                    lambda: projects.add(
                        project.id, data.key, name, day=str(day), vendor=vendor, price=price, who=_ui.who()
                    )
                )


# ---------------------------------------------------------------- this delivery against another


def against(data: AnnotationSet, listed: list[Delivered]) -> None:
    """The verdict of the comparison, the chart of differences, what drives them, people, gold."""
    names = {d.key: f"{d.name} ({d.day})" for d in listed} or {
        k.key: f"{k.name} ({k.opened_at[:10]})" for k in _ui.visible(40)
    }
    others = [key for key in names if key != data.key]
    if not others:
        st.info(
            "There is nothing to compare with yet. Open last week's delivery on the Start page first, then this one;"
            " both stay on the shelf."
        )
        st.page_link("start.py", label="**Go to Start** to open the delivery before")
        return
    keys = list(names)
    here = keys.index(data.key) if data.key in keys else len(keys)
    usual = keys[here - 1] if listed and here > 0 else others[0]
    before = st.selectbox(
        "Compare the open data set with", others, others.index(usual) if usual in others else 0,
        format_func=lambda k: _ui.safe_plain(names[k]), key="dlv_before",
    )  # fmt: skip
    prices = {d.key: d.price for d in listed}
    own = names.get(data.key) or (kept.name if (kept := _ui.about()) else "the open data set")
    try:
        with st.spinner("Comparing ...", show_time=True):
            found: Comparison = _ui.shared(
                compared,
                data,
                before=before,
                names=(names[before], own),
                price=(prices.get(before), prices.get(data.key)),
            )
    except WorkbenchError as error:
        _ui.problem(error)
        return
    _cycles.changes(found, comparison_sentence(found), {c.measure.name: c.measure.unit for c in found.measures})
    if found.alarms:
        st.caption(
            f"Where nothing changed, all figures together give a false alarm in {found.alarms[0].rate:.0%} of"
            " comparisons."
        )
    chart = difference_chart(found)
    code = (
        "from workbench.deliveries import Delivery, compare_deliveries\n\nbefore ="
        " workbench.load(PATH_OF_THE_ONE_BEFORE)\nfound = compare_deliveries(Delivery(before, 'before'),"
        " Delivery(data, 'now'))\nfound.to_dict()"
    )
    _ui.chart(
        chart, "dlv_chart", alt=describe(chart), rows=lambda: comparison_table(found), name="deliveries", code=code
    )
    drivers(found)
    people_and_gold(found)
    st.subheader("Every figure")
    st.dataframe(comparison_table(found), hide_index=True, key="dlv_table", alt="Every figure of both deliveries")
    _ui.download(
        json.dumps(found.to_dict(), ensure_ascii=False, indent=1).encode(), "comparison.json", key="dlv_json",
        label="Download the comparison",
    )  # fmt: skip


def drivers(found: Comparison) -> None:
    """What one difference is made of."""
    st.subheader(
        "What drives it",
        help=(
            "People who left and who arrived, other items (slices more or less common), and the same people on items of"
            " the same slices. The parts add up to the difference."
        ),
    )
    known = [c for c in found.measures if c.drivers]
    if not known:
        st.caption("No figure can be compared.")
        return
    titles = {c.measure.name: c.measure.title for c in known}
    first = found.alarms[0].measure if found.alarms and found.alarms[0].measure in titles else known[0].measure.name
    name = st.selectbox("Figure", list(titles), list(titles).index(first), format_func=titles.__getitem__, key="dlv_of")
    change = found.measure(name)
    figure = drivers_chart(change)
    _ui.chart(figure, "dlv_drivers", alt=describe(figure), name=f"drivers-{name}")
    if found.alarms:
        st.caption(_ui.safe(cause_sentence(found.cause)))


def people_and_gold(found: Comparison) -> None:
    """Who came and went, how good they are, vendors, and gold seen before."""
    st.subheader(
        "People, vendors and gold",
        help="Borne out: share of the others' judgements of the same items, and of their gold, that agree.",
    )
    share = st.column_config.NumberColumn
    st.dataframe(
        whole_percents(crews_table(found), ("borne out before", "borne out now")),
        hide_index=True,
        key="dlv_crews",
        placeholder="–",
        alt="People who left, stayed and arrived, and vendors",
        column_config={
            "what": "What",
            "who": "Who",
            "people before": share("People before", format="localized"),
            "people now": share("People now", format="localized"),
            "labels now": share("Labels now", format="localized"),
            "borne out before": share("Borne out before", format="percent"),
            "borne out now": share("Borne out now", format="percent"),
        },
    )
    st.caption(_ui.safe(" ".join(gold_sentences(found))))


# ---------------------------------------------------------------- all deliveries


def charts(data: AnnotationSet, listed: list[Delivered]) -> None:
    """Control charts over the deliveries of the project."""
    if len(listed) <= LEAST:
        st.info(
            f"Charts begin to judge after {LEAST} deliveries; this project has {len(listed)}. Add each delivery as it"
            " comes."
        )
        if len(listed) < 2:
            return
    names = tuple(f"{d.name}" for d in listed)
    try:
        with st.spinner("Drawing the charts ...", show_time=True):
            found: Watch = _ui.shared(watched, data, keys=tuple(d.key for d in listed), names=names)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.caption(
        f"All charts together give {found.rate:g} false alarms a year of 26 deliveries; a point is outside from"
        f" {found.threshold:.1f} standard errors. After an alarm, what is usual is learned anew."
    )
    for raised in found.alarms:
        titles = [c.title for c in found.charts if c.name in raised.charts]
        st.warning(_ui.safe(f"{names[raised.delivery]}: {', '.join(titles)}. {cause_sentence(raised.cause)}"))
    for place, chart in enumerate(found.charts):
        st.markdown(f"**{_ui.safe(chart.title)}**")
        unit = BY_NAME[chart.name].unit if chart.name in BY_NAME else "share"
        figure = control_chart(chart, names, unit)
        _ui.chart(figure, f"dlv_control_{place}", alt=describe(figure), name=f"chart-{chart.name}")


def so_far(data: AnnotationSet, listed: list[Delivered]) -> None:
    """The open delivery day by day, against those before it: for one that still comes in."""
    keys = [d.key for d in listed]
    before = keys[: keys.index(data.key)] if data.key in keys else keys
    if len(before) < LEAST:
        return
    with st.expander("While it comes in: the open delivery day by day", key="dlv_growing", on_change="rerun") as shown:
        if not shown.open:
            return
        names = tuple(d.name for d in listed[: len(before)])
        found: tuple[Growing, ...] = _ui.shared(grown, data, keys=tuple(before), names=names)
        if not found:
            st.caption("These labels have no times, so nothing can be said day by day.")
            return
        out = [each for each in found if each.out_since is not None]
        for each in out:
            st.warning(_ui.safe(f"{each.title}: out of the usual since {each.out_since}."))
        if not out:
            st.success("No figure is out of the usual so far.")
        titles = {each.name: each for each in found}
        name = st.selectbox("Figure so far", list(titles), format_func=lambda n: titles[n].title, key="dlv_growing_of")
        chart = growing_chart(titles[name])
        _ui.chart(chart, "dlv_growing_chart", alt=describe(chart), name=f"so-far-{name}")
        st.caption(
            "Bounds hold on every day at once (a confidence sequence), so that looking daily gives no more false alarms"
            f" than stated: {RATE:g} a year from all figures together. Alpha and times wait for the whole delivery."
        )


# ---------------------------------------------------------------- notes and decisions


def trail(projects: Projects, project: Project, data: AnnotationSet, listed: list[Delivered]) -> None:
    """What was noted and decided, and a form for more."""
    here = any(d.key == data.key for d in listed)
    with st.form("dlv_note", border=True, clear_on_submit=True):
        kind = st.selectbox("Kind", [k for k in KINDS if k != "lines"])
        what = st.text_area("What", max_chars=2_000, placeholder="set aside annotator-14")
        why = st.text_input("Why", max_chars=500)
        about = st.toggle("About the open data set", value=here, disabled=not here)
        if st.form_submit_button("Add it", type="primary"):
            _done(
                lambda: projects.decide(
                    project.id, kind, what, key=data.key if about and here else "", who=_ui.who(), why=why
                )
            )
    names = {d.key: d.name for d in listed}
    rows = [
        {"when": e.at[:16].replace("T", " "), "who": e.who or "–", "delivery": names.get(e.key, "the project"),
         "kind": e.kind, "what": e.what, "why": e.why}
        for e in reversed(projects.trail(project.id))
    ]  # fmt: skip
    if not rows:
        st.caption("Nothing is noted yet. Notes and decisions stand here for good, with who and when.")
        return
    st.dataframe(rows, hide_index=True, key="dlv_trail", alt="Notes and decisions, the last first")
    _ui.download(
        json.dumps(projects.to_dict(project.id), ensure_ascii=False, indent=1).encode(), "project.json",
        key="dlv_export", label="Download the audit trail",
    )  # fmt: skip


def settings(projects: Projects, project: Project, listed: list[Delivered]) -> None:
    """Deliveries of the project, who may see it, how long data are kept, and the end of it."""
    rows = [
        {"day": d.day, "name": d.name, "vendor": d.vendor, "usd a label": d.price, "added by": d.added_by or "–"}
        for d in listed
    ]
    if rows:
        st.dataframe(rows, hide_index=True, key="dlv_listed", placeholder="–", alt="Deliveries in the order they came")
    if not _ui.who():
        st.warning(
            "No login is set up. Whoever can reach this server can open every project and, with its link, every data"
            " set on it. `docs/configuration.md` says how to set up a login."
        )
    else:
        st.caption(_ui.safe(f"Owner {project.owner or 'nobody'}; members: {', '.join(project.members) or 'none'}."))
        with st.form("dlv_share", border=False):
            who = st.text_input("Let somebody else see it (login)")
            if st.form_submit_button("Share"):
                _done(lambda: projects.share(project.id, who))
    with st.form("dlv_keep", border=False):
        days = st.number_input("Delete data after so many days", 1, None, project.keep_days, placeholder="never")
        if st.form_submit_button("Keep it so"):
            _done(lambda: projects.keep_for(project.id, None if days is None else int(days)))
    with st.popover("Delete the project", type="tertiary", key="dlv_delete"):
        st.caption("Deletes its list of deliveries, lines, notes and decisions. Data sets stay on the shelf.")
        st.button("Delete it for good", key="dlv_deleted", on_click=projects.delete, args=(project.id,))


st.title("Deliveries")
data = _ui.require_data()
projects = _ui.projects()
project = project_chosen(projects)
listed = projects.deliveries(project.id) if project else []
if project:
    add_delivery(projects, project, data, listed)
    one, two, cycles, three, four = st.tabs(
        ["Against the one before", "Charts", "Cycles", "Notes and decisions", "Project"]
    )
    with one:
        against(data, listed if any(d.key == data.key for d in listed) and len(listed) > 1 else [])
    with two:
        charts(data, listed)
        so_far(data, listed)
    with cycles:
        _cycles.section()
    with three:
        trail(projects, project, data, listed)
    with four:
        settings(projects, project, listed)
else:
    one, cycles = st.tabs(["Against the one before", "Cycles"])
    with one:
        against(data, [])
    with cycles:
        _cycles.section()
