"""Fine-tunes a sequence classifier as a reward model on labels that need not be certain.

The training loop is TRL's RewardTrainer (`workbench.reward.soft_trainer` says what is added), so that accelerate, LoRA,
mixed precision and several GPUs work as they do there: `workbench.reward.launched` is what a launcher starts once for
each GPU.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import math
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.messages import message, name_of
from workbench.progress import UNWATCHED, Watch
from workbench.reward.lengths import LengthReport, TokenPairs, token_pairs
from workbench.reward.losses import corrected_target, smoothed_target, strength_push
from workbench.reward.pairs import Pairs
from workbench.reward.sequence_model import SequenceModel, base_model
from workbench.reward.tokens import OVER_LENGTH, OverLength, longest_readable


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    r"""How a model is fine-tuned.

    Attributes
    ----------
    base : folder of a transformers model, or its name on the hub where downloads are allowed.
    epochs : passes over the data; reward models overfit after one (Ouyang et al. 2022).
    max_steps : ends earlier where it is above zero.
    learning_rate, warmup, weight_decay : of AdamW; the rate rises over the first share `warmup` of the steps and falls
        to zero linearly.
    batch_size : pairs of one step, over all devices of one process.
    pairs_at_once : pairs of one forward pass; a step of more is gathered from several, which needs less memory.
    max_length : tokens of prompt and response together.
    over_length : whether longer texts are cut (`truncate`, `keep start`, `keep end`) or their pairs left out (`set
        aside`). Either way they are counted.
    smoothing : label smoothing, $q' = (1 - 2\varepsilon) q + \varepsilon$.
    flip_rate : corrects for labels that are flipped this often, $q' = (q - \varepsilon) / (1 - 2\varepsilon)$: unbiased
        (Natarajan et al. 2013, lemma 1), and the reverse of smoothing.
    strength_margin : how far apart "much better" pushes the scores; less for milder labels, zero for ties, and without
        effect where the scale has no strengths.
    centre : weight of the mean squared sum of both scores, which keeps them around zero (Eisenstein et al. 2023, eq.
        2).
    lora_rank : trains low-rank additions of this rank instead of all weights, where above zero; they are merged in the
        end.
    save_memory : recomputes activations in the backward pass: less memory, a third more time.
    saves : checkpoints over the run, at least.
    seed : of the last layer, the order of the pairs, and LoRA's start.
    """

    base: str
    epochs: float = 1.0
    max_steps: int = 0
    learning_rate: float = 2e-5
    warmup: float = 0.1
    weight_decay: float = 0.01
    batch_size: int = 16
    pairs_at_once: int = 8
    max_length: int = 512
    over_length: OverLength = "truncate"
    smoothing: float = 0.0
    flip_rate: float = 0.0
    strength_margin: float = 0.0
    centre: float = 0.01
    lora_rank: int = 0
    save_memory: bool = False
    saves: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        wrong = [
            ("passes over the data", self.epochs, 0 < self.epochs <= 1_000),
            ("learning rate", self.learning_rate, 0 < self.learning_rate <= 1),
            ("warm-up share", self.warmup, 0 <= self.warmup < 1),
            ("batch size", self.batch_size, self.batch_size >= 1),
            ("pairs at once", self.pairs_at_once, self.pairs_at_once >= 1),
            ("maximum length", self.max_length, self.max_length >= 8),
            ("label smoothing", self.smoothing, 0 <= self.smoothing < 0.5),
            ("flip rate", self.flip_rate, 0 <= self.flip_rate < 0.5),
            ("margin", self.strength_margin, 0 <= self.strength_margin <= 100),
            ("LoRA rank", self.lora_rank, self.lora_rank >= 0),
            ("checkpoints", self.saves, self.saves >= 1),
        ]
        for name, value, fine in wrong:
            if not fine:
                raise WorkbenchError(
                    f"A {name} of {value} cannot be used.",
                    message("See ", name_of("train_help"), " for what each setting means."),
                )
        if self.over_length not in OVER_LENGTH:
            raise WorkbenchError(
                f"Pairs over the maximum length cannot be {self.over_length!r}.",
                f"Choose one of {', '.join(OVER_LENGTH)}.",
            )

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON holds them; the base by its folder's name alone."""
        return {**asdict(self), "base": Path(self.base).name}


