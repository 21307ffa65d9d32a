"""How much memory a head takes by the number of pairs: vectors read from the cache, features, choices and training.

Run `python benchmarks/reward_memory.py`; each size is a process of its own, whose largest resident size is printed.
`--pairs` names other sizes (1000000 takes an hour on two cores). Texts and their vectors are made up, and the vectors
are put where the cache keeps them, so that what is measured is all but the encoder itself.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

OUT = Path(__file__).with_name("REWARD_MEMORY.md")
BASE = "all-MiniLM-L6-v2"
A_SHARD = 100_000


def one(n: int) -> None:
    """Trains on so many pairs and prints the largest resident size before and after, and the seconds."""
    from workbench.reward.embedding_cache import EmbeddingCache, text_keys
    from workbench.reward.encoders import encoder_named
    from workbench.reward.pairs import Pairs
    from workbench.reward.settings import HeadSettings
    from workbench.reward.training import train

    rng = np.random.default_rng(0)
    a, b = (np.array([f"answer {side} {i}" for i in range(n)], object) for side in "ab")
    truth = rng.normal(size=384).astype(np.float32)
    e = np.full(n, "", object)
    lead = np.zeros(n)
    with tempfile.TemporaryDirectory() as folder:
        cache, encoder = EmbeddingCache(Path(folder)), encoder_named(BASE)
        for sign, texts in ((1, a), (-1, b)):
            for begin in range(0, n, A_SHARD):
                part = texts[begin : begin + A_SHARD]
                vectors = rng.normal(size=(len(part), 384)).astype(np.float32) / 20
                lead[begin : begin + A_SHARD] += sign * (vectors @ truth)
                for view in encoder.views():
                    cache._keep(view.key, text_keys(part.tolist()), vectors)
        target = (rng.random(n) < 1 / (1 + np.exp(-3 * lead))).astype(float)
        pairs = Pairs(
            prompt=e,
            response_a=a,
            response_b=b,
            target=target,
            level=(target < 0.5).astype(np.int8),
            levels=2,
            weight=np.ones(n),
            group=np.arange(n) // 4,
            source=e,
            item=np.arange(n),
            labels="made",
        )
        before, start = peak(), time.perf_counter()
        model = train(pairs, HeadSettings(encoder=BASE, penalty=3.0), cache=cache)
        assert model.head.coefficients[:384] @ (truth * model.scale[:384]) > 0, "the planted direction was not found"
        print(n, before, peak(), round(time.perf_counter() - start))


def peak() -> float:
    """Largest resident size so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measures each size in a process of its own, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, nargs="+", default=[25_000, 50_000, 100_000])
    parser.add_argument("--one", type=int)
    options = parser.parse_args()
    if options.one:
        one(options.one)
        return
    lines = [
        "# Memory of a reward head by the number of pairs",
        "",
        "`python benchmarks/reward_memory.py`; MiniLM's width, two texts a pair, four pairs a prompt; the largest",
        "resident size of the process, and what each pair added to it over the size before.",
        "",
        "| pairs | before training MB | largest MB | KB a further pair | seconds |",
        "|---|---|---|---|---|",
    ]
    last: tuple[int, float] | None = None
    for n in options.pairs:
        ended = subprocess.run(
            [sys.executable, __file__, "--one", str(n)], capture_output=True, text=True, check=True, env=os.environ
        )
        _, before, most, seconds = (float(v) for v in ended.stdout.split()[:4])
        more = f"{1024 * (most - last[1]) / (n - last[0]):.1f}" if last else "–"
        last = (n, most)
        lines.append(f"| {n:,} | {before:,.0f} | {most:,.0f} | {more} | {seconds:.0f} |")
        print(lines[-1], flush=True)
    OUT.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
