"""Whom to talk to: planted trouble is found, honest people are not, and nothing but content matters."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import workbench
from tests.annotators.people import annotated, crew, random_letters
from workbench.annotators import KINDS, Flags, annotator_findings, annotator_table, flag_annotators, survey
from workbench.annotators.careless_responding import tail_probability
from workbench.dataset.annotation_set import AnnotationSet
from workbench.simulation.simulate import Simulation, simulate


@pytest.fixture(scope="module")
def made() -> Simulation:
    return simulate(
        20_000, annotators=80, seed=20, spammers=3, speeders=3, left_clickers=3, drifters=3, colluders=3, texts=False
    )


@pytest.fixture(scope="module")
def flags(made: Simulation) -> Flags:
    return flag_annotators(made.data)


def kinds(flags: Flags, name: str) -> set[str]:
    return {flag.kind for flag in flags.by_annotator.get(name, ())}


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("spammer", "random"),
        ("speeder", "speeding"),
        ("left-clicker", "side"),
        ("drifter", "drift"),
        ("colluder", "collusion"),
    ],
)
def test_planted_trouble_is_found_for_what_it_is(made: Simulation, flags: Flags, behaviour: str, kind: str) -> None:
    names = made.truth.annotators["annotator"]
    for k in made.truth.troubled(behaviour):
        assert kind in kinds(flags, names[k])


def test_honest_ones_are_left_alone(made: Simulation, flags: Flags) -> None:
    honest = made.truth.annotators.query("behaviour == 'honest'")["annotator"]
    assert len(set(honest) & set(flags.flagged)) <= 2  # of 65
    sources = set(made.truth.annotators["copies"].dropna())
    assert not any("collusion" in kinds(flags, name) for name in sources)


def test_flags_say_why(flags: Flags) -> None:
    frame = flags.to_frame()
    assert set(frame["kind"]) <= set(KINDS)
    assert frame.loc[frame["kind"] != "few-labels", "p_value"].between(0, 0.05).all()
    assert frame["why"].str.len().gt(20).all()
    assert frame.loc[frame["kind"] == "collusion", "with_whom"].notna().all()
    json.dumps([flag.to_dict() for each in flags.by_annotator.values() for flag in each], allow_nan=False)


def test_a_crew_of_honest_people_gets_hardly_a_flag() -> None:
    flagged = 0
    for seed in range(3):
        nobody = dict.fromkeys(("spammers", "speeders", "left_clickers", "drifters", "colluders"), 0)
        made = simulate(4_000, annotators=40, seed=seed, texts=False, **nobody)
        flagged += len(flag_annotators(made.data).flagged)
    assert flagged <= 2  # of 120


def same(one: Flags, two: Flags, renamed: dict[str, str] | None = None) -> None:
    named = renamed or {}
    assert {named.get(n, n) for n in one.flagged} == set(two.flagged)
    for name, given in one.by_annotator.items():
        assert [f.kind for f in given] == [f.kind for f in two.by_annotator[named.get(name, name)]]


def small() -> AnnotationSet:
    return simulate(
        4_000, annotators=20, seed=31, spammers=1, speeders=1, left_clickers=1, drifters=1, colluders=1, texts=False
    ).data


def test_the_order_of_rows_does_not_matter() -> None:
    data = small()
    rows = data.annotations.sample(frac=1, random_state=1).reset_index(drop=True)
    same(flag_annotators(data), flag_annotators(replace(data, annotations=rows)))


def test_the_names_and_places_of_annotators_do_not_matter() -> None:
    data = small()
    order = np.random.default_rng(2).permutation(len(data.annotators))
    place = np.argsort(order)
    people = data.annotators.iloc[order].reset_index(drop=True)
    people["annotator"] = [f"x{n}" for n in people["annotator"]]
    rows = data.annotations.assign(
        annotator=place[data.annotations["annotator"].to_numpy()].astype(data.annotations["annotator"].dtype)
    )
    renamed = {n: f"x{n}" for n in data.annotators["annotator"]}
    same(flag_annotators(data), flag_annotators(replace(data, annotators=people, annotations=rows)), renamed)


def test_exchanging_the_sides_of_everything_changes_nothing() -> None:
    data = small()
    label, shown = data.annotations["label"].to_numpy(), data.annotations["shown_first"].to_numpy()
    rows = data.annotations.assign(
        label=data.scale.flip(label), shown_first=np.where(shown >= 0, 1 - shown, -1).astype(np.int8)
    )
    same(flag_annotators(data), flag_annotators(replace(data, annotations=rows, gold=data.scale.flip(data.gold))))


def test_one_annotator_alone() -> None:
    flags = flag_annotators(crew({"x": random_letters(60, 1)}))
    assert flags.flagged == ()
    assert kinds(flags, "x") == {"few-labels"}


def test_one_label_flags_nobody_and_leaves_a_wide_interval() -> None:
    truth = random_letters(60, 3)
    table = annotator_table(
        crew({"a": truth, "b": truth, "c": truth, "new": ("B" if truth[0] == "A" else "A") + " " * 59})
    )
    new = table.iloc[3]
    assert not new["flagged"]
    assert new["flags"] == "few-labels"
    assert new["estimated_high"] - new["estimated_low"] > 0.4


def test_no_times_at_all(made: Simulation) -> None:
    data = made.data
    bare = replace(data, annotations=data.annotations.assign(seconds=np.nan, ended_at=np.datetime64("NaT")))
    found = survey(bare)
    given = {flag.kind for each in flag_annotators(found).by_annotator.values() for flag in each}
    assert "random" in given
    assert not given & {"speeding", "drift", "straight-lining"}
    assert not found.speed.times.usable


def test_everyone_flagged_is_said() -> None:
    # Three who give the same side whatever the gold says.
    gold = {str(i): "AB"[i % 2] for i in range(300)}
    coin = random_letters(900, 7)
    rows = [(str(i), name, coin[300 * k + i]) for k, name in enumerate("xyz") for i in range(300)]
    found = survey(annotated(rows, gold, shown_first=["a" if label == "A" else "b" for _, _, label in rows]))
    flags = flag_annotators(found)
    assert set(flags.flagged) == {"x", "y", "z"}
    assert "nothing is left" in (flags.note or "")
    assert "many-flagged" in {f.code for f in annotator_findings(found, flags)}


def test_nothing_to_look_at() -> None:
    empty = annotated([("1", "x", None), ("2", "x", None)])
    assert flag_annotators(empty).flagged == ()
    assert np.isnan(annotator_table(empty)["estimated_accuracy"][0])


def test_categories_without_sides(made: Simulation) -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 4, 300)
    rows = [
        (str(i), f"p{k}", f"topic {truth[i] if k and rng.random() < 0.85 else rng.integers(0, 4)}")
        for k in range(6)
        for i in range(300)
        if rng.random() < 0.6
    ]
    frame = pd.DataFrame(rows, columns=["item_id", "annotator", "label"])
    from workbench.dataset.assembly import Export, assemble

    flags = flag_annotators(
        assemble(
            [Export(items=frame[["item_id"]], rows=frame[["annotator", "label"]], source="t", format="t", sides=False)]
        )
    )
    assert flags.flagged == ("p0",)


def test_the_audit_carries_it(made: Simulation) -> None:
    found = workbench.audit(made.data).to_dict()
    by_name = {row["annotator"]: row for row in found["annotators"]}
    spammer = made.truth.annotators["annotator"][made.truth.troubled("spammer")[0]]
    assert by_name[spammer]["flags"][0]["kind"] == "random"
    assert by_name[spammer]["estimated_accuracy"] < 0.5
    assert found["speed"]["flagged_annotators"] >= 3
    assert found["speed"]["flagged_annotations"] > 100
    json.dumps(found, allow_nan=False)


def test_confused_weeks_and_wrong_gold_are_findings() -> None:
    found = survey(
        workbench.simulate(
            8_000,
            annotators=20,
            seed=6,
            confused_weeks=(4,),
            confusion=8.0,
            wrong_gold=0.1,
            skill=(0.85, 0.95),
            texts=False,
        ).data
    )
    codes = {f.code for f in annotator_findings(found, flag_annotators(found))}
    assert {"confused-weeks", "suspect-gold"} <= codes


def test_tail_probability_by_hand() -> None:
    drawn = np.arange(100.0)
    assert tail_probability(drawn, 50.0) == pytest.approx(51 / 101)
    # The eight highest exceed the ninth highest, 91, by 4.5 on average.
    assert tail_probability(drawn, 120.0) == pytest.approx(0.08 * np.exp(-29 / 4.5))
