"""The training loop: AdamW over a model's trainable weights, on one device or one process for each, by accelerate.

A training that was stopped or killed ends as one that was not, to the last bit: weights, optimiser and random states
lie in checkpoints of safetensors and JSON, and the order of the units follows from seed and step alone.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Cancelled, Watch
from workbench.reward import trainer_state
from workbench.reward.event_file import EventFile

WEIGHTS, PROGRESS, BEST, TENSORBOARD = "weights.safetensors", "progress.json", "best.safetensors", "tensorboard"
LONGEST_GRADIENT = 1.0
KEPT = 2
"""Checkpoints that are kept."""

AtSave = Callable[[int, Any], None]
"""Is told step and model each time before a checkpoint is written."""

Sums = dict[str, tuple[float, float]]
"""Figures of some units: name -> their sum and how many went into it."""


class Objective(Protocol):
    """What is minimised."""

    @property
    def units(self) -> int:
        """How many there are to learn from."""

    def loss(self, model: Any, part: np.ndarray) -> tuple[torch.Tensor, Sums]:
        """Loss of each of these units, and figures to tell."""

    def held_back(self, model: Any) -> dict[str, float]:
        """Figures on units that are not learned from, `loss` among them; empty where there are none."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How it goes.

    Attributes
    ----------
    of_steps : steps in all.
    batch_size, at_once : units of a step in each process, and of a forward pass.
    learning_rate, warmup, weight_decay : of AdamW; the rate rises over so many steps and falls to zero linearly.
    saves : checkpoints over the run, at least.
    seed : of the order.
    half : compute in bfloat16.
    save_memory : recompute activations in the backward pass.
    evaluate_every, patience : steps between looks at what is held back, and how many of them without a smaller loss end
        the training with the weights of the smallest; 0 = never.
    report_to : further trackers of accelerate, such as `wandb` and `mlflow`.
    doing : what a run shows while it goes on.
    """

    of_steps: int
    batch_size: int
    at_once: int
    learning_rate: float
    warmup: int
    weight_decay: float
    saves: int
    seed: int
    half: bool = False
    save_memory: bool = False
    evaluate_every: int = 0
    patience: int = 0
    report_to: tuple[str, ...] = ()
    doing: str = "Fine-tuning"


@dataclass
class Progress:
    """Where a training stands.

    Attributes
    ----------
    history : figures of each step.
    looks : figures on what is held back, with their steps.
    best, waited : the smallest loss there, and looks since.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    looks: list[dict[str, float]] = field(default_factory=list)
    best: float = math.inf
    waited: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        best = self.best if math.isfinite(self.best) else None
        return {"history": self.history, "looks": self.looks, "best": best, "waited": self.waited}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Progress:
        """Back from `to_dict`."""
        best = math.inf if kept["best"] is None else float(kept["best"])
        return cls(list(kept["history"]), list(kept["looks"]), best, int(kept["waited"]))


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What came of it.

    Attributes
    ----------
    steps : made.
    resumed_at : the step it went on from; 0 for a training from the start.
    history, looks : as in `Progress`.
    early : whether it ended because nothing was gained any more.
    per_second : units a second in this process, saving and all; None for a run of no step.
    """

    steps: int
    resumed_at: int
    history: tuple[dict[str, float], ...]
    looks: tuple[dict[str, float], ...]
    early: bool
    per_second: float | None = None


def order_of(units: int, size: int, seed: int, step: int) -> np.ndarray:
    """The units of a step, from 0: every pass over them in an order of its own, the last step of a pass may be short.

    >>> sorted(np.concatenate([order_of(3, 2, 0, 0), order_of(3, 2, 0, 1)]).tolist())
    [0, 1, 2]
    """
    in_pass = math.ceil(units / size)
    order = np.random.default_rng([seed, step // in_pass]).permutation(units)
    begin = step % in_pass * size
    return order[begin : begin + size]


def run_loop(
    model: Any,
    objective: Objective,
    pace: Pace,
    folder: Path,
    about: str,
    *,
    at_save: AtSave | None = None,
    watch: Watch = UNWATCHED,
) -> Ended:
    """Trains what of the model takes a gradient, or goes on from the newest checkpoint in `folder`.

    Parameters
    ----------
    model : is changed in place.
    about : what the checkpoints are of; those of other settings or data are refused.
    at_save : measures what is about to be kept, without a trace in random states or gradients.

    Raises
    ------
    WorkbenchError
        The loss is no number any more.
    Cancelled
        Somebody asked to stop; a checkpoint was written.
    """
    return _Loop(model, objective, pace, folder, about, watch, at_save).run()


class _Loop:
    def __init__(
        self,
        model: Any,
        objective: Objective,
        pace: Pace,
        folder: Path,
        about: str,
        watch: Watch,
        at_save: AtSave | None,
    ) -> None:
        from accelerate import Accelerator
        from transformers import get_linear_schedule_with_warmup

        self.objective, self.pace, self.folder, self.about, self.watch = objective, pace, folder, about, watch
        self.at_save = at_save
        self.accelerator = Accelerator(
            cpu=not torch.cuda.is_available(),
            mixed_precision="bf16" if pace.half else "no",
            log_with=list(pace.report_to) or None,
            project_dir=str(folder),
        )
        self.weights = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.optimiser = torch.optim.AdamW(self._groups(), lr=pace.learning_rate)
        self.schedule = get_linear_schedule_with_warmup(self.optimiser, pace.warmup, pace.of_steps)
        model.train()
        for part in model.modules():
            if isinstance(part, torch.nn.Dropout):
                part.p = 0.0  # the two texts of a pair are to be scored by the same model
        if pace.save_memory:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
            model.enable_input_require_grads()
        self.bare = model
        self.model = self.accelerator.prepare(model)
        self.progress = Progress()
        self.early = False

    @property
    def step(self) -> int:
        """Steps made."""
        return len(self.progress.history)

    def run(self) -> Ended:
        """From the newest checkpoint to the end."""
        begun = trainer_state.last_complete(self.folder, self.about)
        if begun is not None:
            self._take_up(begun)
        first, every = self.step, max(self.pace.of_steps // self.pace.saves, 1)
        events = EventFile(self.folder / TENSORBOARD) if self.accelerator.is_main_process else None
        if self.pace.report_to:
            self.accelerator.init_trackers("preference-workbench")
        clock = time.perf_counter()
        rate: float | None = None
        while self.step < self.pace.of_steps and not self.early:
            figures = self._one_step()
            told = {**figures, **self._look()}
            if events is not None:
                events.add(self.step, {f"train/{name}": value for name, value in told.items()})
            if self.pace.report_to:
                self.accelerator.log(told, step=self.step)
            rate = (self.step - first) * self._in_step / max(time.perf_counter() - clock, 1e-9)
            try:
                self.watch.step(self.step, self.pace.of_steps, self.pace.doing, **told, pairs_per_second=rate)
            except Cancelled:
                self._save()
                raise
            if self.step % every == 0 or self.step == self.pace.of_steps or self.early:
                if self.at_save is not None and self.accelerator.is_main_process:
                    self.at_save(self.step, self.bare)
                self._save()
        if self.pace.report_to:
            self.accelerator.end_training()
        if self.pace.patience and (self.folder / BEST).is_file():
            self._put_back(self.folder / BEST)
        self.bare.eval()
        return Ended(
            steps=self.step,
            resumed_at=first,
            history=tuple(self.progress.history),
            looks=tuple(self.progress.looks),
            early=self.early,
            per_second=rate,
        )

    @property
    def _in_step(self) -> int:
        return self.pace.batch_size * int(self.accelerator.num_processes)

    def _one_step(self) -> dict[str, float]:
        """Gradients of one step, gathered from as many passes as fit into memory; every process takes its share."""
        rank, world = self.accelerator.process_index, self.accelerator.num_processes
        which = order_of(self.objective.units, self._in_step, self.pace.seed, self.step)
        parts = list(_parts(which[rank::world], self.pace.at_once))
        # A process without a unit takes part all the same: the others wait for its gradient.
        real = 1.0 if parts else 0.0
        parts = parts or [which[:1]]
        sums: dict[str, np.ndarray] = {}
        for k, part in enumerate(parts):
            if self.watch.stop_asked() and world == 1:
                if (
                    k == 0
                ):  # later in a step random states have moved on, and the last checkpoint is where to go on from
                    self._save()
                raise Cancelled(self.pace.doing)
            with nullcontext() if k + 1 == len(parts) else self.accelerator.no_sync(self.model):
                with self.accelerator.autocast():
                    loss, said = self.objective.loss(self.model, part)
                self.accelerator.backward(loss.sum() * real * world / len(which))
            for name, pair in {"loss": (float(loss.detach().sum()), float(len(part))), **said}.items():
                sums[name] = sums.get(name, np.zeros(2)) + np.multiply(pair, real)
        found = {name: float(total / n) for name, (total, n) in self._gathered(sums).items() if n > 0}
        if not math.isfinite(found["loss"]):
            raise WorkbenchError(
                f"The loss is no number any more from step {self.step + 1} on.", "Train with a lower learning rate."
            )
        found["grad_norm"] = float(self.accelerator.clip_grad_norm_(list(self.weights.values()), LONGEST_GRADIENT))
        found["learning_rate"] = float(self.schedule.get_last_lr()[0])
        self.optimiser.step()
        self.schedule.step()
        self.optimiser.zero_grad()
        self.progress.history.append({"step": float(self.step + 1), **found})
        return found

    def _gathered(self, sums: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        if self.accelerator.num_processes == 1:
            return sums
        from accelerate.utils import gather_object

        found: dict[str, np.ndarray] = {}
        for each in gather_object([{name: value.tolist() for name, value in sums.items()}]):
            for name, value in each.items():
                found[name] = found.get(name, np.zeros(2)) + value
        return found

    def _look(self) -> dict[str, float]:
        """Figures on what is held back, where it is time for them."""
        pace = self.pace
        if not pace.evaluate_every or (self.step % pace.evaluate_every and self.step != pace.of_steps):
            return {}
        self.bare.eval()
        with torch.no_grad(), self.accelerator.autocast():
            found = self.objective.held_back(self.bare)
        self.bare.train()
        if not found:
            return {}
        told = {f"held_back_{name}": value for name, value in found.items()}
        self.progress.looks.append({"step": float(self.step), **found})
        if found["loss"] < self.progress.best:
            self.progress.best, self.progress.waited = found["loss"], 0
            if pace.patience and self.accelerator.is_main_process:
                self._write_weights(self.folder / BEST)
        else:
            self.progress.waited += 1
        self.early = bool(pace.patience) and self.progress.waited >= pace.patience
        return told

    def _groups(self) -> list[dict[str, Any]]:
        """Weights that are pulled towards zero, and vectors (norms, biases), which are not."""
        taken = list(self.weights.values())
        return [
            {"params": [p for p in taken if p.ndim > 1], "weight_decay": self.pace.weight_decay},
            {"params": [p for p in taken if p.ndim <= 1], "weight_decay": 0.0},
        ]

    def _save(self) -> None:
        folder = self.folder / f"checkpoint-{self.step}"
        if self.accelerator.is_main_process and not self.folder.parent.is_dir():
            raise Cancelled("saving a checkpoint")  # deleted while it worked: nothing of it is made again
        folder.mkdir(parents=True, exist_ok=True)
        trainer_state.save_random(folder, self.accelerator.process_index)
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            self._write_weights(folder / WEIGHTS)
            trainer_state.save_optimizer(self.optimiser.state_dict(), folder)
            trainer_state.write_json(folder / trainer_state.SCHEDULER, self.schedule.state_dict())
            trainer_state.write_json(folder / PROGRESS, self.progress.to_dict())
            trainer_state.mark_complete(folder, self.about)
            _forget_old(self.folder)
        self.accelerator.wait_for_everyone()

    def _write_weights(self, path: Path) -> None:
        from safetensors.torch import save_file

        draft = path.with_name(f".{path.name}.draft")
        save_file({name: p.detach().contiguous().cpu() for name, p in self.weights.items()}, str(draft))
        draft.replace(path)

    def _put_back(self, path: Path) -> None:
        from safetensors.torch import load_file

        kept = load_file(str(path))
        with torch.no_grad():
            for name, p in self.weights.items():
                p.copy_(kept[name])

    def _take_up(self, folder: Path) -> None:
        self._put_back(folder / WEIGHTS)
        self.optimiser.load_state_dict(trainer_state.load_optimizer(folder))
        self.schedule.load_state_dict(trainer_state.read_json(folder / trainer_state.SCHEDULER))
        self.progress = Progress.from_dict(trainer_state.read_json(folder / PROGRESS))
        self.early = bool(self.pace.patience) and self.progress.waited >= self.pace.patience
        trainer_state.load_random(folder, self.accelerator.process_index)


def _parts(which: Sequence[int] | np.ndarray, size: int) -> Iterator[np.ndarray]:
    for begin in range(0, len(which), size):
        yield np.asarray(which[begin : begin + size])


def _forget_old(folder: Path) -> None:
    numbered = sorted(
        (int(tail), path) for path in folder.glob("checkpoint-*") if (tail := path.name.rpartition("-")[2]).isdigit()
    )
    for _, path in numbered[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)
