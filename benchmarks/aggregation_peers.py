"""Every method of aggregation beside crowd-kit: on real sets with gold and on simulated ones with truth.

Run `python benchmarks/aggregation_peers.py`; it prints the tables and writes `benchmarks/AGGREGATION_PEERS.md`.
Real data are read from the folder named in `WORKBENCH_REAL_DATA` (`../shared/data` beside the project by default);
crowd-kit runs where `WORKBENCH_PEERS_PYTHON` names an interpreter that has it. Each method runs with its defaults
everywhere: nothing is chosen by data set.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from beside_crowd_kit import peers_python, run  # noqa: E402
from crowd import Crowd, crowd  # noqa: E402

import workbench  # noqa: E402
from workbench.aggregation import METHODS, aggregate, score  # noqa: E402
from workbench.aggregation.comparison import LEAST  # noqa: E402
from workbench.dataset.annotation_set import AnnotationSet  # noqa: E402

OUT = Path(__file__).with_name("AGGREGATION_PEERS.md")
REAL = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))
OURS: dict[str, tuple[str, dict[str, object]]] = {
    "majority": ("majority", {}),
    "weighted": ("weighted", {}),
    "one_coin": ("one_coin", {}),
    "one_coin, likelihood": ("one_coin", {"prior": "none"}),
    "glad": ("glad", {}),
    "mace": ("mace", {}),
    "dawid_skene, likelihood": ("dawid_skene", {"prior": "none"}),
    "dawid_skene, diagonal prior": ("dawid_skene", {"prior": "diagonal"}),
    "dawid_skene": ("dawid_skene", {}),
    "**consensus (default)**": ("consensus", {}),
}
PEERS = ("majority", "one_coin", "dawid_skene", "glad", "mace")
SIMULATED = {
    "5,000 items, 500 annotators, 3 an item": (5000, 500, 3),
    "2,000 items, 50 annotators, 3 an item": (2000, 50, 3),
    "2,000 items, 50 annotators, 5 an item": (2000, 50, 5),
}

ACCURACY = (0.35, 0.95)
"""Accuracies of the simulated annotators: spread so that majority vote is right on about 77% of the items of the
sparse case."""

Cell = tuple[float, float]
"""Accuracy with ties shared, and mean -ln P(right label)."""


def real_sets() -> dict[str, AnnotationSet]:
    found = {name: REAL / "snow2008" / f"{name}.standardized.csv" for name in ("rte", "temp", "wsd")}
    sets = {name: workbench.load(path) for name, path in found.items() if path.is_file()}
    pairs = sorted((REAL / "ukpconvarg" / "dev").glob("*.xml"))
    return sets | ({"argument pairs": workbench.load(pairs)} if pairs else {})


def as_crowd(data: AnnotationSet) -> Crowd:
    codes = data.codes
    return Crowd(codes.item, codes.annotator, codes.label, data.gold, codes.n_annotators, codes.n_labels)


def ours(data: AnnotationSet, method: str, options: dict[str, object]) -> Cell:
    found = score(aggregate(data, method, **options), data.gold)
    assert found.accuracy is not None
    assert found.nll is not None
    return found.accuracy, found.nll


def theirs(python: str, method: str, judged: Crowd) -> Cell:
    posterior = run(python, method, judged).posterior
    known = np.flatnonzero((judged.truth >= 0) & (np.bincount(judged.item, minlength=len(judged.truth)) > 0))
    p, right = posterior[known], judged.truth[known]
    best = p >= p.max(1, keepdims=True) - 1e-9
    rows = np.arange(len(known))
    return float((best[rows, right] / best.sum(1)).mean()), float(-np.log(np.maximum(p[rows, right], LEAST)).mean())


def table(columns: dict[str, list[AnnotationSet]], python: str | None) -> str:
    rows = {
        name: [np.mean([ours(data, *what) for data in sets], 0) for sets in columns.values()]
        for name, what in OURS.items()
    }
    if python:
        rows |= {
            f"crowd-kit {name}": [
                np.mean([theirs(python, name, as_crowd(data)) for data in sets], 0) for sets in columns.values()
            ]
            for name in PEERS
        }
    lines = [f"method | {' | '.join(columns)}", "---|" + "---:|" * len(columns)]
    lines += [
        f"{name} | {' | '.join(f'{accuracy:.4f} / {nll:.3f}' for accuracy, nll in cells)}"
        for name, cells in rows.items()
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4, help="simulated data sets of each kind")
    asked = parser.parse_args()
    python = peers_python()
    real = {f"{name}, n = {int((data.gold >= 0).sum()):,}": [data] for name, data in real_sets().items()}
    simulated = {
        name: [crowd(*size, accuracy=ACCURACY, seed=seed).data() for seed in range(asked.seeds)]
        for name, size in SIMULATED.items()
    }
    text = f"""# Aggregation beside crowd-kit

Written by `benchmarks/aggregation_peers.py`; how the default fares on many kinds of data is in AGGREGATION_ACCURACY.md. Each cell: accuracy with ties shared (a tie between two counts half) / mean of -ln P(right label)
in nats, which punishes posteriors that are surer than right; probabilities count as at least {LEAST:g}. Defaults everywhere; {len(METHODS)} methods exist,
CROWDLAB and Bradley-Terry need a classifier or two sides and are not in these tables.

## Real data with gold

{table(real, python) if real else "No real data here."}

crowd-kit gives tied majorities to the first label; here all methods share them. The argument pairs' gold was itself made from these judgements, with MACE.

## Simulated, truth known, mean over {asked.seeds} data sets

Five ordered labels; annotators are right with 35 to 95%; errors fall on a label m steps away with weight 0.4 to the power m (`benchmarks/crowd.py`). The first column is the
sparse case: 30 judgements an annotator.

{table(simulated, python)}
"""  # noqa: E501
    OUT.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
