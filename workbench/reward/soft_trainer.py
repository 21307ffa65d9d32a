r"""TRL's RewardTrainer with labels that need not be certain: soft targets, margins by strength, weights, watching, and
no pickles.

Importing this module loads torch, transformers and TRL; `workbench.reward.finetune` does so when a model is trained.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import logsigmoid
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from trl import RewardTrainer

from workbench.errors import WorkbenchError
from workbench.progress import Cancelled, Watch
from workbench.reward import trainer_state


def preference_loss(margin: torch.Tensor, target: torch.Tensor, push: torch.Tensor | float = 0.0) -> torch.Tensor:
    r"""Loss of each pair: $-[q \ln\sigma(\Delta - m) + (1 - q) \ln\sigma(-\Delta - m)]$.

    Parameters
    ----------
    margin : (n,): score of A minus score of B, $\Delta$.
    target : (n,): probability $q$ that A is preferred; outside [0, 1] after a correction for label noise, in which the
        loss is linear.
    push : (n,): how far apart the two are to be at least, $m$ (the margin of Llama 2, Touvron et al. 2023, eq. 2); with
        $m = 0$ this is the Bradley-Terry loss with soft labels.

    >>> preference_loss(torch.zeros(2), torch.tensor([1.0, 0.5])).tolist()
    [0.6931471824645996, 0.6931471824645996]
    """
    return -(target * logsigmoid(margin - push) + (1 - target) * logsigmoid(-margin - push))


class PairCollator:
    """Both texts of each pair as one batch, all texts A first, padded to the longest; with target, push and weight.

    >>> rows = [{"chosen_ids": [1, 2, 3], "rejected_ids": [4, 5], "target": 0.8, "push": 0.0, "weight": 1.0}]
    >>> PairCollator(0)(rows)["input_ids"].tolist()
    [[1, 2, 3], [4, 5, 0]]
    """

    def __init__(self, pad: int, multiple: int = 1) -> None:
        self.pad = pad
        self.multiple = multiple

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """The batch."""
        ids = [row[name] for name in ("chosen_ids", "rejected_ids") for row in rows]
        batch = {
            "input_ids": self._padded(ids, self.pad),
            "attention_mask": self._padded([[1] * len(i) for i in ids], 0),
        }
        if "chosen_types" in rows[0]:
            batch["token_type_ids"] = self._padded(
                [row[name] for name in ("chosen_types", "rejected_types") for row in rows], 0
            )
        for name in ("target", "push", "weight"):
            batch[name] = torch.tensor([row[name] for row in rows], dtype=torch.float32)
        return batch

    def _padded(self, lists: list[list[int]], fill: int) -> torch.Tensor:
        width = max(len(each) for each in lists)
        width = -(-width // self.multiple) * self.multiple
        return torch.tensor([each + [fill] * (width - len(each)) for each in lists], dtype=torch.int64)


REPLACED = (
    "_save",
    "_save_checkpoint",
    "_save_optimizer_and_scheduler",
    "_load_optimizer_and_scheduler",
    "_save_rng_state",
    "_load_rng_state",
    "_save_scaler",
    "_load_scaler",
)
"""Methods of the libraries' trainer that stand here without their pickles."""


def refuse_other_trainers(trainer: type = RewardTrainer) -> None:
    """A library that has renamed one of these would write pickles again, and nobody would notice.

    Raises
    ------
    WorkbenchError : the trainer has no method of that name.
    """
    gone = [name for name in REPLACED if not hasattr(trainer, name)]
    if gone:
        raise WorkbenchError(
            f"The installed transformers and TRL save checkpoints in another way ({', '.join(gone)} is not there).",
            "Install the versions of constraints.txt: pip install -c constraints.txt transformers trl.",
        )


