"""Fine-tunes a sequence classifier as a reward model on labels that need not be certain.

The loop is `workbench.reward.loop`, on accelerate: mixed precision and several GPUs work as they do there, and
`workbench.reward.launched` is what a launcher starts once for each GPU. LoRA is peft's.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import math
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.messages import message, name_of
from workbench.progress import UNWATCHED, Watch
from workbench.reward.lengths import LengthReport, TokenPairs, token_pairs
from workbench.reward.losses import corrected_target, smoothed_target, strength_push
from workbench.reward.pairs import Pairs
from workbench.reward.sequence_model import SequenceModel, base_model
from workbench.reward.tokens import OVER_LENGTH, OverLength, longest_readable

if TYPE_CHECKING:
    from workbench.reward.loop import Pace
    from workbench.reward.pair_objective import PairObjective

RATE, LORA_RATE = 2e-5, 2e-4
PRECISIONS = ("auto", "float32", "bfloat16")
TRACKERS = ("wandb", "mlflow")


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    r"""How a model is fine-tuned.

    Attributes
    ----------
    base : folder of a transformers model, or its name on the hub where downloads are allowed.
    epochs : passes over the data; reward models overfit after one (Ouyang et al. 2022).
    max_steps : ends earlier where it is above zero.
    learning_rate, warmup, weight_decay : of AdamW; the rate rises over the first share `warmup` of the steps and falls
        to zero linearly. Without a rate 2e-5, and 2e-4 for low-rank additions, which learn nothing at the other.
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
    lora_alpha : they are multiplied by this over the rank; twice the rank by default.
    lora_targets : layers that get them, `all-linear` or names of layers.
    precision : `auto` = bfloat16 where the device has it, else float32; or one of the two.
    evaluate_every, patience : steps between looks at pairs that are not learned from (those the temperature is fitted
        on), and how many looks without a smaller loss end the training with the best weights; 0 = never.
    report_to : `wandb`, `mlflow`: trackers that are installed; TensorBoard files are written always.
    save_memory : recomputes activations in the backward pass: less memory, a third more time.
    saves : checkpoints over the run, at least.
    seed : of the last layer, the order of the pairs, and LoRA's start.
    """

    base: str
    epochs: float = 1.0
    max_steps: int = 0
    learning_rate: float | None = None
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
    lora_alpha: int | None = None
    lora_targets: str | tuple[str, ...] = "all-linear"
    precision: str = "auto"
    evaluate_every: int = 0
    patience: int = 0
    report_to: tuple[str, ...] = ()
    save_memory: bool = False
    saves: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        wrong = [
            ("passes over the data", self.epochs, 0 < self.epochs <= 1_000),
            ("learning rate", self.learning_rate, self.learning_rate is None or 0 < self.learning_rate <= 1),
            ("warm-up share", self.warmup, 0 <= self.warmup < 1),
            ("batch size", self.batch_size, self.batch_size >= 1),
            ("pairs at once", self.pairs_at_once, self.pairs_at_once >= 1),
            ("maximum length", self.max_length, self.max_length >= 8),
            ("label smoothing", self.smoothing, 0 <= self.smoothing < 0.5),
            ("flip rate", self.flip_rate, 0 <= self.flip_rate < 0.5),
            ("margin", self.strength_margin, 0 <= self.strength_margin <= 100),
            ("LoRA rank", self.lora_rank, self.lora_rank >= 0),
            ("LoRA alpha", self.lora_alpha, self.lora_alpha is None or 0 < self.lora_alpha <= 10_000),
            ("precision", self.precision, self.precision in PRECISIONS),
            ("number of steps between looks", self.evaluate_every, self.evaluate_every >= 0),
            ("patience", self.patience, self.patience >= 0 and (self.patience == 0 or self.evaluate_every > 0)),
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

        for name in self.report_to:
            if name not in TRACKERS or find_spec(name) is None:
                raise WorkbenchError(
                    f"There is no tracker {name!r} here.",
                    f"Install it ({' or '.join(TRACKERS)}), or leave it out: TensorBoard files are written always.",
                )

    @property
    def rate(self) -> float:
        """The learning rate that is used.

        >>> FineTuning(base="m").rate, FineTuning(base="m", lora_rank=8).rate
        (2e-05, 0.0002)
        """
        return self.learning_rate or (LORA_RATE if self.lora_rank else RATE)

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON holds them; the base by its folder's name alone."""
        return {**asdict(self), "base": Path(self.base).name, "learning_rate": self.rate}


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
    looks : figures on pairs that were not learned from, where they were looked at.
    early : whether it ended because nothing was gained any more.
    """

    model: SequenceModel
    lengths: LengthReport
    steps: int
    of_steps: int
    history: tuple[dict[str, float], ...] = field(repr=False, default=())
    device: str = "CPU"
    resumed_at: int = 0
    looks: tuple[dict[str, float], ...] = ()
    early: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON holds it, without the history."""
        return {
            "lengths": self.lengths.to_dict(),
            "steps": self.steps,
            "of_steps": self.of_steps,
            "device": self.device,
            "resumed_at": self.resumed_at,
            "looks": list(self.looks),
            "early": self.early,
        }


