"""The cumulative sum by hand and by its published run lengths; changes found on the day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.annotators.people import crew, mostly, random_letters
from workbench.annotators import Cusum, drift, drift_by_slice, others, survey, timeline
from workbench.annotators.drift import FALSE_ALARMS, steady_cusum
from workbench.errors import WorkbenchError
from workbench.simulation.simulate import simulate


def test_cusum_by_hand() -> None:
    # ln(.6/.8) = -.2877 for a right label, ln(.4/.2) = .6931 for a wrong one, never below 0.
    assert Cusum().path(np.array([1, 0, 1, 1, 1, 0, 0])).round(4).tolist() == [
        0,
        0.6931,
        0.4055,
        0.1178,
        0,
        0.6931,
        1.3863,
    ]


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
    # The sum goes at most one wrong label beyond its line.
    assert line.path.max() <= line.cusum.signal_at + np.log((1 - line.cusum.p_bad) / (1 - line.cusum.p_good)) + 1e-9
    # Both views date the fall: where the sum was last 0, and the likeliest change.
    assert abs(line.began[0] - 80) <= 15
    assert abs(line.began[0] - tired["labels_before"]) <= 15


def test_without_dates_nobody_drifts() -> None:
    made = simulate(3_000, annotators=12, seed=1, drifters=1, texts=False)
    from dataclasses import replace

    undated = replace(made.data, annotations=made.data.annotations.assign(ended_at=np.datetime64("NaT")))
    table = drift(others(undated))
    assert table["drift_p"].isna().all()
    assert table["changed_at"].isna().all()


def test_by_slice() -> None:
    made = simulate(
        6_000, annotators=12, seed=2, drifters=1, spammers=0, speeders=0, left_clickers=0, colluders=0, texts=False
    )
    found = others(made.data)
    table = drift_by_slice(found, "slice.language")
    assert (
        table.groupby("annotator")[["labels_before", "labels_after"]].sum().sum(axis=1) == np.diff(found.bounds)
    ).all()
    best = table.loc[table["drift_adjusted"].idxmin()]
    assert best["annotator"] == made.truth.troubled("drifter")[0]
    with pytest.raises(WorkbenchError, match="no slice"):
        drift_by_slice(found, "slice.nothing")


def test_the_line_is_what_few_orders_exceed() -> None:
    right = np.array([1.0, 1, 1, 1, 0] * 30)
    test = steady_cusum(right)
    # Right in four of five: 0.8 against the same with half of the margin over 0.5.
    assert (test.p_good, test.p_bad) == pytest.approx((0.8, 0.65), abs=0.003)
    rng = np.random.default_rng(11)
    over = np.mean([test.path(rng.permutation(right)).max() >= test.signal_at for _ in range(2_000)])
    assert over == pytest.approx(0.05, abs=0.02)
    stricter = steady_cusum(right, false_alarms=0.01)
    assert stricter.signal_at > test.signal_at
    # Wrong labels all at the end are no order that means nothing.
    assert test.path(np.sort(right)[::-1]).max() > stricter.signal_at
    assert np.isinf(steady_cusum(right[:19]).signal_at)


@pytest.mark.parametrize(("scale", "labels"), [("binary", 150), ("five", 150)])
def test_of_a_steady_crew_one_in_twenty_is_signalled(scale: str, labels: int) -> None:
    nobody = dict.fromkeys(("spammers", "speeders", "left_clickers", "drifters", "colluders"), 0)
    signalled = []
    for seed in range(3):
        found = others(simulate(labels * 60, annotators=60, seed=70 + seed, scale=scale, texts=False, **nobody).data)
        signalled += [len(timeline(found, k).signals) > 0 for k in range(60)]
    # Of 180, 9 are expected, and more than 17 would be rarer than one in a hundred; on a line that is the same for all,
    # most had one.
    assert 1 <= sum(signalled) <= 17


def test_planted_drifters_are_signalled_where_they_began() -> None:
    made = simulate(
        12_000, annotators=40, seed=5, spammers=0, speeders=0, left_clickers=0, colluders=0, drifters=4, texts=False
    )
    found = others(made.data)
    looked = drift(found)
    for k in made.truth.troubled("drifter"):
        line = timeline(found, k)
        assert len(line.signals)
        assert line.false_alarms == FALSE_ALARMS
        assert line.signals[0] >= line.began[0]
        # They give up half way; the sum and the likeliest change agree on where.
        assert abs(line.began[0] / len(line.rows) - 0.5) < 0.15
        assert abs(line.began[0] - looked["labels_before"][k]) < 0.15 * len(line.rows)


def test_a_confused_week_is_nobodys_fall() -> None:
    made = simulate(
        12_000,
        annotators=40,
        seed=1,
        confused_weeks=(3,),
        confusion=9.0,
        spammers=0,
        speeders=0,
        left_clickers=0,
        colluders=0,
        drifters=0,
        texts=False,
    )
    found = survey(made.data)
    assert found.confused
    assert np.mean([len(timeline(found.others, k).signals) > 0 for k in range(40)]) <= 0.2


def test_one_who_never_looked_did_not_become_worse_in_any_slice() -> None:
    clickers, drifters = [], []
    for seed in range(3):
        made = simulate(
            6_000,
            annotators=20,
            seed=seed,
            spammers=2,
            drifters=2,
            speeders=0,
            left_clickers=0,
            colluders=0,
            texts=False,
        )
        found = others(made.data)
        for column in ("slice.category", "slice.language"):
            table = drift_by_slice(found, column)
            worse = set(table.loc[table["drift_adjusted"] <= 0.05, "annotator"])
            clickers += [k in worse for k in made.truth.troubled("spammer")]
            if column == "slice.language":
                drifters += [k in worse for k in made.truth.troubled("drifter")]
    assert not any(clickers)
    assert np.mean(drifters) >= 0.8
