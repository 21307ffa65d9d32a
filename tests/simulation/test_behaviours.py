"""What is planted can be found again with the plainest statistics."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.simulation.measures import agreement, judgements, surely_within
from workbench.simulation.crew import noise_for
from workbench.simulation.simulate import Simulation, simulate


@pytest.fixture(scope="module")
def rows(planted: Simulation) -> pd.DataFrame:
    return judgements(planted)


def test_as_many_of_each_kind_as_asked_for(planted: Simulation) -> None:
    assert planted.truth.annotators["behaviour"].value_counts().to_dict() == {
        "honest": 45,
        "spammer": 3,
        "speeder": 3,
        "left-clicker": 3,
        "drifter": 3,
        "colluder": 3,
    }


def test_a_share_is_a_share_of_the_crowd() -> None:
    made = simulate(2_000, annotators=50, spammers=0.1, speeders=0, left_clickers=0.04, drifters=0, colluders=0)
    assert (made.truth.annotators["behaviour"] == "spammer").sum() == 5
    assert (made.truth.annotators["behaviour"] == "left-clicker").sum() == 2


def test_honest_annotators_are_as_accurate_as_the_truth_says(planted: Simulation, rows: pd.DataFrame) -> None:
    honest = rows[(rows["behaviour"] == "honest") & ~rows["ambiguous"]]
    for annotator, own in honest.groupby("annotator"):
        skill = planted.truth.annotators["skill"][annotator]
        assert 0.65 <= skill <= 0.95
        assert surely_within(own["right"].sum(), len(own), skill)


def test_spammers_use_all_labels_alike_and_agree_at_chance(rows: pd.DataFrame) -> None:
    spam = rows[rows["behaviour"] == "spammer"]
    counts = np.bincount(spam["label"], minlength=5)
    assert all(surely_within(c, len(spam), 0.2) for c in counts)
    # A random label of five has direction A, tie or B with probability .4, .2, .4.
    direction = np.bincount(rows["direction"][~rows["ambiguous"]], minlength=3) / (~rows["ambiguous"]).sum()
    chance = direction @ [0.4, 0.2, 0.4]
    assert agreement(rows, "behaviour")["spammer"] == pytest.approx(chance, abs=0.03)


def test_speeders_take_a_fifth_of_the_time_and_do_not_look_in_60_percent(rows: pd.DataFrame) -> None:
    seconds = rows.groupby(["behaviour", "annotator"])["seconds"].median()
    assert 0.12 < seconds["speeder"].median() / seconds["honest"].median() < 0.33
    speeding = rows[rows["behaviour"] == "speeder"]
    assert surely_within((speeding["how"] == "random").sum(), len(speeding), 0.6)


def test_left_clickers_choose_the_side_shown_first(rows: pd.DataFrame) -> None:
    rate = rows[rows["decided"]].groupby(["behaviour", "annotator"])["chose_first"].mean()
    assert rate["left-clicker"].between(0.8, 0.97).all()
    assert rate["honest"].between(0.42, 0.58).all()
    clicking = rows[rows["behaviour"] == "left-clicker"]
    assert surely_within((clicking["how"] == "first side").sum(), len(clicking), 0.8)
    # The label a click leaves does not depend on the content: it is right half of the time where there is no tie.
    tied = rows["true"] == 1
    clicked = clicking[(clicking["how"] == "first side") & ~tied[clicking.index]]
    assert surely_within(clicked["right"].sum(), len(clicked), 0.5)


def test_drifters_are_at_chance_from_half_way(planted: Simulation, rows: pd.DataFrame) -> None:
    for annotator in planted.truth.troubled("drifter"):
        own = rows[(rows["annotator"] == annotator) & ~rows["ambiguous"]].sort_values("ended_at")
        late = own["ended_at"] >= planted.truth.annotators["drift_start"][annotator]
        assert late.mean() == pytest.approx(0.5, abs=0.05)
        assert own["right"][~late].mean() > planted.truth.annotators["skill"][annotator] - 0.08
        assert own["right"][late].mean() == pytest.approx(0.38, abs=0.09)


def test_colluders_copy_from_one_whose_items_they_share(planted: Simulation, rows: pd.DataFrame) -> None:
    people = planted.truth.annotators
    first = rows[rows["repeat"] == 0].set_index(["annotator", "item"])["label"]
    for annotator in planted.truth.troubled("colluder"):
        source = int(np.flatnonzero(people["annotator"] == people["copies"][annotator])[0])
        assert people["behaviour"][source] == "honest"
        own, theirs = first[annotator], first[source]
        shared = own.index.intersection(theirs.index)
        assert len(shared) > 0.99 * len(own)
        copied = rows[(rows["annotator"] == annotator) & (rows["how"] == "copied")]
        assert surely_within(len(copied), (rows["annotator"] == annotator).sum(), 0.8)
        assert (own[shared] == theirs[shared]).mean() > 0.8
        done = rows[rows["repeat"] == 0].set_index(["annotator", "item"])["ended_at"]
        assert (done[annotator][shared] > done[source][shared]).all()  # nobody can copy what is not there yet


def test_neighbouring_labels_are_confused_most(planted: Simulation, rows: pd.DataFrame) -> None:
    judged = rows[(rows["how"] == "judged") & ~rows["ambiguous"]]
    truth = planted.truth.items["label"].to_numpy()[judged["item"]]
    table = pd.crosstab(truth, judged["label"]).to_numpy()
    for code in range(5):
        away = np.abs(np.arange(5) - code)
        by_distance = [table[code][away == d].mean() for d in range(away.max() + 1)]
        assert by_distance == sorted(by_distance, reverse=True)


def test_people_differ_about_ambiguous_items_and_most_about_creative_writing(
    planted: Simulation, rows: pd.DataFrame
) -> None:
    by = agreement(rows[rows["behaviour"] == "honest"], "ambiguous")
    assert by[True] < by[False] - 0.2
    share = planted.truth.items.groupby(planted.data.items["slice.category"], observed=True)["ambiguous"].mean()
    assert share.idxmax() == "creative writing"
    assert share["creative writing"] > 4 * share.drop("creative writing").max()


def test_noise_gives_the_skill_of_the_closed_form() -> None:
    # With two labels and normal gaps: accuracy = 1/2 + arctan(1 / noise) / pi, so .75 needs noise 1.
    gaps = np.random.default_rng(0).standard_normal(200_000)
    for noise in (0.3, 1.0, 2.0):
        accuracy = 0.5 + np.arctan(1 / noise) / np.pi
        assert noise_for(np.array([accuracy]), gaps, np.array([0.0]))[0] == pytest.approx(noise, rel=0.03)


def test_a_confused_week_lowers_accuracy_only_there() -> None:
    rows = judgements(simulate(30_000, annotators=30, seed=3, weeks=5, confused_weeks=(3,), colluders=0))
    right = rows[rows["behaviour"] == "honest"].groupby("week")["right"].mean()
    assert right.idxmin() == 3
    assert right[3] < right.drop(3).min() - 0.1


def test_side_bias_moves_everybody_to_the_side_shown_first() -> None:
    rows = judgements(simulate(30_000, annotators=30, seed=4, side_bias=0.3, left_clickers=0))
    rate = rows[rows["decided"] & (rows["behaviour"] == "honest")]["chose_first"].mean()
    assert 0.54 < rate < 0.66


def test_taste_is_lasting_and_noise_is_not() -> None:
    settings = {
        "annotators": 30,
        "seed": 5,
        "repeat_share": 0.5,
        "spammers": 0,
        "speeders": 0,
        "left_clickers": 0,
        "drifters": 0,
        "colluders": 0,
    }
    consistent = {}
    for taste in (0.0, 1.0):
        rows = judgements(simulate(20_000, taste_share=taste, **settings))
        pairs = rows[rows["repeat"] == 1].merge(rows[rows["repeat"] == 0], on=["item", "annotator"])
        consistent[taste] = (pairs["label_x"] == pairs["label_y"]).mean()
    assert consistent[1.0] == 1.0
    assert consistent[0.0] < 0.75


def test_experts_and_judges_stand_beside_the_crowd() -> None:
    made = simulate(20_000, annotators=20, experts=2, expert_share=0.3, judges=2, seed=6)
    people = made.truth.annotators
    assert people["kind"].value_counts().to_dict() == {"human": 20, "expert": 2, "ai": 2}
    rows = judgements(made)
    n = len(made.data.items)
    for judge in np.flatnonzero(people["kind"] == "ai"):
        own = rows[rows["annotator"] == judge]
        assert len(own) == 2 * n
        sides = own.groupby("item")["shown_first"].agg(["min", "max"])
        assert (sides["min"] == 0).all()
        assert (sides["max"] == 1).all()
    experts = rows[rows["annotator"].isin(np.flatnonzero(people["kind"] == "expert")) & ~rows["ambiguous"]]
    assert experts["right"].mean() > 0.9
    assert experts[experts["repeat"] == 0].groupby("annotator").size().between(0.3 * n * 0.8, 0.3 * n).all()
