"""The parts of the Agreement page below its chart: one function each, run only while it is looked at."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import _ui
import pandas as pd
import streamlit as st

from workbench.agreement import Choice, leave_one_annotator_out
from workbench.agreement.bands import CEILINGS
from workbench.agreement.drill_down import (
    items_labelled_by,
    items_of_slice,
    items_of_week,
    items_with_labels,
    labels_by_annotator,
)
from workbench.agreement.ranges import Ranges
from workbench.agreement.replicates import bootstrap_distribution
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate
from workbench.figures.canvas import describe, estimates_table
from workbench.figures.forest import forest_plot
from workbench.figures.pairs import ANNOTATORS_SHOWN, pair_heat_map
from workbench.figures.profile import over_label_counts, over_weeks
from workbench.figures.resampled import bootstrap_histogram, leave_one_out_bars
from workbench.figures.tables import estimates_html
from workbench.glossary import GLOSSARY
from workbench.scale.choosing import by_label_count_of_all, by_slice_of_all, by_week_of_all, pairs_of_all, tally_of_all
from workbench.wording.agreement import undefined_reasons
from workbench.wording.numbers import number

HELP_OF = {"fleiss_kappa_generalised": "fleiss_kappa", "percent_agreement_pooled": "percent_agreement"}


@dataclass(frozen=True)
class Looked:
    """What the reader has chosen to look at."""

    data: AnnotationSet
    choice: Choice
    key: str
    found: dict[str, Estimate]
    ranges: Ranges

    @property
    def chosen(self) -> Estimate:
        """The coefficient that the parts break down."""
        return self.found[self.key]


def choice_as_code(choice: Choice) -> str:
    """The choice as Python, naming only what differs from the default."""
    plain = Choice()
    named = [
        f"{f.name}={getattr(choice, f.name)!r}"
        for f in fields(Choice)
        if getattr(choice, f.name) != getattr(plain, f.name)
    ]
    return f"Choice({', '.join(named)})"


def help_of(key: str) -> str | None:
    """The glossary's entry of a coefficient."""
    return _ui.measure_help(HELP_OF.get(key, key))


def glossary_line(key: str) -> str:
    """The glossary's entry in plain words, for a pointer that rests on the name."""
    entry = GLOSSARY.get(HELP_OF.get(key, key))
    return f"{entry.question} Range: {entry.range} Beware: {entry.beware}" if entry else ""


def numbers(looked: Looked) -> None:
    """Every coefficient in a table: value, both intervals, counts, or why it is undefined."""
    st.html(estimates_html(looked.found, help={key: glossary_line(key) for key in looked.found}, chosen=looked.key))
    for line in undefined_reasons(looked.found):
        st.caption(_ui.safe(line))
    st.caption(
        "Same crew: where the figure would lie for new items judged by these annotators. New crew: for new items and"
        " new annotators from the same source. Items with a single label say nothing about agreement and are set aside."
    )
    with st.popover("Formulas and sources", key="agr_formulas", type="tertiary", on_change="rerun") as formulas:
        if formulas.open:
            st.markdown("\n\n---\n\n".join(dict.fromkeys(filter(None, (help_of(key) for key in looked.found)))))


