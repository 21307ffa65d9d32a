"""The scorecard: arithmetic by hand, what is said of it, and what is not said of too little."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.policy.cards import finished_card
from tests.reward.made import planted_pairs
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.policy import (
    curve_chart,
    curve_table,
    drift_chart,
    policies_chart,
    policy_table,
    rankers_chart,
    responses_table,
)
from workbench.policy.curve import Measured, curve_of
from workbench.policy.scorecard import HeldOut, policy_scorecard, policy_scorecard_from
from workbench.policy.verdict_words import curve_sentence, sentences
from workbench.policy.win_rate import checked_judge, verdicts, win_rate


def test_by_hand() -> None:
    """Four pairs, A preferred in the first two, B in the third, neither in the last."""
    pairs = replace(planted_pairs(4, groups=4, seed=1), target=np.array([1.0, 1.0, 0.0, 0.5]), group=np.arange(4))
    reference = np.array([[-10.0, -20], [-10, -10], [-12, -9], [-5, -5]])
    moved = np.array([[1.0, -1], [-2, -1], [-4, -1], [3, 0]])
    held = HeldOut(pairs=pairs, policy=reference + moved, reference=reference, tokens=np.array([[5, 20]] * 4), beta=0.5)
    assert held.margin.tolist() == [1.0, -0.5, -1.5, 1.5]
    assert held.reference_margin.tolist() == pytest.approx([-1.0, -1.5, -1.95, -0.75])
    card = policy_scorecard(held)
    assert card.accuracy.value == pytest.approx(2 / 3)  # right, wrong, right, and the tie is left out
    assert card.reference.value == pytest.approx(1 / 3)
    assert card.over_reference.value == pytest.approx(1 / 3)
    assert card.chosen_drift.value == pytest.approx((1 - 2 - 1) / 3)
    assert card.rejected_drift.value == pytest.approx((-1 - 1 - 4) / 3)
    assert (card.accuracy.n, card.ties, card.groups) == (3, 1, 4)


def test_a_card_comes_back_from_its_json_and_is_drawn() -> None:
    card = finished_card(planted_pairs(120, groups=40), np.random.default_rng(0))
    again = policy_scorecard_from(card.to_dict())
    assert again.to_dict() == card.to_dict()
    assert sentences(again) == sentences(card)
    assert "judge" in describe(curve_chart(card.curve)) or "Win rate against KL" in describe(curve_chart(card.curve))  # type: ignore[arg-type]
    for figure in (rankers_chart(card), drift_chart(card), policies_chart({"one": card})):
        assert describe(figure)
    assert len(curve_table(card.curve)) == 4  # type: ignore[arg-type]
    assert responses_table(card)["Responses"].tolist() == ["Tokens", "Come to an end", "Distinct word pairs"]
    assert {"Policy (implicit reward)", "Win rate by judge:j"} <= set(policy_table(card)["of"])


def test_over_optimisation_is_seen_where_it_is_and_not_where_it_is_not() -> None:
    rng, prompts = np.random.default_rng(3), 40

    def at(step: int, win: float) -> Measured:
        return Measured(
            step=step,
            kl=np.full(prompts, float(step)),
            wins=(rng.random(prompts) < win).astype(float),
            reward=np.full(prompts, float(step)),
            length=np.full(prompts, 9.0),
        )

    falling = curve_of([at(0, 0.5), at(5, 0.95), at(20, 0.1)], np.arange(prompts), "j")
    assert (falling.best, falling.over_optimised) == (5, True)
    rising = curve_of([at(0, 0.0), at(5, 0.6), at(20, 1.0)], np.arange(prompts), "j")
    assert (rising.best, rising.over_optimised, rising.after_best) == (20, False, None)
    card = finished_card(planted_pairs(120, groups=40), np.random.default_rng(0))
    assert "what came after is over-optimised" in curve_sentence(replace(card, curve=falling))
    assert "nothing speaks of over-optimisation" in curve_sentence(replace(card, curve=rising))
    unjudged = curve_of([replace(at(5, 0.5), wins=np.full(prompts, np.nan))], np.arange(prompts))
    assert (unjudged.best, curve_sentence(replace(card, curve=unjudged))) == (None, "")


def test_nothing_is_claimed_from_a_handful_of_prompts() -> None:
    pairs = planted_pairs(60, groups=5, seed=2)
    said = " ".join(sentences(finished_card(pairs, np.random.default_rng(0))))
    assert "from 5 prompt groups: too few to say more" in said
    assert "The labels have taught it" not in said
    assert "better than choosing the longer text" not in said


def test_wins_count_ties_as_half_and_an_empty_response_loses(tmp_path: Path) -> None:
    ours = ["a longer answer", "short", "the same", "", "words here"]
    theirs = ["brief", "much longer answer", "the same", "something", ""]
    found = verdicts(checked_judge("rule:longer"), ["p"] * 5, ours, theirs, tmp_path)
    assert found.value.tolist() == [1.0, 0.0, 0.5, 0.0, 1.0]
    wins = win_rate("rule:longer", ["p"] * 5, ours, theirs, np.arange(5), tmp_path)
    assert wins.rate.value == pytest.approx(2.5 / 5)
    assert (wins.ties, wins.orders, wins.flipped, wins.both_orders) == (1, 2, 0, 2)
    with pytest.raises(WorkbenchError, match="would send prompts and responses"):
        checked_judge("openai:m@https://example.org/v1")
