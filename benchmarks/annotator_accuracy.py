"""How often the interval of an annotator's accuracy covers it, and how many honest ones are flagged; skewed data too.

    nice python benchmarks/annotator_accuracy.py [--runs 2] [--kept FILE]

Crews of `benchmarks/planted_crews.py`, 60 annotators with 100 labels each, three labels an item, all honest, over
scales, shares of the commonest direction, accuracies, even and graded errors, with and without gold. Writes
`benchmarks/ANNOTATOR_ACCURACY.md`; some minutes on one core.
"""

from __future__ import annotations

import argparse
import json
from itertools import product
from pathlib import Path

import numpy as np
from planted_crews import World, planted

from workbench.annotators import flag_annotators, reliability, survey

HERE = Path(__file__).resolve().parent


def report(runs: int, scales: list[str], first: int, kept: Path | None) -> str:
    done = kept.read_text("utf-8").splitlines() if kept is not None and kept.is_file() else []
    known: dict[str, list[float]] = dict(map(json.loads, done))

    def cell(world: World, seed: int) -> list[float]:
        key = f"{world}, {seed}"
        if key not in known:
            known[key] = list(_cell(world, seed))
            if kept is not None:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([key, known[key]]) + "\n")
        return known[key]

    lines = [
        "# Accuracy of annotators, on skewed data too",
        "",
        f"Written by `python benchmarks/annotator_accuracy.py --runs {runs} --scales {' '.join(map(repr, scales))}"
        f" --first-seed {first}`.",
        f"60 honest annotators, 100 labels each, three an item; crews in each cell: {runs}.",
        "Covered = share of the annotators whose true accuracy lies in the 95% interval; of the estimate by gold and",
        "others, and of the reliability. All in a crew share the error of its scale, so that a cell says less than its",
        "number of annotators would.",
        "",
        "The intervals are wider than these crews need. They allow for what planted crews do not have: labels of one",
        "annotator that hang together, items without gold that are harder than those with it, and an error of scale",
        "that is larger than the bias found here. Where gold lies on clear items, intervals of the reliability cover",
        "99% without gold, 97% with gold on a tenth and 90% with gold on six tenths of the items",
        "(`tests/annotators/test_reliability.py`), so that narrower ones would fall short there.",
        "",
        "| labels | commonest | accuracy | errors | gold | covered | by reliability | width | bias | flagged |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    whole = []
    for scale, common, accuracy, graded, gold in product(
        scales, (0.5, 0.9, 0.97), (0.8, 0.96), (False, True), (0.0, 0.1)
    ):
        found = [cell(World(scale, common, accuracy, graded, gold), first + s) for s in range(runs)]
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
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--scales", nargs="+", default=["A B", "five"])
    parser.add_argument("--first-seed", type=int, default=5_000, help="of the first run of each cell")
    parser.add_argument("--kept", type=Path, help="file of what is measured, from which a run that ended goes on")
    parser.add_argument("--out", type=Path, default=HERE / "ANNOTATOR_ACCURACY.md")
    options = parser.parse_args()
    text = report(options.runs, options.scales, options.first_seed, options.kept)
    options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