def slices(looked: Looked) -> None:
    """The chosen coefficient in each slice, the lowest first."""
    columns = looked.data.slices
    if not columns:
        st.info(
            "This data has no slice columns. Map one when opening the file, such as the source, the language or the"
            " category of an item, as slice.NAME."
        )
        return
    column = columns[0]
    if len(columns) > 1:
        column = st.segmented_control(
            "Slices by",
            columns,
            default=columns[0],
            required=True,
            format_func=_slice_name,
            key="agr_slice",
            bind="query-params",
        )
    parts = _ui.cached(by_slice_of_all, looked.data, column=column, key=looked.key, choice=looked.choice)
    ordered = dict(sorted(parts.items(), key=lambda part: (part[1].value is None, part[1].value or 0.0)))
    shown = dict(list(ordered.items())[:40])
    figure = forest_plot(shown, reference=looked.chosen.value, counts=True, title=looked.chosen.name)
    event = _ui.chart(
        figure,
        f"agr_chart_{column}",
        alt=describe(figure),
        rows=lambda: estimates_table(ordered, _slice_name(column)),
        name=f"agreement-by-{_slice_name(column)}",
        select="points",
        code=(
            "from workbench.agreement import Choice, by_slice\n\nchoice ="
            f" {choice_as_code(looked.choice)}\nby_slice(data, {column!r}, {looked.key!r}, choice)"
        ),
        **named(looked),
    )
    if len(shown) < len(ordered):
        st.caption(f"The {len(shown)} slices with the lowest values of {len(ordered):,}; the download has all of them.")
    st.caption("Dashed: the whole. Pick a diamond to open the items of its slice.")
    value = _picked(event) or _ui.by_name(shown, f"agr_{column}", "slice")
    if value is not None:
        _ui.open_items(items_of_slice(looked.data, column, value, looked.choice), f"{_slice_name(column)} = {value}")


def weeks(looked: Looked) -> None:
    """The chosen coefficient week by week."""
    if not looked.ranges.weeks:
        st.info(
            "The judgements carry no dates. Map the column with the time a judgement ended (ended_at) when opening the"
            " file."
        )
        return
    parts = _ui.cached(by_week_of_all, looked.data, key=looked.key, choice=looked.choice)
    if len(parts) < 2:
        only = f" ({next(iter(parts))})" if parts else ""
        st.info(
            f"All judgements looked at fall into one week{only}, so there is no course over time to show. Widen the"
            " weeks on the left, or merge in earlier batches."
        )
        return
    figure = over_weeks(parts, reference=looked.chosen.value, measure=looked.chosen.name)
    event = _ui.chart(
        figure,
        "agr_chart_weeks",
        alt=describe(figure),
        rows=lambda: estimates_table(parts, "week"),
        name="agreement-by-week",
        select="points",
        code=(
            "from workbench.agreement import Choice, by_week\n\nchoice ="
            f" {choice_as_code(looked.choice)}\nby_week(data, {looked.key!r}, choice)"
        ),
        **named(looked),
    )
    st.caption(
        "An item belongs to the week (from Monday) of its last judgement looked at. Pick a point or a bar to open its"
        " items."
    )
    week = _picked(event) or _ui.by_name(parts, "agr_weeks", "week")
    if week is not None:
        _ui.open_items(items_of_week(looked.data, week, looked.choice), f"week of {week}")


def label_counts(looked: Looked) -> None:
    """The chosen coefficient among items with two labels, three, ..."""
    parts = _ui.cached(_by_label_count, looked.data, key=looked.key, choice=looked.choice)
    if not parts:
        _nothing_overlaps()
        return
    figure = over_label_counts(
        {int(count): e for count, e in parts.items()}, reference=looked.chosen.value, measure=looked.chosen.name
    )
    event = _ui.chart(
        figure,
        "agr_chart_counts",
        alt=describe(figure),
        rows=lambda: estimates_table(parts, "labels"),
        name="agreement-by-labels",
        select="points",
        code=(
            "from workbench.agreement import Choice, by_label_count\n\nchoice ="
            f" {choice_as_code(looked.choice)}\nby_label_count(data, {looked.key!r}, choice)"
        ),
        **named(looked),
    )
    st.caption(
        "Where items with more labels agree less, contested items were probably sent out again. Pick a point or a bar"
        " to open its items."
    )
    count = _picked(event) or _ui.by_name(parts, "agr_counts", "labels")
    if count is not None:
        _ui.open_items(items_with_labels(looked.data, int(count), looked.choice), f"items with {count} labels")


