"""How many pairs a second are trained on and how many texts embedded, beside TRL and sentence-transformers called
plainly in the same run.

Run `python benchmarks/reward_throughput.py`; it prints the tables and writes `benchmarks/REWARD_THROUGHPUT.md`.
`--pairs`, `--texts` and `--rounds` change the size. On a machine with a CUDA card the card is used, the default size is
larger, and the card is named.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from workbench.progress import Step, Watch
from workbench.reward.embedding_cache import EmbeddingCache
from workbench.reward.encoders import encoder_named
from workbench.reward.finetune import FineTuning, fine_tune
from workbench.reward.lengths import token_pairs
from workbench.reward.pairs import Pairs, pairs_of
from workbench.reward.sequence_model import base_model
from workbench.reward.weights import find_weights
from workbench.simulation.simulate import simulate

OUT = Path(__file__).with_name("REWARD_THROUGHPUT.md")
BASE = "all-MiniLM-L6-v2"
BATCH, LENGTH = 8, 128


class Clock:
    """Wall and processor seconds from the end of the first step, which warms up, to the last."""

    def __init__(self) -> None:
        self.at: list[tuple[float, float]] = []

    def tick(self) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.at.append((time.perf_counter(), time.process_time()))

    def rate(self, pairs: int) -> tuple[float, float]:
        """Pairs a second of wall time, and of processor time."""
        steps = len(self.at) - 1
        wall, cpu = (self.at[-1][k] - self.at[0][k] for k in (0, 1))
        return steps * pairs / wall, steps * pairs / max(cpu, 1e-9)


def material(n: int) -> Pairs:
    """Pairs of simulated texts with a label each."""
    data = simulate(4 * n, annotators=20, seed=2).data
    pairs = pairs_of(data, "majority")
    return pairs.take(np.arange(min(n, len(pairs))))


def ours(pairs: Pairs, folder: str) -> tuple[float, float]:
    """Fine-tuning of the workbench: soft labels, watching, checkpoints at the end."""
    clock = Clock()

    def seen(step: Step) -> None:
        if step.doing == "Fine-tuning":
            clock.tick()

    fine_tune(
        pairs,
        FineTuning(base=BASE, batch_size=BATCH, pairs_at_once=BATCH, max_length=LENGTH, saves=1),
        Path(folder),
        Watch(seen),
    )
    return clock.rate(BATCH)


def plainly(pairs: Pairs, folder: str) -> tuple[float, float]:
    """TRL's RewardTrainer as it comes, on the same tokens, chosen and rejected told apart, without checkpoints."""
    from datasets import Dataset
    from transformers import PrinterCallback, TrainerCallback
    from trl import RewardConfig, RewardTrainer

    from workbench.reward.quiet import quiet_libraries

    class Ticker(TrainerCallback):
        def on_step_end(self, *_: object, **__: object) -> None:
            clock.tick()

    clock = Clock()
    model, tokenizer = base_model(BASE, train=True)
    read = token_pairs(tokenizer, pairs, LENGTH)
    for_a = pairs.target > 0.5
    a, b = read.a.ids, read.b.ids
    rows = {
        "chosen_ids": [x if f else y for x, y, f in zip(a, b, for_a, strict=True)],
        "rejected_ids": [y if f else x for x, y, f in zip(a, b, for_a, strict=True)],
    }
    cuda = torch.cuda.is_available()
    args = RewardConfig(
        output_dir=folder,
        per_device_train_batch_size=BATCH,
        num_train_epochs=1,
        learning_rate=2e-5,
        bf16=cuda,
        use_cpu=not cuda,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        activation_checkpointing=False,
        gradient_checkpointing=None,
        logging_steps=1,
        max_length=None,
    )
    with quiet_libraries():
        trainer = RewardTrainer(
            model=model,
            args=args,
            train_dataset=Dataset.from_dict(rows),
            processing_class=tokenizer,
            callbacks=[Ticker()],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return clock.rate(BATCH)


def embedded(texts: list[str], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Texts a second of wall and of processor time: ours cold, ours kept on disk, sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    encoder = encoder_named(BASE)
    peer = SentenceTransformer(str(find_weights(BASE)), local_files_only=True)
    peer.encode(texts[:8])
    encoder.encode(texts[:8])
    found: dict[str, list[tuple[float, float]]] = {}
    vectors: dict[str, np.ndarray] = {}

    def timed(name: str, work: Callable[[], np.ndarray]) -> None:
        start, cpu = time.perf_counter(), time.process_time()
        vectors[name] = work()
        found.setdefault(name, []).append(
            (len(texts) / (time.perf_counter() - start), len(texts) / max(time.process_time() - cpu, 1e-9))
        )

    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            cache = EmbeddingCache(Path(folder))
            timed("sentence-transformers, `encode` as it comes", partial(peer.encode, texts, show_progress_bar=False))
            timed("workbench, for the first time", partial(cache.encode, encoder, texts))
            timed("workbench, kept on disk", partial(cache.encode, encoder, texts))
    worst = float(
        np.abs(vectors["workbench, for the first time"] - vectors["sentence-transformers, `encode` as it comes"]).max()
    )
    print(f"largest difference of a coordinate between the two: {worst:.1e}", file=sys.stderr)
    assert worst < 1e-4
    return found


def table(rates: dict[str, list[tuple[float, float]]], peer: str, unit: str) -> list[str]:
    """Medians over the rounds, and each row against the peer."""
    middle = {name: tuple(statistics.median(r[k] for r in several) for k in (0, 1)) for name, several in rates.items()}
    lines = [
        f"run | {unit} a second | rounds | {unit} a CPU second | of the peer's, in CPU seconds",
        "---|---:|---|---:|---:",
    ]
    for name, (wall, cpu) in middle.items():
        spread = f"{min(r[0] for r in rates[name]):,.1f} to {max(r[0] for r in rates[name]):,.1f}"
        lines.append(
            f"{name} | {wall:,.1f} | {spread} | {cpu:,.1f} |"
            f" {'' if name == peer or 'disk' in name else f'{cpu / middle[peer][1]:.2f} x'}"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    cuda = torch.cuda.is_available()
    parser.add_argument("--pairs", type=int, default=4_096 if cuda else 48)
    parser.add_argument("--texts", type=int, default=20_000 if cuda else 192)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    pairs = material(asked.pairs)
    rates: dict[str, list[tuple[float, float]]] = {}
    for _ in range(asked.rounds):
        for name, work in (("TRL RewardTrainer, as it comes", plainly), ("workbench, fine-tuning", ours)):
            with tempfile.TemporaryDirectory() as folder:
                rates.setdefault(name, []).append(work(pairs, folder))
                print(name, *(f"{x:.2f}" for x in rates[name][-1]), file=sys.stderr)
    more = material(asked.texts)
    texts = list(dict.fromkeys([*more.response_a, *more.response_b]))[: asked.texts]
    vectors = embedded(texts, asked.rounds)
    device = (
        torch.cuda.get_device_name()
        if cuda
        else f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads of torch; no GPU"
    )
    lines = [
        "# Training and embedding throughput",
        "",
        (
            "Written by `python"
            f" benchmarks/reward_throughput.py{f' {chr(32).join(sys.argv[1:])}' if sys.argv[1:] else ''}` on {device};"
            f" Python {platform.python_version()}, torch {torch.__version__};"
        ),
        (
            f"load average at the end {os.getloadavg()[0]:.1f}. Medians of {asked.rounds} rounds in turn, with the"
            " slowest and the fastest. Where the load is"
        ),
        "above the number of cores, CPU seconds compare what the programs do; wall times say how busy the machine was.",
        "",
        f"## Fine-tuning {BASE}",
        "",
        (
            f"{len(pairs):,} simulated pairs, {BATCH} a step, at most {LENGTH} tokens a text, from the end of the first"
            f" step to that of the last; {'bfloat16' if cuda else 'float32'}. Both train on the same tokens with the"
            " same optimizer; ours also has soft targets, weights and segment numbers, asks whether to stop, and"
            " reports each step."
        ),
        "",
        *table(rates, "TRL RewardTrainer, as it comes", "pairs"),
        "",
        "## Embedding",
        "",
        (
            f"{len(texts):,} distinct texts by {BASE}. Ours includes hashing the texts and writing or reading the"
            " vectors on disk."
        ),
        "",
        *table(vectors, "sentence-transformers, `encode` as it comes", "texts"),
        "",
    ]
    OUT.write_text("\n".join(lines), "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
