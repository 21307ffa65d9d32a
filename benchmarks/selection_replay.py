"""How many labels does active selection save? Every strategy replayed on argument pairs and on simulated pools, beside
random.

    WORKBENCH_REAL_DATA=FOLDER python benchmarks/selection_replay.py > benchmarks/SELECTION_REPLAY.md

A ratio of 1 means that nothing is saved. Intervals are over seeds and held-out prompt groups.
"""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path

import numpy as np

from workbench.simulation.simulate import simulate
from workbench.studies.bench import Bench
from workbench.studies.bench_building import open_bench, open_paths
from workbench.studies.cells import Cells
from workbench.studies.measured import Measured
from workbench.studies.replay import Replay, ReplaySettings, replay

STRATEGIES = ("uncertainty", "bald", "d_optimal", "badge", "k_means", "k_centre", "hybrid")
DATA = (
    Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "ukpconvarg"
)


def linear_pool(flip: float, spread: float, n: int = 8_000, d: int = 32, seed: int = 5) -> Bench:
    """Pairs whose preferences follow a linear Bradley-Terry model with log-odds of this standard deviation; labels are
    flipped with a chance besides, and
    accuracy is measured on the truth."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)).astype(np.float32)
    beta = rng.normal(size=d)
    p = 1 / (1 + np.exp(-x @ (spread * beta / np.linalg.norm(beta))))
    said = (rng.random(n) < p).astype(float)
    said = np.where(rng.random(n) < flip, 1 - said, said)
    return Bench(features=x, group=np.arange(n), truth=(p > 0.5).astype(float), label=said)


def table(title: str, found: Replay) -> None:
    """One table in Markdown."""
    print(f"\n## {title}\n")
    print(
        f"{found.pool:,} pairs to choose among, {found.labels[0]:,} labels at the start, {found.labels[-1]:,} in the"
        f" end, {found.seeds} seeds, {found.n_held_out:,} held-out pairs over all seeds. Revealed: {found.labels_are}."
        f" Features: {found.encoder}.\n"
    )
    middle = int(np.searchsorted(found.labels, found.labels[-1] // 4))
    print(
        f"| strategy | accuracy at {found.labels[middle]:,} | at {found.labels[-1]:,} | labels saved: random / strategy"
        " at equal accuracy | the same along the curve | gain at the end, points |"
    )
    print("|---|---|---|---|---|---|")
    for name, curve in found.curves.items():
        saved = found.savings.get(name)
        cells = ["1", "1", "0"] if saved is None else [ratio(saved.ratio), ratio(saved.along), points(saved.gain)]
        print(f"| {name} | {curve[middle].value:.3f} | {curve[-1].value:.3f} | {' | '.join(cells)} |")
    print(f"\nSure to save labels (whole interval above 1): {', '.join(found.sure) or 'none'}.")


def ratio(figure: Measured) -> str:
    """A ratio with its interval."""
    if figure.value is None:
        return str(figure.reason)
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]" if figure.interval else f"{figure.value:.2f}"


def points(figure: Measured) -> str:
    """A difference in points with its interval."""
    return (
        f"{100 * figure.value:+.1f} [{100 * figure.low:+.1f}, {100 * figure.high:+.1f}]"
        if figure.value is not None and figure.low is not None and figure.high is not None
        else "–"
    )


def cells_for(title: str, bench: Bench, settings: object) -> Cells:
    """Finished cells, kept where `--cells` says, so that a benchmark that was stopped goes on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=Path, help="folder for finished cells")
    folder = parser.parse_args().cells
    return Cells(folder / f"{title.replace('/', ' ')}.jsonl" if folder else None, f"{bench.key} {settings!r}")


def main() -> None:
    """Measures and prints all tables."""
    print("# Labels saved by active selection\n")
    print(
        "Made by `python benchmarks/selection_replay.py`. Each strategy chooses from the same pool, begins from the"
        " same random labels and is measured on the same held-out pairs as random; a ratio of 1 means nothing is"
        f" saved, 2 that half the labels are enough, below 1 that random is better. Python {platform.python_version()},"
        f" {os.cpu_count()} cores."
    )

    def measured(title: str, bench: Bench, settings: ReplaySettings) -> None:
        found = replay(bench, settings, cells=cells_for(title, bench, settings))
        table(title, found)

    if DATA.is_dir():
        settings = ReplaySettings(strategies=STRATEGIES, budget=1_600, start=50, seeds=12, points=9)
        measured(
            "Argument pairs, 28 topics, gold revealed, topics held out", open_paths([DATA / "strict-csv"]), settings
        )
        votes = ReplaySettings(
            strategies=(*STRATEGIES, "disagreement", "overlap"),
            budget=1_000,
            start=50,
            seeds=12,
            points=9,
            labels="votes",
        )
        measured(
            "Argument pairs with crowd judgements: relabel or new, measured on the gold of 25 other topics",
            open_paths([DATA / "dev"], [DATA / "strict-csv"]),
            votes,
        )
    few = ("uncertainty", "bald", "d_optimal", "badge")
    texts = simulate(8_000, seed=3, labels_per_item=2, gold_share=1.0, scale="binary").data
    measured(
        "Simulated texts, gold revealed",
        open_bench(texts, encoder="hashed"),
        ReplaySettings(strategies=few, budget=1_000, start=50, seeds=8, points=9, labels="gold"),
    )
    pools = (
        ("sharp preferences (log-odds of spread 5), no flips", 0.0, 5.0),
        ("ordinary preferences (log-odds of spread 2), no flips", 0.0, 2.0),
        ("ordinary preferences, 27% of labels flipped", 0.27, 2.0),
    )
    for said, flip, spread in pools:
        measured(
            f"Linear Bradley-Terry pool, 32 features, {said}",
            linear_pool(flip, spread),
            ReplaySettings(strategies=few, budget=1_600, start=50, seeds=8, points=9),
        )


if __name__ == "__main__":
    main()
