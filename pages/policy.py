"""What does a policy learn from these labels? A run, watched; then its scorecard: what it prefers, how far it moved,
and who likes its responses."""

from __future__ import annotations

from collections.abc import Mapping
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
from workbench.figures.policy import (
    curve_chart,
    curve_table,
    drift_chart,
    policies_chart,
    policy_table,
    rankers_chart,
    responses_table,
)
from workbench.policy.checking import checked
from workbench.policy.samples_file import read_samples
from workbench.policy.scorecard import PolicyScorecard, policy_scorecard_from
from workbench.policy.settings import LEARNING_RATES, METHODS, ONLINE, PREFERENCE
from workbench.policy.verdict_words import curve_sentence, sentences
from workbench.reward.label_choice import usual_labels
from workbench.reward.pairs import label_sources
from workbench.reward.weights import find_weights
from workbench.runs import Run, all_runs
from workbench.studies.bench_building import data_file, why_no_study
from workbench.wording.runs import moment

KIND = "policy"
METHOD_NAMES = {
    "dpo": "DPO, from the labels",
    "ipo": "IPO, from the labels",
    "rloo": "RLOO, from a reward model",
    "grpo": "GRPO, from a reward model",
    "best-of-n": "DPO on best and worst samples",
    "rejection": "Rejection sampling",
}
TABS = ("What moved", "Reward against KL", "Responses", "Policies compared", "Training")


# ---------------------------------------------------------------- starting a run


def settings(data: AnnotationSet) -> dict[str, Any]:
    """Choices of a run, as its configuration."""
    what, how, judged = st.columns(3, gap="medium")
    with what:
        method = st.selectbox(
            "Method",
            METHODS,
            key="po_method",
            bind="query-params",
            format_func=METHOD_NAMES.__getitem__,
            help=(
                "DPO and IPO learn from the labels of pairs, certain or not. The others draw samples and learn from"
                " what a reward model says of them; the last two draw them once, which is the cheap baseline."
            ),
        )
        known = [*_training_form.LABELS, *(n for n in label_sources() if n not in _training_form.LABELS)]
        labels = st.selectbox(
            "Labels",
            known,
            known.index(_ui.cached(usual_labels, data)),
            key="po_labels",
            bind="query-params",
            format_func=lambda n: _training_form.LABELS.get(n, n),
            disabled=method not in PREFERENCE,
            help=(
                "What the policy is taught. Probabilities keep what the crew is unsure of, and pull less where it is."
                " That they make the better policy is not shown: on simulated flips +2.9 points over hard labels, with"
                " an interval of -3.6 to +9.5."
            ),
        )
        base = st.text_input(
            "Language model",
            key="po_base",
            placeholder="folder of a causal model, or tiny",
            help=(
                "A causal language model of transformers by name or folder (safetensors): where the policy starts and"
                " what it is held to. `tiny` makes a toy of the data's own words, to try everything without a download."
            ),
        ).strip()
        model_line(base)
    with how:
        rank = st.number_input(
            "LoRA rank",
            0,
            512,
            16,
            8,
            key="po_rank",
            help="8 to 64 train small additions, and the reference is the model without them; 0 trains all weights.",
        )
        usual = LEARNING_RATES["lora" if rank else "all weights"]
        rate = st.number_input(
            "Learning rate",
            0.0,
            1.0,
            usual,
            format="%.1e",
            step=usual / 2,
            key=f"po_rate_{bool(rank)}",
            help="Additions start at zero and want 1e-4 to 5e-4; all weights 5e-7 to 5e-6.",
        )
        beta = st.number_input(
            "β, hold to the reference",
            0.001,
            10.0,
            0.1,
            0.05,
            format="%.3f",
            key="po_beta",
            help="Small: it may move far. Of IPO it is τ, of RLOO and GRPO the weight of the KL divergence.",
        )
        steps = st.number_input(
            "Steps at most", 0, 1_000_000, 0, 50, key="po_steps", help="0: one pass over the pairs. A step is 16 pairs."
        )
        longest = st.number_input(
            "Tokens read",
            16,
            32_768,
            1_024,
            256,
            key="po_length",
            help="Of prompt and response together. Pairs over it are counted before anything is trained.",
        )
        cut = st.selectbox(
            "Longer pairs",
            ["keep start", "keep end", "set aside"],
            key="po_cut",
            format_func={
                "keep start": "are cut at the end",
                "keep end": "lose the beginning of the prompt",
                "set aside": "are left out",
            }.__getitem__,
        )
    with judged:
        share = st.slider(
            "Held out",
            5,
            50,
            20,
            5,
            format="%d%%",
            key="po_share",
            help="Share of the pairs, whole prompt groups, that the policy never sees and is judged by.",
        )
        reward = st.text_input(
            "Reward model",
            key="po_reward",
            placeholder="folder" if method not in PREFERENCE else "folder, to compare with",
            help="What samples are scored by; with DPO and IPO the policy is only held against it.",
        ).strip()
        judge = st.text_input(
            "Judge of its responses",
            key="po_judge",
            placeholder="model:FOLDER or rule:longer",
            help=(
                "Compares its responses with the reference's, in both orders. It must take no part in the training."
                " Judges on other machines are asked from the command line."
            ),
        ).strip()
        prompts = st.number_input(
            "Prompts answered",
            0,
            10_000,
            64,
            16,
            key="po_prompts",
            help="Held-out prompts to which policy and reference both answer. 0: none, and no KL divergence.",
        )
        tokens = st.number_input("Tokens of an answer", 8, 4_096, 128, 32, key="po_tokens")
    curve = min(int(prompts), 24)
    return {
        "data": data.key,
        "labels": labels,
        "share": share / 100,
        "seed": 0,
        "policy": {
            "base": base,
            "method": method,
            "lora_rank": int(rank),
            **({"learning_rate": float(rate)} if rate else {}),
            "beta": float(beta),
            "max_steps": int(steps),
            "max_length": int(longest),
            "over_length": cut,
            "max_new_tokens": int(tokens),
        },
        "measuring": {"prompts": int(prompts), "curve_prompts": curve, "judge": judge, "local_only": True},
        "rewards": {"folders": [reward] if reward else []},
    }


