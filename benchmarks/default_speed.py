"""How long the default label takes beside pooled Dawid-Skene, the default before, at 4.2 million judgements.

Run `python benchmarks/default_speed.py`; it prints CPU seconds and their ratio, measured in turns in one run, for
labels that are categories and for the same labels between two sides.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crowd import crowd

from workbench.aggregation import aggregate
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import FIVE, TERNARY, LabelScale


def seconds(data: AnnotationSet, method: str) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    aggregate(data, method)
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_400_000)
    parser.add_argument("--turns", type=int, default=4)
    asked = parser.parse_args()
    scales: tuple[LabelScale | None, ...] = (None, TERNARY, FIVE)
    for scale in scales:
        data = crowd(asked.items, 500, 3, labels=len(scale) if scale else 5).data(scale)
        taken: dict[str, list[float]] = {"dawid_skene": [], "consensus": []}
        for _ in range(asked.turns):
            for method, of_method in taken.items():
                of_method.append(seconds(data, method))
        before, now = (min(of_method[1:]) for of_method in taken.values())
        name = scale.name if scale else "five categories"
        print(f"{name}: Dawid-Skene {before:.2f} s, default {now:.2f} s of CPU, ratio {now / before:.2f}", flush=True)


if __name__ == "__main__":
    main()
