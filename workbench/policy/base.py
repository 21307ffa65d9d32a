"""Opens causal language models from safetensors, and puts low-rank additions on them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.policy.settings import PolicySettings
from workbench.reward.quiet import quiet_libraries
from workbench.reward.weights import find_weights


def causal_model(name: Path | str, dtype: str = "float32") -> tuple[Any, Any]:
    """A causal language model without dropout, and its tokenizer, from a local folder, or by name where downloads are
    switched on.

    Raises
    ------
    WorkbenchError
        There is no such folder, downloads are off, what is there is no such model, or its tokenizer marks no end.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place = find_weights(str(name))
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        with quiet_libraries():
            tokenizer = AutoTokenizer.from_pretrained(place, **options)
            model = AutoModelForCausalLM.from_pretrained(place, use_safetensors=True, dtype=dtype, **options)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        why = " ".join(str(error).split())[:160]
        raise WorkbenchError(
            f"The model {place.name!r} cannot be read as a language model: {why}",
            "Name the folder of a causal model of transformers: config.json, model.safetensors and its tokenizer.",
        ) from error
    if tokenizer.eos_token_id is None:
        raise WorkbenchError(
            f"The tokenizer of {place.name!r} has no mark for the end of a text.",
            "Set eos_token in its tokenizer_config.json: without it a policy never learns to stop.",
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model.config.get_text_config().pad_token_id = tokenizer.pad_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    _without_dropout(model)
    return model.eval(), tokenizer


def with_low_rank_additions(model: Any, settings: PolicySettings) -> Any:
    """The model with additions of rank `lora_rank` that are zero at first; all its own weights are frozen."""
    from peft import LoraConfig, TaskType, get_peft_model

    targets = [each.strip() for each in settings.lora_targets.split(",") if each.strip()]
    config = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha or 2 * settings.lora_rank,  # type: ignore[arg-type]
        lora_dropout=0.0,
        target_modules="all-linear" if targets == ["all-linear"] else targets,
    )
    try:
        return get_peft_model(model, config)
    except ValueError as error:
        why = " ".join(str(error).split())[:200]
        raise WorkbenchError(
            f"Low-rank additions cannot be put on this model: {why}", "Name layers it has, or all-linear."
        ) from error


def as_reference(model: Any) -> AbstractContextManager[Any]:
    """Inside, a model with low-rank additions is the one it was made from; a model without any stays what it is."""
    return model.disable_adapter() if hasattr(model, "disable_adapter") else nullcontext()


def computes_in_half(settings: PolicySettings) -> bool:
    """Whether the model computes in bfloat16; log-probabilities are normalised and summed in float32 all the same.

    Raises
    ------
    WorkbenchError
        It was asked for and the processor has none.
    """
    import torch

    able = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    if settings.precision == "bf16" and torch.cuda.is_available() and not able:
        raise WorkbenchError("This card does not compute in bfloat16.", "Choose the precision fp32.")
    return settings.precision == "bf16" or (settings.precision == "auto" and able)


def computing(device: Any, half: bool) -> AbstractContextManager[Any]:
    """Inside, the model computes in bfloat16 where `half`; for training, the reference and measuring alike."""
    import torch

    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=half)


def positions_of(model: Any, tokenizer: Any, asked: int) -> int:
    """How many tokens are read: what was asked for, and no more than the model's positions allow."""
    known = getattr(model.config.get_text_config(), "max_position_embeddings", None) or asked
    return int(min(asked, known, tokenizer.model_max_length))


def _without_dropout(model: Any) -> None:
    from torch import nn

    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(getattr(module, "attention_dropout", None), float):
            module.attention_dropout = 0.0