def fine_tune(
    pairs: Pairs, settings: FineTuning, folder: Path, watch: Watch = UNWATCHED, aside: Pairs | None = None
) -> FineTuned:
    """Trains a reward model on these pairs, or goes on from the newest checkpoint in `folder`.

    Parameters
    ----------
    pairs : with targets; ties pull the two scores together.
    folder : for checkpoints and TensorBoard files. A checkpoint of the same settings and pairs is taken up;
        half-written ones are passed over.
    watch : is told loss, accuracy and rate of each step, and can end the training: a checkpoint is written, then
        `Cancelled` is raised.
    aside : pairs that are looked at and not learned from, where the settings say so.

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

    from workbench.reward.loop import run_loop
    from workbench.reward.quiet import quiet_libraries

    set_seed(settings.seed)
    model, tokenizer = base_model(settings.base, train=True)
    length, over = longest_readable(tokenizer, model.config, settings.max_length), settings.over_length
    read = token_pairs(tokenizer, pairs, length, over, watch)
    watch.step(0, 0, str(read.report))
    objective = objective_of(read, pairs, settings, tokenizer)
    if aside is not None and len(aside) and settings.evaluate_every:
        looked_at = token_pairs(tokenizer, aside, length, "truncate" if over == "set aside" else over)
        objective = replace(objective, aside=objective_of(looked_at, aside, settings, tokenizer))
    pace = _pace(settings, objective.units)
    with quiet_libraries(), _full_disk_as_such():
        trained = _with_lora(model, settings)
        _offline_trackers(settings, folder)
        ended = run_loop(trained, objective, pace, folder, _about(pairs, settings), watch=watch)
        if settings.lora_rank:
            trained = trained.merge_and_unload()
    return FineTuned(
        model=SequenceModel(trained.eval(), tokenizer, length, over_length="truncate" if over == "set aside" else over),
        lengths=read.report,
        steps=ended.steps,
        of_steps=pace.of_steps,
        history=ended.history[ended.resumed_at :],
        device=torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU",
        resumed_at=ended.resumed_at,
        looks=ended.looks,
        early=ended.early,
    )


def objective_of(read: TokenPairs, pairs: Pairs, settings: FineTuning, tokenizer: Any) -> PairObjective:
    """What is minimised: tokens of both texts, target, push and weight of each pair."""
    from workbench.reward.pair_objective import PairObjective

    kept = read.kept
    weight = pairs.weight[kept]
    total = weight.mean()
    if not total > 0:
        raise WorkbenchError("All pairs have weight zero.", "Give some pair a weight.")
    graded = pairs.levels > 2
    push = strength_push(pairs.level, pairs.levels, (settings.strength_margin, 0.0)) if graded else np.zeros(len(pairs))
    return PairObjective(
        a=read.a,
        b=read.b,
        kept=kept,
        target=corrected_target(smoothed_target(pairs.target[kept], settings.smoothing), settings.flip_rate),
        push=push[kept],
        weight=weight / total,
        pad=tokenizer.pad_token_id or 0,
        centre=settings.centre,
    )


def _pace(settings: FineTuning, n: int) -> Pace:
    """How the loop goes for so many pairs."""
    import torch

    from workbench.reward.loop import Pace

    processes = int(os.environ.get("WORLD_SIZE", "1"))
    in_epoch = math.ceil(n / (settings.batch_size * processes))
    of_steps = max(math.ceil(in_epoch * settings.epochs), 1)
    if settings.max_steps > 0:
        of_steps = min(settings.max_steps, of_steps)
    has = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return Pace(
        of_steps=of_steps,
        batch_size=settings.batch_size,
        at_once=min(settings.pairs_at_once, settings.batch_size),
        learning_rate=settings.rate,
        warmup=int(settings.warmup * of_steps),
        weight_decay=settings.weight_decay,
        saves=settings.saves,
        seed=settings.seed,
        half=settings.precision == "bfloat16" or (settings.precision == "auto" and has),
        save_memory=settings.save_memory,
        evaluate_every=settings.evaluate_every,
        patience=settings.patience,
        report_to=tuple(settings.report_to),
    )


def _with_lora(model: Any, settings: FineTuning) -> Any:
    """The model, with low-rank additions as all that is trained of it where these are asked for."""
    if settings.lora_rank <= 0:
        return model
    from peft import LoraConfig, TaskType, get_peft_model

    targets = settings.lora_targets
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha or 2 * settings.lora_rank,
        lora_dropout=0.0,
        target_modules=targets if isinstance(targets, str) else list(targets),
    )
    try:
        return get_peft_model(model, config)
    except ValueError as error:
        raise WorkbenchError(
            f"Low-rank additions cannot be made: {' '.join(str(error).split())[:160]}",
            "Name layers that the model has, or `all-linear`.",
        ) from error


def _offline_trackers(settings: FineTuning, folder: Path) -> None:
    """Trackers write to files unless whoever runs them has set them up otherwise."""
    if "wandb" in settings.report_to and "WANDB_API_KEY" not in os.environ:
        os.environ.setdefault("WANDB_MODE", "offline")
        os.environ.setdefault("WANDB_DIR", str(folder))
    if "mlflow" in settings.report_to:
        os.environ.setdefault("MLFLOW_TRACKING_URI", (folder / "mlruns").resolve().as_uri())


def _about(pairs: Pairs, settings: FineTuning) -> str:
    """What a checkpoint is of: settings and pairs, as a digest; a longer run of the same is another run."""
    digest = hashlib.blake2b(json.dumps(asdict(settings), sort_keys=True).encode(), digest_size=16)
    for column in (pairs.prompt, pairs.response_a, pairs.response_b):
        for text in column:
            digest.update(hashlib.blake2b(str(text).encode("utf-8", "surrogatepass"), digest_size=8).digest())
    for array in (pairs.target, pairs.weight, pairs.level):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


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