def pairs(looked: Looked) -> None:
    """Cohen's kappa of each pair of annotators."""
    kinds = {"kappa": "plain", "linear": "linear weights", "quadratic": "quadratic weights"}
    measure = st.segmented_control(
        "Cohen's kappa",
        list(kinds),
        default="kappa",
        required=True,
        format_func=lambda k: kinds[k],
        key="agr_kappa",
        bind="query-params",
        help=_ui.measure_help("cohen_kappa"),
    )
    try:
        frame = _ui.shared(_pairs, looked.data, choice=looked.choice)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    if len(frame) == 0:
        _nothing_overlaps()
        return
    given = _ui.shared(_given, looked.data, choice=looked.choice)
    figure = _ui.shared(_heat_map, looked.data, choice=looked.choice, measure=measure)
    code = (
        "from workbench.agreement import Choice, cohen_kappas\n\nchoice ="
        f" {choice_as_code(looked.choice)}\ncohen_kappas(data, choice).to_frame()"
    )
    event = _ui.chart(
        figure,
        "agr_chart_pairs",
        alt=describe(figure),
        rows=lambda: frame,
        name="annotator-pairs",
        select="points",
        code=code,
        **named(looked),
    )
    st.caption(
        f"{len(frame):,} pairs of {len(given):,} annotators share items"
        + (
            f"; the {ANNOTATORS_SHOWN} annotators with the most labels are drawn"
            if len(given) > ANNOTATORS_SHOWN
            else ""
        )
        + ". An empty cell: no item in common. Grey with a cross: undefined, the reason is in the cell. Pick a cell, or"
        " a row below, to open the items both labelled."
    )
    table = st.dataframe(
        frame.head(1_000),
        hide_index=True,
        key="agr_pairs_table",
        on_select="rerun",
        selection_mode="single-row",
        height=300,
        placeholder="–",
        column_config=_pair_columns(),
        alt="Annotator pairs, most common items first",
    )
    if len(frame) > 1_000:
        st.caption(f"The 1,000 pairs with the most common items of {len(frame):,}; the download has all of them.")
    rows = table.selection.rows
    both = _picked(event) or (frame[["first", "second"]].iloc[rows[0]].tolist() if rows else None)
    if both is not None:
        _ui.open_items(
            items_labelled_by(looked.data, tuple(both), looked.choice), f"labelled by {both[0]} and {both[1]}"
        )


def without_one(looked: Looked) -> None:
    """What leaving out one annotator would change."""
    if looked.chosen.value is None:
        st.info(_ui.safe(f"{looked.chosen.name} is undefined: {looked.chosen.reason}."))
        return
    try:
        table = _ui.cached(_without_one, looked.data, key=looked.key, choice=looked.choice)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    figure = leave_one_out_bars(table, looked.chosen.value, measure=looked.chosen.name)
    code = (
        "from workbench.agreement import Choice, leave_one_annotator_out\n\nchoice ="
        f" {choice_as_code(looked.choice)}\nleave_one_annotator_out(data, {looked.key!r}, choice)"
    )
    event = _ui.chart(
        figure,
        "agr_chart_without",
        alt=describe(figure),
        rows=lambda: table,
        name="without-one-annotator",
        select="points",
        code=code,
        **named(looked),
    )
    st.caption(
        "To the right: the others agree better without this annotator. Look before you leave anyone out: an annotator"
        " can be the only one who is right. Pick a bar to open the annotator's items."
    )
    who = _picked(event) or _ui.by_name(table["annotator"], "agr_without", "annotator")
    if who is not None:
        _ui.open_items(items_labelled_by(looked.data, (who,), looked.choice), f"labelled by {who}")


def replicates(looked: Looked) -> None:
    """The bootstrap distribution of the chosen coefficient."""
    if looked.chosen.value is None:
        st.info(_ui.safe(f"{looked.chosen.name} is undefined: {looked.chosen.reason}."))
        return
    with st.spinner("Drawing items anew ..."):
        drawn = _ui.cached(_replicates, looked.data, key=looked.key, choice=looked.choice)
    if drawn is None:
        st.info("No replicate has a defined value. Look at a data set with more items that have two labels.")
        return
    figure = bootstrap_histogram(drawn.bars, looked.chosen.value, drawn.low, drawn.high, measure=looked.chosen.name)
    code = (
        "from workbench.agreement import Choice\nfrom workbench.agreement.replicates import"
        f" bootstrap_distribution\n\nchoice = {choice_as_code(looked.choice)}\nbootstrap_distribution(data,"
        f" {looked.key!r}, choice, seed={drawn.seed})"
    )
    _ui.chart(
        figure,
        "agr_chart_bootstrap",
        alt=describe(figure),
        rows=lambda: drawn.bars,
        name="bootstrap",
        code=code,
        **named(looked),
    )
    undefined = f" {drawn.undefined:,} more were undefined." if drawn.undefined else ""
    st.caption(
        f"{drawn.count:,} draws of the items with replacement, seed {drawn.seed}: 95% lie between {number(drawn.low)}"
        f" and {number(drawn.high)} (dotted).{undefined} It shows the same crew; the new-crew interval is wider."
    )


