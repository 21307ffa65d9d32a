"""Dots along a slider: where they lie, who goes, and who goes next."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from workbench.cleaning import Cleaning, Evidence, gather_evidence
from workbench.cleaning.on_scale import annotators_on_scale, items_beyond, items_on_scale
from workbench.figures.slider_dots import bars_html, dots_html
from workbench.simulation.simulate import simulate
from workbench.wording.cleaning import next_sentence


@pytest.fixture(scope="module")
def known() -> Evidence:
    return gather_evidence(simulate(1_500, seed=3).data)


def test_the_next_to_go_goes_when_the_threshold_passes_their_value(known: Evidence) -> None:
    before = annotators_on_scale(known, Cleaning(), "reliability")
    assert not before.goes.any()
    assert before.next_value == np.nanmin(known.annotators["reliability"])
    after = annotators_on_scale(known, Cleaning(least_reliability=before.next_value + 1e-6), "reliability")
    assert after.goes.sum() == 1
    assert after.next_name != before.next_name
    assert after.next_value >= before.next_value
    assert next_sentence(before) == f"next to go: {before.next_name} at {before.next_value:.0%}"
    assert next_sentence(after) == (f"1 of {len(after.values)} go; next: {after.next_name} at {after.next_value:.0%}")


def test_who_is_kept_in_by_name_is_not_next(known: Evidence) -> None:
    first = annotators_on_scale(known, Cleaning(), "agreement").next_name
    assert annotators_on_scale(known, Cleaning(keep=(first,)), "agreement").next_name != first


def test_where_nobody_is_judged_nobody_is_next(known: Evidence) -> None:
    found = annotators_on_scale(known, Cleaning(gold_answers=10**6), "gold")
    assert len(found.values) == 0
    assert found.next_name == ""
    assert math.isnan(found.next_value)


def test_items_below_a_threshold_are_those_that_go(known: Evidence) -> None:
    counts = items_on_scale(known, "confidence")
    assert counts.sum() == np.isfinite(known.confidence).sum()
    gone = items_beyond(counts, Cleaning(least_confidence=0.7), "confidence").sum()
    assert gone == (np.floor(known.confidence[np.isfinite(known.confidence)] * 100 + 1e-4) < 70).sum()
    assert items_beyond(counts, Cleaning(), "contested").sum() == 0


def test_dots_lie_at_their_share_of_the_slider() -> None:
    drawn = dots_html([0.25, 0.25, 1.4], [True, False, False], "said")
    assert re.findall(r"<i [^>]*left:([\d.]+)%", drawn) == ["25.0", "25.0", "100.0"]
    assert drawn.count('class="goes"') == 1


def test_many_are_drawn_as_bars() -> None:
    drawn = dots_html(np.full(500, 0.5), np.arange(500) < 250, "said")
    assert "<i " not in drawn
    assert drawn.count("<b ") == 2
    assert bars_html(np.array([1, 0]), np.array([0, 0]), "").count("<b ") == 1
