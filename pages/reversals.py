"""Judgements that contradict each other: between annotators, within one, by the order shown, and in circles."""

from __future__ import annotations

from typing import Any

import _ui
import pandas as pd
import streamlit as st

from workbench.agreement.drill_down import items_labelled_by
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import counted
from workbench.figures.canvas import describe, estimates_table
from workbench.figures.reversals import cycle_bars, order_html, repeats_curve
from workbench.figures.shares import share_forest
from workbench.figures.tables import estimates_html
from workbench.reversals import PUBLISHED, Reversals, decompose, pair_judgements, reversals
from workbench.reversals.cycles import items_in_circles
from workbench.reversals.drill_down import (
    contradicted_items,
    leaning,
    leaning_estimates,
    opposed_items,
    repeats_for,
    swayed_items,
)
from workbench.wording.reversals import (
    cycles_sentence,
    leaning_sentence,
    noise_sentence,
    order_sentence,
    parts_sentence,
    published_range,
    repeats_sentence,
    reversals_sentence,
)

CODE = "from workbench.reversals import reversals\n\nfound = reversals(data)\n"
QUOTED = 0.10
HALF_WIDTHS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2)


def everything(data: AnnotationSet) -> Reversals:
    """All kinds of reversal; judgements by pair are made once and used by what is behind the figures too."""
    return reversals(data, judgements=_ui.shared(pair_judgements, data))


def contradicted(data: AnnotationSet, annotator: str | None = None) -> Any:
    return contradicted_items(data, _ui.shared(pair_judgements, data), annotator)


def swayed(data: AnnotationSet, place: str) -> Any:
    return swayed_items(data, _ui.shared(pair_judgements, data), place)


def circular(data: AnnotationSet, majority: bool) -> Any:
    return items_in_circles(data, _ui.shared(pair_judgements, data), majority=majority)


def open_button(label: str, key: str, title: str, find: Any, count: int, **params: Any) -> None:
    """A button that shows what is behind a figure."""
    if count and st.button(label, key=key, type="secondary"):
        with st.spinner("Finding the items ...", show_time=True):
            items = find(**params)
        _ui.open_items(items, title)


def parts(found: Reversals) -> None:
    """Position bias, self-noise and ambiguity, each with its interval."""
    split = found.decomposition
    st.subheader("What reversals are made of", help=_ui.measure_help("position_bias"))
    st.write(_ui.safe(parts_sentence(split)))
    rows = {"Position bias": split.position_bias, "Self-noise": split.self_noise, "Ambiguity": split.ambiguity}
    if all(e.value is None for e in rows.values()):
        return
    figure = share_forest(rows, signed=True, title="share of judgements, or of pairs of judgements", digits=1)
    _ui.chart(
        figure,
        "rev_parts",
        alt=describe(figure),
        rows=lambda: estimates_table(rows, "part"),
        name="reversals-parts",
        code=CODE + "found.decomposition",
    )
    same, swapped = split.repeats
    st.caption(
        "Position bias: reversals when the order is swapped, less those when it is not. Self-noise: the chance that a"
        " single judgement is the wrong way round. Ambiguity: what annotators differ by beyond that; people who would"
        f" each say the same again, and differ. More labels mend noise, not ambiguity. Rests on {same:,} repeats in the"
        f" same order and {swapped:,} in swapped order."
        + "".join(f" The interval of {name.lower()} {e.few}." for name, e in rows.items() if e.few)
    )


def between(data: AnnotationSet, found: Reversals) -> None:
    """Opposite choices of two annotators, beside published sets."""
    rate = found.between.rate
    if rate.value is None:
        st.info(
            _ui.safe(
                f"Nobody can be seen to contradict another: {rate.reason}. Have some items judged by two annotators or"
                f" more; in published sets {published_range()} of such pairs of choices are opposite."
            )
        )
        return
    figure = share_forest(
        {"This data": rate},
        published=PUBLISHED,
        lines=[(QUOTED, "10%, often quoted as a limit: every published set misses it")],
        title="pairs of choices that are opposite",
    )
    _ui.chart(
        figure,
        "rev_between",
        alt=describe(figure),
        rows=lambda: estimates_table({"this data": rate}, "set"),
        name="reversals-between",
        code=CODE + "found.between",
    )
    st.caption(
        f"{found.between.reversed:,} of {found.between.pairs:,} pairs of choices by two annotators on the same item are"
        " opposite; ties and strength play no part."
        + (f" The interval {rate.few}: it is wide, and its own width uncertain." if rate.few else "")
        + " One minus this is their agreement on the better response. A limit of 10% would fail the labels that"
        " InstructGPT, the OpenAI summaries and Anthropic's assistants were trained on; hold a batch against earlier"
        " batches of the same task instead."
    )
    open_button(
        "Open the items with opposite choices",
        "rev_open_between",
        "chosen both ways",
        lambda: _ui.shared(opposed_items, data),
        found.between.reversed,
    )


