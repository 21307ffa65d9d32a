"""Compiles the loops over judgements before the first page needs them: `python -m workbench.cli.compile_ahead`, part of
installing.

numba compiles a loop when it is first called and keeps the result beside the source. Each number of labels has loops of
its own; those of two, three and five are made here, others when a data set with so many is first opened.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.simulation.simulate import simulate

AHEAD = ("five", "binary", "ternary")


def main() -> int:
    """Calls on small simulated data what pages call, and says how far it is."""
    began, done = time.monotonic(), 0
    for scale in AHEAD:
        data = simulate(1_500, scale=scale, annotators=12, seed=1, skip_share=0.02).data
        for what, call in STEPS.items():
            done += 1
            _say(
                f"Compiling, once on this machine: {what} of {len(data.scale)} labels ({done} of"
                f" {len(AHEAD) * len(STEPS)})"
            )
            call(data)
    _say(f"Compiled in {time.monotonic() - began:.0f} s.", last=True)
    return 0


def _say(text: str, last: bool = False) -> None:
    """On a terminal each line takes the place of the one before."""
    if sys.stderr.isatty():
        print(f"\r{text:<70}", end="\n" if last else "", file=sys.stderr, flush=True)
    elif last:
        print(text, file=sys.stderr, flush=True)


def _audit(data: AnnotationSet) -> None:
    from workbench.auditing.audit import audit

    audit(data)


def _labels(data: AnnotationSet) -> None:
    from workbench.aggregation import METHODS, aggregate

    for name in METHODS:
        if name != "crowdlab":  # needs probabilities, and no loop of its own
            aggregate(data, name)


def _agreement(data: AnnotationSet) -> None:
    from workbench.agreement import Choice, krippendorff_alpha, mean_pairwise_kappa, tally

    for choice in (
        Choice(min_seconds=2, min_labels_per_item=2),
        Choice(without=tuple(data.annotators["annotator"][:1]), min_labels_per_annotator=2),
    ):
        chosen = tally(data, choice)
        krippendorff_alpha(chosen)
        mean_pairwise_kappa(chosen)


def _cleaning(data: AnnotationSet) -> None:
    from workbench.cleaning import Cleaning, cleaning_effect, gather_evidence

    known = gather_evidence(data)
    for rules in (
        Cleaning(least_reliability=0.6),
        Cleaning(min_seconds=5, max_words_per_minute=900, skips=True),
        Cleaning(least_confidence=0.6, min_labels_left=2),
    ):
        cleaning_effect(data, rules, known)


def _selection(data: AnnotationSet) -> None:
    from workbench.selection import Pool, select

    features = np.random.default_rng(1).normal(size=(min(len(data.items), 40), 4))
    pool = Pool(features=features, probability=1 / (1 + np.exp(-features[:, 0])))
    for name in ("hybrid", "badge", "d_optimal"):
        select(pool, 4, strategy=name)


STEPS: dict[str, Callable[[AnnotationSet], None]] = {
    "audit": _audit,
    "labels": _labels,
    "agreement": _agreement,
    "cleaning": _cleaning,
    "selection": _selection,
}


if __name__ == "__main__":
    sys.exit(main())