@dataclass(frozen=True, kw_only=True)
class FineTuned:
    """What came of it.

    Attributes
    ----------
    model : scores texts.
    lengths : how many pairs were too long, and what became of them.
    steps, of_steps : steps made, and planned.
    history : loss and accuracy of each step since the last checkpoint the run went on from.
    device : what it ran on, in words.
    resumed_at : the step a checkpoint was taken up at, 0 for a run from the start.
    """

    model: SequenceModel
    lengths: LengthReport
    steps: int
    of_steps: int
    history: tuple[dict[str, float], ...] = field(repr=False, default=())
    device: str = "CPU"
    resumed_at: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON holds it, without the history."""
        return {
            "lengths": self.lengths.to_dict(),
            "steps": self.steps,
            "of_steps": self.of_steps,
            "device": self.device,
            "resumed_at": self.resumed_at,
        }


def fine_tune(pairs: Pairs, settings: FineTuning, folder: Path, watch: Watch = UNWATCHED) -> FineTuned:
    """Trains a reward model on these pairs, or goes on from the newest checkpoint in `folder`.

    Parameters
    ----------
    pairs : with targets; ties pull the two scores together.
    folder : for checkpoints. One of the same settings and pairs is taken up; half-written ones are passed over.
    watch : is told loss, accuracy and rate of each step, and can end the training: a checkpoint is written, then
        `Cancelled` is raised.

    Raises
    ------
    WorkbenchError
        The base cannot be read, nothing is left to train on, or the loss is no number any more.
    """
    if len(pairs) == 0:
        raise WorkbenchError("There is no pair to train on.", "Look at what was set aside, and why.")
    watch.step(0, 0, "Loading the model")
    _one_gpu()
    _whole_models_only()
    import torch
    from transformers import set_seed

    from workbench.reward.quiet import quiet_libraries
    from workbench.reward.soft_trainer import PairCollator, Reporter, SoftRewardTrainer

    set_seed(settings.seed)
    model, tokenizer = base_model(settings.base, train=True)
    length, over = longest_readable(tokenizer, model.config, settings.max_length), settings.over_length
    read = token_pairs(tokenizer, pairs, length, over, watch)
    watch.step(0, 0, str(read.report))
    about = _about(pairs, settings)
    rows = training_rows(read, pairs, settings)
    args, of_steps = _arguments(settings, len(read.kept), folder)
    reporter = Reporter(watch, args.per_device_train_batch_size * args.gradient_accumulation_steps * args.world_size)
    with quiet_libraries(), _full_disk_as_such():
        trainer = SoftRewardTrainer(
            model=model,
            args=args,
            train_dataset=rows,
            processing_class=tokenizer,
            data_collator=PairCollator(tokenizer.pad_token_id or 0),
            callbacks=[reporter],
            peft_config=_lora(settings),
            watch=watch,
            about=about,
        )
        _without_printing(trainer)
        begun = _checkpoint(folder, about)
        trainer.train(resume_from_checkpoint=str(begun) if begun else None)
    if reporter.cancelled is not None:
        raise reporter.cancelled
    if any(not math.isfinite(step["loss"]) for step in reporter.history):
        bad = next(int(step["step"]) for step in reporter.history if not math.isfinite(step["loss"]))
        raise WorkbenchError(f"The loss is no number any more from step {bad} on.", "Train with a lower learning rate.")
    trained = trainer.accelerator.unwrap_model(trainer.model)
    if settings.lora_rank:
        trained = trained.merge_and_unload()
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    return FineTuned(
        model=SequenceModel(trained.eval(), tokenizer, length, over_length="truncate" if over == "set aside" else over),
        lengths=read.report,
        steps=trainer.state.global_step,
        of_steps=of_steps,
        history=tuple(reporter.history),
        device=device,
        resumed_at=int(begun.name.rpartition("-")[2]) if begun else 0,
    )


def training_rows(read: TokenPairs, pairs: Pairs, settings: FineTuning) -> Any:
    """The rows the trainer reads: tokens of both texts, target, push and weight of each pair."""
    from datasets import Dataset

    kept = read.kept
    weight = pairs.weight[kept]
    total = weight.mean()
    if not total > 0:
        raise WorkbenchError("All pairs have weight zero.", "Give some pair a weight.")
    graded = pairs.levels > 2
    push = strength_push(pairs.level, pairs.levels, (settings.strength_margin, 0.0)) if graded else np.zeros(len(pairs))
    columns: dict[str, Any] = {
        "chosen_ids": [read.a.ids[i] for i in kept],
        "rejected_ids": [read.b.ids[i] for i in kept],
        "target": (
            corrected_target(smoothed_target(pairs.target[kept], settings.smoothing), settings.flip_rate).tolist()
        ),
        "push": push[kept].tolist(),
        "weight": (weight / total).tolist(),
    }
    if read.a.types:
        columns |= {"chosen_types": [read.a.types[i] for i in kept], "rejected_types": [read.b.types[i] for i in kept]}
    return Dataset.from_dict(columns)


def _arguments(settings: FineTuning, n: int, folder: Path) -> tuple[Any, int]:
    """The trainer's arguments, and how many steps they make."""
    import torch
    from trl import RewardConfig

    cuda = torch.cuda.is_available()
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    at_once = min(settings.pairs_at_once, settings.batch_size)
    gathered = -(-settings.batch_size // at_once)
    in_epoch = math.ceil(math.ceil(n / (at_once * processes)) / gathered)
    of_steps = max(math.ceil(in_epoch * settings.epochs), 1)
    if settings.max_steps > 0:
        of_steps = min(settings.max_steps, of_steps)
    options: dict[str, Any] = {
        "output_dir": str(folder),
        "per_device_train_batch_size": at_once,
        "gradient_accumulation_steps": gathered,
        "num_train_epochs": settings.epochs,
        "max_steps": of_steps,
        "learning_rate": settings.learning_rate,
        "warmup_steps": int(settings.warmup * of_steps),
        "weight_decay": settings.weight_decay,
        "center_rewards_coefficient": settings.centre or None,
        "max_length": None,
        "bf16": cuda and torch.cuda.is_bf16_supported(),
        "use_cpu": not cuda,
        "activation_checkpointing": settings.save_memory,
        "gradient_checkpointing": None,
        "save_strategy": "steps",
        "save_steps": max(of_steps // settings.saves, 1),
        "save_total_limit": 2,
        "logging_strategy": "steps",
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "disable_tqdm": True,
        "remove_unused_columns": False,
        "dataloader_pin_memory": cuda,
        "seed": settings.seed,
        "data_seed": settings.seed,
        "accelerator_config": {"use_seedable_sampler": True},
    }
    return RewardConfig(**options), of_steps


def _lora(settings: FineTuning) -> Any:
    if settings.lora_rank <= 0:
        return None
    from peft import LoraConfig, TaskType

    return LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=settings.lora_rank,
        lora_alpha=2 * settings.lora_rank,
        lora_dropout=0.0,
        target_modules="all-linear",
    )


def _checkpoint(folder: Path, about: str) -> Path | None:
    from workbench.reward.trainer_state import last_complete

    return last_complete(folder, about)


def _about(pairs: Pairs, settings: FineTuning) -> str:
    """What a checkpoint is of: settings and pairs, as a digest; a longer run of the same is another run."""
    digest = hashlib.blake2b(json.dumps(asdict(settings), sort_keys=True).encode(), digest_size=16)
    for column in (pairs.prompt, pairs.response_a, pairs.response_b):
        for text in column:
            digest.update(hashlib.blake2b(str(text).encode("utf-8", "surrogatepass"), digest_size=8).digest())
    for array in (pairs.target, pairs.weight, pairs.level):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _without_printing(trainer: Any) -> None:
    """Takes out the callbacks that print to the terminal."""
    from transformers import PrinterCallback, ProgressCallback

    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)


def _one_gpu() -> None:
    """Uses the first GPU where a single process sees several: what one process can use unless a launcher starts more.

    Several are used by starting `workbench.reward.launched` with `accelerate launch` or `torchrun`.
    """
    import torch

    if "WORLD_SIZE" not in os.environ and not torch.cuda.is_initialized() and torch.cuda.device_count() > 1:
        os.environ["CUDA_VISIBLE_DEVICES"] = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]


def _whole_models_only() -> None:
    """Refuses launchers that cut a model into pieces: their checkpoints are pickles of their own."""
    for name, title in (("ACCELERATE_USE_FSDP", "FSDP"), ("ACCELERATE_USE_DEEPSPEED", "DeepSpeed")):
        if os.environ.get(name, "").lower() == "true":
            raise WorkbenchError(
                f"Fine-tuning under {title} is not supported.",
                "Launch without it: every GPU then holds the whole model; LoRA makes that smaller.",
            )


@contextlib.contextmanager
def _full_disk_as_such() -> Iterator[None]:
    """Safetensors has an error of its own for a full disk; told as any other full disk."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        if "no space left" in str(error).lower():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise
