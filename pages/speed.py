"""Who judges faster than the texts can be read: whether times can be used, what is rapid, a floor to set, and who is
below it."""

from __future__ import annotations

from typing import Any

import _ui
import pandas as pd
import streamlit as st

from workbench.annotators.reading import (
    FLOORS,
    USUAL_FLOOR,
    Reading,
    faster_items,
    fastest,
    judgement_times,
    likeliest_rapid,
    pace_table,
    rapid_share,
    reading,
    time_bars,
    used_times,
)
from workbench.annotators.speed import READING, Speed, speed
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.usable_times import Times, usable_times
from workbench.errors import counted
from workbench.figures.canvas import describe
from workbench.figures.speed import floor_dots, length_sentence, pace_dots, pace_rows, speed_sentence, time_histogram
from workbench.figures.tables import whole_percents

PEOPLE = [
    "annotator",
    "timed",
    "median_seconds",
    "pace",
    "interval",
    "rapid_share",
    "under_floor",
    "under_floor_share",
    "p",
    "fast",
]


def residual_bars(data: AnnotationSet) -> pd.DataFrame:
    return time_bars(_ui.shared(speed, data), data)


def paces(data: AnnotationSet, floor: int) -> pd.DataFrame:
    return pace_table(data, _ui.shared(speed, data), _ui.shared(reading, data), floor)


def below_floor(data: AnnotationSet, floor: int) -> pd.DataFrame:
    return fastest(data, _ui.shared(reading, data), _ui.shared(speed, data), floor)


def rapid_ones(data: AnnotationSet) -> pd.DataFrame:
    return likeliest_rapid(data, _ui.shared(reading, data), _ui.shared(speed, data))


def used(data: AnnotationSet) -> tuple[int, dict[str, int]]:
    return used_times(data, _ui.shared(speed, data))


def items_behind(data: AnnotationSet, floor: int, annotator: str | None = None) -> Any:
    return faster_items(data, _ui.shared(reading, data), floor, annotator)


def times_and_kinds(data: AnnotationSet, found: Speed) -> None:
    """The distribution of times, rapid and ordinary."""
    st.subheader("How long judgements take", help=_ui.measure_help("rapid"))
    bars = _ui.cached(residual_bars, data)
    figure = time_histogram(bars)
    _ui.chart(
        figure,
        "spd_times",
        alt=describe(figure),
        rows=lambda: bars,
        name="times",
        code=(
            "from workbench.annotators.reading import time_bars\nfrom workbench.annotators.speed import"
            " speed\n\ntime_bars(speed(data), data)"
        ),
    )
    shared = (
        " The judgements of a batch share one time here, so each batch counts once." if found.unit == "batch" else ""
    )
    cut = (
        f" {counted(found.capped, 'long pause was', 'long pauses were')} cut: they say nothing about care."
        if found.capped
        else ""
    )
    st.caption(
        f"{length_sentence(found.slope)}{cut} Rapid: the left one of two overlapping bells, where there are"
        f" two.{shared}",
        help=(
            f"Usual time = level x words to the power of {found.slope:.2f}, fitted robustly; the residual of a"
            " judgement is the logarithm of its time over the usual one."
        ),
    )


