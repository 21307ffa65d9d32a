"""AI judges: ask one (what it would take, a run), and whether one can be trusted, beside people on the same items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import _runs
import _ui
import streamlit as st
from _constitution import constitution
from _judge_panel import panel

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.judging import bias_chart, bias_table, person_table, watched_chart, watched_table
from workbench.figures.reward import reliability_diagram, reliability_table
from workbench.judging.alternative_annotator import EPSILON
from workbench.judging.export import verdict_table, with_verdicts
from workbench.judging.own_constitution import file_for_runs, own_constitution
from workbench.judging.run import estimate
from workbench.judging.spec import parse_judge
from workbench.judging.trust import Trust, trust
from workbench.judging.watched import CorrectedShare, Watched, agreement_watched, corrected_share
from workbench.judging.work import asked_for, ledger_folder, verdicts_of_run
from workbench.runs import Run, all_runs
from workbench.studies.bench_building import data_file
from workbench.wording.judging import (
    asked_sentence,
    canary_sentence,
    corrected_sentence,
    expected_sentence,
    saving_sentence,
    trust_sentence,
    watched_sentence,
)

KINDS = ("judge",)
FORMS = {
    "rule": "The longer text (the floor any judge must beat)",
    "openai": "Chat model on an OpenAI-compatible server",
    "anthropic": "Anthropic model",
    "decisions": "Decision model (/v1/decisions)",
    "systemone": "Decision model (/v1/systemone)",
    "model": "A reward model of the workbench",
}
URLS = {
    "openai": "http://127.0.0.1:8000/v1",
    "decisions": "http://127.0.0.1:8000/v1",
    "systemone": "http://127.0.0.1:8000/v1",
}


# ---------------------------------------------------------------- what is computed


def trusted(data: AnnotationSet, judge: str, run: str, epsilon: float, kin: tuple[str, ...]) -> Trust:
    """The report about a judge of the data, or about the judge of a finished run."""
    if not run:
        return trust(data, judge, epsilon=epsilon, kin=kin)
    judged = verdicts_of_run(data, _config(run))
    judged = replace(judged, spec=replace(judged.spec, model=judge.removeprefix("judge:")))
    return trust(with_verdicts(data, judged), judge, judged.verdicts, epsilon=epsilon, kin=kin)


def watched(data: AnnotationSet, judge: str, run: str) -> tuple[Watched, CorrectedShare]:
    """Agreement in bounds that may be looked at, and the share behind the judge's by its error rates."""
    if run:
        judged = verdicts_of_run(data, _config(run))
        spec = replace(judged.spec, model=judge.removeprefix("judge:"))
        data = with_verdicts(data, replace(judged, spec=spec))
    return agreement_watched(data, judge), corrected_share(data, judge)


def _config(run: str) -> dict[str, Any]:
    from workbench.runs import find

    return dict(find(run).config)


# ---------------------------------------------------------------- asking


def trained_models() -> dict[str, str]:
    """Finished trainings: name -> folder."""
    return {
        f"{run.title} ({run.id[-6:]})": str(run.folder / "model")
        for run in all_runs(("train",))
        if run.status().state == "done" and (run.folder / "model").is_dir()
    }


def chosen_judge() -> str | None:
    """The SPEC of the judge that the fields name; None where something is missing."""
    kind = st.selectbox("Judge", list(FORMS), format_func=FORMS.__getitem__, key="jdg_kind", bind="query-params")
    if kind == "rule":
        return "rule:longer"
    if kind == "model":
        models = trained_models()
        if not models:
            st.info("There is no trained reward model yet: train one on the Reward models page.")
            return None
        return (
            f"model:{models[st.selectbox('Model', list(models), format_func=_ui.safe_plain, key='jdg_model_folder')]}"
        )
    model = st.text_input("Model", key="jdg_model", placeholder="the name the server knows it by")
    url = st.text_input(
        "Server", URLS.get(kind, ""), key=f"jdg_url_{kind}", help="Keys come from the environment, never from here."
    )
    return f"{kind}:{model.strip()}@{url.strip()}" if model.strip() and url.strip() else None


