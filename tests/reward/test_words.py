"""What a scorecard says: of machines as of machines, of few prompts as little as they allow, and nothing good of
probabilities that are far off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.dataset.assembly import Export, assemble
from workbench.reward.pairs import Pairs, pairs_of
from workbench.reward.ranking import compared
from workbench.reward.reading import scorecard_from
from workbench.reward.scorecard import Scorecard, scorecard
from workbench.reward.verdict_words import (
    beside_length_sentence,
    calibration_sentence,
    noise_sentence,
    verdict_sentence,
)


def judged_by(kind: str, n: int = 40) -> Scorecard:
    """Two annotators of one kind who always agree."""
    rows = pd.DataFrame(
        [
            {"item_id": str(i), "annotator": who, "label": "AB"[i % 2], "annotator_kind": kind}
            for i in range(n)
            for who in ("k", "l")
        ]
    )
    items = pd.DataFrame(
        {
            "item_id": [str(i) for i in range(n)],
            "prompt": [f"p{i}" for i in range(n)],
            "response_a": [f"a {i}" for i in range(n)],
            "response_b": [f"a longer one {i}" for i in range(n)],
        }
    )
    shown = rows[["item_id"]].merge(items, on="item_id")
    data = assemble([Export(items=shown, rows=rows.drop(columns="item_id"), source="t", format="t", sides=True)])
    pairs = pairs_of(data, "majority")
    return scorecard(2 * pairs.target - 1, pairs, np.random.default_rng(0), data=data)


def test_a_ceiling_from_machines_is_not_called_peoples() -> None:
    people, machines = judged_by("human"), judged_by("ai")
    assert "people agree so far that 100% is the ceiling" in verdict_sentence(people)
    said = verdict_sentence(machines)
    assert "people" not in said
    assert "the AI annotators agree so far" in said
    assert verdict_sentence(scorecard_from(machines.to_dict())) == said


def pairs_in(groups: int, n: int = 400, seed: int = 0) -> tuple[np.ndarray, Pairs]:
    """Margins of which seven in ten are on the label's side, in so many prompt groups."""
    rng = np.random.default_rng(seed)
    e, margin = np.full(n, "", object), rng.normal(size=n)
    target = (rng.random(n) < 1 / (1 + np.exp(-2 * margin))).astype(float)
    long, short = np.full(n, "a longer text", object), np.full(n, "short", object)
    for_a = target > 0.5
    return margin, Pairs(
        prompt=e,
        response_a=np.where(for_a, short, long),
        response_b=np.where(for_a, long, short),
        target=target,
        level=np.zeros(n, np.int8),
        levels=2,
        weight=np.ones(n),
        group=np.arange(n) % groups,
        source=e,
        item=np.arange(n),
        labels="majority",
    )


@pytest.mark.parametrize("groups", [1, 3])
def test_few_prompt_groups_say_nothing_of_others(groups: int) -> None:
    margin, pairs = pairs_in(groups)
    card = scorecard(margin, pairs, np.random.default_rng(0))
    assert "how it does on other prompts cannot be said, which takes 8" in verdict_sentence(card)
    assert beside_length_sentence(card) == ""
    both = replace(card, noise=compared(("Noise-aware", "Plain"), (margin, -margin), pairs))
    assert "cannot be said" in noise_sentence(both)
    assert "Noise-aware against plain, on the same split: +" in noise_sentence(both)
    assert ("fitted on these very pairs" in calibration_sentence(card)) == (groups == 1)
    enough = scorecard(*pairs_in(40), np.random.default_rng(0))
    assert "cannot be said" not in verdict_sentence(enough)
    assert "better than the longer text" in beside_length_sentence(enough)


def test_an_error_of_many_points_is_not_called_about_right() -> None:
    """Half of the pairs are given too much and half too little: a temperature of about one, and 20 points off."""
    n = 2_000
    margin, pairs = pairs_in(200, n)
    right = np.random.default_rng(1).random(n) < np.where(np.arange(n) % 2, 0.99, 0.80)
    m = np.where(np.arange(n) % 2, np.log(0.7 / 0.3), np.log(0.97 / 0.03))
    held = replace(pairs, target=right.astype(float))
    said = calibration_sentence(scorecard(m, held, np.random.default_rng(0)))
    assert "about right" not in said
    flat = scorecard(*pairs_in(200, n), np.random.default_rng(0))
    margin, pairs = pairs_in(200, n)
    assert "it is about right" in calibration_sentence(scorecard(2 * margin, pairs, np.random.default_rng(0)))
    assert "not sure enough" in calibration_sentence(flat)
