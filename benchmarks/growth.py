"""Processor time of each analysis as data grow, and by which power it grows.

    nice python benchmarks/growth.py [--annotations 3000] [--steps 3] [--ways 3]

Simulated data grow fourfold at each step in one way: more items for the same crew; more items for a crew that grows
with them; or a single item that everybody labels, and a response that all pairs share, which is where pairs of votes or
of responses could be counted without bound. Processor time does not hang on what else the machine does. Each analysis
runs once on the smallest data first, so that nothing is compiled in what is measured. Writes `benchmarks/GROWTH.md`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))

from workbench.aggregation import aggregate
from workbench.agreement import all_coefficients, cohen_kappas
from workbench.annotators import flag_annotators, survey
from workbench.auditing.audit import audit
from workbench.cleaning import gather_evidence
from workbench.dataset.annotation_set import AnnotationSet
from workbench.reversals import reversals
from workbench.simulation.simulate import simulate

PAGE = Path(__file__).with_name("GROWTH.md")
SEED = 1

ANALYSES: dict[str, Callable[[AnnotationSet], object]] = {
    "agreement, all coefficients with intervals": all_coefficients,
    "Cohen's kappa of each two annotators": cohen_kappas,
    "reversals": reversals,
    "majority": lambda data: aggregate(data, "majority"),
    "the default label": aggregate,
    "annotators, with same answers": survey,
    "flags": flag_annotators,
    "what cleaning goes by": gather_evidence,
    "the audit": audit,
}


def more_items(n: int) -> AnnotationSet:
    return simulate(n, annotators=40, seed=SEED).data


def more_people(n: int) -> AnnotationSet:
    return simulate(n, annotators=max(n // 100, 8), seed=SEED).data


def one_large_item(n: int) -> AnnotationSet:
    """A tenth of the judgements are on one item, each by somebody else, and one response stands in all pairs."""
    data = simulate(n, annotators=max(n // 10, 8), seed=SEED).data
    rows = data.annotations
    first = rows.assign(rank=np.arange(len(rows))).groupby("annotator")["rank"].min().to_numpy()
    item = rows["item"].to_numpy().copy()
    item[first] = 0
    moved = rows.assign(item=item, repeat=np.where(np.isin(np.arange(len(rows)), first), 0, rows["repeat"]))
    moved = moved.astype({"item": rows["item"].dtype, "repeat": rows["repeat"].dtype})
    moved = moved.drop_duplicates(["item", "annotator", "repeat"]).sort_values("item", kind="stable")
    key = np.full(len(data.items), 7, data.items["key_a"].dtype)
    return replace(data, annotations=moved.reset_index(drop=True), items=data.items.assign(key_a=key))


WAYS: dict[str, Callable[[int], AnnotationSet]] = {
    "more items, the same 40 annotators": more_items,
    "more items and annotators, 100 judgements each": more_people,
    "a tenth on one item, one response in all pairs": one_large_item,
}


def seconds(work: Callable[[AnnotationSet], object], data: AnnotationSet) -> float:
    """Processor time of all threads."""
    started = time.process_time()
    work(data)
    return time.process_time() - started


def row(name: str, work: Callable[[AnnotationSet], object], sets: list[AnnotationSet]) -> str:
    """A row of the table: seconds for each set, and by which power they grow."""
    work(sets[0])
    took = [seconds(work, data) for data in sets]
    ratio = len(sets[-1].codes) / len(sets[-2].codes)
    power = np.log(max(took[-1], 1e-3) / max(took[-2], 1e-3)) / np.log(ratio)
    return f"| {name} | {' | '.join(f'{t:.2f}' for t in took)} | {power:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--annotations", type=int, default=3_000, help="of the smallest data")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--ways", type=int, default=len(WAYS), help="how many ways of growing, in the order above")
    parser.add_argument("--kept", type=Path, help="file of measured rows, from which a run that ended goes on")
    asked = parser.parse_args()
    sizes = [asked.annotations * 4**k for k in range(asked.steps)]
    lines = [
        "# Cost against growth",
        "",
        f"Written by `python benchmarks/growth.py --annotations {asked.annotations} --steps {asked.steps}"
        f" --ways {asked.ways}`. Seconds of"
        " processor time; last column: the power of the number of judgements by which it grows over the last step (1 ="
        " in proportion; where the time is a few hundredths, start-up hides it).",
    ]
    done = asked.kept.read_text("utf-8").splitlines() if asked.kept is not None and asked.kept.is_file() else []
    known = {(way, name): line for way, name, line in map(json.loads, done)}
    for way, make in list(WAYS.items())[: asked.ways]:
        sets = [make(n) for n in sizes]
        lines += [
            "",
            f"## {way[:1].upper()}{way[1:]}",
            "",
            f"| judgements | {' | '.join(f'{len(data.codes):,}' for data in sets)} | power |",
            f"|---|{'---:|' * (len(sets) + 1)}",
        ]
        for name, work in ANALYSES.items():
            if (way, name) not in known:
                known[way, name] = row(name, work, sets)
                if asked.kept is not None:
                    with asked.kept.open("a", encoding="utf-8") as file:
                        file.write(json.dumps([way, name, known[way, name]]) + "\n")
            lines.append(known[way, name])
            print(lines[-1], flush=True)
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
