"""The choices of a training: what a head or a fine-tuning is started with."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import _ui
import streamlit as st

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.reward.encoders import encoder_named
from workbench.reward.finetune import PRECISIONS, TRACKERS
from workbench.reward.label_choice import usual_labels
from workbench.reward.pairs import label_sources
from workbench.reward.tokens import OVER_LENGTH

LABELS = {
    "auto": "As the data allow",
    "gold": "Gold",
    "raw": "Every judgement by itself",
    "majority": "Majority",
    "consensus": "Consensus, hard",
    "consensus-soft": "Consensus, probabilities",
    "dawid-skene": "Dawid-Skene, hard",
    "dawid-skene-soft": "Dawid-Skene, probabilities",
}
CUT = {
    "truncate": "cut as their kind of model is used to",
    "keep start": "cut at their end",
    "keep end": "cut at their beginning",
    "set aside": "left out, with their pairs",
}
PUSH = {"none": "None", "small": "Small (1, ⅔, ⅓, 0)", "large": "Large (3, 2, 1, 0)"}


def settings(data: AnnotationSet) -> dict[str, Any]:
    """Choices of a run, as its configuration."""
    what, how, judged = st.columns(3, gap="medium")
    with what:
        sources_known = [*LABELS, *(n for n in label_sources() if n not in LABELS)]
        labels = st.selectbox(
            "Labels",
            sources_known,
            sources_known.index(_ui.cached(usual_labels, data)),
            key="rm_labels",
            bind="query-params",
            format_func=lambda n: LABELS.get(n, n),
            help=(
                "What the model is taught. As the data allow: gold where there is any, otherwise the judgements of each"
                " item joined. Probabilities keep what the crew is unsure of."
            ),
        )
        model = st.segmented_control(
            "Model",
            ["head", "finetune"],
            default="head",
            key="rm_model",
            required=True,
            format_func={"head": "Head on an encoder", "finetune": "Fine-tuned"}.__getitem__,
            help=(
                "A head on frozen vectors takes seconds to minutes on a CPU. Fine-tuning changes the whole model;"
                " without a GPU it takes hours beyond a few hundred pairs."
            ),
        )
        named = st.text_input(
            "Encoder" if model == "head" else "Base model",
            key="rm_encoder",
            placeholder="all-MiniLM-L6-v2",
            help=(
                "A sentence encoder by name or folder; `hashed` needs no weights. Weights are read as safetensors only."
                if model == "head"
                else "A transformers model by name or folder; safetensors only."
            ),
        ).strip()
        encoder_line(named, model or "head")
    given: dict[str, Any] = {}
    with how:
        smoothing = st.slider(
            "Label smoothing",
            0.0,
            0.3,
            0.0,
            0.01,
            key="rm_smooth",
            help="Takes every label for wrong this often at most, so that none pulls the scores apart without end.",
        )
        flips = st.slider(
            "Correct for flipped labels",
            0.0,
            0.3,
            0.0,
            0.01,
            key="rm_flips",
            help=(
                "Corrects the loss for labels that name the wrong side this often: unbiased, and restless where the"
                " share is high."
            ),
        )
        push = st.selectbox(
            "Margin by strength",
            list(PUSH),
            key="rm_push",
            format_func=PUSH.__getitem__,
            help="Llama 2 pushed the scores of clearly better responses further apart; it gained half a point.",
        )
        given = (
            head_settings(named, smoothing, flips, push) if model == "head" else tuning(named, smoothing, flips, push)
        )
    with judged:
        share = st.slider(
            "Held out",
            5,
            50,
            20,
            5,
            format="%d%%",
            key="rm_share",
            help="Share of the pairs, whole prompt groups, that the model never sees and is judged by.",
        )
        slice_name = st.selectbox(
            "Source",
            ["", *(s.removeprefix("slice.") for s in data.slices)],
            key="rm_slice",
            format_func=lambda n: _ui.safe_plain(n) or "as the data have it",
            help="The slice that tells where pairs come from, such as the topic.",
        )
        others = {k.name: k.key for k in _ui.visible(30) if k.key != data.key and _ui.shelf().path(k.key).exists()}
        sets = st.multiselect(
            "Judge by other sets",
            list(others),
            key="rm_sets",
            format_func=_ui.safe_plain,
            placeholder="the share held out alone",
            help="Data sets opened here, each with its own scorecard; all pairs of these data are trained on then.",
        )
        plain = st.toggle(
            "Beside a plain model",
            key="rm_plain",
            help="Trains a second one on the same split with labels taken as certain: what did minding noise give?",
        )
        sources = st.toggle(
            "Leave out each source",
            key="rm_sources",
            disabled=model != "head" or not slice_name,
            help="Trains without each source in turn and judges by it. Needs a source, and a head.",
        )
        quantise = st.toggle(
            "Measure 8-bit weights",
            key="rm_quantise",
            disabled=named == "hashed",
            help="Pairs turned round, accuracy, size and time with the weights in 8 bits.",
        )
    return {
        "data": data.key,
        "labels": labels,
        "slice": slice_name or None,
        "share": share / 100,
        "model": model or "head",
        str(model or "head"): given,
        "plain": plain,
        "sources": bool(sources and model == "head" and slice_name),
        "quantise": bool(quantise and named != "hashed"),
        "seed": 0,
        **({"evaluations": {name: [str(_ui.shelf().path(others[name]).resolve())] for name in sets}} if sets else {}),
    }


def head_settings(named: str, smoothing: float, flips: float, push: str) -> dict[str, Any]:
    """Those of a head, as `HeadSettings` takes them."""
    surface = st.toggle(
        "Tell it what texts look like",
        True,
        key="rm_surface",
        help=(
            "Length, punctuation, layout. Without them the length rule is easier to beat by content alone, and harder"
            " to beat at all."
        ),
    )
    given: dict[str, Any] = {"surface": surface, "smoothing": smoothing, "flips": flips}
    return given | ({"encoder": named} if named else {}) | ({"margins": push} if push != "none" else {})


def tuning(named: str, smoothing: float, flips: float, push: str) -> dict[str, Any]:
    """Those of a fine-tuning, as `FineTuning` takes them."""
    steps = st.number_input(
        "Steps at most",
        0,
        1_000_000,
        200,
        50,
        key="rm_steps",
        help="0: one pass over the pairs, after which reward models overfit. A step is 16 pairs.",
    )
    longest = st.number_input(
        "Tokens read",
        16,
        8_192,
        256,
        64,
        key="rm_length",
        help="Of prompt and response together. Pairs over it are counted before anything is trained.",
    )
    cut = st.selectbox(
        "Longer texts are",
        list(OVER_LENGTH),
        key="rm_over",
        format_func=CUT.__getitem__,
        help="Of a conversation the roles and the beginning of the text always stay. How many pairs it is, is told.",
    )
    rank = st.number_input(
        "LoRA rank",
        0,
        256,
        0,
        8,
        key="rm_lora",
        help="0 trains all weights; 8 to 64 train small additions, which needs less memory.",
    )
    given = {
        "smoothing": smoothing,
        "flip_rate": flips,
        "strength_margin": {"none": 0.0, "small": 1.0, "large": 3.0}[push],
        "max_steps": int(steps),
        "max_length": int(longest),
        "over_length": cut or "truncate",
        "lora_rank": int(rank),
    }
    given |= pace(int(rank))
    return given | ({"base": named} if named else {})


def pace(rank: int) -> dict[str, Any]:
    """How the fine-tuning goes, where it is not to go as usual."""
    with st.popover("Pace"):
        rate = st.number_input(
            "Learning rate", 0.0, 0.1, 0.0, 1e-5, format="%.1e", key="rm_rate", help="0: 2e-5, and 2e-4 with LoRA."
        )
        epochs = st.number_input(
            "Passes", 0.1, 20.0, 1.0, 0.5, key="rm_epochs", help="Reward models overfit after one."
        )
        batch = st.number_input("Pairs a step", 1, 1_024, 16, 8, key="rm_batch")
        at_once = st.number_input(
            "Pairs at once",
            1,
            256,
            8,
            4,
            key="rm_at_once",
            help="Of one forward pass; a step of more is gathered from several, which needs less memory.",
        )
        warmup = st.slider("Warm-up", 0.0, 0.5, 0.1, 0.05, key="rm_warmup", help="Share of the steps the rate rises.")
        alpha = st.number_input(
            "LoRA alpha", 0, 1_024, 0, 8, key="rm_alpha", disabled=rank == 0, help="0: twice the rank."
        )
        targets = st.text_input(
            "LoRA layers",
            key="rm_targets",
            disabled=rank == 0,
            placeholder="all-linear",
            help="Names of layers, separated by commas, such as q_proj, v_proj; all linear ones by default.",
        )
        decay = st.number_input("Weight decay", 0.0, 1.0, 0.01, 0.01, key="rm_decay")
        every = st.number_input(
            "Look every so many steps",
            0,
            100_000,
            0,
            10,
            key="rm_every",
            help="At pairs that are not learned from. 0: never.",
        )
        patience = st.number_input(
            "End after looks without gain",
            0,
            100,
            0,
            key="rm_patience",
            disabled=every == 0,
            help="With the weights of the best look. 0: never.",
        )
        precision = st.selectbox("Precision", list(PRECISIONS), key="rm_precision")
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, 0, key="rm_seed", help="Of the last layer, the order of the pairs, and LoRA's start."
        )
        told = st.multiselect(
            "Tell",
            [name for name in TRACKERS if find_spec(name)],
            key="rm_trackers",
            placeholder="TensorBoard files alone",
            disabled=not any(find_spec(name) for name in TRACKERS),
            help=(
                "Trackers that are installed here (wandb, mlflow); offline unless they are set up. TensorBoard files"
                " are written always."
            ),
        )
        memory = st.toggle(
            "Save memory", key="rm_memory", help="Computes activations again in the backward pass: a third more time."
        )
    return {
        "epochs": float(epochs),
        "batch_size": int(batch),
        "pairs_at_once": int(at_once),
        "weight_decay": float(decay),
        "seed": int(seed),
        "report_to": tuple(told),
        "warmup": float(warmup),
        "evaluate_every": int(every),
        "patience": int(patience) if every else 0,
        "precision": precision,
        "save_memory": memory,
        **({"learning_rate": float(rate)} if rate else {}),
        **({"lora_alpha": int(alpha)} if alpha and rank else {}),
        **({"lora_targets": _layers(targets)} if targets.strip() and rank else {}),
    }


def _layers(typed: str) -> str | tuple[str, ...]:
    """Layers as they were typed: one name may stand for several, such as `all-linear`."""
    names = tuple(name for each in typed.split(",") if (name := each.strip()))
    return names[0] if names == ("all-linear",) else names


def encoder_line(named: str, model: str) -> None:
    """Which encoder will be used, and why that one."""
    try:
        found = encoder_named(named or None)
    except WorkbenchError as error:
        st.caption(_ui.safe(f"{error.what} {error.remedy}"))
        return
    if model == "head":
        why = ", words alone." if found.name == "hashed" else ", from this machine."
        if found.reason:
            why = f". {found.reason[:1].upper()}{found.reason[1:]}."
        st.caption(_ui.safe(f"In use: {found.name}{why}"))