def asking(data: AnnotationSet) -> None:
    """Settings, what it would take, and the button."""
    spec = chosen_judge()
    server = spec is not None and not spec.startswith(("rule:", "model:"))
    config: dict[str, Any] = {"orders": 2, "canaries": 0.01}
    if server:
        local_only = st.toggle(
            "Local judges only",
            True,
            key="jdg_local",
            help="A judge elsewhere is sent the texts of all pairs. Off: you allow it for this project.",
        )
        left, middle, right = st.columns(3)
        config |= {
            "local_only": local_only,
            "budget": left.number_input(
                "Budget, $", 0.0, None, 5.0, key="jdg_budget", help="A hard cap, restarts included."
            ),
            "samples": int(middle.number_input("Answers in each order", 1, 20, 1, key="jdg_samples")),
            "max_tokens": int(right.number_input("Longest answer, tokens", 20, 20_000, 700, key="jdg_tokens")),
            "principles": st.toggle("A label for each principle", True, key="jdg_principles"),
            "mask": st.toggle("Mask addresses and numbers", False, key="jdg_mask"),
        }
        if own := file_for_runs():
            config["constitution"] = own
        st.caption(f"Asked by version {own_constitution().version} of the constitution (its tab edits it).")
    if spec is None:
        st.info("Name a model and its server to see what asking it would take.")
        return
    try:
        judge = parse_judge(spec)
        expected = _ui.cached(expected_of, data, spec=spec, **{k: v for k, v in config.items() if k != "local_only"})
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.write(_ui.safe(expected_sentence(expected)))
    if server and not judge.local:
        st.warning(_ui.safe(f"The texts of all pairs are sent to {judge.host}."))
    _runs.start_run(
        "judge",
        {"data": data.key, "paths": [str(data_file(data, _ui.shelf()))], "judge": spec, **config},
        title=f"{judge.name} on {data.key[:6]}",
        label="Ask the judge",
        key="jdg_start",
        check=lambda: asked_for(data, {"judge": spec, **config}) and None,
    )


def expected_of(data: AnnotationSet, spec: str, **config: Any) -> Any:
    """What asking would take."""
    judge, questions, options = asked_for(data, {"judge": spec, "local_only": False, **config})
    return estimate(data, judge, questions, options, ledger_folder(data, judge, questions))


def shown_run(data: AnnotationSet, run: Run) -> None:
    """A run that goes on, or what came of it."""
    status = _runs.show_run(run, key="jdg_run", chart=False)
    result = run.result()
    if status.state != "done" or not result:
        return
    st.markdown(f"#### {_ui.safe(asked_sentence(result))}")
    if result["canaries"]["asked"] or result["sent"]:
        st.write(_ui.safe(canary_sentence(result["canaries"])))
    for note in result["notes"]:
        st.caption(_ui.safe(f"{note[:1].upper()}{note[1:]}."))
    if result["probe"]:
        with st.expander("What the server honours (probe)", key="jdg_probe"):
            st.json(result["probe"], expanded=False)
    _ui.download(
        lambda: verdict_table(data, verdicts_of_run(data, run.config)),
        "verdicts",
        key="jdg_file",
        label="Download verdicts",
    )


# ---------------------------------------------------------------- trust


def judges_of(data: AnnotationSet) -> dict[str, tuple[str, str]]:
    """Judges to be looked at: name -> (annotator, run)."""
    ais = data.annotators.loc[data.annotators["kind"] == "ai", "annotator"].astype(str)
    found = {name: (name, "") for name in ais}
    for run in all_runs(KINDS):
        if run.config.get("data") == data.key and run.status().state == "done":
            name = (run.result() or {}).get("name", "judge")
            found[f"{name} (run {run.id[-6:]})"] = (name, run.id)
    return found


