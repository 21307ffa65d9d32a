"""Which label a reward model should be taught where nobody says otherwise: the default's probabilities beside pooled
Dawid-Skene's and majority votes.

    nice python benchmarks/reward_labels.py [--sets 2] [--seeds 3]

Simulated crews of several kinds with texts, truth known for all items and shown to no method: scales of two, three and
five labels, few or many items about which people differ, true ties or few, three or five labels an item, large crews
that do little each. A head on hashed texts is trained on each label set of the same training items and ranks the same
held-out pairs, as `workbench study label-sets` does. Beside it stands how good the labels themselves are. Writes
`benchmarks/REWARD_LABELS.md`; some minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))

from workbench.simulation.simulate import simulate
from workbench.studies.bench import Bench
from workbench.studies.bench_building import open_bench
from workbench.studies.label_set import hidden_gold, label_set, on_items
from workbench.studies.training import PENALTY, score_of

HERE = Path(__file__).resolve().parent
SETS = ("majority", "dawid-skene-soft", "consensus-soft")
FEW, MANY = 0.1, 0.5
"""Shares of items about which people honestly differ."""

KINDS: dict[str, dict[str, object]] = {
    "two labels": {"scale": "binary", "ambiguous_share": FEW},
    "two labels, contested": {"scale": "binary", "ambiguous_share": MANY},
    "two labels, large crew": {"scale": "binary", "ambiguous_share": FEW, "annotators": 150},
    "three labels": {"scale": "ternary", "ambiguous_share": FEW, "tie_share": 0.12},
    "three labels, contested, true ties": {"scale": "ternary", "ambiguous_share": MANY, "tie_share": 0.3},
    "three labels, contested, few ties": {"scale": "ternary", "ambiguous_share": 0.6, "tie_share": 0.05},
    "three labels, contested, large crew": {
        "scale": "ternary",
        "ambiguous_share": MANY,
        "tie_share": 0.05,
        "annotators": 150,
    },
    "five labels": {"scale": "five", "ambiguous_share": FEW, "tie_share": 0.12},
    "five labels, contested, true ties": {"scale": "five", "ambiguous_share": MANY, "tie_share": 0.3},
    "five labels, contested, five an item": {
        "scale": "five",
        "ambiguous_share": MANY,
        "tie_share": 0.05,
        "labels_per_item": 5,
    },
}
ITEMS = 900


def bench_of(kind: dict[str, object], seed: int) -> Bench:
    """About 900 items of this kind on a bench, all of known truth."""
    plan = {"annotators": 25, "labels_per_item": 3, "skill": (0.55, 0.9), "tie_share": 0.0, **kind}
    annotations = ITEMS * int(plan["labels_per_item"])  # type: ignore[call-overload]
    return open_bench(simulate(annotations, seed=seed, gold_share=1.0, **plan).data, encoder="hashed")  # type: ignore[arg-type]


def measured(kind: dict[str, object], seed: int, splits: int) -> dict[str, list[float]]:
    """Of each label set: held-out accuracy and loss of the head, accuracy and nats of the labels; means of splits."""
    bench = bench_of(kind, seed)
    assert bench.data is not None
    data = hidden_gold(bench.data)
    found: dict[str, list[list[float]]] = {name: [] for name in SETS}
    for s in range(splits):
        split = bench.split(s)
        part = on_items(data, bench.item[split.train])
        for name in SETS:
            labels = label_set(part, name)
            record = score_of(bench, split, labels, PENALTY)
            assert record is not None
            n = np.sum(record["n"])
            truth = bench.truth[bench.row_of_item[labels.item]]
            known = np.isfinite(truth)
            target, side = labels.target[known], truth[known]
            right = np.where(target == 0.5, 0.5, (target > 0.5) == (side > 0.5)).mean()
            sure = np.clip(np.where(side > 0.5, target, 1 - target), 0.005, 1.0)
            found[name].append(
                [np.sum(record["right"]) / n, np.sum(record["loss"]) / n, float(right), float(-np.log(sure).mean())]
            )
    return {name: np.mean(of_splits, 0).tolist() for name, of_splits in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=2, help="data sets of each kind")
    parser.add_argument("--seeds", type=int, default=3, help="splits of each data set")
    parser.add_argument("--first-seed", type=int, default=9_100)
    parser.add_argument("--kept", type=Path, help="file of what is measured, from which a run that ended goes on")
    asked = parser.parse_args()
    kept = asked.kept
    lines = kept.read_text("utf-8").splitlines() if kept is not None and kept.is_file() else []
    known = {(name, seed): figures for name, seed, figures in map(json.loads, lines)}
    rows, over = [], []
    for name, kind in KINDS.items():
        for s in range(asked.sets):
            seed = asked.first_seed + s
            if (name, seed) not in known:
                known[name, seed] = measured(kind, seed, asked.seeds)
                if kept is not None:
                    with kept.open("a", encoding="utf-8") as file:
                        file.write(json.dumps([name, seed, known[name, seed]]) + "\n")
        each = {of: np.array([known[name, asked.first_seed + s][of] for s in range(asked.sets)]) for of in SETS}
        over.append(each["consensus-soft"] - each["dawid-skene-soft"])
        cells = " | ".join("{:.3f} / {:.3f} / {:.3f} / {:.2f}".format(*each[of].mean(0)) for of in SETS)
        rows.append(f"| {name} | {cells} | {over[-1][:, 0].mean():+.3f} |")
        print(rows[-1], flush=True)
    gain = np.concatenate(over)
    contested = np.concatenate([one for one, name in zip(over, KINDS, strict=True) if "contested" in name])
    text = f"""# Labels that reward models are taught

Written by `python benchmarks/reward_labels.py --sets {asked.sets} --seeds {asked.seeds} --first-seed
{asked.first_seed}`. Simulated crews, about {ITEMS} items each, truth known and shown to no method; {asked.sets} data
sets of each kind, {asked.seeds} splits each. Each cell: held-out accuracy of a head on hashed texts / its loss in nats
/ share of training labels on the right side (an open half counts half) / nats of the labels themselves, probabilities
held above 0.005. Last column: held-out accuracy of the default's probabilities less that of pooled Dawid-Skene's.

| data | majority | dawid-skene-soft | **consensus-soft (default)** | ahead |
|---|---|---|---|---:|
{chr(10).join(rows)}

The default's probabilities less pooled Dawid-Skene's, mean of {len(gain)} data sets (standard error):
{differences(gain)}.
Of the {len(contested)} contested ones: {differences(contested)}.
"""
    (HERE / "REWARD_LABELS.md").write_text(text, "utf-8")
    print(text)


def differences(gain: np.ndarray) -> str:
    """Mean differences with their standard errors."""
    mean, error = gain.mean(0), gain.std(0, ddof=1) / np.sqrt(len(gain))
    words = ("held-out accuracy", "held-out loss", "right labels", "nats of labels")
    return ", ".join(f"{word} {m:+.3f} ({e:.3f})" for word, m, e in zip(words, mean, error, strict=True))


if __name__ == "__main__":
    main()
