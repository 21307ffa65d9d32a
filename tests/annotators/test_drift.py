"""The cumulative sum by hand and by its published run lengths; changes found on the day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.annotators.people import crew, mostly, random_letters
from workbench.annotators import Cusum, drift, drift_by_slice, others, timeline
from workbench.errors import WorkbenchError
from workbench.simulate import simulate


def test_cusum_by_hand() -> None:
    # ln(.6/.8) = -.2877 for a right label, ln(.4/.2) = .6931 for a wrong one, never below 0.
    assert Cusum().path(np.array([1, 0, 1, 1, 1, 0, 0])).round(4).tolist() == [0, 0.6931, 0.4055, 0.1178, 0, 0.6931, 1.3863]


@pytest.mark.parametrize(("line", "accuracy", "labels"), [(2, 0.8, 80), (2, 0.6, 14), (2, 0.5, 9), (3, 0.8, 275), (3, 0.6, 23), (3, 0.5, 14)])
def test_run_lengths(line: float, accuracy: float, labels: int) -> None:
    # By 20,000 simulated runs each.
    assert Cusum(signal_at=line).run_length(accuracy) == pytest.approx(labels, rel=0.03)


def test_a_change_is_found_with_its_date() -> None:
    truth = random_letters(160, 3)
    peers = {f"p{i}": mostly(truth, 0.9, i) for i in range(5)}
    given_up = mostly(truth[:80], 0.92, 7) + random_letters(80, 8)
    found = others(crew({**peers, "tired": given_up}))
    table = drift(found)
    tired = table.iloc[5]
    assert tired["drift_adjusted"] < 0.01
    assert abs(tired["changed_at"] - pd.Timestamp("2026-01-05 01:20")) < pd.Timedelta(minutes=15)
    assert tired["accuracy_before"] > 0.8 > 0.65 > tired["accuracy_after"]
    assert tired["labels_before"] + tired["labels_after"] == 160
    assert (table["drift_adjusted"][:5] > 0.05).all()
    line = timeline(found, 5)
    assert len(line.signals)
    assert line.signals[0] > 70
    assert line.path.max() <= Cusum().signal_at + np.log(2) + 1e-9


def test_without_dates_nobody_drifts() -> None:
    made = simulate(3_000, annotators=12, seed=1, drifters=1, texts=False)
    from dataclasses import replace

    undated = replace(made.data, annotations=made.data.annotations.assign(ended_at=np.datetime64("NaT")))
    table = drift(others(undated))
    assert table["drift_p"].isna().all()
    assert table["changed_at"].isna().all()


def test_by_slice() -> None:
    made = simulate(6_000, annotators=12, seed=2, drifters=1, spammers=0, speeders=0, left_clickers=0, colluders=0, texts=False)
    found = others(made.data)
    table = drift_by_slice(found, "slice.language")
    assert (table.groupby("annotator")[["labels_before", "labels_after"]].sum().sum(axis=1) == np.diff(found.bounds)).all()
    best = table.loc[table["drift_adjusted"].idxmin()]
    assert best["annotator"] == made.truth.troubled("drifter")[0]
    with pytest.raises(WorkbenchError, match="no slice"):
        drift_by_slice(found, "slice.nothing")
