"""Who judges what, in which order and when; what is asked for is what comes out."""

from __future__ import annotations

import inspect
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from tests.simulation.measures import judgements, surely_within
from workbench.dataset.scales import FIVE, SCALES, TERNARY
from workbench.errors import WorkbenchError
from workbench.simulation.pairs import answer, cut_points
from workbench.simulation.plan import Plan
from workbench.simulation.simulate import Simulation, simulate, simulate_preset

VARIETY = [
    {"annotations": 1_000},
    {"annotations": 1_001, "annotators": 7, "labels_per_item": 4, "scale": "binary", "seed": 1},
    {"annotations": 5_000, "annotators": 300, "scale": "ternary", "seed": 2},
    {"annotations": 3_000, "annotators": 3, "labels_per_item": 1, "colluders": 0, "scale": "seven", "seed": 3},
    {"annotations": 4_000, "experts": 3, "judges": 2, "scale": "four", "repeat_share": 0.0, "seed": 4},
    {"annotations": 4_000, "uneven": 1.0, "fixed_sides": True, "skip_share": 0.05, "seed": 5},
    {
        "annotations": 2_000,
        "ranked_share": 1.0,
        "ranking_size": 5,
        "models": 5,
        "gold_share": 0.0,
        "scale": "six",
        "seed": 6,
    },
    {
        "annotations": 2_000,
        "ambiguous_share": 1.0,
        "tie_share": 0.0,
        "labels_per_item": 5,
        "categories": ("maths",),
        "seed": 7,
    },
]


@pytest.mark.parametrize("settings", VARIETY, ids=lambda s: "-".join(str(v) for v in s.values()))
def test_any_settings_give_a_sound_annotation_set(settings: dict) -> None:
    made = simulate(**settings)
    data, rows = made.data, made.data.annotations
    assert len(rows) == settings["annotations"] == len(made.truth.annotations) == data.ledger.rows_read
    assert len(data.items) == len(made.truth.items) == len(data.gold)
    assert rows["item"].between(0, len(data.items) - 1).all()
    assert rows["annotator"].between(0, len(data.annotators) - 1).all()
    assert rows["label"].between(-1, len(data.scale) - 1).all()
    assert rows["shown_first"].isin([0, 1]).all()
    assert (rows["seconds"] > 0).all()
    assert rows["ended_at"].notna().all()
    assert ((rows["repeat"] == -1) == (rows["label"] == -1)).all()
    assert rows["item"].is_monotonic_increasing
    # The n-th judgement of a cell is number n, in the order of time.
    labelled = rows[rows["label"] >= 0].sort_values("ended_at", kind="stable")
    assert (labelled.groupby(["annotator", "item"]).cumcount() == labelled["repeat"]).all()
    assert data.items["item_id"].is_unique
    assert data.items["pair_id"].is_unique
    assert (data.items["model_a"] != data.items["model_b"]).all()
    assert len(data.codes) == (rows["repeat"] == 0).sum()


def test_the_function_and_the_plan_agree_on_every_default() -> None:
    asked = {name: p.default for name, p in inspect.signature(simulate).parameters.items()}
    assert asked == {f.name: f.default for f in fields(Plan)}


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data() -> None:
    one, again, other = simulate(3_000, seed=1), simulate(3_000, seed=1), simulate(3_000, seed=2)
    assert one.data.key == again.data.key
    assert one.data.key != other.data.key
    for of in ("items", "annotators", "annotations", "models"):
        pd.testing.assert_frame_equal(one.truth.to_frame(of), again.truth.to_frame(of))


def test_every_item_gets_its_labels_from_different_people(planted: Simulation) -> None:
    first = planted.data.annotations[planted.truth.annotations["how"].to_numpy() != "skipped"]
    first = first[first["repeat"] == 0]
    assert not first.duplicated(["item", "annotator"]).any()
    counts = np.bincount(first["item"], minlength=len(planted.data.items))
    assert (counts[:-1] == 3).all()
    assert 1 <= counts[-1] <= 3