def within(data: AnnotationSet, found: Reversals) -> None:
    """The same annotator, the same pair, another choice."""
    mine = found.within
    if mine.groups == 0:
        st.info(
            "No annotator judged a pair twice, so nobody can be seen to contradict themselves. Show a few pairs again,"
            " some in swapped order: three or four in a hundred tasks are enough."
        )
        return
    rows = {
        "contradictory": mine.rate,
        "same order": mine.same_order,
        "swapped": mine.swapped,
        "unknown order": mine.unknown_order,
        "ties": mine.tie_flips,
    }
    shown = {e.name[:1].upper() + e.name[1:]: e for e in rows.values() if e.value is not None}
    figure = share_forest(shown, counts="repeats", title="share of repeats that changed", digits=1)
    _ui.chart(
        figure,
        "rev_within",
        alt=describe(figure),
        rows=lambda: estimates_table(rows, "kind"),
        name="reversals-within",
        code=CODE + "found.within",
    )
    st.caption(
        _ui.safe(
            f"{counted(mine.groups, 'pair was', 'pairs were')} judged twice or more by the same annotator; in"
            f" {mine.decisive:,} at least two judgements were no ties, and in {mine.contradictory:,} of these each"
            f" response was chosen. {mine.changed:,} changed in any way, ties included. {noise_sentence(mine)}"
        )
    )
    if mine.contradictory:
        cases(data, mine.cases, mine.contradictory)
    with st.expander("All rates with their intervals", key="rev_within_rates"):
        st.html(estimates_html(rows, unit="repeats"))


