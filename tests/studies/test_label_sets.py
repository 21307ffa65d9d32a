"""Label sets: the same labels the reward room makes, compared on the same held-out pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.studies.grounds import crowd, crowd_bench, linear_bench
from workbench.aggregation import DEFAULT, DEFAULT_LABELS, SOFT
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError
from workbench.reward.label_choice import usual_labels
from workbench.reward.pairs import pairs_of
from workbench.simulation.simulate import simulate
from workbench.studies.frontier_plans import FrontierSettings
from workbench.studies.label_set import SETS, checked_set, hidden_gold, label_set, on_items
from workbench.studies.label_sets import LabelSetSettings, compare_label_sets
from workbench.studies.learning_curve import CurveSettings
from workbench.studies.threshold import ThresholdSettings


@pytest.mark.parametrize("name", [name for name in SETS if name != "cleaned"] + ["one-coin"])
def test_a_label_set_is_what_a_reward_model_is_trained_on(name: str) -> None:
    data = simulate(1_000, seed=2, scale="ternary").data
    ours, theirs = label_set(data, name), pairs_of(data, name)
    mine = pd.DataFrame({"item": ours.item, "target": ours.target}).groupby("item")["target"].agg(["mean", "size"])
    other = pd.DataFrame({"item": theirs.item, "target": theirs.target}).groupby("item")["target"].agg(["mean", "size"])
    both = mine.join(other.add_suffix("_theirs"), how="inner")
    assert len(both) == len(other) > 0
    assert both["mean"].to_numpy() == pytest.approx(both["mean_theirs"].to_numpy())
    assert (both["size"] == both["size_theirs"]).all()


def test_no_label_set_looks_at_gold() -> None:
    data = crowd(1_000)
    wrong = np.where(data.gold == NULL, NULL, 1 - data.gold).astype(data.gold.dtype)
    from dataclasses import replace

    for name in SETS:
        if name != "cleaned":
            seen, turned = label_set(hidden_gold(data), name), label_set(hidden_gold(replace(data, gold=wrong)), name)
            assert seen.target == pytest.approx(turned.target)


def test_what_is_taught_where_nobody_says_otherwise_is_the_default_everywhere() -> None:
    data = simulate(1_000, seed=2, gold_share=0.0).data
    chosen = {ThresholdSettings().labels, CurveSettings().labels, FrontierSettings().labels_as[-1]}
    assert chosen == {usual_labels(data), pairs_of(data).labels, DEFAULT_LABELS}
    assert DEFAULT_LABELS.removesuffix(SOFT) == DEFAULT
    assert {DEFAULT, DEFAULT_LABELS} <= {*SETS} & {*LabelSetSettings().sets}
    assert checked_set("cleaned") == DEFAULT


def test_held_out_judgements_are_out() -> None:
    data = crowd(1_000)
    part = on_items(data, np.arange(10))
    assert set(part.codes.item.tolist()) <= set(range(10))
    assert len(part.items) == len(data.items)


def test_sets_are_compared_with_the_first() -> None:
    found = compare_label_sets(crowd_bench(crowd()), LabelSetSettings(("majority", "raw", "cleaned"), seeds=4))
    first = found.sets[0]
    assert found.base == "majority"
    assert (first.over_base.value, first.over_base.low, first.over_base.high) == (0.0, 0.0, 0.0)
    raw = found.sets[1]
    assert raw.labels > 2.5 * first.labels
    assert raw.over_base.value == pytest.approx(raw.accuracy.value - first.accuracy.value)  # type: ignore[operator]
    assert found.to_dict()["sets"][1]["name"] == "raw"  # type: ignore[index]


def test_aggregating_beats_one_bad_label_where_many_click_at_random() -> None:
    """A third of the crew clicks at random and the features carry little: Dawid-Skene has something to find."""
    data = crowd(4_000, spammers=0.4, skill=(0.85, 0.95), seed=4)
    found = compare_label_sets(
        crowd_bench(data, noise=1.5), LabelSetSettings(("majority", "dawid-skene-soft"), seeds=6)
    )
    assert found.sets[1].loss_over_base.value is not None
    assert found.sets[1].over_base.value > -0.01  # type: ignore[operator]


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(WorkbenchError, match="alone"):
        LabelSetSettings(("majority",))
    with pytest.raises(WorkbenchError, match="no label set"):
        compare_label_sets(crowd_bench(crowd(1_000)), LabelSetSettings(("majority", "oracle"), seeds=1))
    with pytest.raises(WorkbenchError, match="without judgements"):
        compare_label_sets(linear_bench(200), LabelSetSettings(seeds=1))


def test_label_sets_are_compared_by_policies_too() -> None:
    pytest.importorskip("torch").set_num_threads(1)
    from workbench.studies.bench_building import open_bench
    from workbench.wording.studies import verdict

    bench = open_bench(simulate(400, annotators=6, seed=2, gold_share=1.0).data, encoder="hashed")
    settings = LabelSetSettings(("majority", "dawid-skene-soft"), seeds=2, policy="tiny", policy_steps=2)
    found = compare_label_sets(bench, settings)
    for each in found.sets:
        assert each.policy is not None
        assert each.policy.n == each.accuracy.n
    first = found.sets[0].policy_over_base
    assert first is not None
    assert (first.value, first.low, first.high) == (0.0, 0.0, 0.0)
    assert "A policy trained on majority labels ranks" in verdict(found.to_dict())
    with pytest.raises(WorkbenchError, match="no model"):
        compare_label_sets(bench, LabelSetSettings(("majority", "raw"), seeds=1, policy="no-such-model"))
