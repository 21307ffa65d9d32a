"""RLOO and GRPO through TRL: the policy samples, a reward model scores, the policy learns.

The trainers are TRL's own. What is added: rewards from models of this workbench, KL to the reference switched on
(TRL's GRPO has it off, and a reward model that is optimised without it is exploited), the watch, and no pickles: TRL
writes checkpoints with `torch.save`, so none are written here, and a run that was stopped begins again.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.policy.rewards import Reward
from workbench.policy.samples import prompts_with_room
from workbench.policy.settings import PolicySettings
from workbench.policy.training import Base, Trained, device_words
from workbench.progress import UNWATCHED, Cancelled, Watch
from workbench.reward.chat import turns_in
from workbench.reward.loop import AtSave, Ended
from workbench.reward.pairs import Pairs
from workbench.reward.quiet import quiet_libraries


def train_online(
    base: Base,
    pairs: Pairs,
    settings: PolicySettings,
    folder: Path,
    *,
    reward: Reward | None = None,
    at_save: AtSave | None = None,
    watch: Watch = UNWATCHED,
) -> Trained:
    """Trains on the policy's own samples to the prompts of these pairs; their labels are not looked at.

    Parameters
    ----------
    folder : for what the trainer writes, which is nothing that is read again.
    reward : scores samples.

    Raises
    ------
    WorkbenchError
        There is no reward, or no prompt leaves room for a sample.
    """
    if reward is None:
        raise WorkbenchError(
            f"The method {settings.method} learns from the scores of a reward model.", "Name its folder."
        )
    prompts = list(dict.fromkeys(str(p) for p in pairs.prompt))
    fine = prompts_with_room(base.tokenizer, prompts, base.longest, settings.max_new_tokens)
    asked = [prompts[i] for i in fine]
    aside = {"the prompt leaves no room for a sample": len(prompts) - len(fine)} if len(fine) < len(prompts) else {}
    trainer, of_steps = _trainer(base, asked, settings, folder, reward)
    told = _told(trainer, of_steps, max(of_steps // settings.saves, 1), at_save, watch)
    trainer.add_callback(told)
    with quiet_libraries(), contextlib.redirect_stdout(io.StringIO()):
        trainer.train()
    if told.cancelled is not None:
        raise told.cancelled
    bad = next((int(step["step"]) for step in told.history if not math.isfinite(step["loss"])), None)
    if bad is not None:
        raise WorkbenchError(f"The loss is no number any more from step {bad} on.", "Train with a lower learning rate.")
    base.model.eval()
    ended = Ended(steps=trainer.state.global_step, resumed_at=0, history=tuple(told.history), looks=(), early=False)
    return Trained(ended=ended, of_steps=of_steps, units=len(asked), device=device_words(), set_aside=aside)


def _trainer(
    base: Base, asked: Sequence[str], settings: PolicySettings, folder: Path, reward: Reward
) -> tuple[Any, int]:
    import torch
    from datasets import Dataset
    from transformers import PrinterCallback, ProgressCallback
    from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer

    kinds: dict[str, tuple[Any, Any]] = {"rloo": (RLOOConfig, RLOOTrainer), "grpo": (GRPOConfig, GRPOTrainer)}
    config, kind = kinds[settings.method]
    # TRL counts samples where we count prompts: a step of `batch_size` samples, all of a prompt together.
    at_once = max(settings.batch_size // settings.samples, 1) * settings.samples
    in_pass = math.ceil(len(asked) * settings.samples / at_once)
    of_steps = settings.max_steps or max(math.ceil(in_pass * settings.epochs), 1)
    args = config(
        output_dir=str(folder),
        per_device_train_batch_size=at_once,
        num_generations=settings.samples,
        max_completion_length=settings.max_new_tokens,
        temperature=settings.temperature,
        beta=settings.beta,
        max_steps=of_steps,
        learning_rate=settings.rate,
        warmup_steps=math.ceil(settings.warmup * of_steps),
        weight_decay=settings.weight_decay,
        bf16=base.half,
        use_cpu=not torch.cuda.is_available(),
        activation_checkpointing=settings.save_memory,
        gradient_checkpointing=None,
        save_strategy="no",
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
        seed=settings.seed,
        data_seed=settings.seed,
        dataloader_pin_memory=torch.cuda.is_available(),
    )

    def scored(prompts: list[Any], completions: list[Any], row: list[int], **_: Any) -> list[float]:  # noqa: ARG001
        return [float(x) for x in reward([asked[i] for i in row], [_words(c) for c in completions])]

    scored.__name__ = "reward_model"
    rows = [{"prompt": _as_prompt(base.tokenizer, prompt), "row": i} for i, prompt in enumerate(asked)]
    trainer = kind(
        model=base.model,
        reward_funcs=scored,
        args=args,
        train_dataset=Dataset.from_list(rows),
        processing_class=base.tokenizer,
    )
    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)
    return trainer, of_steps


def _as_prompt(tokenizer: Any, prompt: str) -> Any:
    turns = turns_in(prompt, "user")
    if tokenizer.chat_template:
        return [{"role": role, "content": text} for role, text in turns]
    return f"{prompt}\n\n"


def _words(completion: Any) -> str:
    """The text of a sample, which is a list of messages where prompts are conversations."""
    return str(completion if isinstance(completion, str) else completion[-1]["content"]).strip()


def _told(trainer: Any, of_steps: int, every: int, at_save: AtSave | None, watch: Watch) -> Any:
    """A callback that tells the watch each step, measures checkpoints, and ends the training where it is asked to."""
    from transformers import TrainerCallback

    class Told(TrainerCallback):
        def __init__(self) -> None:
            self.history: list[dict[str, float]] = []
            self.cancelled: Cancelled | None = None

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ARG002
            if not logs or "loss" not in logs:
                return
            numbers = {name: float(value) for name, value in logs.items() if isinstance(value, int | float)}
            self.history.append({"step": float(state.global_step), **numbers})
            shown = {name: numbers[name] for name in ("loss", "reward", "kl") if name in numbers}
            try:
                watch.step(state.global_step, of_steps, "Training", **shown)
            except Cancelled as asked:
                self.cancelled = asked
                control.should_training_stop = True

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
            step = state.global_step
            if at_save is not None and (step % every == 0 or step == of_steps):
                at_save(step, trainer.accelerator.unwrap_model(trainer.model))

    return Told()
