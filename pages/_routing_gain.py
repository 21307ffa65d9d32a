"""Which pairs to send to people where a judge labels the rest: a run that trains small reward models on either."""

from __future__ import annotations

from typing import Any

import _runs
import _ui
import streamlit as st
from _judges_here import configurations, judges_here

from workbench.dataset.annotation_set import AnnotationSet
from workbench.figures.canvas import describe
from workbench.figures.judge_runs import gain_chart, gain_table, kinds_table
from workbench.studies.bench_building import data_file
from workbench.studies.gain_run import checked_gain, next_for_people
from workbench.wording.judging import gain_sentence

KINDS = ("reward-gain",)
FLOOR = "rule:longer"


def gain(data: AnnotationSet) -> None:
    """The judge, what makes kinds of pairs, the run, and what came of it."""
    st.caption(
        "A pilot part of the pairs has labels of people and of the judge. On it, each kind of pair is given people's"
        " labels in turn: the kinds from which a small reward model gains most are worth people's time. The rest of the"
        " pairs then says whether that beats random pairs with as many labels."
    )
    judges = judges_here(data)
    left, middle, right = st.columns(3)
    judge = left.selectbox(
        "Judge of the other pairs",
        [*judges, FLOOR],
        format_func=lambda n: "the longer text" if n == FLOOR else _ui.safe_plain(n),
        key="rou_gain_judge",
    )
    by = middle.selectbox(
        "Kinds by",
        ["", *(s.removeprefix("slice.") for s in data.slices)],
        format_func=lambda n: f"sureness and {n}" if n else "how sure the judge is",
        key="rou_gain_by",
    )
    seeds = int(right.number_input("Splits", 3, 50, 10, key="rou_gain_seeds", help="More make the intervals tighter."))
    asked = configurations(judges, [judge]).get(judge)
    config: dict[str, Any] = {
        "data": data.key,
        "paths": [str(data_file(data, _ui.shelf()))],
        "judge": judge,
        "by": by or None,
        "seeds": seeds,
        **({"asked": asked} if asked else {}),
    }
    _runs.start_run(
        "reward-gain",
        config,
        title=f"people or judge, {data.key[:6]}",
        label="Measure the gain",
        key="rou_gain_start",
        check=lambda: checked_gain(data, config) and None,
    )
    if done := _runs.finished(KINDS, data=data.key, key="rou_gain"):
        run, result = done
        outcome(data, result, dict(run.config))


def outcome(data: AnnotationSet, result: dict[str, Any], config: dict[str, Any]) -> None:
    """The verdict, each way beside random pairs, the kinds, and the pairs to send next."""
    st.markdown(f"#### {_ui.safe(result['verdict'])}", help=_ui.measure_help("reward_gain"))
    st.write(_ui.safe(gain_sentence(result)))
    figure = gain_chart(result)
    _ui.chart(figure, "rou_gain", alt=describe(figure), rows=lambda: gain_table(result), name="reward-gain")
    kinds = kinds_table(result)
    if len(kinds):
        st.markdown("##### Gain of each kind")
        st.dataframe(
            kinds,
            hide_index=True,
            key="rou_gain_kinds",
            alt="Gain of a reward model from people's labels, a row a kind of pair",
            column_config={
                "kind": "Kind of pair",
                "gain": st.column_config.NumberColumn(
                    "Log loss saved by 100 labels", format="%.4f", help="On held-out pilot pairs; under 0: it hurts"
                ),
            },
        )
    waiting = _ui.shared(waiting_of, data, config=config, result=result)
    if not waiting:
        st.caption("People labelled every pair here: nothing is left to be sent.")
        return
    with st.container(horizontal=True):
        if st.button(f"Open the {len(waiting):,} pairs nobody labelled, largest gain first", key="rou_gain_open"):
            _ui.open_items(waiting, "pairs without a label of people, largest gain first")
        if st.button("Have people judge them here", key="rou_gain_collect", help="A batch on Collect"):
            _ui.collect_items(waiting, "pairs without a label of people, largest gain first")


def waiting_of(data: AnnotationSet, config: dict[str, Any], result: dict[str, Any]) -> list[int]:
    """Pairs without a label of people, in the order of the gain of their kind."""
    return list(next_for_people(data, config, result).tolist())