def floor_and_people(data: AnnotationSet, found: Speed, floor: int) -> None:
    """Annotators by the evidence for a low pace."""
    table = _ui.cached(paces, data, floor=floor)
    st.subheader("Annotators", help=_ui.measure_help("pace"))
    figure = pace_dots(table)
    event = _ui.chart(
        figure,
        "spd_pace",
        alt=describe(figure),
        rows=lambda: table,
        name="pace",
        select="points",
        floor=floor,
        code=(
            "from workbench.annotators.reading import pace_table, reading\nfrom workbench.annotators.speed import"
            f" speed\n\npace_table(data, speed(data), reading(data), {floor})"
        ),
    )
    more = f" The first 25 of {len(table):,} are drawn; the table has all." if len(table) > 25 else ""
    st.caption(
        "The clearest evidence first: one quick judgement says less than fifty. Squares: so low a pace would be rare"
        " in this crew, the number of annotators allowed for (p at most 0.05). Pick a mark or a row to open the items"
        f" that the annotator judged faster than the floor.{more}"
    )
    number, share = st.column_config.NumberColumn, {"format": "percent"}
    settings = {
        "annotator": st.column_config.TextColumn("Annotator", width=172),
        "timed": number(
            "Timed",
            format="localized",
            width=62,
            help=f"{'Batches' if found.unit == 'batch' else 'Judgements'} whose time is used",
        ),
        "median_seconds": number("Seconds", format="%.0f", width=75, help="Median time of a judgement"),
        "pace": number(
            "Pace", **share, width=60, help="Median time as a share of the usual one for texts of this length"
        ),
        "interval": st.column_config.TextColumn(
            "95%",
            width=100,
            help="Interval of the pace, from the annotator's own times; with fewer than six there is none",
        ),
        "rapid_share": number("Rapid", **share, width=65, help="Mean chance that a judgement is of the rapid kind"),
        "under_floor": number(
            "Below floor", format="localized", width=92, help=f"Judgements faster than {floor:,} words a minute"
        ),
        "under_floor_share": number(
            "of theirs", **share, width=75, help="Judgements below the floor, of those whose texts are known"
        ),
        "p": st.column_config.TextColumn(
            "p", width=65, help="Chance of so low a pace in this crew, corrected for all annotators"
        ),
        "fast": st.column_config.CheckboxColumn("Clearly fast", width=92),
    }
    listed = st.dataframe(
        pace_rows(table.head(1_000)),
        hide_index=True,
        key="spd_people",
        on_select="rerun",
        selection_mode="single-row",
        column_order=PEOPLE,
        column_config=settings,
        placeholder="–",
        height=min(38 + 35 * max(len(table), 1), 360),
        alt="Annotators, the clearest evidence for a low pace first",
    )
    _ui.download(lambda: table, "pace", key="spd_people_file", label="Download table", floor=floor)
    rows = listed.selection.rows
    who = _picked(event) or (table["annotator"].iloc[rows[0]] if rows else None)
    if who is not None:
        _ui.open_items(items_behind(data, floor, str(who)), f"judged faster than {floor:,} words a minute by {who}")


