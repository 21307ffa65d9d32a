"""Embedding, fine-tuning and DPO: pairs a second beside the libraries' own, in one run, with the processor named.

    python benchmarks/gpu.py [--scale toy|full] [--encoder FOLDER] [--base FOLDER] [--policy FOLDER] > benchmarks/GPU.md

`toy` runs on a CPU in a minute with models made on the spot. `full` is for a card: bfloat16, the folders named. Both
programs of a part train on the same texts with the same optimizer and batch; times are from the end of the second step
to the end of the last one. CPU seconds are given beside wall time where there is no card: they say what the programs do
where the machine is busy.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from workbench.policy.settings import PolicySettings
from workbench.policy.tiny import make_tiny_model
from workbench.policy.training import device_words, open_base, train_on_texts
from workbench.progress import Step, Watch
from workbench.reward.pairs import Pairs
from workbench.reward.quiet import quiet_libraries

WORDS = (
    *("the", "a", "clear", "answer", "because", "water", "trees", "light", "careful", "reason", "steps", "with"),
    *("about", "nah", "meh", "dunno", "explain", "source"),
)


@dataclass(frozen=True)
class Size:
    """How much is done."""

    pairs: int
    words: int
    batch: int
    at_once: int
    texts: int


SIZES = {"toy": Size(40, 20, 8, 8, 64), "full": Size(2_048, 220, 32, 16, 8_192)}


@dataclass
class Clock:
    """Wall and processor time between the second step and the last one."""

    steps: int = 0
    wall: float = 0.0
    cpu: float = 0.0

    def step(self) -> None:
        """A step has ended."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        now, used = time.perf_counter(), time.process_time()
        if self.steps == 1:
            self.began, self.used = now, used
        self.steps += 1
        if self.steps > 2:
            self.wall, self.cpu = now - self.began, used - self.used

    def row(self, name: str, unit: int) -> str:
        """Units a second of wall time and of processor time."""
        done = (self.steps - 2) * unit
        return f"{name} | {done / self.wall:,.1f} | {done / max(self.cpu, 1e-9):,.1f}"