def model_line(base: str) -> None:
    """Whether the model is there."""
    if not base:
        return
    try:
        said = "A toy, made of the data's words." if base == "tiny" else f"In use: {find_weights(base).name}."
    except WorkbenchError as error:
        said = f"{error.what} {error.remedy}"
    st.caption(_ui.safe(said))


def start(data: AnnotationSet, *, opened: bool) -> None:
    """The choices and the button."""
    why = why_no_study(data)
    if why:
        with st.container(border=True):
            st.write(f"**{why}**")
            st.write("Open an export with prompts and responses on the Start page: a policy learns from texts.")
        return
    with st.expander("Train a policy", expanded=opened, key="po_settings"):
        config = settings(data)
        if config["policy"]["method"] in ONLINE:
            st.caption(
                "Sampling while it learns takes a GPU for anything but a toy, and begins again where it was stopped."
            )
        try:
            # Written on the click alone: a large data set takes a second.
            place = data_file(data, _ui.shelf()) if st.session_state.get("po_start") else _ui.shelf().path(data.key)
            config["paths"] = [str(place.resolve())]
        except (OSError, WorkbenchError):
            _ui.problem(
                WorkbenchError(
                    "The data set cannot be written where runs read it.", "Free some space in the folder of data sets."
                )
            )
            return
        kept = _ui.about()
        _runs.start_run(
            KIND,
            config,
            title=f"{kept.name if kept else 'data'}, {config['labels']}, {config['policy']['method']}",
            label="Train",
            key="po_start",
            help="It works as a process of its own; this page may be closed.",
            check=lambda: before_starting(config),
        )


