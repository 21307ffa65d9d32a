"""The training loop: a plain one on accelerate, that can be stopped anywhere and goes on bit for bit."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from workbench.errors import WorkbenchError
from workbench.policy.base import computing
from workbench.policy.objectives import Objective
from workbench.policy.settings import PolicySettings
from workbench.progress import UNWATCHED, Cancelled, Watch
from workbench.reward import trainer_state

WEIGHTS, PROGRESS = "trained.safetensors", "progress.json"
KEPT = 2
"""Checkpoints that are kept."""
LONGEST_GRADIENT = 1.0
"""Gradients are cut to this norm, as the libraries' trainers do."""

AtSave = Callable[[int, Any], None]
"""Is told the step and the model each time before a checkpoint is written."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What the loop did.

    Attributes
    ----------
    steps, of_steps : steps made, and planned.
    history : loss and other measures of every step.
    resumed_at : the step a checkpoint was taken up at, 0 for a run from the start.
    per_second : units a second in this process, without measuring and saving; None for a run of no step.
    """

    steps: int
    of_steps: int
    history: tuple[dict[str, float], ...] = field(repr=False)
    resumed_at: int
    per_second: float | None


def steps_of(units: int, settings: PolicySettings) -> int:
    """How many steps a training makes.

    >>> steps_of(33, PolicySettings(base="m", batch_size=16, epochs=2))
    6
    """
    planned = max(math.ceil(math.ceil(units / settings.batch_size) * settings.epochs), 1)
    return min(settings.max_steps, planned) if settings.max_steps else planned