def judgements(data: AnnotationSet, found: Speed, read: Reading, floor: int) -> None:
    """The judgements faster than the floor; without texts, those of the rapid kind."""
    above, held, _ = read.faster(floor)
    if held == 0:
        st.info(
            "The items have no texts, or not all of them, so nobody knows how much there was to read. Open the export"
            " together with the file that has the texts."
        )
        rows, what = _ui.cached(rapid_ones, data), "more likely rapid than not"
        st.subheader("Judgements of the rapid kind", help=_ui.measure_help("rapid"))
    else:
        rows, what = _ui.cached(below_floor, data, floor=floor), f"faster than {floor:,} words a minute"
        st.subheader("Judgements faster than the floor", help=_ui.measure_help("reading_floor"))
    if rows.empty:
        st.info(f"No judgement is {what}.")
        every_judgement(data, found, read)
        return
    columns = {
        "item_id": st.column_config.TextColumn("Item"),
        "annotator": st.column_config.TextColumn("Annotator"),
        "label": st.column_config.TextColumn("Label", width="small"),
        "seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
        "words_a_minute": st.column_config.NumberColumn("Words a minute", format="localized"),
        "rapid": st.column_config.ProgressColumn(
            "Chance that it is rapid",
            format="percent",
            min_value=0.0,
            max_value=1.0,
            help="That it is of the left one of the two bells; 0 where there is only one",
        ),
    }
    event = st.dataframe(
        whole_percents(rows, ("rapid",)).round({"words_a_minute": 0}),
        hide_index=True,
        key="spd_rows",
        on_select="rerun",
        selection_mode="single-row",
        column_order=list(columns),
        column_config=columns,
        placeholder="–",
        height=min(38 + 35 * len(rows), 300),
        alt="Judgements, the fastest first",
    )
    more = f" The fastest {len(rows):,} of {above:,} are listed." if held and len(rows) < above else ""
    st.caption(
        f"Pick a row to open its item.{more} All judgements download with words a minute, residual and the chance to be"
        " rapid."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if held and st.button("Open all their items", key="spd_open"):
            _ui.open_items(_ui.shared(items_behind, data, floor=floor), f"judged faster than {floor:,} words a minute")
        _ui.download(lambda: rows, "fastest", key="spd_rows_file", label="Download table", floor=floor)
        every_judgement(data, found, read)
    if event.selection.rows:
        row = rows.iloc[event.selection.rows[0]]
        _ui.open_items(
            [data.item_position(row["item_id"])], f"judged in {row['seconds']:.1f} seconds by {row['annotator']}"
        )


def every_judgement(data: AnnotationSet, found: Speed, read: Reading) -> None:
    """All judgements with what their times say, to take away."""
    _ui.download(
        lambda: judgement_times(data, read, found),
        "judgement-times",
        key="spd_all_file",
        label="Download all judgements",
    )
    _ui.copy_as_python(
        "from workbench.annotators.reading import judgement_times, reading\nfrom workbench.annotators.speed import"
        " speed\n\njudgement_times(data, reading(data), speed(data))",
        key="spd_all_code",
    )


def _picked(event: Any) -> Any:
    points = event.selection.points if event else []
    found = next((p["customdata"] for p in points if p.get("customdata") not in (None, [])), None)
    return found[0] if isinstance(found, list) and len(found) == 1 else found


@st.fragment
def explore(data: AnnotationSet, found: Speed, read: Reading) -> None:
    """The floor, and everything it moves."""
    verdict = st.container()
    floor = st.select_slider(
        "Floor, in words a minute",
        FLOORS,
        USUAL_FLOOR,
        format_func=lambda w: f"{w:,}",
        key="spd_floor",
        bind="query-params",
        help=(
            f"Most adults read {READING:.0f} words of non-fiction a minute (Brysbaert 2019); three times that is"
            " skimming. The words are those of prompt and both responses."
        ),
    )
    st.html(floor_dots(read, data.annotators["annotator"].to_numpy(), floor))
    table = _ui.cached(paces, data, floor=floor)
    share = _ui.cached(rapid, data)
    said = speed_sentence(found.times, read, int(table["fast"].sum()), len(table), share, floor, found.unit)
    with verdict:
        st.markdown(f"#### {_ui.safe(said)}", help=_ui.measure_help("reading_floor"))
        n, left = _ui.cached(used, data)
        _ui.used_line(n, found.times.annotations, left)
    times_and_kinds(data, found)
    floor_and_people(data, found, floor)
    judgements(data, found, read, floor)


def rapid(data: AnnotationSet) -> float | None:
    return rapid_share(_ui.cached(residual_bars, data))


data = _ui.require_data()
st.title("Speed")
times: Times = _ui.cached(usable_times, data)
if not times.usable:
    with st.container(border=True):
        st.subheader("The times of this export cannot be used")
        st.write(_ui.safe(f"{times.reason[:1].upper()}{times.reason[1:]}."))
        st.write(
            "Nobody is called fast on such times. Let the tool record when each judgement began and ended, and map that"
            " column (seconds, or started_at and ended_at) when opening the file."
        )
        st.page_link("start.py", label="**Go to Start**", query_params={"data": data.key})
    st.stop()
with st.spinner("Comparing times with the length of the texts ...", show_time=True):
    found: Speed = _ui.shared(speed, data)
    read: Reading = _ui.shared(reading, data)
explore(data, found, read)
