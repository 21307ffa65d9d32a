"""What choosing in two stages loses: each part names its best pairs, and the choice is made among these.

    python benchmarks/selection_stages.py > benchmarks/SELECTION_STAGES.md

The pairs of the argument data (gold-labelled, 28 topics; see `WORKBENCH_REAL_DATA`), described by all-MiniLM-L6-v2, of
which 500 have labels; their prompts are dealt into parts by chance, as a hash deals them into buckets. Given is the
worth of the choice, as the strategy itself counts it, over its worth in one stage; mean and least over five seeds.
"""

from __future__ import annotations

import argparse
import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from workbench.formats import load
from workbench.reward.encoders import encoder_named
from workbench.reward.features import pair_features
from workbench.reward.heads import fit_bradley_terry
from workbench.reward.pairs import pairs_of
from workbench.selection import select
from workbench.selection.contract import Pool

DATA = (
    Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    / "ukpconvarg"
    / "strict-csv"
)
STRATEGIES = ("d_optimal", "uncertainty", "bald", "k_centre")
LABELLED = 500


def pool_of_arguments(rng: np.random.Generator) -> tuple[Pool, np.ndarray]:
    """The pool, and the prompt group of each of its pairs."""
    pairs = pairs_of(load(str(DATA)), slice="topic")
    x = pair_features(pairs, encoder_named()).matrix
    known = rng.permutation(len(pairs))[:LABELLED]
    head = fit_bradley_terry(x[known], pairs.target[known])
    votes = np.zeros((len(pairs), 2))
    votes[known, 0] = 1
    pool = Pool(
        features=x,
        margin=head.margin(x),
        probability=head.probability(x, moderated=True),
        covariance=head.covariance,
        votes=votes,
    )
    return pool, np.unique(pairs.response_a.astype(str), return_inverse=True)[1]


def rows_of(pool: Pool, rows: np.ndarray) -> Pool:
    """Some rows of a pool."""
    each = {name: getattr(pool, name)[rows] for name in ("features", "margin", "probability", "votes")}
    return replace(pool, **each)


def in_stages(pool: Pool, part: np.ndarray, budget: int, strategy: str, named: float, seed: int) -> float:
    """Worth of a choice among what the parts named."""
    voted = np.flatnonzero(pool.voted)
    finalists = []
    for k in np.unique(part):
        rows = np.flatnonzero(part == k)
        quota = math.ceil(named * budget * len(rows) / len(part))
        finalists.append(rows[select(rows_of(pool, rows), quota, strategy, seed).picks])
    rows = np.unique(np.concatenate([*finalists, voted]))
    return float(select(rows_of(pool, rows), budget, strategy, seed).gain.sum())


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=int, default=200)
    parser.add_argument("--parts", type=int, nargs="+", default=[4, 16, 64])
    parser.add_argument("--named", type=float, nargs="+", default=[1, 2, 4])
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    print(f"# {__doc__.strip().splitlines()[0]}\n")
    print(f"Made with `python benchmarks/selection_stages.py`: {options.budget} picks.", end=" ")
    print(" ".join(__doc__.strip().splitlines()[4:]) + "\n")
    print("| strategy | parts | " + " | ".join(f"{n:g} named for each pick" for n in options.named) + " |")
    print("|---|---|" + "---|" * len(options.named))
    made = [pool_of_arguments(np.random.default_rng(seed)) for seed in range(options.seeds)]
    for strategy in STRATEGIES:
        whole = [float(select(pool, options.budget, strategy, s).gain.sum()) for s, (pool, _) in enumerate(made)]
        for parts in options.parts:
            cells = []
            for named in options.named:
                shares = []
                for seed, (pool, group) in enumerate(made):
                    dealt = np.random.default_rng([seed, parts]).integers(0, parts, group.max() + 1)[group]
                    shares.append(in_stages(pool, dealt, options.budget, strategy, named, seed) / whole[seed])
                cells.append(f"{np.mean(shares):.3f} (least {min(shares):.3f})")
            print(f"| {strategy} | {parts} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
