"""How often the interval of an annotator's accuracy covers it, and how many honest ones are flagged; skewed data too.

    nice python benchmarks/annotator_accuracy.py [--runs 1]

Crews of `benchmarks/planted_crews.py`, 60 annotators with 100 labels each, three labels an item, all honest, over
scales, shares of the commonest direction, accuracies, even and graded errors, with and without gold. Writes
`benchmarks/ANNOTATOR_ACCURACY.md`; some minutes on one core.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

import numpy as np
from planted_crews import World, planted

from workbench.annotators import flag_annotators, reliability, survey

HERE = Path(__file__).resolve().parent


def report(runs: int, scales: list[str], first: int) -> str:
    lines = [
        "# Accuracy of annotators, on skewed data too",
        "",
        f"Written by `python benchmarks/annotator_accuracy.py --runs {runs} --scales {' '.join(map(repr, scales))}"
        f" --first-seed {first}`.",
        "60 honest annotators, 100 labels each, three an item. Covered = share of the annotators whose true accuracy"
        " lies in the 95% interval; of the estimate by gold and others, and of the reliability.",
        "",
        "| labels | commonest | accuracy | errors | gold | covered | by reliability | width | bias | flagged |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    whole = []
    for scale, common, accuracy, graded, gold in product(
        scales, (0.5, 0.9, 0.97), (0.8, 0.96), (False, True), (0.0, 0.1)
    ):
        found = [_cell(World(scale, common, accuracy, graded, gold), first + s) for s in range(runs)]
        mean = np.mean(found, axis=0)
        whole.append(mean)
        errors = "graded" if graded else "even"
        lines.append(
            f"| {scale} | {common:.0%} | {accuracy:.0%} | {errors} | {gold:.0%} | {mean[0]:.1%} |"
            f" {mean[1]:.1%} | {mean[2]:.3f} | {mean[3]:+.3f} | {mean[4]:.1%} |"
        )
    mean = np.mean(whole, axis=0)
    lines.append(f"| all | | | | | {mean[0]:.1%} | {mean[1]:.1%} | {mean[2]:.3f} | {mean[3]:+.3f} | {mean[4]:.2%} |")
    return "\n".join(lines) + "\n"


def _cell(world: World, seed: int) -> tuple[float, ...]:
    crowd = planted(world, seed)
    found = survey(crowd.data())
    accuracy, joined = found.accuracy, reliability(found)
    low, high = accuracy["estimated_low"], accuracy["estimated_high"]
    return (
        float(((low <= crowd.accuracy) & (crowd.accuracy <= high)).mean()),
        float(((joined["reliability_low"] <= crowd.accuracy) & (crowd.accuracy <= joined["reliability_high"])).mean()),
        float((high - low).mean()),
        float((accuracy["estimated_accuracy"] - crowd.accuracy).mean()),
        len(flag_annotators(found).flagged) / world.annotators,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--scales", nargs="+", default=["A B", "five"])
    parser.add_argument("--first-seed", type=int, default=5_000, help="of the first run of each cell")
    parser.add_argument("--out", type=Path, default=HERE / "ANNOTATOR_ACCURACY.md")
    options = parser.parse_args()
    text = report(options.runs, options.scales, options.first_seed)
    options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
