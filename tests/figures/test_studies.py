"""Studies in words, charts and tables: verdicts that say what the intervals bear, marks where the figures are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.studies.grounds import crowd, crowd_bench, linear_bench
from workbench.figures.canvas import describe
from workbench.figures.studies import charts, frontier_chart, label_sets_chart, savings_chart
from workbench.figures.study_tables import curves_table, readable, steps_table, study_table
from workbench.studies.frontier import frontier
from workbench.studies.frontier_plans import FrontierSettings
from workbench.studies.label_sets import LabelSetSettings, compare_label_sets
from workbench.studies.learning_curve import CurveSettings, learning_curve
from workbench.studies.replay import ReplaySettings, replay
from workbench.studies.threshold import ThresholdSettings, threshold_effect
from workbench.wording.studies import TITLES, asks, backtest_sentence, ground, verdict


@pytest.fixture(scope="module")
def results() -> dict[str, dict[str, Any]]:
    crew = crowd_bench(crowd(1_500))
    return {
        "replay": (
            replay(
                linear_bench(900, d=6), ReplaySettings(strategies=("uncertainty",), budget=120, seeds=3, points=4)
            ).to_dict()
        ),
        "threshold": (
            threshold_effect(crew, ThresholdSettings("agreement", (0.5, 0.99), labels="majority", seeds=2)).to_dict()
        ),
        "label-sets": compare_label_sets(crew, LabelSetSettings(("majority", "raw"), seeds=3)).to_dict(),
        "learning-curve": (
            learning_curve(linear_bench(900, d=6), CurveSettings("gold", sizes=(30, 60, 120, 240), seeds=3)).to_dict()
        ),
        "frontier": (
            frontier(
                crew,
                FrontierSettings(
                    labels_per_item=(1, 3), labels_as=("majority",), cleaning=(False,), items=(60, 120, 240), seeds=3
                ),
            ).to_dict()
        ),
    }


@pytest.mark.parametrize("study", list(TITLES))
def test_every_study_has_words_charts_and_a_table(results: dict[str, dict[str, Any]], study: str) -> None:
    result = results[study]
    sentence = verdict(result)
    assert sentence.endswith(".")
    assert "None" not in sentence
    assert "nan" not in sentence
    assert asks(study)
    assert "seeds" in ground(result)
    for figure in charts(result):
        assert sentence in describe(figure)
        assert len(figure.data)
    table = study_table(result)
    shown = readable(table)
    assert len(shown) == len(table) > 0
    assert not any(str(c).endswith(("_low", "_high")) for c in shown)
    assert not shown.astype(str).isin(["nan"]).any().any()


def interval(low: float, value: float, high: float) -> dict[str, Any]:
    return {"value": value, "interval": [low, high], "n": 100, "seeds": 5, "reason": None, "note": ""}


def saved(ratio: dict[str, Any]) -> dict[str, Any]:
    return {
        "ratio": ratio,
        "accuracy": 0.8,
        "labels": 400.0,
        "labels_at_random": 800.0,
        "along": ratio,
        "to_match": ratio,
        "gain": interval(0, 0.01, 0.02),
    }


def a_replay(**ratios: dict[str, Any]) -> dict[str, Any]:
    strategies: dict[str, Any] = {
        "random": {"accuracy": [interval(0.7, 0.75, 0.8)], "saving": None, "saving_at_equal_loss": None}
    }
    for name, ratio in ratios.items():
        strategies[name] = {
            "accuracy": [interval(0.7, 0.75, 0.8)],
            "saving": saved(ratio),
            "saving_at_equal_loss": ratio,
        }
    return {"study": "replay", "points": [800], "strategies": strategies}


def test_a_saving_is_claimed_only_where_the_interval_lies_above_one() -> None:
    assert "no strategy is sure to save labels" in verdict(
        a_replay(bald=interval(0.9, 2.0, 4.0), uncertainty=interval(0.8, 1.1, 1.3))
    )
    said = verdict(a_replay(bald=interval(1.2, 2.0, 4.0), uncertainty=interval(0.5, 0.7, 0.9)))
    assert said.startswith(
        "BALD needs 400 labels where random needs 800, for the same 80.0%: 2.00 times (95% interval 1.20 to 4.00)"
    )
    assert "Uncertainty needs more labels than random" in said


def a_frontier(**stop: Any) -> dict[str, Any]:
    given = {
        "verdict": "undecided",
        "at": None,
        "dollars": None,
        "most_gain": None,
        "sure_gain": None,
        "worth": 0.01,
        "dollars_per_point": None,
        **stop,
    }
    return {"study": "frontier", "stop": given, "plans": [], "onward": [], "steps": []}


def test_a_frontier_ends_with_what_its_intervals_bear() -> None:
    assert "support no statement" in verdict(a_frontier())
    said = verdict(a_frontier(verdict="stop", at="100 items, 1 label", dollars=150.0, most_gain=0.006))
    assert said.startswith("Stop at 100 items, 1 label, for $150: no dearer plan measured gains more than 0.60 points")
    assert "Go on beyond" in verdict(a_frontier(verdict="go on", at="900 items", dollars=1_350.0, sure_gain=0.02))
    assert "$500 a point" in verdict(
        a_frontier(verdict="stop", at="x", dollars=1.0, most_gain=0.006, dollars_per_point=500.0)
    )


def test_thresholds_are_told_apart_by_what_they_beat() -> None:
    def study(random: dict[str, Any], everything: dict[str, Any]) -> dict[str, Any]:
        row = {
            "threshold": 0.6,
            "kept": 0.8,
            "items": 1.0,
            "accuracy": interval(0.7, 0.8, 0.9),
            "at_random": interval(0.7, 0.78, 0.9),
            "over_random": random,
            "over_all": everything,
        }
        return {
            "study": "threshold",
            "rule": "reliability",
            "unit": "x",
            "everything": interval(0.7, 0.79, 0.9),
            "thresholds": [row],
        }

    assert "makes the reward model better" in verdict(study(interval(0.01, 0.02, 0.03), interval(0.005, 0.01, 0.02)))
    assert "takes the right ones" in verdict(study(interval(0.01, 0.02, 0.03), interval(-0.02, 0.0, 0.02)))
    assert "No threshold does better" in verdict(study(interval(-0.01, 0.02, 0.03), interval(-0.02, 0.0, 0.02)))


def test_marks_stand_where_the_figures_are(results: dict[str, dict[str, Any]]) -> None:
    ratio = a_replay(bald=interval(1.2, 2.0, 4.0))
    figure = savings_chart(ratio)
    marks = [t for t in figure.data if t.mode == "markers+text"]
    assert [float(m.x[0]) for m in marks] == [2.0]
    assert figure.layout.shapes[0].x0 == 1.0
    sets = label_sets_chart(results["label-sets"])
    raw = results["label-sets"]["sets"][1]["over_base"]
    assert [float(t.x[0]) for t in sets.data if t.mode == "markers+text"] == pytest.approx([100 * raw["value"]])
    line = next(t for t in frontier_chart(results["frontier"]).data if t.name == "no cheaper plan is better")
    wanted = [p["dollars"] for p in results["frontier"]["plans"] if p["on_line"]]
    assert list(line.x) == wanted
    with_policies = [{**s, "policy_over_base": s["over_base"]} for s in results["label-sets"]["sets"]]
    both = label_sets_chart({**results["label-sets"], "sets": with_policies})
    assert list(both.layout.yaxis.ticktext) == [*sets.layout.yaxis.ticktext, "raw, policy"]


def test_a_frontier_shows_price_and_accuracy_first(results: dict[str, dict[str, Any]]) -> None:
    shown = readable(study_table(results["frontier"]))
    assert list(shown)[:4] == ["plan", "price", "accuracy", "on the line"]
    plan = results["frontier"]["plans"][0]
    low, high = plan["accuracy"]["interval"]
    assert shown.iloc[0].tolist()[:3] == [
        plan["name"],
        f"${plan['dollars']:,.2f}",
        f"{plan['accuracy']['value']:.3f} [{low:.3f}, {high:.3f}]",
    ]
    assert plan["dollars"] == 90
    steps = readable(steps_table(results["frontier"]))
    assert list(steps) == ["step to", "price", "gain, points", "price of a point", "note", "from"]
    for step, note in zip(results["frontier"]["steps"], steps["note"], strict=True):
        assert bool(note) == (step["dollars_per_point"]["interval"] is None)
    assert steps["price"].str.startswith("$").all()


def test_tables_hold_every_figure(results: dict[str, dict[str, Any]]) -> None:
    steps = steps_table(results["frontier"])
    assert len(steps) == len(results["frontier"]["steps"])
    curves = curves_table(results["replay"])
    assert len(curves) == 2 * len(results["replay"]["points"])
    undefined = study_table(results["threshold"]).iloc[-1]
    assert np.isnan(undefined["accuracy"])
    assert "too little is left" in undefined["note"]


def test_the_backtest_is_told_beside_what_was_measured(results: dict[str, dict[str, Any]]) -> None:
    said = backtest_sentence(results["learning-curve"])
    assert "foretold" in said
    assert "measured is" in said
    assert backtest_sentence({"points": [], "backtest": None}) == ""