def trust_of(data: AnnotationSet) -> None:
    """Everything about one judge beside people."""
    judges = judges_of(data)
    if not judges:
        st.info(
            "No AI judge stands in these data and none was asked yet. Open a judge's export together with the people's"
            " on *Start*, or ask one under *Ask*: `rule:longer` costs nothing and is the floor a judge should beat."
        )
        return
    left, middle, right = st.columns(3)
    chosen = left.selectbox("Judge", list(judges), format_func=_ui.safe_plain, key="jdg_who")
    stands_for = middle.segmented_control(
        "Would stand in for", list(EPSILON), default="crowd", required=True, key="jdg_for", bind="query-params",
        help=_ui.measure_help("alternative_annotator_test"),
    )  # fmt: skip
    kin = right.text_input(
        "Its own kin", key="jdg_kin", placeholder="gpt-4, o3", help="Beginnings of model names, by comma."
    )
    who, run = judges[chosen]
    families = tuple(k.strip() for k in kin.split(",") if k.strip())
    try:
        with st.spinner("Comparing"):
            found = _ui.shared(trusted, data, judge=who, run=run, epsilon=EPSILON[stands_for], kin=families)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.markdown(f"#### {_ui.safe(trust_sentence(found))}", help=_ui.measure_help("alternative_annotator_test"))
    st.write(_ui.safe(saving_sentence(found)))
    st.caption(f"{found.n:,} items judged by both; {found.n_set_aside:,} by one only are set aside.")
    seen, corrected = _ui.shared(watched, data, judge=who, run=run)
    st.markdown(_ui.safe(corrected_sentence(corrected)), help=_ui.measure_help("rogan_gladen"))
    st.markdown("##### What sways it", help=_ui.measure_help("judge_bias"))
    figure = bias_chart(found)
    _ui.chart(figure, "jdg_bias", alt=describe(figure), rows=lambda: bias_table(found), name="judge-bias")
    st.markdown("##### Beside each person")
    percent = st.column_config.NumberColumn
    st.dataframe(
        person_table(found),
        hide_index=True,
        key="jdg_people",
        placeholder="–",
        alt="The judge beside each person",
        column_config={
            "person": "Person",
            "n": percent("Items", format="localized"),
            "judge_rate": percent("Judge at least as good", format="%.3f"),
            "person_rate": percent("Person at least as good", format="%.3f"),
            "p_value": percent("p", format="%.3g"),
            "wins": "Keeps up",
            "kappa": percent("Kappa", format="%.3f"),
            "kappa_low": percent("from (same crew)", format="%.3f"),
            "kappa_high": percent("to", format="%.3f"),
        },
    )
    st.markdown("##### Looked at every day", help=_ui.measure_help("confidence_sequence"))
    st.write(_ui.safe(watched_sentence(seen, "Agreement with people")))
    if len(seen):
        figure = watched_chart(seen)
        _ui.chart(figure, "jdg_watched", alt=describe(figure), rows=lambda: watched_table(seen), name="judge-watched")
    distance, noise = found.kept.distance.value, found.kept.noise.value
    if distance is not None:
        beside = "" if noise is None else f"; between two halves of the people it is {noise:.3f}"
        st.write(
            f"Its answers lie {distance:.3f} from the people's distribution (Jensen-Shannon, 0 to 1){beside}.",
        )
    if found.calibration is not None and found.recalibrated is not None:
        st.markdown("##### Do its probabilities mean what they say?")
        figure = reliability_diagram(found.calibration, found.recalibrated)
        rows = reliability_table(found.calibration, found.recalibrated)
        _ui.chart(figure, "jdg_calibration", alt=describe(figure), rows=rows, name="judge-calibration")
    if found.principles is not None:
        st.markdown("##### Its principles")
        st.dataframe(
            [
                {
                    "principle": r.principle,
                    "with people": r.with_people.value,
                    "with its verdict": r.with_verdict.value,
                    "decides": r.decided,
                }
                for r in found.principles.reports
            ],
            hide_index=True,
            key="jdg_principle_table",
            alt="Which principle predicts people",
        )


st.title("Judges")
data = _ui.require_data()
if not data.has_pairs:
    st.info("These labels choose no side. Judges compare two responses.")
    st.stop()
tab_trust, tab_panel, tab_ask, tab_constitution = st.tabs(
    ["Trust", "Panel", "Ask", "Constitution"], key="jdg_tab", bind="query-params"
)
if tab_trust.open:
    with tab_trust:
        trust_of(data)
if tab_panel.open:
    with tab_panel:
        panel(data, judges_of(data))
if tab_constitution.open:
    with tab_constitution:
        constitution()
if tab_ask.open:
    with tab_ask:
        asking(data)
        run = _runs.chosen_run(KINDS)
        if run is not None:
            shown_run(data, run)
