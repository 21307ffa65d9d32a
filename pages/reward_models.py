"""What does a reward model learn from these labels? A small run, watched; then its scorecard, held against people and
the length rule."""

from __future__ import annotations

from typing import Any

import _runs
import _trained
import _training_form
import _ui
import pandas as pd
import streamlit as st

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.reward import (
    cut_chart,
    cuts_of,
    headline_chart,
    headline_rows,
    latency_table,
    models_chart,
    reliability_diagram,
    reliability_table,
    scorecard_table,
)
from workbench.formats import load
from workbench.reward.before_training import check_training
from workbench.reward.disagreements import disagreement_table
from workbench.reward.reading import evaluation_table, scorecard_from
from workbench.reward.scorecard import Scorecard
from workbench.reward.verdict_words import (
    beside_length_sentence,
    calibration_sentence,
    noise_sentence,
    quantisation_sentence,
    verdict_sentence,
)
from workbench.runs import Run, all_runs
from workbench.studies.bench_building import data_file, why_no_study
from workbench.wording.runs import moment

KIND = "train"


def start(data: AnnotationSet, *, opened: bool) -> None:
    """The choices and the button."""
    why = why_no_study(data)
    if why:
        with st.container(border=True):
            st.write(f"**{why}**")
            st.write(
                "Open an export with prompts and responses on the Start page. What can be said without texts is on the"
                " other pages."
            )
        return
    with st.expander("Train a reward model", expanded=opened, key="rm_settings"):
        config = _training_form.settings(data)
        try:
            # Written on the click alone: a large data set takes a second.
            config["paths"] = [
                str(
                    data_file(data, _ui.shelf())
                    if st.session_state.get("rm_start")
                    else _ui.shelf().path(data.key).resolve()
                )
            ]
        except (OSError, WorkbenchError):
            _ui.problem(
                WorkbenchError(
                    "The data set cannot be written where runs read it.", "Free some space in the folder of data sets."
                )
            )
            return
        kept = _ui.about()
        named = config[config["model"]].get("encoder") or config[config["model"]].get("base") or "the usual encoder"
        title = (
            f"{'Head on' if config['model'] == 'head' else 'Fine-tuned'} {named},"
            f" {_training_form.LABELS.get(config['labels'], config['labels']).lower()}, {kept.name if kept else 'data'}"
        )
        _runs.start_run(
            KIND,
            config,
            title=title,
            label="Train",
            key="rm_start",
            help="It works as a process of its own; this page may be closed.",
            check=lambda: check_training(
                config, data, {name: load(paths) for name, paths in config.get("evaluations", {}).items()}
            ),
        )


# ---------------------------------------------------------------- reading one


def result_of(run: Run) -> tuple[dict[str, Any], Scorecard] | None:
    """What a finished run found, or None with the reason shown."""
    result = run.result()
    if result is None:
        return None
    try:
        return result, scorecard_from(result["eval"])
    except (KeyError, TypeError, ValueError):
        _ui.problem(WorkbenchError("The result of this run is of another version.", "Start it again."))
        return None


def show(data: AnnotationSet, run: Run, result: dict[str, Any], card: Scorecard) -> None:
    """The verdict, then everything it rests on."""
    st.markdown(f"#### {_ui.safe(verdict_sentence(card))}", help=_ui.measure_help("ranking_accuracy"))
    said = [
        s
        for s in (
            beside_length_sentence(card),
            calibration_sentence(card),
            noise_sentence(card),
            quantisation_sentence(result.get("quantisation")),
        )
        if s
    ]
    st.markdown("  \n".join(_ui.safe(s) for s in said))
    counted = {"ties": card.ties} if card.ties else {}
    st.caption(
        _ui.safe(
            f"Trained on {result['pairs']:,} pairs of {result['groups']:,} prompt groups with {result['labels']}"
            f" labels, on {result['encoder']}; judged by {card.labels} labels of {card.groups:,} other groups."
        )
    )
    _ui.used_line(card.accuracy.n, card.pairs, counted, unit="held-out pairs")
    for note in [
        *result.get("notes", ()),
        *(f"Set aside before training: {n:,} pairs ({reason})" for reason, n in result.get("set_aside", {}).items()),
    ]:
        st.caption(_ui.safe(f"{note[:1].upper()}{note[1:].rstrip('.')}."))
    test_sets(result)
    figure = headline_chart(card)
    _ui.chart(
        figure,
        "rm_headline",
        alt=describe(figure),
        rows=lambda: scorecard_table(card),
        name="scorecard",
        code=_trained.code_of(run),
    )
    if card.ceiling is not None and card.labels != "gold" and headline_rows(card):
        st.caption(
            "The ceiling follows from how often two labels of an item agree, if labels err independently; items that"
            " are hard for everybody make it look higher than it is."
        )
    _trained.take_away(
        run,
        result,
        model="reward-model",
        figures="scorecard",
        key="rm",
        help="safetensors and JSON with a model card; no text of the data",
    )
    tabs = {
        "Where": cuts,
        "Probabilities": probabilities,
        "Disagreements": disagreements,
        "Runs compared": compare,
        "Time and size": cost,
    }
    for tab, (name, draw) in zip(st.tabs(list(tabs), key="rm_tab", bind="query-params"), tabs.items(), strict=True):
        if tab.open:
            with tab:
                (
                    draw(data, run, result, card)
                    if name in ("Disagreements", "Runs compared", "Time and size")
                    else draw(card)
                )


def test_sets(result: dict[str, Any]) -> None:
    """A row for each named set the model was held against, with its interval."""
    table = evaluation_table(result)
    if len(table):
        share = st.column_config.NumberColumn(format="percent")
        st.dataframe(
            table,
            hide_index=True,
            key="rm_test_sets",
            column_config={name: share for name in table.columns if table[name].dtype == float},
        )


