"""Studies: what labels, cleaning and active selection do to a reward model, and what a dollar buys. Each is a run; here
it is set, started and read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import _runs
import _ui
import pandas as pd
import streamlit as st

from workbench.aggregation import DEFAULT, DEFAULT_LABELS
from workbench.dataset.annotation_set import AnnotationSet
from workbench.economics import Link, presets, write_link
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.studies import charts
from workbench.figures.study_tables import curves_table, readable, steps_table, study_table
from workbench.formats import load
from workbench.runs import Run
from workbench.selection import STRATEGIES
from workbench.studies.bench_building import MOST, data_file, why_no_study
from workbench.studies.examples import example_of
from workbench.studies.label_set import SETS
from workbench.studies.labelling_plan import mixes_in
from workbench.studies.replay import OVERLAP
from workbench.studies.run import check, settings_from_page
from workbench.studies.selection_gain import selection_gain
from workbench.studies.threshold import RULES
from workbench.wording.runs import lasting
from workbench.wording.studies import TITLES, asks, backtest_sentence, ground, strategy_title, verdict

REVEALED = {
    "auto": "gold where half of the pairs have it",
    "gold": "gold",
    "votes": "one judgement at a time (relabel or new)",
    DEFAULT: "labels aggregated by consensus",
    "dawid-skene": "labels aggregated by Dawid-Skene",
    "majority": "majority labels",
}
MEASURE = {
    "replay": "labels_saved",
    "threshold": "threshold_over_random",
    "learning-curve": "learning_curve",
    "frontier": "quality_per_dollar",
}
CLEANINGS = {"both": "both without and with", "off": "without", "on": "with"}


# ---------------------------------------------------------------- settings of each study


def replay_settings(data: AnnotationSet) -> dict[str, Any]:  # noqa: ARG001
    """Strategies, budget and what is revealed."""
    names = [name for name in STRATEGIES if name != "random"]
    reveal = st.selectbox(
        "Reveal",
        list(REVEALED),
        format_func=REVEALED.__getitem__,
        key="std_reveal",
        help="What a strategy buys. One judgement at a time lets a strategy label a pair again instead of a new one.",
    )
    offered = [*names, OVERLAP] if reveal == "votes" else names
    picked = st.multiselect(
        "Strategies, beside random",
        offered,
        ["uncertainty", "bald", "d_optimal", "badge", "k_means"],
        format_func=strategy_title,
        key=f"std_strategies_{reveal == 'votes'}",
    )
    budget = st.number_input(
        "Labels bought in the end", 0, 20_000, 0, 100, key="std_budget", help="0 = a third of the pool, at most 1,000."
    )
    return {"strategies": picked, "budget": int(budget), "labels": reveal}


def threshold_settings(data: AnnotationSet) -> dict[str, Any]:  # noqa: ARG001
    """Which rule moves."""
    rule = st.selectbox(
        "Set aside", list(RULES), format_func=lambda r: RULES[r].title.replace("{:g}", "a threshold"), key="std_rule"
    )
    labels = st.selectbox("Train on", label_sets(), format_func=set_words, key="std_thr_labels")
    return {"rule": rule, "labels": labels}


def label_set_settings(data: AnnotationSet) -> dict[str, Any]:  # noqa: ARG001
    """Which label sets are compared."""
    sets = st.multiselect(
        "Label sets, the first is what the others are compared with",
        list(SETS),
        ["majority", *(s for s in SETS if s != "majority")],
        format_func=set_words,
        key="std_sets",
    )
    least = st.slider(
        "“Cleaned” sets aside annotators with a reliability below", 0, 100, 60, format="%d%%", key="std_least"
    )
    left, right = st.columns(2)
    policy = left.text_input(
        "Train a policy on each, too",
        key="std_policy",
        placeholder="none",
        help=(
            "A language model by name or folder, or `tiny`, which tries the steps and learns little. Each set trains it"
            " by DPO with low-rank additions; it is judged by its implicit reward on the same held-out pairs. Without a"
            " GPU a real model takes hours."
        ),
    ).strip()
    steps = right.number_input(
        "Steps of a policy", 0, 100_000, 100, 50, key="std_policy_steps", disabled=not policy, help="0: one pass."
    )
    trained = {"policy": policy, "policy_steps": int(steps)} if policy else {}
    return {"sets": sets, "cleaning": {"least_reliability": least / 100}, **trained}


def curve_settings(data: AnnotationSet) -> dict[str, Any]:  # noqa: ARG001
    """What is trained on, and which number is forecast."""
    labels = st.selectbox("Train on", [*label_sets(), "gold"], format_func=set_words, key="std_curve_labels")
    more = st.number_input(
        "Forecast for so many labelled pairs",
        0,
        10_000_000,
        0,
        1_000,
        key="std_forecast",
        help="Besides 2, 4 and 10 times what there is; 0 = no other.",
    )
    return {"labels": labels, "forecast": [int(more)] if more else []}


def frontier_settings(data: AnnotationSet) -> dict[str, Any]:
    """Which plans are tried, what they cost, and what counts as a gain."""
    left, right = st.columns(2)
    with left:
        per_item = st.multiselect("Labels an item", [1, 2, 3, 4, 5, 7, 10], [1, 2, 3, 5], key="std_per_item")
        as_sets = st.multiselect(
            "Label sets",
            label_sets(),
            ["majority", DEFAULT_LABELS],
            key="std_as",
            help="; ".join(map(set_words, label_sets())),
        )
        clean = st.selectbox("Cleaning", list(CLEANINGS), format_func=CLEANINGS.__getitem__, key="std_clean")
    with right:
        preset = st.selectbox(
            "Prices",
            list(presets()),
            format_func=lambda n: presets()[n].title,
            key="std_preset",
            help="A preset of the Costs page.",
        )
        price = st.number_input(
            "Price per label, $", 0.0, 1_000.0, float(presets()[preset]["label_price"]), 0.05, key=f"std_price_{preset}"
        )
        worth = st.number_input("Gain that counts, points of accuracy", 0.1, 20.0, 1.0, 0.1, key="std_worth")
        point = st.number_input("A point is worth, $ (0 = not said)", 0.0, 1e9, 0.0, 100.0, key="std_point")
    mixes = left.multiselect(
        "Who labels",
        _ui.cached(mixes_in, data),
        [],
        key="std_mixes",
        accept_new_options=True,
        placeholder="each kind there is",
        help=(
            "Shares of the items by kind of annotator. Type another mix, such as `human 0.7 + ai 0.3`, where the data"
            " have both kinds."
        ),
    )
    items = st.multiselect(
        "Items",
        [],
        [],
        key="std_items",
        accept_new_options=True,
        placeholder="five steps to all there are",
        help="How many items plans buy. Type a number and press Enter, again for more.",
    )
    return {
        "labels_per_item": per_item,
        "labels_as": as_sets,
        "cleaning": clean,
        "scenario": preset,
        "label_price": price,
        "worth_points": worth,
        "dollars_per_point": point,
        "mixes": mixes,
        "items": items,
    }


SETTINGS: dict[str, Callable[[AnnotationSet], dict[str, Any]]] = {
    "replay": replay_settings,
    "threshold": threshold_settings,
    "label-sets": label_set_settings,
    "learning-curve": curve_settings,
    "frontier": frontier_settings,
}


def label_sets() -> list[str]:
    """Label sets that need no cleaning first, the usual one in front."""
    return [DEFAULT_LABELS, *(name for name in SETS if name not in (DEFAULT_LABELS, "cleaned"))]


def set_words(name: str) -> str:
    return f"{name}: {SETS[name]}" if name in SETS else name


# ---------------------------------------------------------------- starting one


def start(kind: str, data: AnnotationSet) -> None:
    """The settings of a study and the button that starts it."""
    why = why_no_study(data)
    if why:
        with st.container(border=True):
            st.write(f"**{why}**")
            st.write("Open an export with prompts and responses. What can be said without texts is on the other pages.")
        return
    with st.expander("Settings", expanded=True, key=f"std_settings_{kind}"):
        chosen = SETTINGS[kind](data)
        left, middle, right, far = st.columns(4)
        seeds = left.number_input(
            "Seeds", 2, 100, 10, key="std_seeds", help="Splits. More make intervals narrower and the study longer."
        )
        encoder = middle.text_input(
            "Encoder",
            key="std_encoder",
            placeholder="all-MiniLM-L6-v2",
            help=(
                "A sentence encoder by name or folder, or `hashed`, which needs none. Empty: all-MiniLM-L6-v2 where it"
                " is on this machine."
            ),
        )
        others = {k.key: k.name for k in _ui.visible(30) if k.key != data.key and _ui.shelf().path(k.key).exists()}
        held = right.selectbox(
            "Measure on",
            ["", *others],
            format_func=lambda k: _ui.safe_plain(others[k]) if k else "prompt groups held out",
            key="std_eval",
            help="Held-out groups of these data, or another data set with gold that was opened here.",
        )
        most = far.number_input(
            "Pairs at most",
            100,
            1_000_000,
            MOST,
            1_000,
            key="std_most",
            help="More are drawn from at random, whole prompt groups each; the result says how many were left out.",
        )
    try:
        settings = settings_from_page(kind, {**chosen, "seeds": int(seeds)})
        config = {
            "data": data.key,
            "paths": [str(data_file(data, _ui.shelf()))],
            "evaluation": [str(_ui.shelf().path(held).resolve())] if held else [],
            "encoder": encoder.strip() or None,
            "most": int(most),
            "settings": settings,
            "device": "cpu",
        }
    except WorkbenchError as error:
        _ui.problem(error)
        return
    except OSError:
        _ui.problem(
            WorkbenchError(
                "The data set cannot be written where runs read it.", "Free some space in the folder of data sets."
            )
        )
        return

    def ready() -> None:
        check(kind, settings, data, load(config["evaluation"]) if held else None, config["encoder"], int(most))

    _runs.start_run(
        kind,
        config,
        label="Start the study",
        key=f"std_start_{kind}",
        help="It runs as a process of its own; this page may be closed.",
        check=ready,
    )


# ---------------------------------------------------------------- reading one


def worked_example(kind: str) -> None:
    """What the answer looks like, and what it takes, before any study of this kind ran here."""
    example = example_of(kind)
    if example is None:
        return
    with st.container(border=True):
        st.markdown("**An example: the answer on the demo data**")
        st.caption(
            _ui.safe(
                f"It took {lasting(example.seconds)} on two processors, with {example.settings['seeds']} splits and"
                f" texts described by {example.encoder} words. The figures are of the demo, not of your data: start the"
                " study above to have yours."
            )
        )
        found(example.result, f"# python docs/make_study_examples.py {kind}")


def found(result: dict[str, Any], code: str, began: float | None = None) -> None:
    """Verdict, charts, table, downloads.

    Parameters
    ----------
    code : the lines that start the same study.
    began : when the run was started; None for the example.
    """
    st.markdown(f"#### {_ui.safe(verdict(result))}", help=_ui.measure_help(MEASURE.get(result["study"], "")))
    st.caption(_ui.safe(ground(result)))
    for place, figure in enumerate(charts(result)):
        _ui.chart(
            figure,
            f"std_chart_{result['study']}_{place}",
            alt=describe(figure),
            rows=lambda: study_table(result),
            name=f"study-{result['study']}",
            code=code,
        )
    if result["study"] == "learning-curve":
        st.caption(_ui.safe(backtest_sentence(result)))
    listing(study_table(result), f"study-{result['study']}", "Figures of the study")
    if result["study"] == "frontier":
        st.markdown("**Along the line**")
        listing(steps_table(result), "study-frontier-steps", "What each step along the line costs and gains")
    if result["study"] == "replay" and began is not None:
        gain = selection_gain(result, f"{pd.Timestamp(began, unit='s'):%Y-%m}")
        st.page_link(
            "costs.py",
            label=f"What a saving of {gain.value:.2f} times is worth, on Costs",
            query_params=write_link(Link(settings={gain.name: round(gain.value, 3)})),
            help=_ui.safe(
                f"{gain.note or gain.source}. Without a strategy that is sure to save labels, nothing is counted as"
                " saved."
            ),
        )
        with st.expander("Accuracy at each number of labels", key="std_curves", on_change="rerun") as shown:
            if shown.open:
                listing(
                    curves_table(result), "study-replay-curves", "Accuracy of each strategy at each number of labels"
                )
    for note in result.get("notes", ()):
        st.caption(_ui.safe(note))
    for reason, n in result.get("set_aside", {}).items():
        st.caption(_ui.safe(f"Set aside: {n:,} pairs ({reason})."))


def listing(table: pd.DataFrame, name: str, alt: str) -> None:
    """A table for people; the figures themselves download."""
    st.dataframe(readable(table), hide_index=True, key=f"std_{name}", placeholder="–", alt=alt)
    _ui.download(table, name, key=f"std_{name}_file")


def run_code(run: Run) -> str:
    """The lines that start the same study from a notebook."""
    return f"from workbench.runs import start\n\nrun = start({run.kind!r}, {dict(run.config)!r})"


def followed() -> None:
    """A link to a run opens on its study."""
    named = st.query_params.get("run")
    if not named or st.session_state.get("std_followed") == named:
        return
    st.session_state["std_followed"] = named
    try:
        kind = _runs.run_named(named).kind
    except WorkbenchError:
        return
    if kind in TITLES:
        st.session_state["std_which"] = kind


def left() -> None:
    """Another study shows its own last run."""
    st.query_params.pop("run", None)


st.title("Studies")
_ui.need_extra("reward", "A study")
st.write(
    "Each study trains many small reward models that differ in one thing and measures them on the same held-out pairs."
)
followed()
kind = st.segmented_control(
    "Study",
    list(TITLES),
    default="replay",
    format_func=TITLES.__getitem__,
    key="std_which",
    required=True,
    label_visibility="collapsed",
    on_change=left,
)
st.caption(asks(kind))
data = _ui.dataset()
if data is None and _runs.chosen_run((kind,)) is None:
    _ui.require_data()
if data is not None:
    _ui.say_part(data)
    start(kind, data)
run = _runs.earlier_runs((kind,), data=data.key if data is not None else "", key=f"std_runs_{kind}")
if run is not None:
    _runs.show_run(run, key=f"std_{kind}", chart=False)
    result = run.result()
    if result is not None:
        found(result, run_code(run), run.created_at)
else:
    worked_example(kind)
