"""Honest annotators of data of which nearly all go one way: chance and accuracy follow that, and nobody is random."""

from __future__ import annotations

import numpy as np
import pytest

from tests.annotators.people import annotated
from workbench.annotators import flag_annotators, survey
from workbench.annotators.crew import both_ways, ordered_crew
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import BINARY, FIVE, TERNARY


def skewed(
    common: float, accuracy: float, blind: int = 0, people: int = 40, each: int = 60, seed: int = 0
) -> AnnotationSet:
    """Three votes an item of people who are right equally often on any item; the last ones say the common label or the
    other as often as it is common, whatever the item.
    """
    rng = np.random.default_rng(0)
    rows = []
    for i in range(people * each // 3):
        truth = "A" if rng.random() < common else "B"
        for k in rng.choice(people, 3, replace=False):
            other = "B" if truth == "A" else "A"
            label = truth if rng.random() < accuracy else other
            if k >= people - blind:
                label = "A" if rng.random() < common else "B"
            rows.append((f"{i:05d}", f"p{k:02d}", label))
    return annotated(rows)


@pytest.mark.parametrize("common", [0.87, 0.97])
def test_honest_people_of_a_skewed_set_are_right_and_nobody_is_random(common: float) -> None:
    found = survey(skewed(common, 0.96))
    assert flag_annotators(found).flagged == ()
    accuracy = found.accuracy
    assert accuracy["estimated_accuracy"].mean() == pytest.approx(0.96, abs=0.03)
    assert ((accuracy["estimated_low"] <= 0.96) & (accuracy["estimated_high"] >= 0.96)).mean() >= 0.9
    # Blind labels, given as often as all give them, would be right as often as this.
    given = common * 0.96 + (1 - common) * 0.04
    assert found.others.scale.chance == pytest.approx(common * given + (1 - common) * (1 - given), abs=0.05)


def test_who_gives_the_usual_labels_blindly_is_found_on_skewed_data_too() -> None:
    flags = flag_annotators(survey(skewed(0.87, 0.96, blind=3, each=200)))
    assert set(flags.flagged) == {"p37", "p38", "p39"}
    assert "blind labels would be in" in flags.by_annotator["p37"][0].why


def test_even_labels_keep_symmetric_thresholds() -> None:
    for scale in (BINARY, TERNARY, FIVE):
        crew = ordered_crew(scale, np.full(len(scale), 1 / len(scale)))
        turned = np.r_[np.arange(crew.clear)[::-1], [crew.clear + 1, crew.clear]]
        assert crew.tables == pytest.approx(crew.tables[:, turned, ::-1])
        assert crew.prior.sum() == pytest.approx(1.0)


def test_rare_labels_have_states() -> None:
    crew = ordered_crew(BINARY, np.array([0.97, 0.03]), np.eye(12)[-1], contested=0.01)
    rare = crew.prior[crew.truth == 1].sum()
    assert rare == pytest.approx(0.03, abs=0.015)
    assert both_ways(BINARY, np.array([0.97, 0.03])) == pytest.approx(4 * 0.97 * 0.03)
    # One who errs more gives the rare label oftener, so that by chance it would be right less often.
    blind = crew.prior @ crew.right @ np.array([0.97, 0.03])
    assert crew.accuracy[0] < blind < crew.accuracy[-1]
    assert (crew.margin > 0).all()


def test_a_difference_in_few_items_is_chance() -> None:
    few, many = (ordered_crew(BINARY, np.array([0.55, 0.45]), items=n) for n in (30, 30_000))
    assert few.prior @ (few.truth == 0) == pytest.approx(0.5, abs=0.03)
    assert many.prior @ (many.truth == 0) > 0.54