def ceilings() -> pd.DataFrame:
    """What annotators of published preference sets reached."""
    return pd.DataFrame(
        [
            {
                "Set": c.name,
                "Measure": c.measure.replace("_", " "),
                "From": c.low,
                "To": c.high,
                "Note": c.note,
                "Source": c.source,
            }
            for c in CEILINGS
        ]
    )


def _by_label_count(data: AnnotationSet, key: str, choice: Choice) -> dict[str, Estimate]:
    return by_label_count_of_all(data, key, choice, _ui.shared(tally_of_all, data, choice=choice))


def _pairs(data: AnnotationSet, choice: Choice) -> Any:
    return (
        pairs_of_all(data, choice, _ui.shared(tally_of_all, data, choice=choice))
        .to_frame()
        .rename(columns={"annotator_1": "first", "annotator_2": "second"})
    )


def _given(data: AnnotationSet, choice: Choice) -> dict[str, int]:
    return labels_by_annotator(_ui.shared(tally_of_all, data, choice=choice))


def _heat_map(data: AnnotationSet, choice: Choice, measure: str) -> Any:
    return pair_heat_map(
        _ui.shared(_pairs, data, choice=choice), _ui.shared(_given, data, choice=choice), measure=measure
    )


def _without_one(data: AnnotationSet, key: str, choice: Choice) -> Any:
    return leave_one_annotator_out(_ui.shared(tally_of_all, data, choice=choice), key)


def _replicates(data: AnnotationSet, key: str, choice: Choice) -> Any:
    return bootstrap_distribution(_ui.shared(tally_of_all, data, choice=choice), key)


def _picked(event: Any) -> Any:
    """What the first picked mark stands for, or None."""
    points = event.selection.points if event else []
    found = next((p["customdata"] for p in points if p.get("customdata") not in (None, [])), None)
    return found[0] if isinstance(found, list) and len(found) == 1 else found


def _slice_name(column: str) -> str:
    return column.removeprefix("slice.")


def named(looked: Looked) -> dict[str, Any]:
    """What goes into the names of downloaded files."""
    c = looked.choice
    return {
        "measure": looked.key,
        "labels": c.min_labels_per_item,
        "per": c.min_labels_per_annotator,
        "seconds": c.min_seconds or None,
        "weeks": "-".join(c.weeks) if c.weeks else None,
        "kinds": "-".join(c.kinds) if c.kinds else None,
        "direction": c.direction,
    }


def _nothing_overlaps() -> None:
    st.info(
        "No item has labels from two annotators here, so there is nothing to compare. Lower the sliders, or have some"
        " items labelled twice: a fifth of them is enough."
    )


def _pair_columns() -> dict[str, Any]:
    figure = st.column_config.NumberColumn
    return {
        "first": st.column_config.TextColumn("Annotator"),
        "second": st.column_config.TextColumn("and"),
        "items": figure("Items both labelled", format="localized"),
        "kappa": figure("Kappa", format="%.3f", help=_ui.measure_help("cohen_kappa")),
        "linear": figure("Linear", format="%.3f", help=_ui.measure_help("cohen_kappa_linear")),
        "quadratic": figure("Quadratic", format="%.3f", help=_ui.measure_help("cohen_kappa_quadratic")),
        "percent": figure("Same label", format="percent"),
        "kappa_low": figure("Kappa, from", format="%.3f", help="95% interval for new items judged by these two"),
        "kappa_high": figure("to", format="%.3f"),
        "reason": st.column_config.TextColumn("Why undefined"),
    }
