"""Runs crowd-kit on judgements in a file, in an environment of its own: `python crowd_kit.py METHOD IDS IN.npz
OUT.npz`.

IDS is `text` (tasks, workers and labels are strings, as in crowd-kit's documentation and in real exports) or
`integers`. IN holds item, annotator, label (integers, sorted by item) and labels (their number). OUT gets the posterior
(n_items, K), seconds and CPU seconds of `fit` alone, its iterations, and for Dawid-Skene the class shares and confusion
tables it ended with.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


def method(name: str) -> object:
    if name == "majority":
        from crowdkit.aggregation.classification.majority_vote import MajorityVote

        return MajorityVote()
    if name in ("dawid_skene", "one_coin"):
        from crowdkit.aggregation.classification.dawid_skene import DawidSkene, OneCoinDawidSkene

        return DawidSkene() if name == "dawid_skene" else OneCoinDawidSkene()
    if name == "glad":
        from crowdkit.aggregation.classification.glad import GLAD

        return GLAD(silent=True)
    from crowdkit.aggregation.classification.mace import MACE

    return MACE(random_state=0)


def main() -> None:
    name, ids, source, target = sys.argv[1:5]
    held = np.load(source)
    k, n = int(held["labels"]), int(held["item"].max()) + 1
    table = pd.DataFrame({"task": held["item"], "worker": held["annotator"], "label": held["label"].astype(np.int64)})
    tasks, workers, classes = np.arange(n), np.arange(int(held["annotator"].max()) + 1), np.arange(k)
    if ids == "text":
        tasks, workers, classes = (
            np.array([f"{letter}{i}" for i in numbers])
            for letter, numbers in (("t", tasks), ("w", workers), ("l", classes))
        )
        table = pd.DataFrame(
            {"task": tasks[held["item"]], "worker": workers[held["annotator"]], "label": classes[held["label"]]}
        )
    model = method(name)
    started, cpu = time.perf_counter(), time.process_time()
    model.fit(table)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    found = model.probas_.reindex(index=tasks, columns=classes).fillna(0.0).to_numpy()
    out = {"posterior": found, "seconds": seconds, "cpu": cpu, "iterations": len(getattr(model, "loss_history_", ()))}
    if name == "dawid_skene":
        errors = model.errors_.reindex(index=pd.MultiIndex.from_product([workers, classes]), columns=classes).fillna(
            1 / k
        )
        out["confusion"] = errors.to_numpy().reshape(len(workers), k, k)  # (annotator, label, truth)
        out["prior"] = model.priors_.reindex(classes).to_numpy()
    np.savez(target, **out)


if __name__ == "__main__":
    main()
