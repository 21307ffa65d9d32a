"""At certain labels the training is TRL's DPOTrainer, step for step."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.policy.made import tiny
from tests.reward.made import planted_pairs
from workbench.policy.settings import PolicySettings
from workbench.policy.training import open_base, train_on_texts
from workbench.reward.loop import order_of

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def losses_of_trl(rows: list[dict], settings: PolicySettings, folder: Path) -> list[dict[str, float]]:
    """The log of the libraries' trainer on these rows in this order."""
    os.environ["WANDB_DISABLED"] = "true"
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    class InOrder(DPOTrainer):
        def _get_train_sampler(self, *_: object) -> object:
            return torch.utils.data.SequentialSampler(self.train_dataset)

    ground = open_base(settings)  # the same start of the low-rank additions
    args = DPOConfig(
        output_dir=str(folder),
        per_device_train_batch_size=settings.batch_size,
        num_train_epochs=1,
        learning_rate=settings.rate,
        warmup_steps=0,
        beta=settings.beta,
        loss_type=["ipo" if settings.method == "ipo" else "sigmoid"],
        max_length=64,
        logging_steps=1,
        report_to="none",
        save_strategy="no",
        use_cpu=True,
        disable_tqdm=True,
        gradient_checkpointing=False,
        bf16=False,
        precompute_ref_log_probs=not settings.lora_rank,
    )
    trainer = InOrder(
        model=ground.model,
        args=args,
        train_dataset=Dataset.from_list(rows),
        processing_class=ground.tokenizer,
    )
    trainer.train()
    return [entry for entry in trainer.state.log_history if "loss" in entry]


@pytest.mark.parametrize(("method", "rank", "chat"), [("dpo", 0, False), ("dpo", 4, True), ("ipo", 0, False)])
def test_certain_labels_train_as_in_trl_step_for_step(method: str, rank: int, chat: bool, tmp_path: Path) -> None:
    pairs = planted_pairs(40, groups=20, seed=2)
    base = tiny(tmp_path / "base", pairs, chat=chat, steps=20)
    settings = PolicySettings(
        base=base,
        method=method,
        batch_size=8,
        pairs_at_once=8,
        learning_rate=2e-2,
        beta=0.5,
        warmup=0.0,
        lora_rank=rank,
        saves=1,
    )
    ours = train_on_texts(open_base(settings), pairs, settings, tmp_path / "ours").ended
    order = np.concatenate([order_of(40, 8, settings.seed, step) for step in range(ours.steps)])

    def row(i: int) -> dict:
        a, b = str(pairs.response_a[i]), str(pairs.response_b[i])
        chosen, rejected = (a, b) if pairs.target[i] > 0.5 else (b, a)
        if not chat:
            return {"prompt": f"{pairs.prompt[i]}\n\n", "chosen": chosen, "rejected": rejected}
        said = {"prompt": [("user", str(pairs.prompt[i]))], "chosen": [("assistant", chosen)]}
        said["rejected"] = [("assistant", rejected)]
        return {name: [{"role": r, "content": t} for r, t in turns] for name, turns in said.items()}

    theirs = losses_of_trl([row(int(i)) for i in order], settings, tmp_path / "theirs")
    print([round(each["loss"], 6) for each in ours.history])
    assert ours.history[-1]["loss"] < 0.95 * ours.history[0]["loss"]
    shared = ("loss", "grad_norm", "learning_rate", "rewards/chosen", "rewards/rejected", "rewards/accuracies")
    for name in (*shared, "rewards/margins", "logps/chosen", "logps/rejected"):
        mine, other = ([each[name] for each in log] for log in (ours.history, theirs))
        assert np.allclose(mine, other, rtol=2e-4, atol=2e-5), (name, mine, other)