def cases(data: AnnotationSet, table: pd.DataFrame, total: int) -> None:
    """Contradictions one by one; a row opens its items."""
    st.markdown("##### Contradictions, one a row")
    event = st.dataframe(
        table,
        hide_index=True,
        key="rev_cases",
        on_select="rerun",
        selection_mode="single-row",
        height=min(38 + 35 * max(len(table), 1), 320),
        placeholder="–",
        alt="Pairs of which one annotator chose both responses",
        column_config={
            "annotator": st.column_config.TextColumn("Annotator"),
            "pair_id": st.column_config.TextColumn("Pair", help="The two responses, whichever side they were shown on"),
            "item_ids": st.column_config.TextColumn(
                "Items", help="Two items can show the same pair with the sides exchanged"
            ),
            "choices": st.column_config.TextColumn(
                "Choices in time order",
                help=(
                    "A and B are the two responses as the first of the items shows them; a choice on an item with the"
                    " sides exchanged is turned round"
                ),
            ),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        open_button(
            "Open all their items",
            "rev_open_within",
            "contradicted by the same annotator",
            lambda: _ui.shared(contradicted, data),
            total,
        )
        _ui.download(lambda: table, "contradictions", key="rev_cases_file", label="Download table")
        more = f" The first {len(table):,} of {total:,} are listed." if len(table) < total else ""
        st.caption(f"Pick a row to open its items.{more}")
    if event.selection.rows:
        row = table.iloc[event.selection.rows[0]]
        _ui.open_items(
            [data.item_position(i) for i in row["item_ids"].split(", ")], f"contradicted by {row['annotator']}"
        )


def order(data: AnnotationSet, found: Reversals) -> None:
    """Whether the position of a response sways the choice, overall and by annotator."""
    seen = found.order
    st.write(_ui.safe(order_sentence(seen)))
    if seen.first_position.value is None:
        st.info(
            "Map the column that says which response was shown first (shown_first) when opening the file, or let the"
            " tool record it: a habit of choosing the left cannot be seen otherwise."
        )
        return
    table = _ui.cached(_leaning, data)
    rows = {"Everybody": seen.first_position, **leaning_estimates(table)}
    flagged = table.loc[table["adjusted_p"] <= 0.05, "annotator"].astype(str).tolist()
    figure = share_forest(
        rows,
        lines=[(0.5, "neither side")],
        flagged=flagged,
        counts="choices",
        title="share of choices for the response shown first",
    )
    event = _ui.chart(
        figure,
        "rev_order",
        alt=describe(figure),
        rows=lambda: table,
        name="first-position",
        select="points",
        code=(
            "from workbench.reversals import order_effect\nfrom workbench.reversals.drill_down import"
            " leaning\n\nleaning(order_effect(data))"
        ),
    )
    rest = (
        f" The {len(rows) - 1} furthest from one half of {len(table):,} annotators are drawn; the download has all."
        if len(table) >= len(rows)
        else ""
    )
    st.caption(f"{leaning_sentence(len(flagged), len(table))} Pick a mark to open what the annotator labelled.{rest}")
    if seen.groups:
        st.html(order_html(seen))
        with st.container(horizontal=True):
            open_button(
                f"Open the items where the first was taken both times ({seen.always_first:,})",
                "rev_open_first",
                "the response shown first, both times",
                lambda: _ui.shared(swayed, data, place="first"),
                seen.always_first,
            )
            open_button(
                f"... the second ({seen.always_second:,})",
                "rev_open_second",
                "the response shown second, both times",
                lambda: _ui.shared(swayed, data, place="second"),
                seen.always_second,
            )
    else:
        st.caption(
            "No annotator judged a pair in both orders, so the rate mixes position with content unless sides were"
            " randomised. Show a few pairs again with the sides exchanged."
        )
    name = _picked(event) or _ui.by_name(table["annotator"].head(1_000), "rev_order", "annotator")
    if name is not None and name != "Everybody":
        _ui.open_items(items_labelled_by(data, (str(name),)), f"labelled by {name}")


def circles(data: AnnotationSet, found: Reversals) -> None:
    """A over B, B over C, C over A: seen, expected from noise, and by chance."""
    both = found.cycles
    if both.within_annotator.triads + both.majority.triads == 0:
        st.info(
            _ui.safe(
                f"There are no circles to count: {both.majority.reason}. Circles need prompts with three responses or"
                " more, each compared with each."
            )
        )
        return
    figure = cycle_bars(both)
    _ui.chart(
        figure,
        "rev_circles",
        alt=describe(figure),
        rows=lambda: pd.DataFrame(both.to_dict()).T.rename_axis("whose").reset_index(),
        name="circles",
        code=CODE + "found.cycles",
    )
    st.write(_ui.safe(cycles_sentence(both.within_annotator, "within single annotators")))
    st.write(_ui.safe(cycles_sentence(both.majority, "in the majority")))
    st.caption(
        "A judge with a clear order in mind makes circles by slips alone; how many is told by a Bradley-Terry model"
        " fitted to the same judgements. More than that means that what is preferred depends on what it stands beside,"
        " and one score a response cannot hold it."
    )
    with st.container(horizontal=True):
        open_button(
            "Open the items in circles of one annotator",
            "rev_open_own",
            "in a circle of one annotator",
            lambda: _ui.shared(circular, data, majority=False),
            both.within_annotator.cyclic,
        )
        open_button(
            "... of the majority",
            "rev_open_majority",
            "in a circle of the majority",
            lambda: _ui.shared(circular, data, majority=True),
            both.majority.cyclic,
        )


def planner(data: AnnotationSet, found: Reversals) -> None:  # noqa: ARG001
    """How many repeats it takes."""
    points = st.select_slider(
        "Know the position bias to within, either way",
        HALF_WIDTHS,
        0.05,
        format_func=lambda h: f"{100 * h:g} points",
        key="rev_half",
        bind="query-params",
        help="Half the width of its 95% interval. Half the width costs four times the repeats.",
    )
    plan = decompose(found.within, found.between, found.order, half_width=points)
    st.write(_ui.safe(repeats_sentence(plan)))
    plans = repeats_for(found, HALF_WIDTHS)
    figure = repeats_curve(plans, plan)
    table = pd.DataFrame([{"half_width": p.half_width, "repeats_in_each_order": p.repeats_needed} for p in plans])
    _ui.chart(
        figure,
        "rev_repeats",
        alt=describe(figure),
        rows=lambda: table,
        name="repeats-needed",
        code=(
            "from workbench.reversals import decompose, reversals\n\nfound = reversals(data)\ndecompose(found.within,"
            f" found.between, found.order, half_width={points!r}).repeats_needed"
        ),
    )
    st.caption(
        "Plain pairs shown again to the same annotator, half in the order of the first time and half with the sides"
        " exchanged, some days apart. Where a rate is not known yet, the count assumes the most demanding one."
    )


def _leaning(data: AnnotationSet) -> pd.DataFrame:
    return leaning(_ui.shared(everything, data).order)


def _picked(event: Any) -> Any:
    points = event.selection.points if event else []
    found = next((p["customdata"] for p in points if p.get("customdata") not in (None, [])), None)
    return found[0] if isinstance(found, list) and len(found) == 1 else found


TABS = {
    "Between annotators": between,
    "Within annotators": within,
    "Order": order,
    "Circles": circles,
    "Repeats needed": planner,
}


@st.fragment
def details(data: AnnotationSet, found: Reversals) -> None:
    """One tab a kind; a closed one costs nothing."""
    for tab, draw in zip(st.tabs(list(TABS), key="rev_tab", bind="query-params"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(data, found)


data = _ui.require_data()
st.title("Reversals")
if not data.has_pairs:
    with st.container(border=True):
        st.subheader("These labels have no sides")
        st.write(
            "A reversal is a choice of the other response. The labels here are ratings or categories of one thing, so"
            " there is nothing to reverse; how far annotators agree is on the Agreement page."
        )
        st.page_link("agreement.py", label="**See agreement**", query_params={"data": data.key})
    st.stop()
with st.spinner("Comparing judgements of the same pairs ...", show_time=True):
    found: Reversals = _ui.shared(everything, data)
st.markdown(f"#### {_ui.safe(reversals_sentence(found))}", help=_ui.measure_help("reversals_between"))
_ui.used_line(
    len(_ui.shared(pair_judgements, data).row),
    len(data.annotations),
    ["repeats included; a judgement without a label has no side"],
)
parts(found)
details(data, found)