def test_volumes_are_even_unless_asked_otherwise() -> None:
    even = np.bincount(simulate(30_000, annotators=30, colluders=0).data.annotations["annotator"])
    uneven = np.bincount(simulate(30_000, annotators=30, colluders=0, uneven=1.0).data.annotations["annotator"])
    assert even.max() / even.min() < 1.5
    assert uneven.max() / uneven.min() > 3


def test_the_side_shown_first_says_nothing_about_the_truth(planted: Simulation) -> None:
    rows = judgements(planted)
    assert surely_within(rows["shown_first"].sum(), len(rows), 0.5)
    strength = planted.truth.items["strength"].to_numpy()
    assert surely_within((strength > 0).sum(), len(strength), 0.5)
    better_first = (strength[rows["item"]] > 0) == (rows["shown_first"] == 0)
    assert surely_within(better_first.sum(), len(rows), 0.5)
    per_item = rows[rows["repeat"] == 0].groupby("item")["shown_first"].nunique()
    assert 0.6 < (per_item == 2).mean() < 0.9  # three coins are not all alike in 3/4 of cases


def test_repeats_come_later_and_half_of_them_exchange_the_sides(planted: Simulation) -> None:
    rows = judgements(planted)
    pairs = rows[rows["repeat"] == 1].merge(
        rows[rows["repeat"] == 0], on=["item", "annotator"], suffixes=("", "_first")
    )
    assert len(pairs) == round(60_000 * 0.1 / 1.1)
    assert (pairs["ended_at"] > pairs["ended_at_first"]).all()
    assert surely_within((pairs["shown_first"] != pairs["shown_first_first"]).sum(), len(pairs), 0.5)


def test_gold_is_right_clear_and_as_much_as_asked_for(planted: Simulation) -> None:
    gold, truth = planted.data.gold, planted.truth.items
    known = gold >= 0
    assert known.sum() == round(0.1 * len(gold))
    assert (gold[known] == truth["label"][known]).all()
    assert not truth["ambiguous"][known].any()
    assert (gold[known] != planted.data.scale.tie).all()


def test_wrong_gold_points_the_other_way() -> None:
    made = simulate(10_000, wrong_gold=0.1)
    wrong = made.truth.items["wrong_gold"].to_numpy()
    assert wrong.sum() == round(0.1 * (made.data.gold >= 0).sum())
    assert (made.data.gold[wrong] == made.data.scale.flip(made.truth.items["label"].to_numpy()[wrong])).all()


def test_ties_and_skips_are_as_many_as_asked_for() -> None:
    made = simulate(40_000, tie_share=0.3, skip_share=0.04, repeat_share=0.0)
    clear = ~made.truth.items["ambiguous"]
    assert (made.truth.items["label"][clear] == 2).mean() == pytest.approx(0.3, abs=0.01)
    assert surely_within((made.data.annotations["label"] == -1).sum(), 40_000, 0.04)


def test_cut_points_by_hand() -> None:
    # A fifth of 1, ..., 100 lies below 20.8; half of the rest below 60.4 (linear quantiles).
    gaps = np.concatenate([np.arange(1.0, 101), -np.arange(1.0, 101)])
    assert cut_points(FIVE, 0.2, gaps).tolist() == pytest.approx([-60.4, -20.8, 20.8, 60.4], abs=0.5)
    assert cut_points(SCALES["four"], 0.0, gaps).tolist() == pytest.approx([-50.5, 0, 50.5], abs=0.5)
    assert answer(np.array([61.0, 30.0, 0.0, -30.0, -61.0]), np.array([-60.4, -20.8, 20.8, 60.4])).tolist() == [
        0,
        1,
        2,
        3,
        4,
    ]
    assert len(cut_points(TERNARY, 0.1, gaps)) == 2


def test_ranked_prompts_have_all_pairs_of_their_responses(planted: Simulation) -> None:
    sizes = planted.data.items.groupby("group", sort=False).size()
    assert set(sizes) == {1, 6}
    assert (sizes == 6).mean() == pytest.approx(0.2, abs=0.01)
    ranked = planted.data.items[planted.data.items["group"] == sizes.index[sizes == 6][0]]
    assert len(set(ranked["model_a"]) | set(ranked["model_b"])) == 4
    batches = planted.data.annotations[
        planted.data.annotations["item"].isin(ranked.index) & (planted.data.annotations["repeat"] == 0)
    ]["batch"]
    assert set(batches) == {batches.iloc[0]}


