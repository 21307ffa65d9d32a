"""Thresholds: cleaning that knows something beats chance, cleaning that knows nothing does not, and a removal at random
has the right size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.studies.grounds import crowd, crowd_bench, linear_bench
from workbench.cleaning import Cleaning, gather_evidence, select
from workbench.errors import WorkbenchError
from workbench.studies.cells import Cells
from workbench.studies.placebo import removed_at_random
from workbench.studies.threshold import RULES, ThresholdSettings, threshold_effect


@pytest.mark.parametrize(
    "rules",
    [
        Cleaning(least_reliability=0.7),
        Cleaning(min_seconds=30),
        Cleaning(least_confidence=0.8),
        Cleaning(least_agreement=0.6, min_seconds=20),
    ],
)
def test_a_random_removal_takes_as_much(rules: Cleaning) -> None:
    data = crowd(2_000)
    chosen = select(data, rules, gather_evidence(data))
    assert chosen.by_annotator + chosen.by_judgement + chosen.items > 0
    taken = [
        len(data.codes) - len(removed_at_random(data, chosen, np.random.default_rng(seed)).codes) for seed in range(20)
    ]
    if chosen.items == 0:
        assert set(taken) == {chosen.by_annotator + chosen.by_judgement}
    else:
        whole = int((~chosen.kept).sum())
        assert np.mean(taken) == pytest.approx(whole, rel=0.1)


def test_setting_spammers_aside_beats_chance() -> None:
    data = crowd(2_400, spammers=0.45, skill=(0.9, 0.97), seed=3, annotators=30)
    bench = crowd_bench(data, noise=1.2, d=24)
    found = threshold_effect(bench, ThresholdSettings("agreement", (0.62,), labels="majority", seeds=6))
    only = found.thresholds[0]
    assert 0.2 < only.kept < 0.95
    assert only.over_random.value is not None
    assert only.over_random.value > 0


def test_where_nothing_is_wrong_a_threshold_is_no_better_than_chance() -> None:
    """A crew of equals: whoever is set aside by agreement is set aside by luck."""
    data = crowd(
        2_400, spammers=0, speeders=0, left_clickers=0, drifters=0, colluders=0, skill=(0.8, 0.8), seed=6, annotators=30
    )
    found = threshold_effect(crowd_bench(data), ThresholdSettings("agreement", (0.6, 0.65), labels="majority", seeds=6))
    assert not found.helps
    for each in found.thresholds:
        if each.over_random.low is not None:
            assert each.over_random.low <= 0 <= each.over_random.high  # type: ignore[operator]


def test_a_threshold_that_sets_nothing_aside_changes_nothing() -> None:
    found = threshold_effect(crowd_bench(crowd(1_500)), ThresholdSettings("confidence", (0.3,), seeds=3))
    only = found.thresholds[0]
    assert only.kept == 1.0
    assert (only.over_random.value, only.over_all.value) == (0.0, 0.0)


def test_nothing_left_is_a_reason_and_a_resumed_study_is_the_study(tmp_path: Path) -> None:
    bench = crowd_bench(crowd(1_500))
    settings = ThresholdSettings("reliability", (0.6, 0.999), seeds=2)
    found = threshold_effect(bench, settings)
    last = found.thresholds[-1]
    assert last.accuracy.value is None
    assert last.accuracy.reason is not None
    assert "too little is left" in last.accuracy.reason
    path = tmp_path / "cells.jsonl"
    threshold_effect(bench, settings, cells=Cells(path))
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:3]), "utf-8")
    assert threshold_effect(bench, settings, cells=Cells(path)).to_dict() == found.to_dict()


def test_what_cannot_be_studied_is_said() -> None:
    with pytest.raises(WorkbenchError, match="no rule"):
        ThresholdSettings("taste")
    with pytest.raises(WorkbenchError, match="sets nothing aside"):
        ThresholdSettings("reliability", (0.0,))
    with pytest.raises(WorkbenchError, match="between 0 and 1"):
        ThresholdSettings("reliability", (60.0,))
    with pytest.raises(WorkbenchError, match="Pace cannot be judged"):
        threshold_effect(crowd_bench(crowd(1_000)), ThresholdSettings("pace", seeds=1))
    with pytest.raises(WorkbenchError, match="without judgements"):
        threshold_effect(linear_bench(200))


def test_every_rule_has_usual_thresholds_that_it_accepts() -> None:
    for name, rule in RULES.items():
        assert ThresholdSettings(name).thresholds == rule.usual
        assert "{" not in rule.title.format(0.5)