def before_starting(config: Mapping[str, Any]) -> None:
    """Refuses what would fail, before a run is made of it."""
    base = config["policy"]["base"]
    if not base:
        raise WorkbenchError("No language model is named.", "Give its folder, or tiny to try everything.")
    checked(config)
    if base != "tiny":
        find_weights(base)


# ---------------------------------------------------------------- reading one


def result_of(run: Run) -> tuple[dict[str, Any], PolicyScorecard] | None:
    """What a finished run found, or None with the reason shown."""
    result = run.result()
    if result is None:
        return None
    try:
        return result, policy_scorecard_from(result["eval"])
    except (KeyError, TypeError, ValueError):
        _ui.problem(WorkbenchError("The result of this run is of another version.", "Start it again."))
        return None


def show(data: AnnotationSet, run: Run, result: dict[str, Any], card: PolicyScorecard) -> None:
    """The verdict, then everything it rests on."""
    first, *more = sentences(card)
    st.markdown(f"#### {_ui.safe(first)}", help=_ui.measure_help("implicit_reward_accuracy"))
    st.markdown("  \n".join(_ui.safe(sentence) for sentence in more))
    st.caption(
        _ui.safe(
            f"Trained by {result['method'].upper()} on {result['units']:,} of {result['pairs']:,} pairs of"
            f" {result['groups']:,} prompt groups with {result['labels']} labels, from {result['base']}; judged by"
            f" {card.labels} labels of {card.groups:,} other groups."
        )
    )
    _ui.used_line(card.accuracy.n, card.pairs, {"ties": card.ties} if card.ties else {}, unit="held-out pairs")
    aside = result.get("set_aside", {})
    for note in [
        *([result["read_words"]] if result.get("read_words") else []),
        *result.get("notes", ()),
        *(f"Set aside before training: {n:,} ({reason})" for reason, n in aside.items()),
    ]:
        st.caption(_ui.safe(f"{note[:1].upper()}{note[1:].rstrip('.')}."))
    figure = rankers_chart(card)
    _ui.chart(
        figure,
        "po_headline",
        alt=describe(figure),
        rows=lambda: policy_table(card),
        name="policy-scorecard",
        code=_trained.code_of(run),
    )
    _trained.take_away(
        run,
        result,
        model="policy",
        figures="policy",
        key="po",
        help="A plain model of transformers, and the additions by themselves in adapter/; safetensors only",
    )
    for tab, name in zip(st.tabs(list(TABS), key="po_tab", bind="query-params"), TABS, strict=True):
        if not tab.open:
            continue
        with tab:
            if name == "What moved":
                moved(card)
            elif name == "Reward against KL":
                against_kl(card)
            elif name == "Responses":
                responses(run, card)
            elif name == "Policies compared":
                compare(data)
            else:
                training(run, result)


def moved(card: PolicyScorecard) -> None:
    """Log-probabilities of held-out responses."""
    figure = drift_chart(card)
    _ui.chart(figure, "po_drift", alt=describe(figure), rows=lambda: policy_table(card), name="policy-drift")
    st.caption(
        "A policy can widen the gap by making both less likely. Where the preferred responses fall far below zero,"
        " something that is in neither has become likelier: read its responses."
    )


def against_kl(card: PolicyScorecard) -> None:
    """The curve, with the point to stop at."""
    if card.curve is None:
        st.info("Nothing was measured along the way. Have some prompts answered when training.")
        return
    said = curve_sentence(card)
    if said:
        st.markdown(_ui.safe(said))
    curve = card.curve
    figure = curve_chart(curve)
    if figure.data:
        _ui.chart(figure, "po_curve", alt=describe(figure), rows=lambda: curve_table(curve), name="reward-against-kl")
    else:
        st.dataframe(curve_table(curve), hide_index=True, key="po_points", alt="KL divergence by step")
        st.caption("Nobody judged the checkpoints. Name a judge when training to see where to stop.")
    st.caption(
        f"{curve.prompts:,} held-out prompts answered at every checkpoint. The best of several steps is a little worse"
        " than it looks, being chosen for looking best."
    )