def test_stronger_models_win_more_often(planted: Simulation) -> None:
    strength = planted.truth.models.set_index("model")["strength"]
    items = planted.data.items
    gap = strength[items["model_a"]].to_numpy() - strength[items["model_b"]].to_numpy()
    assert np.corrcoef(gap, planted.truth.items["strength"])[0, 1] > 0.4


def test_time_runs_forward_on_working_days(planted: Simulation) -> None:
    rows = planted.data.annotations.sort_values(["annotator", "ended_at"])
    ended = rows["ended_at"]
    assert ended.dt.day_of_week.between(0, 4).all()
    assert ended.dt.hour.between(8, 20).all()
    gap = ended.diff().dt.total_seconds().to_numpy()
    same = rows["annotator"].diff().to_numpy() == 0
    assert (gap[same] > 0).all()
    overlapping = gap[same] < rows["seconds"].to_numpy()[same] - 1
    assert overlapping.mean() < 0.001  # a judgement that the end of the day cuts in two
    week = planted.truth.annotations["week"]
    assert week.min() == 1
    assert week.max() == 6
    volume = week.value_counts(normalize=True)
    assert volume.between(0.1, 0.25).all()
    since = (planted.data.annotations["ended_at"] - pd.Timestamp("2026-01-05")).dt.days // 7 + 1
    assert (since.to_numpy() == week.to_numpy()).all()


def test_times_follow_the_words_to_read(planted: Simulation) -> None:
    items = planted.data.items
    rows = judgements(planted)
    words = items[["words_prompt", "words_a", "words_b"]].sum(axis=1).to_numpy()[rows["item"]]
    pace = planted.truth.annotators["pace"].to_numpy()[rows["annotator"]]
    ratio = rows["seconds"].to_numpy() / ((60 * words / 238 + 7) * pace)
    assert np.median(ratio) == pytest.approx(1.0, abs=0.02)
    assert np.std(np.log(ratio[ratio < 4])) == pytest.approx(0.38, abs=0.03)


def test_work_that_does_not_fit_takes_longer() -> None:
    made = simulate(40_000, annotators=4, colluders=0, spammers=0, speeders=0, left_clickers=0, drifters=0, weeks=2)
    assert made.truth.annotations["week"].max() > 2
    hours = (
        made.data.annotations.groupby([made.data.annotations["annotator"], made.truth.annotations["week"].to_numpy()])[
            "seconds"
        ].sum()
        / 3600
    )
    assert hours.max() < 45


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"scale": "ten"}, "no scale"),
        ({"gold_share": 1.5}, "gold_share"),
        ({"annotators": 0}, "annotators"),
        ({"skill": (0.9, 0.6)}, "skill"),
        ({"annotators": 4, "spammers": 3, "speeders": 2}, "troubled annotators"),
        ({"labels_per_item": 1}, "colluder"),
        ({"annotators": 4, "labels_per_item": 5, "colluders": 0}, "labels an item"),
        ({"models": 3, "ranking_size": 4}, "models"),
        ({"categories": ("astrology",)}, "astrology"),
        ({"spammers": -1}, "negative"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict, says: str) -> None:
    with pytest.raises(WorkbenchError, match=says):
        simulate(1_000, **settings)


def test_what_is_written_reads_back_with_the_same_key(tmp_path) -> None:
    from workbench.formats import load

    made = simulate(2_000, seed=9)
    own, truth, people = made.write(tmp_path)
    assert load(own).key == made.data.key
    assert pd.read_parquet(truth)["strength"].tolist() == made.truth.items["strength"].tolist()
    assert '"behaviour"' in people.read_text("utf-8")


@pytest.mark.parametrize("name", ["demo", "clean", "judge-vs-crowd"])
def test_presets_are_there(name: str) -> None:
    made = simulate_preset(name)
    assert len(made.data.annotations) > 1_000
    assert (name == "clean") == (len(made.truth.troubled()) == 0)


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(WorkbenchError, match="judge-vs-crowd"):
        simulate_preset("enormous")