def order_of(units: int, settings: PolicySettings, step: int) -> np.ndarray:
    """The units of a step, from 0: every pass over them in an order of its own, the last step of a pass may be short.

    >>> two = PolicySettings(base="m", batch_size=2)
    >>> sorted(np.concatenate([order_of(3, two, 0), order_of(3, two, 1)]).tolist())
    [0, 1, 2]
    """
    in_pass = math.ceil(units / settings.batch_size)
    order = np.random.default_rng([settings.seed, step // in_pass]).permutation(units)
    begin = step % in_pass * settings.batch_size
    return order[begin : begin + settings.batch_size]


def units_of(units: int, settings: PolicySettings) -> np.ndarray:
    """The units that a training comes to; all of them, but where it ends before one pass is over.

    >>> len(units_of(100, PolicySettings(base="m", batch_size=4, max_steps=3)))
    12
    """
    steps = min(steps_of(units, settings), math.ceil(units / settings.batch_size))
    return np.unique(np.concatenate([order_of(units, settings, step) for step in range(steps)]))


def fit(
    model: Any,
    objective: Objective,
    settings: PolicySettings,
    folder: Path,
    about: str,
    *,
    half: bool = False,
    at_save: AtSave | None = None,
    watch: Watch = UNWATCHED,
) -> Fitted:
    """Trains what of the model takes a gradient, or goes on from the newest checkpoint in `folder`.

    Parameters
    ----------
    model : is changed in place, and stays without dropout.
    about : what the checkpoints are of; those of other settings or data are refused.
    half : compute in bfloat16.

    Raises
    ------
    WorkbenchError
        The loss is no number any more.
    Cancelled
        Somebody asked to stop; a checkpoint was written.
    """
    from accelerate import Accelerator
    from transformers import get_linear_schedule_with_warmup

    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    weights = {name: p for name, p in model.named_parameters() if p.requires_grad}
    optimiser = torch.optim.AdamW(_grouped(model, settings), lr=settings.rate)
    of_steps = steps_of(objective.units, settings)
    schedule = get_linear_schedule_with_warmup(optimiser, math.ceil(settings.warmup * of_steps), of_steps)
    if settings.save_memory:
        _recompute_activations(model)
    wrapped, optimiser = accelerator.prepare(model, optimiser)
    begun = trainer_state.last_complete(folder, about)
    history: list[dict[str, float]] = []
    if begun is not None:
        history = _taken_up(begun, weights, optimiser, schedule)
    first = step = len(history)
    every, clock = max(of_steps // settings.saves, 1), _Clock()

    def save() -> None:
        if accelerator.is_main_process:
            _save(folder / f"checkpoint-{step}", about, weights, optimiser, schedule, history)
        accelerator.wait_for_everyone()

    while step < of_steps:
        which = order_of(objective.units, settings, step)
        with clock:
            found = _step(accelerator, wrapped, objective, which, settings, half, watch)
            found["grad_norm"] = float(accelerator.clip_grad_norm_(list(weights.values()), LONGEST_GRADIENT))
            found["learning_rate"] = schedule.get_last_lr()[0]
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
        step += 1
        if not math.isfinite(found["loss"]):
            raise WorkbenchError(
                f"The loss is no number any more from step {step} on.", "Train with a lower learning rate."
            )
        history.append({"step": float(step), **found})
        try:
            watch.step(step, of_steps, "Training", **found, **clock.per_second(len(which)))
        except Cancelled:
            save()
            raise
        if step % every == 0 or step == of_steps:
            if at_save is not None:
                at_save(step, model)
            save()
    model.eval()
    rate = clock.per_second(settings.batch_size).get("pairs_per_second")
    return Fitted(steps=step, of_steps=of_steps, history=tuple(history), resumed_at=first, per_second=rate)


def _step(
    accelerator: Any,
    model: Any,
    objective: Objective,
    which: np.ndarray,
    settings: PolicySettings,
    half: bool,
    watch: Watch,
) -> dict[str, float]:
    """Gradients of one step, gathered from as many passes as fit into memory; every process takes its share."""
    rank, world = accelerator.process_index, accelerator.num_processes
    parts = list(_parts(which[rank::world], settings.pairs_at_once))
    # A process without a unit takes part all the same: the others wait for its gradient.
    real = 1.0 if parts else 0.0
    parts = parts or [which[:1]]
    sums: defaultdict[str, np.ndarray] = defaultdict(lambda: np.zeros(2))
    for k, part in enumerate(parts):
        if watch.stop_asked() and world == 1:
            raise Cancelled("Training")
        with nullcontext() if k + 1 == len(parts) else accelerator.no_sync(model):
            with computing(model, half):
                loss, said = objective.loss(model, part)
            accelerator.backward(loss.sum() * real * world / len(which))
        sums["loss"] += (float(loss.detach().sum()) * real, len(part) * real)
        for name, pair in said.items():
            sums[name] += np.multiply(pair, real)
    if world > 1:
        sums = defaultdict(lambda: np.zeros(2), _over_processes(accelerator, sums))
    return {name: float(total / n) for name, (total, n) in sums.items() if n > 0}


def _over_processes(accelerator: Any, sums: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    from accelerate.utils import gather_object

    found: defaultdict[str, np.ndarray] = defaultdict(lambda: np.zeros(2))
    for each in gather_object([{name: value.tolist() for name, value in sums.items()}]):
        for name, value in each.items():
            found[name] += value
    accelerator.wait_for_everyone()
    return found


def _parts(which: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for begin in range(0, len(which), size):
        yield which[begin : begin + size]


def _grouped(model: Any, settings: PolicySettings) -> list[dict[str, Any]]:
    """Weights that are pulled towards zero, and vectors (norms, biases), which are not."""
    taken = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in taken if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in taken if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _recompute_activations(model: Any) -> None:
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    if hasattr(model, "enable_input_require_grads"):
        model.enable_input_require_grads()
    model.train()  # activations are recomputed in this mode alone; there is no dropout left


def _save(
    folder: Path, about: str, weights: dict[str, Any], optimiser: Any, schedule: Any, history: list[dict[str, float]]
) -> None:
    from safetensors.torch import save_file

    if not folder.parent.parent.is_dir():  # deleted while it worked: nothing of it is made again
        raise Cancelled("saving a checkpoint")
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: p.detach().contiguous().cpu() for name, p in weights.items()}, str(folder / WEIGHTS))
    trainer_state.save_optimizer(optimiser.state_dict(), folder)
    trainer_state.write_json(folder / trainer_state.SCHEDULER, schedule.state_dict())
    trainer_state.write_json(folder / PROGRESS, {"history": history})
    trainer_state.mark_complete(folder, about)
    _forget_old(folder.parent)


def _forget_old(folder: Path) -> None:
    import shutil

    numbered = sorted(
        (int(tail), path) for path in folder.glob("checkpoint-*") if (tail := path.name.rpartition("-")[2]).isdigit()
    )
    for _, path in numbered[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def _taken_up(folder: Path, weights: dict[str, Any], optimiser: Any, schedule: Any) -> list[dict[str, float]]:
    from safetensors.torch import load_file

    kept = load_file(str(folder / WEIGHTS))
    with torch.no_grad():
        for name, p in weights.items():
            p.copy_(kept[name])
    optimiser.load_state_dict(trainer_state.load_optimizer(folder))
    schedule.load_state_dict(trainer_state.read_json(folder / trainer_state.SCHEDULER))
    return list(trainer_state.read_json(folder / PROGRESS)["history"])


class _Clock:
    """Time spent in steps, the first one (which warms up) apart."""

    def __init__(self) -> None:
        self.seconds, self.steps = 0.0, -1

    def __enter__(self) -> None:
        self.began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.steps += 1
        if self.steps:
            self.seconds += time.perf_counter() - self.began

    def per_second(self, units: int) -> dict[str, float]:
        if self.steps < 1:
            return {}
        return {"pairs_per_second": self.steps * units / max(self.seconds, 1e-9)}