def pairs_of_words(size: Size, seed: int = 0) -> Pairs:
    """Pairs of random words, as long as real ones."""
    rng, n = np.random.default_rng(seed), size.pairs

    def texts(words: int) -> np.ndarray:
        return np.array(
            [" ".join(rng.choice(WORDS, max(int(rng.normal(words, words / 8)), 4))) for _ in range(n)], object
        )

    return Pairs(
        prompt=texts(size.words // 4),
        response_a=texts(size.words),
        response_b=texts(size.words),
        target=np.ones(n),
        level=np.zeros(n, np.int8),
        levels=2,
        weight=np.ones(n),
        group=np.arange(n),
        source=np.full(n, "", object),
        item=np.arange(n),
    )


def dpo_of_ours(pairs: Pairs, settings: PolicySettings) -> Clock:
    clock = Clock()

    def seen(step: Step) -> None:
        if step.doing == "Training":
            clock.step()

    with tempfile.TemporaryDirectory() as place:
        train_on_texts(open_base(settings), pairs, settings, Path(place) / "checkpoints", watch=Watch(seen))
    return clock


def dpo_of_trl(pairs: Pairs, settings: PolicySettings, *, precomputed: bool) -> Clock:
    from datasets import Dataset
    from transformers import PrinterCallback, ProgressCallback, TrainerCallback
    from trl import DPOConfig, DPOTrainer

    clock, ground = Clock(), open_base(settings)

    class Told(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            clock.step()

    rows = [
        {"prompt": f"{p}\n\n", "chosen": a, "rejected": b}
        for p, a, b in zip(pairs.prompt, pairs.response_a, pairs.response_b, strict=True)
    ]
    with tempfile.TemporaryDirectory() as place, quiet():
        args = DPOConfig(
            output_dir=place,
            per_device_train_batch_size=settings.pairs_at_once,
            gradient_accumulation_steps=settings.batch_size // settings.pairs_at_once,
            num_train_epochs=1,
            learning_rate=settings.rate,
            max_length=settings.max_length,
            bf16=ground.half,
            use_cpu=not torch.cuda.is_available(),
            precompute_ref_log_probs=precomputed,
            save_strategy="no",
            logging_steps=1,
            report_to="none",
            disable_tqdm=True,
            gradient_checkpointing=False,
        )
        trainer = DPOTrainer(
            model=ground.model,
            args=args,
            train_dataset=Dataset.from_list(rows),
            processing_class=ground.tokenizer,
            callbacks=[Told()],
        )
        for callback in (PrinterCallback, ProgressCallback):
            trainer.remove_callback(callback)
        trainer.train()
    return clock


def embedding(encoder: str | None, size: Size) -> list[str]:
    """Texts a second of an encoder, by us and as the library has it."""
    from workbench.reward.encoders import encoder_named

    found = encoder_named(encoder)
    if found.name == "hashed":
        return ["(no encoder on this machine) | – | –"]
    texts = pairs_of_words(Size(size.texts, size.words, 1, 1, 1), seed=1).response_a.tolist()
    rows = []
    found.encode(texts[:2])  # which loads the model; the library's is loaded before it is asked too
    for name, run in (("workbench", lambda: found.encode(texts)), *_of_the_library(found, texts)):
        began, used = time.perf_counter(), time.process_time()
        run()
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        rows.append(f"{name} | {len(texts) / wall:,.1f} | {len(texts) / max(cpu, 1e-9):,.1f}")
    return rows


def _of_the_library(found: Any, texts: list[str]) -> Iterator[tuple[str, Any]]:
    with contextlib.suppress(Exception):
        from sentence_transformers import SentenceTransformer

        from workbench.reward.weights import find_weights

        model = SentenceTransformer(str(find_weights(found.name)))
        yield "sentence-transformers, `encode` as it comes", lambda: model.encode(texts, show_progress_bar=False)


def fine_tuning(base: str, size: Size) -> str:
    """Pairs a second of a reward model's fine-tuning."""
    from workbench.reward.finetune import FineTuning, fine_tune

    clock = Clock()

    def seen(step: Step) -> None:
        if step.doing == "Fine-tuning":
            clock.step()

    settings = FineTuning(
        base=base, batch_size=size.batch, pairs_at_once=size.at_once, max_length=2 * size.words + 64, saves=1
    )
    with tempfile.TemporaryDirectory() as place:
        fine_tune(pairs_of_words(size), settings, Path(place), Watch(seen))
    return clock.row("workbench, fine-tuning of a reward model", size.batch)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    with quiet_libraries(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=list(SIZES), default="toy")
    parser.add_argument("--encoder", help="sentence encoder; by default what is on this machine")
    parser.add_argument("--base", help="model to fine-tune as a reward model; by default the encoder's")
    parser.add_argument("--policy", help="causal language model; by default a tiny one made on the spot")
    options = parser.parse_args()
    size = SIZES[options.scale]
    pairs = pairs_of_words(size)
    if not torch.cuda.is_available():
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    with tempfile.TemporaryDirectory() as place:
        policy = options.policy or str(
            make_tiny_model(Path(place) / "tiny", WORDS, width=64, layers=4, positions=4 * size.words)
        )
        settings = PolicySettings(
            base=policy,
            batch_size=size.batch,
            pairs_at_once=size.at_once,
            max_length=4 * size.words,
            saves=1,
            warmup=0.0,
        )
        dpo = [
            dpo_of_trl(pairs, settings, precomputed=False).row("TRL DPOTrainer, as it comes", size.batch),
            dpo_of_trl(pairs, settings, precomputed=True).row("TRL DPOTrainer, reference precomputed", size.batch),
            dpo_of_ours(pairs, settings).row("workbench, DPO on soft labels", size.batch),
        ]
    named = Path(options.policy).name if options.policy else "a Llama of 4 thin layers made on the spot"
    device = device_words()
    processor = device if torch.cuda.is_available() else f"{platform.machine()}, {os.cpu_count()} cores, no GPU"
    half = "bfloat16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "float32"
    lines = [
        "# Embedding, fine-tuning and DPO beside the libraries",
        "",
        f"Written by `python benchmarks/gpu.py --scale {options.scale}` on {processor}; Python"
        f" {platform.python_version()}, torch {torch.__version__}; load average {os.getloadavg()[0]:.1f}. Without a"
        " card, units a CPU second compare what the programs do; wall times say how busy the machine was.",
        "",
        f"## DPO, {named}",
        "",
        f"{size.pairs:,} pairs of about {size.words} words, {size.batch} a step, LoRA rank 16, {half}; from the end of"
        " the second step to that of the last.",
        "",
        "run | pairs a second | pairs a CPU second",
        "---|---:|---:",
        *dpo,
        "",
        "## Embedding",
        "",
        f"{size.texts:,} texts of about {size.words} words.",
        "",
        "run | texts a second | texts a CPU second",
        "---|---:|---:",
        *embedding(options.encoder, size),
        "",
        "## Fine-tuning",
        "",
        "run | pairs a second | pairs a CPU second",
        "---|---:|---:",
    ]
    base = options.base or options.encoder or "all-MiniLM-L6-v2"
    try:
        lines.append(fine_tuning(base, size))
    except Exception as error:
        lines.append(f"(not measured: {type(error).__name__}) | – | –")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