def responses(run: Run, card: PolicyScorecard) -> None:
    """What happened to responses, and the responses themselves."""
    if not card.sampled_prompts:
        st.info("No prompt was answered. Have some answered when training.")
        return
    st.dataframe(responses_table(card), hide_index=True, key="po_responses", alt="Responses before and after")
    st.caption(
        f"{card.samples_each} responses of at most {card.new_tokens:,} tokens to each of {card.sampled_prompts:,}"
        " held-out prompts, drawn with one seed from both."
    )
    table = read_samples(run.folder)
    if table.empty:
        return
    event = st.dataframe(
        table,
        hide_index=True,
        key="po_samples",
        on_select="rerun",
        selection_mode="single-row",
        height=260,
        alt="Prompts with a response of the policy and of the reference",
    )
    rows = event["selection"]["rows"] if event else []
    if not rows or rows[0] >= len(table):
        st.caption("Pick a row to read both responses in full. No figure replaces reading some.")
        return
    row = table.iloc[rows[0]]
    with st.container(border=True):
        st.caption("Prompt")
        _ui.text_block(row["prompt"], empty="(no prompt)")
        for column, (title, name) in zip(
            st.columns(2), (("Policy", "policy"), ("Reference", "reference")), strict=True
        ):
            with column:
                st.caption(title)
                _ui.text_block(row[name], empty="(an empty response)")


def compare(data: AnnotationSet) -> None:
    """Finished policies of these data below one another."""
    done = [each for each in all_runs((KIND,)) if each.config.get("data") == data.key and each.status().state == "done"]
    cards: dict[str, PolicyScorecard] = {}
    for each in done[:12]:
        content = each.result()
        try:
            name = f"{each.title}, {moment(each.created_at)} ({each.id[-4:]})"
            cards[name] = policy_scorecard_from((content or {})["eval"])
        except (KeyError, TypeError, ValueError):
            continue
    if len(cards) < 2:
        st.info("There is no second finished policy of these data yet. Train another one with other labels.")
        return
    figure = policies_chart(cards)
    table = pd.concat([policy_table(c).assign(run=name) for name, c in cards.items()], ignore_index=True)
    _ui.chart(figure, "po_policies", alt=describe(figure), rows=lambda: table, name="policies-compared")
    st.caption("Runs with the same share held out are judged on the same pairs.")


def training(run: Run, result: Mapping[str, Any]) -> None:
    """How the training went."""
    train = result["train"]
    rate = train.get("pairs_per_second")
    st.write(
        _ui.safe(
            f"{train['steps']:,} steps on {train['device']}"
            + (f", {rate:.3g} pairs a second." if rate else ".")
            + (f" Gone on with at step {train['resumed_at']:,}." if train.get("resumed_at") else "")
        )
    )
    _runs.show_run(run, key="po_trained")
    last = {name: value for name, value in train.get("last", {}).items() if name != "step"}
    st.dataframe(
        pd.DataFrame({"Measure": list(last), "Last step": [f"{value:.4g}" for value in last.values()]}),
        hide_index=True,
        key="po_last",
        alt="Measures of the last step, under the names of TRL",
    )


data = _ui.require_data()
st.title("Policy")
_ui.need_extra("reward", "Training policies")
st.caption(
    "A language model fine-tuned on these labels, and held against pairs it has not seen, against the model it was made"
    " from, and against the rule that the longer text is better."
)
shown = _runs.chosen_run((KIND,), data=data.key)
start(data, opened=shown is None)
run = _runs.earlier_runs((KIND,), data=data.key, key="po_runs") or shown
if run is not None:
    status = _runs.show_run(run, key="po_run", chart=run.result() is None)
    found = result_of(run) if status.state == "done" else None
    if found is not None:
        show(data, run, *found)