def cuts(card: Scorecard) -> None:
    """Accuracy by one cut of the pairs."""
    found = cuts_of(card)
    if not found:
        st.info("All held-out pairs are alike in length, strength, source and slice.")
        return
    name = st.segmented_control("By", list(found), default=next(iter(found)), key="rm_cut", required=True)
    chosen = found.get(name or "") or next(iter(found.values()))
    figure = cut_chart(chosen, card)
    _ui.chart(figure, "rm_cut_chart", alt=describe(figure), rows=lambda: scorecard_table(card), name="scorecard-cuts")
    if name == "Length":
        st.caption("A model that only counts characters is right at the bottom and wrong at the top.")


def probabilities(card: Scorecard) -> None:
    """Whether they mean what they say."""
    found = card.reliability
    figure = reliability_diagram(found.as_given, found.scaled)
    _ui.chart(
        figure,
        "rm_reliability",
        alt=describe(figure),
        rows=lambda: reliability_table(found.as_given, found.scaled),
        name="reliability",
    )
    note = f" {found.note[:1].upper()}{found.note[1:]}." if found.note else ""
    st.caption(
        _ui.safe(f"15 bins of equally many pairs, fewer where there are few pairs; intervals over prompt groups.{note}")
    )


def disagreements(data: AnnotationSet, run: Run, result: dict[str, Any], card: Scorecard) -> None:
    """Pairs that model and label see differently, each with its texts."""
    if result.get("key") != data.key:
        st.info("The run was trained on another data set. Open that one to see the pairs.")
        _runs.link_to(run, "Open the run on its data")
        return
    table = disagreement_table(data, card)
    if table.empty:
        st.info("On no held-out pair does the model prefer what the label does not.")
        return
    columns = {
        "item_id": "Item",
        "label": "Label prefers",
        "model": "Model prefers",
        "judgements": "Judgements",
        "position": None,
        "margin": None,
        "label_sure": st.column_config.NumberColumn("Label sure", format="percent"),
        "model_sure": st.column_config.NumberColumn("Model sure", format="percent"),
    }
    event = st.dataframe(
        table,
        hide_index=True,
        key="rm_disagree",
        on_select="rerun",
        selection_mode="single-row",
        column_config=columns,
        height=300,
        alt="Pairs that model and label see differently, the surest first",
    )
    with st.container(horizontal=True):
        if st.button("Open these items", key="rm_open", help="On the Items page, with all judgements"):
            _ui.open_items(table["position"].tolist(), "model and label disagree")
        _ui.download(table.drop(columns="position"), "disagreements", key="rm_disagree_file")
    rows = event["selection"]["rows"] if event else []
    if not rows or rows[0] >= len(table):
        st.caption("Pick a row to read the pair. A wrong label and a wrong model look alike from afar.")
        return
    texts = data.item_texts([int(table["position"].iloc[rows[0]])]).iloc[0]
    with st.container(border=True):
        st.caption("Prompt")
        _ui.text_block(texts["prompt"], empty="(no prompt)")
        for column, side in zip(st.columns(2), ("a", "b"), strict=True):
            with column:
                st.caption(f"Response {side.upper()}")
                _ui.text_block(texts[f"response_{side}"])


def compare(data: AnnotationSet, run: Run, result: dict[str, Any], card: Scorecard) -> None:  # noqa: ARG001
    """Finished runs on these data below one another."""
    done = [each for each in all_runs((KIND,)) if each.config.get("data") == data.key and each.status().state == "done"]
    cards: dict[str, Scorecard] = {}
    for each in done[:12]:
        content = each.result()
        try:
            cards[f"{each.title}, {moment(each.created_at)} ({each.id[-4:]})"] = scorecard_from((content or {})["eval"])
        except (KeyError, TypeError, ValueError):
            continue
    if len(cards) < 2:
        st.info("There is no second finished run on these data yet. Train another one with other labels or losses.")
        return
    figure = models_chart(cards)
    table = pd.concat([scorecard_table(c).assign(run=name) for name, c in cards.items()], ignore_index=True)
    _ui.chart(figure, "rm_models", alt=describe(figure), rows=lambda: table, name="models-compared")
    st.caption(
        "Runs with the same share held out are judged on the same pairs. Two intervals that overlap may still differ:"
        " train one of them beside a plain model to have the difference itself."
    )


def cost(data: AnnotationSet, run: Run, result: dict[str, Any], card: Scorecard) -> None:  # noqa: ARG001
    """Scoring time and 8-bit weights."""
    small = result.get("quantisation")
    st.dataframe(
        latency_table(result.get("latency", []), small["latency_after"] if small else []),
        hide_index=True,
        key="rm_latency",
        alt="Scoring time by batch size",
    )
    st.caption("On the machine of the run, vectors computed anew, texts as long as those held out.")
    if small:
        st.markdown(_ui.safe(quantisation_sentence(small)))
    else:
        st.caption("8-bit weights were not measured. Switch it on when training.")


data = _ui.require_data()
st.title("Reward models")
_ui.need_extra("reward", "Training reward models")
st.caption(
    "A small model trained on these labels, and held against pairs it has not seen, against people, and against the"
    " rule that the longer text is better."
)
shown = _runs.chosen_run((KIND,), data=data.key)
start(data, opened=shown is None)
run = _runs.earlier_runs((KIND,), data=data.key, key="rm_runs") or shown
if run is not None:
    status = _runs.show_run(run, key="rm_run", chart=run.result() is None)
    found = result_of(run) if status.state == "done" else None
    if found is not None:
        show(data, run, *found)
