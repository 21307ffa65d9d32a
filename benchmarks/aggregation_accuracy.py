"""The default label on simulated data of many kinds and on real sets with gold, beside the methods it replaces.

Run `python benchmarks/aggregation_accuracy.py`; it prints the tables and writes `benchmarks/AGGREGATION_ACCURACY.md`.
On simulated data gold is hidden from the default, which it would help. Real data are read from the folder named in
`WORKBENCH_REAL_DATA` (`../shared/data` beside the project by default); nothing was chosen on them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from simulated_kinds import Kind, kinds, simulated  # noqa: E402

import workbench  # noqa: E402
from workbench.aggregation import aggregate, score  # noqa: E402
from workbench.aggregation.calibration import calibration  # noqa: E402
from workbench.dataset.annotation_set import AnnotationSet  # noqa: E402

OUT = Path(__file__).with_name("AGGREGATION_ACCURACY.md")
REAL = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))
BEFORE = ("majority", "weighted", "dawid_skene")
ON_REAL: dict[str, tuple[str, dict[str, object]]] = {
    "majority": ("majority", {}),
    "weighted": ("weighted", {}),
    "one_coin": ("one_coin", {}),
    "dawid_skene (default before)": ("dawid_skene", {}),
    "latent_strength": ("latent_strength", {}),
    "hard_items": ("hard_items", {}),
    "consensus, gold hidden": ("consensus", {"gold": "unused"}),
    "**consensus (default)**": ("consensus", {}),
}


def real_sets() -> dict[str, AnnotationSet]:
    """Real sets with gold that are in the folder."""
    found: dict[str, list[Path]] = {
        name: [REAL / "snow2008" / f"{name}.standardized.csv"] for name in ("rte", "temp", "wsd")
    }
    found["argument pairs"] = sorted((REAL / "ukpconvarg" / "dev").glob("*.xml"))
    found["contested"] = sorted((REAL / "ukpconvarg" / "contested").glob("*.xml"))
    return {name: workbench.load(paths) for name, paths in found.items() if paths and paths[0].is_file()}


def on_real() -> Iterator[str]:
    """Rows of a table: accuracy, nats and calibration error of each method on each set."""
    sets = real_sets()
    yield f"method | {' | '.join(f'{name}, n = {int((data.gold >= 0).sum()):,}' for name, data in sets.items())}"
    yield "---|" + "---:|" * len(sets)
    for name, (method, options) in ON_REAL.items():
        cells = []
        for data in sets.values():
            try:
                made = aggregate(data, method, **options)
            except workbench.WorkbenchError:  # a method that needs an order, on categories
                cells.append("")
                continue
            got = score(made, data.gold)
            cells.append(f"{got.accuracy:.4f} / {got.nll:.3f} / {calibration(made, data.gold).error:.3f}")
        yield f"{name} | {' | '.join(cells)}"
    for name, data in sets.items():
        details = aggregate(data).details
        yield ""
        yield f"{name}: {details['why']} {details['contradiction']}".rstrip()


def measured(kind: Kind, seed: int) -> list[tuple[float, float]]:
    """Accuracy and nats of the methods before, and of the default."""
    data = simulated(kind, seed)
    made = [*(aggregate(data, method) for method in BEFORE), aggregate(data, gold="unused")]
    got = [score(one, data.gold) for one in made]
    return [(float(one.accuracy or 0.0), float(one.nll or 0.0)) for one in got]


def on_simulated(seeds: range, kept: Path | None) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Rows of a table; how far ahead of the best before the default is in each kind; its nats over those before."""
    rows, ahead, nats = [], [], []
    lines = kept.read_text("utf-8").splitlines() if kept is not None and kept.is_file() else []
    known = {(name, seed): figures for name, seed, figures in map(json.loads, lines)}
    for kind in kinds():
        for seed in seeds:
            if (kind.name, seed) not in known:
                known[kind.name, seed] = measured(kind, seed)
                if kept is not None:
                    with kept.open("a", encoding="utf-8") as file:
                        file.write(json.dumps([kind.name, seed, known[kind.name, seed]]) + "\n")
        mean = np.mean([known[kind.name, seed] for seed in seeds], 0)
        ahead.append(mean[-1, 0] - mean[:-1, 0].max())
        nats.append(mean[-1, 1] / mean[2, 1])
        cells = " | ".join(f"{accuracy:.3f} / {nll:.2f}" for accuracy, nll in mean)
        rows.append(f"{kind.name} | {cells} | {ahead[-1]:+.3f}")
        print(rows[-1], flush=True)
    return rows, np.array(ahead), np.array(nats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="data sets of each kind")
    parser.add_argument("--first-seed", type=int, default=200, help="seeds from 200 on were not used for choosing")
    parser.add_argument("--kept", type=Path, help="file of what is measured, from which a run that ended goes on")
    asked = parser.parse_args()
    real = "\n".join(on_real())
    print(real, flush=True)
    rows, ahead, nats = on_simulated(range(asked.first_seed, asked.first_seed + asked.seeds), asked.kept)
    table = "\n".join(rows)
    text = f"""# Accuracy of the default label

Written by `benchmarks/aggregation_accuracy.py`. Accuracy is with ties shared (a tie between two counts half); nats are
the mean of -ln P(right label), which punishes posteriors that are surer than right.

## Simulated, truth known

{len(rows)} kinds of data from `benchmarks/simulated_kinds.py`, seeds {asked.first_seed} to
{asked.first_seed + asked.seeds - 1}. Each cell: accuracy / nats, over {asked.seeds} data sets. The default does not see
the gold here. Last column: its accuracy less that of the best of the three others in the mean of the cell; at worst
{ahead.min():+.3f}, in the mean {ahead.mean():+.3f}. Its nats are {nats.mean():.2f} of pooled Dawid-Skene's in the mean,
at most {nats.max():.2f}.

data | majority | weighted | dawid_skene (default before) | **consensus (default)** | ahead
---|---:|---:|---:|---:|---:
{table}

## Real data with gold

Each cell: accuracy / nats / calibration error. The default learns from gold how sure to be, each gold item by the gold
of others. The argument pairs' gold was itself made from these judgements, with MACE.

{real}
"""
    OUT.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
