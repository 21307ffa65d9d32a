"""Charts of a scorecard: what is drawn is what was found, and hostile names stay text."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.figures.canvas import describe
from workbench.figures.reward import (
    cut_chart,
    cuts_of,
    headline_chart,
    headline_rows,
    latency_table,
    models_chart,
    reliability_diagram,
    reliability_table,
    scorecard_table,
)
from workbench.reward.pairs import pairs_of
from workbench.reward.scorecard import Scorecard, scorecard
from workbench.reward.verdict_words import beside_length_sentence, calibration_sentence, verdict_sentence
from workbench.simulation.simulate import simulate


@pytest.fixture(scope="module")
def card() -> Scorecard:
    data = simulate(2_400, annotators=12, seed=5).data
    pairs = pairs_of(data, "majority")
    rng = np.random.default_rng(0)
    return scorecard(rng.normal(size=len(pairs)) + 3 * (pairs.target - 0.5), pairs, rng, data=data)


def test_the_headline_has_the_model_the_length_rule_and_people(card: Scorecard) -> None:
    rows = headline_rows(card)
    assert list(rows)[:2] == ["This model", "Always the longer text"]
    assert any("One person" in name for name in rows)
    assert "This model" in describe(headline_chart(card))


def test_every_cut_can_be_drawn_and_is_in_the_table(card: Scorecard) -> None:
    cuts = cuts_of(card)
    assert "Length" in cuts
    for values in cuts.values():
        assert describe(cut_chart(values, card))
    table = scorecard_table(card)
    assert set(cuts) <= set(table["cut"])
    assert table.loc[table["of"] == "This model", "value"].item() == card.accuracy.value


def test_the_diagram_draws_each_bin_with_its_interval(card: Scorecard) -> None:
    given = card.reliability.as_given
    figure = reliability_diagram(given, card.reliability.scaled)
    points = figure.data[1]
    assert list(points.x) == [b.confidence for b in given.bins]
    assert list(points.y) == [b.right.value for b in given.bins]
    assert points.error_y.array[0] == pytest.approx(given.bins[0].right.same_crew.high - given.bins[0].right.value)  # type: ignore[union-attr]
    assert figure.data[2].name == "after temperature scaling"
    assert len(reliability_table(given, card.reliability.scaled)) == 2 * len(given.bins)


def test_the_verdict_names_the_figures_it_is_held_against(card: Scorecard) -> None:
    said = verdict_sentence(card)
    assert said.startswith("Ranks ")
    assert f"{card.accuracy.n:,} held-out pairs" in said
    assert "is the ceiling" in said
    assert "the longer text gets" in said
    assert "better than the longer text" in beside_length_sentence(card)
    assert "temperature" in calibration_sentence(card)


def test_models_are_compared_and_names_stay_text(card: Scorecard) -> None:
    figure = models_chart({"<b>one</b>": card, "two": card})
    assert "&lt;b&gt;one" in str(figure.layout.yaxis.ticktext)
    assert len([t for t in figure.layout.yaxis.ticktext if "longer" in t]) == 1


def test_latency_is_read_beside_its_8_bit_form() -> None:
    row = {"batch": 8, "median": 12.3, "slow": 20.0, "per_second": 650.4, "calls": 7}
    assert latency_table([row])["Median"].item() == "12 ms"
    assert latency_table([row], [{**row, "median": 6.0}])["8-bit median"].item() == "6 ms"
