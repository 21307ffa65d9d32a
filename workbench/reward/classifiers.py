"""Opens reward models made elsewhere: sequence classifiers of transformers, in one file or in shards, whole or as a
LoRA adapter on its base, with one score or with two classes.

Only safetensors are read, and no code that lies beside the weights is run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError, first_five
from workbench.reward.tokens import longest_readable

LONGEST = 4_096
"""Tokens read of a text where neither model nor user sets a limit below it."""

_ADAPTER, _ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_GOOD = ("good", "positive", "chosen", "preferred", "accept", "better", "yes", "true", "helpful", "safe")


@dataclass(frozen=True, eq=False)
class Opened:
    """A classifier ready to score.

    Attributes
    ----------
    model, tokenizer : of transformers.
    limit : tokens it can read.
    good : position of the class that means "good" where there are two; None where there is one score.
    notes : what a user should know of how it is read.
    """

    model: Any
    tokenizer: Any
    limit: int
    good: int | None
    notes: tuple[str, ...]


def is_classifier(folder: Path) -> bool:
    """Whether a folder looks like a model of transformers or like an adapter, and not like one of the workbench."""
    return (folder / "config.json").is_file() or (folder / _ADAPTER).is_file()


def open_classifier(folder: Path, max_length: int | None = None, device: str | None = None) -> Opened:
    """Reads a sequence classifier.

    On a processor weights of any precision are computed with in 32 bits, which holds bfloat16 exactly; on a GPU they
    stay as they are.

    Parameters
    ----------
    max_length : tokens to read at most; what the model can by default.
    device : `cpu`, `cuda`, ...; a GPU where there is one by default.

    Raises
    ------
    WorkbenchError
        It cannot be read, has no scoring layer of its own, has more than two classes, or needs what is not here.
    """
    import torch
    from transformers import AutoTokenizer

    from workbench.reward.quiet import quiet_libraries

    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    adapter = (folder / _ADAPTER).is_file()
    base = _base_of(folder) if adapter else folder
    try:
        with quiet_libraries():
            named = folder if (folder / "tokenizer_config.json").is_file() else base
            tokenizer = AutoTokenizer.from_pretrained(named, local_files_only=True, trust_remote_code=False)
            model = _classifier(base, place, _outputs_of_adapter(folder) if adapter else None)
            if adapter:
                model = _with_adapter(model, folder)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, TypeError) as error:
        why = " ".join(str(error).split())[:160]
        raise WorkbenchError(
            f"The model {folder.name!r} cannot be read: {why}",
            "Name the folder of a transformers sequence classifier with config.json, safetensors and its tokenizer.",
        ) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model.config.get_text_config().pad_token_id = tokenizer.pad_token_id
    good, notes = _classes(model.config, folder)
    if adapter:
        notes = (*notes, f"a LoRA adapter on {base.name}, added to its weights")
    return Opened(
        model.eval().to(place) if not _quantised(model.config) else model.eval(),
        tokenizer,
        longest_readable(tokenizer, model.config.get_text_config(), max_length or LONGEST),
        good,
        notes,
    )


def _classifier(base: Path, device: str, outputs: int | None) -> Any:
    from transformers import AutoConfig, AutoModelForSequenceClassification

    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    config = AutoConfig.from_pretrained(base, **options)
    if _quantised(config) and device == "cpu":
        raise WorkbenchError(
            f"The weights of {base.name!r} are quantised ({_quantised(config)}), which needs a GPU.",
            "Score where there is one, or use the weights as they were trained.",
        )
    if outputs is not None:
        config.num_labels = outputs
    model, info = AutoModelForSequenceClassification.from_pretrained(
        base,
        config=config,
        use_safetensors=True,
        dtype="float32" if device == "cpu" else "auto",
        output_loading_info=True,
        **options,
    )
    missing = sorted(info["missing_keys"])
    if missing and outputs is None:
        raise WorkbenchError(
            f"{base.name!r} is no reward model: it has no weights for {first_five(missing)}.",
            "Name a sequence classifier that was trained to score, or fine-tune this one.",
        )
    return model


def _base_of(folder: Path) -> Path:
    from workbench.reward.weights import find_weights

    try:
        named = str(json.loads((folder / _ADAPTER).read_text("utf-8"))["base_model_name_or_path"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkbenchError(
            f"{_ADAPTER} in {folder.name} names no base model.", "Copy the whole folder again."
        ) from error
    if not (folder / _ADAPTER_WEIGHTS).is_file():
        raise WorkbenchError(
            f"There is no {_ADAPTER_WEIGHTS} in {folder.name}.", "Adapters are read as safetensors only."
        )
    beside = folder / named
    return beside if not Path(named).is_absolute() and beside.is_dir() else find_weights(named)


def _outputs_of_adapter(folder: Path) -> int | None:
    """How many scores the adapter's own last layer gives; None where it has none and the base's is used."""
    from safetensors import safe_open

    with safe_open(str(folder / _ADAPTER_WEIGHTS), framework="np") as kept:
        for name in kept.keys():  # noqa: SIM118
            parts = name.split(".")
            if parts[-1] == "weight" and {"score", "classifier", "out_proj"} & set(parts) and "lora" not in name:
                return int(kept.get_slice(name).get_shape()[0])
    return None


def _with_adapter(model: Any, folder: Path) -> Any:
    from peft import PeftModel

    return PeftModel.from_pretrained(model, str(folder), use_safetensors=True).merge_and_unload()


def _quantised(config: Any) -> str:
    """The way weights are held in few bits; '' where they are not."""
    found = getattr(config, "quantization_config", None) or {}
    name = found.get("quant_method", "") if isinstance(found, dict) else getattr(found, "quant_method", "")
    return str(getattr(name, "value", name))


def _classes(config: Any, folder: Path) -> tuple[int | None, tuple[str, ...]]:
    """Which of two classes is the good one, and what to say of it."""
    n = int(config.num_labels)
    if n == 1:
        return None, ()
    if n > 2:
        raise WorkbenchError(
            f"The model {folder.name!r} sorts texts into {n} classes, which are no score.",
            "Name a model with one score, or with two classes.",
        )
    names = [str((config.id2label or {}).get(k, k)) for k in (0, 1)]
    named = [k for k in (0, 1) if any(word in names[k].lower() for word in _GOOD)]
    good = named[0] if len(named) == 1 else 1
    return good, (f"two classes: the score is the logit of {names[good]!r} less that of {names[1 - good]!r}",)
