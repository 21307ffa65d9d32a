"""How right the default label is on real sets with gold, with gold to correct it and without, beside the other methods.

Run `python benchmarks/aggregation_real.py`; it prints a table. Real data are read from the folder named in
`WORKBENCH_REAL_DATA` (`../shared/data` beside the project by default). Nothing was chosen on these sets.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aggregation_accuracy import REAL, real_sets

import workbench
from workbench.aggregation import aggregate, score
from workbench.aggregation.calibration import calibration

RUNS: dict[str, tuple[str, dict[str, object]]] = {
    "majority": ("majority", {}),
    "weighted": ("weighted", {}),
    "one_coin": ("one_coin", {}),
    "dawid_skene": ("dawid_skene", {}),
    "latent_strength": ("latent_strength", {}),
    "hard_items": ("hard_items", {}),
    "consensus, gold unused": ("consensus", {"gold": "unused"}),
    "**consensus (default)**": ("consensus", {}),
}


def main() -> None:
    sets = real_sets()
    contested = sorted((REAL / "ukpconvarg" / "contested").glob("*.xml"))
    if contested:
        sets["contested"] = workbench.load(contested)
    for name, data in sets.items():
        print(f"\n{name}, {int((data.gold >= 0).sum()):,} gold items")
        for run, (method, options) in RUNS.items():
            try:
                result = aggregate(data, method, **options)
            except workbench.WorkbenchError as error:
                print(f"  {run:28s} {error.what}")
                continue
            got, sure = score(result, data.gold), calibration(result, data.gold)
            print(
                f"  {run:28s} right {got.accuracy:.4f}, side {got.direction:.4f}, {got.nll:.3f} nats,"
                f" calibration error {sure.error:.3f}",
                flush=True,
            )
            if method == "consensus":
                print(f"    {result.details['why']} {result.details['weights']} {result.details['contradiction']}")


if __name__ == "__main__":
    main()