class SoftRewardTrainer(RewardTrainer):
    """RewardTrainer that learns from probabilities.

    Rows carry `chosen_ids` and `rejected_ids` (texts A and B), `target` (probability of A), `push` and `weight` (mean 1
    over the data).

    Parameters
    ----------
    watch : is asked before each pass whether to stop.
    about : what the checkpoints are of.
    """

    args: Any
    model: Any
    optimizer: Any
    lr_scheduler: Any
    processing_class: Any

    def __init__(self, *args: Any, watch: Watch, about: str, **more: Any) -> None:
        refuse_other_trainers()
        self.watch = watch
        self.about = about
        super().__init__(*args, **more)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,  # noqa: ARG002
    ) -> Any:
        """Mean loss of a batch: one forward pass for both texts."""
        if self.watch.stop_asked():
            raise Cancelled("Fine-tuning")
        read = {name: inputs[name] for name in ("input_ids", "attention_mask", "token_type_ids") if name in inputs}
        outputs = model(**read)
        a, b = outputs.logits.squeeze(-1).float().chunk(2)
        margin, target, weight = a - b, inputs["target"], inputs["weight"]
        loss = (weight * preference_loss(margin, target, inputs["push"])).mean()
        if self.args.center_rewards_coefficient:
            loss = loss + self.args.center_rewards_coefficient * ((a + b) ** 2).mean()
        self._note(margin.detach(), target, a.detach(), b.detach())
        return (loss, outputs) if return_outputs else loss

    def _note(self, margin: torch.Tensor, target: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> None:
        """Accuracy on pairs that prefer a side, and the spread of scores, averaged until the next line of the log."""
        mode = "train" if self.model.training else "eval"
        decided = target != 0.5
        right = ((margin > 0) == (target > 0.5))[decided].float()
        metrics: defaultdict[str, list[float]] = self._metrics[mode]
        if len(right):
            metrics["accuracy"].append(right.mean().item())
        metrics["margin"].append(margin.abs().mean().item())
        metrics["mean_reward"].append(((a + b) / 2).mean().item())

    # ------------------------------------------------------------ checkpoints without pickles

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        """Weights as safetensors, configuration and tokenizer; the training arguments, a pickle, are left out."""
        if not self.args.should_save:
            return
        folder = str(output_dir or self.args.output_dir)
        os.makedirs(folder, exist_ok=True)
        unwrapped = self.accelerator.unwrap_model(self.model, keep_torch_compile=False)
        unwrapped.save_pretrained(folder, state_dict=state_dict)
        self.processing_class.save_pretrained(folder)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        if self.args.should_save:
            trainer_state.mark_complete(
                Path(self._get_output_dir(trial=trial)) / f"checkpoint-{self.state.global_step}", self.about
            )

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        if self.args.should_save:
            trainer_state.save_optimizer(self.optimizer.state_dict(), Path(output_dir))
            trainer_state.write_json(Path(output_dir) / trainer_state.SCHEDULER, self.lr_scheduler.state_dict())

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            self.optimizer.load_state_dict(trainer_state.load_optimizer(Path(checkpoint)))
            self.lr_scheduler.load_state_dict(trainer_state.read_json(Path(checkpoint) / trainer_state.SCHEDULER))

    def _save_rng_state(self, output_dir: str) -> None:
        os.makedirs(output_dir, exist_ok=True)
        trainer_state.save_random(Path(output_dir), self.args.process_index)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            trainer_state.load_random(Path(checkpoint), self.args.process_index)

    def _save_scaler(self, output_dir: str) -> None:
        """Nothing: bfloat16 and float32 need no gradient scaler."""

    def _load_scaler(self, checkpoint: str | None) -> None:
        """Nothing was saved."""

    def create_model_card(self, *args: Any, **more: Any) -> None:
        """Nothing: the model folder gets a card of its own."""

    def _send_telemetry(self) -> None:
        """Nothing: what is trained here is nobody else's business."""


class Reporter(TrainerCallback):
    """Tells the watch each step with its loss, accuracy and rate, and ends the training where the watch says so.

    Attributes
    ----------
    cancelled : the work was asked to stop; a checkpoint is written first.
    history : step, loss, accuracy of each step.
    """

    def __init__(self, watch: Watch, pairs_per_step: int) -> None:
        self.watch = watch
        self.pairs_per_step = pairs_per_step
        self.cancelled: Cancelled | None = None
        self.history: list[dict[str, float]] = []
        self._clock = _Rate()

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:  # noqa: ARG002
        """Starts the clock."""
        self._clock.start(state.global_step)

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Passes one line of the trainer's log on."""
        if not logs or "loss" not in logs or not state.is_world_process_zero:
            return
        figures = {"loss": float(logs["loss"])}
        if "accuracy" in logs:
            figures["accuracy"] = float(logs["accuracy"])
        self.history.append({"step": float(state.global_step), **figures})
        rate = self._clock.per_second(state.global_step)
        if rate is not None:
            figures["pairs_per_second"] = rate * self.pairs_per_step
        try:
            self.watch.step(state.global_step, state.max_steps, "Fine-tuning", **figures)
        except Cancelled as asked:
            self.cancelled = asked
            control.should_save = True
            control.should_training_stop = True


class _Rate:
    """Steps a second since the first one."""

    def __init__(self) -> None:
        self.began: tuple[float, int] | None = None

    def start(self, step: int) -> None:
        import time

        self.began = self.began or (time.perf_counter(), step)

    def per_second(self, step: int) -> float | None:
        import time

        if self.began is None or step <= self.began[1]:
            return None
        return (step - self.began[1]) / max(time.perf_counter() - self.began[0], 1e-9)
