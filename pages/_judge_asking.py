"""Asking a judge: which one, what it would take, a try, the run, and what came of it."""

from __future__ import annotations

from typing import Any

import _runs
import _ui
import streamlit as st
from _judge_panel import anchored
from _judges_elsewhere import permitted, scope_of
from _judges_here import finished

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.judging.anchor_rounds import anchors_file
from workbench.judging.anchors import ANCHORS
from workbench.judging.export import verdict_table
from workbench.judging.own_constitution import file_for_runs, own_constitution
from workbench.judging.run import estimate
from workbench.judging.spec import parse_judge
from workbench.judging.work import asked_for, kept_prices, ledger_folder, tried, verdicts_of_run
from workbench.runs import Run
from workbench.studies.bench_building import data_file
from workbench.wording.judging import asked_sentence, canary_sentence, expected_sentence, probe_sentences

FORMS = {
    "rule": "The longer text (the floor any judge must beat)",
    "openai": "Chat model on an OpenAI-compatible server",
    "anthropic": "Anthropic model",
    "decisions": "Decision model (/v1/decisions)",
    "systemone": "Decision model (/v1/systemone)",
    "model": "A reward model of the workbench",
}
EFFORTS = {"openai": ("none", "low", "medium", "high", "max"), "anthropic": ("low", "medium", "high", "max")}
URLS = {
    "openai": "http://127.0.0.1:8000/v1",
    "decisions": "http://127.0.0.1:8000/v1",
    "systemone": "http://127.0.0.1:8000/v1",
}


def trained_models() -> dict[str, str]:
    """Finished trainings: name -> folder."""
    return {
        f"{run.title} ({run.id[-6:]})": str(run.folder / "model")
        for run in _runs.runs_of(("train",))
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
            help="A judge elsewhere is sent the texts of all pairs. Off: each host is asked for once a project.",
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
        if st.toggle(
            "Judge the frozen pairs again",
            False,
            key="jdg_anchors",
            help=(
                f"{ANCHORS} pairs are frozen once a project, and every run with this on judges them again: what differs"
                " on them is the judge's own. They stand below after the run, and under Panel."
            ),
        ):
            config["anchors"] = str(anchors_file(scope_of(data)[0]).resolve())
        with st.expander("How it answers", key="jdg_settings"):
            config |= settings(kind_of(spec))
        if own := file_for_runs():
            config["constitution"] = own
        st.caption(f"Asked by version {own_constitution().version} of the constitution (its tab edits it).")
    if spec is None:
        st.info("Name a model and its server to see what asking it would take.")
        return
    try:
        judge = parse_judge(spec)
        asked = {k: v for k, v in config.items() if k != "local_only"}
        expected = _ui.cached(expected_of, data, spec=spec, after=[run.id for run in finished(data)], **asked)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.write(_ui.safe(expected_sentence(expected)))
    if server and not judge.local:
        if config["local_only"]:
            st.warning(_ui.safe(f"This judge would be sent the texts of all pairs: {judge.host} is not this machine."))
        else:
            config["hosts"] = permitted(data, [judge.host], key="jdg")
    if server and st.button(
        "Try it with one call",
        key="jdg_try",
        help="One tiny judgement: what does the server honour? A run asks it too.",
    ):
        tried_now(data, {"judge": spec, **config})
    _runs.start_run(
        "judge",
        {"data": data.key, "paths": [str(data_file(data, _ui.shelf()))], "judge": spec, **config},
        title=f"{judge.name} on {data.key[:6]}",
        label="Ask the judge",
        key="jdg_start",
        check=lambda: asked_for(data, {"judge": spec, **config}) and None,
    )


def kind_of(spec: str | None) -> str:
    """The contract of a judge's server."""
    return (spec or "").partition(":")[0]


def settings(kind: str) -> dict[str, Any]:
    """Temperature, reasoning and confidence, as far as the contract has them."""
    config: dict[str, Any] = {}
    left, middle, right = st.columns(3)
    if kind == "openai":
        temperature = left.number_input(
            "Temperature", 0.0, 2.0, None, 0.1, key="jdg_temperature", placeholder="the server's own"
        )
        config |= {} if temperature is None else {"temperature": temperature}
    if kind in EFFORTS:
        effort = middle.selectbox(
            "Reasoning", ["", *EFFORTS[kind]], format_func=lambda e: e or "the model's own", key="jdg_effort",
            help="Reasoning costs tokens of the answer: allow enough of them.",
        )  # fmt: skip
        config |= {"effort": effort} if effort else {}
    if kind == "openai" and right.toggle(
        "Confidence from log-probabilities",
        False,
        key="jdg_logprobs",
        help="Where the server gives those of the verdict.",
    ):
        config["log_probabilities"] = True
    prices = st.file_uploader(
        "Your own prices", key="jdg_prices", type=["toml", "json"], max_upload_size=20,
        help="$ per million tokens: our TOML form, or litellm's JSON table. Else our dated table.",
    )  # fmt: skip
    if prices is not None:
        config["prices"] = str(kept_prices(prices.name, prices.getvalue()))
    return config


def tried_now(data: AnnotationSet, config: dict[str, Any]) -> None:
    """What the probe finds, or why it fails."""
    try:
        with st.spinner("Asking which of 4 and 5 is 2 + 2"):
            found = tried(data, config)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    for line in probe_sentences(found):
        st.markdown(f"- {_ui.safe(line)}")


def expected_of(data: AnnotationSet, spec: str, after: list[str], **config: Any) -> Any:  # noqa: ARG001
    """What asking would take, after these runs: what they recorded is not asked again."""
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
    if result.get("anchors"):
        anchored(data, str(result["name"]))
    for note in result["notes"]:
        st.caption(_ui.safe(f"{note[:1].upper()}{note[1:]}."))
    if result["probe"]:
        with st.expander("What the server honours (probe)", key="jdg_probe"):
            for line in probe_sentences(result["probe"]):
                st.markdown(f"- {_ui.safe(line)}")
    _ui.download(
        lambda: verdict_table(data, verdicts_of_run(data, run.config)),
        "verdicts",
        key="jdg_file",
        label="Download verdicts",
    )
