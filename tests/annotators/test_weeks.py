"""A week in which everybody is worse is found, blamed on nobody, and is no yardstick for other weeks; one person's bad
week is not the crew's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.annotators.people import annotated, mostly, random_letters
from workbench.annotators import confused_weeks, crew_by_week, flag_annotators, others, survey
from workbench.annotators.weeks import items_judged_in, outside, week_of_judgements
from workbench.dataset.annotation_set import AnnotationSet
from workbench.simulation.presets import PRESETS
from workbench.simulation.simulate import Simulation, carry_out, simulate
from workbench.workspace.demos import demo


def weekly(letters: dict[str, list[str]]) -> AnnotationSet:
    """Annotator -> its letters week by week, one an item; all see the same items, a minute apart, from Monday 5 January
    2026 on."""
    rows, when = [], []
    for name, weeks in letters.items():
        for w, said in enumerate(weeks):
            for i, letter in enumerate(said):
                rows.append((f"{w}-{i:03d}", name, letter))
                when.append(pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=w, minutes=i))
    return annotated(rows, ended_at=when)


def letters_of(
    bad_weeks: dict[int, tuple[int, ...]], people: int = 8, weeks: int = 4, each: int = 40
) -> dict[str, list[str]]:
    """People who are right in 9 of 10, but in their bad weeks give random letters."""
    truth = [random_letters(each, 100 + w) for w in range(weeks)]
    return {
        f"p{k}": [
            random_letters(each, 1_000 + 10 * k + w) if w in bad_weeks.get(k, ()) else mostly(truth[w], 0.9, 10 * k + w)
            for w in range(weeks)
        ]
        for k in range(people)
    }


def bare(seed: int, **settings: object) -> Simulation:
    none = dict.fromkeys(("spammers", "speeders", "left_clickers", "drifters", "colluders"), 0)
    return simulate(8_000, annotators=20, seed=seed, texts=False, **{**none, **settings})  # type: ignore[arg-type]


def test_a_bad_week_of_all_is_found() -> None:
    table = crew_by_week(others(weekly(letters_of(dict.fromkeys(range(8), (2,))))))
    assert table["week"].tolist() == ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"]
    assert table["confused"].tolist() == [False, False, True, False]
    assert table["labels"].tolist() == [320] * 4
    bad = table.iloc[2]
    assert bad["annotators"] == 8
    assert bad["low"] <= bad["change"] <= bad["high"] < 0
    # All eight fell: the signed-rank test can say no more than 1 in 2 to the 8.
    assert bad["p_annotators"] == pytest.approx(1 / 256)


def test_bad_weeks_of_a_few_are_not_the_crews() -> None:
    assert confused_weeks(others(weekly(letters_of({0: (2,), 1: (2,)})))) == {}
    assert confused_weeks(others(weekly(letters_of({k: (k % 4,) for k in range(8)})))) == {}


def test_two_bad_weeks_are_both_found_and_more_than_half_are_usual() -> None:
    assert list(confused_weeks(others(bare(6, confused_weeks=(2, 4), confusion=8.0).data))) == [
        "2026-01-12",
        "2026-01-26",
    ]
    table = crew_by_week(others(weekly(letters_of(dict.fromkeys(range(8), (1, 2, 3))))))
    assert table["confused"].sum() <= 2


def test_calm_crews_and_drifters_make_no_week_confused() -> None:
    found = [confused_weeks(others(bare(seed, drifters=2).data)) for seed in range(5)]
    assert found == [{}] * 5


def test_without_dates_there_are_no_weeks() -> None:
    made = bare(1).data
    undated = replace(made, annotations=made.annotations.assign(ended_at=np.datetime64("NaT")))
    table = crew_by_week(others(undated))
    assert len(table) == 0
    assert "confused" in table
    assert confused_weeks(others(undated)) == {}


def test_outside_leaves_out_the_weeks_named() -> None:
    found = others(weekly(letters_of({})))
    week, names = week_of_judgements(found)
    assert (outside(found, names[1:2]) == (week != 1)).all()
    assert set(items_judged_in(found, names[1])) == set(found.codes.item[week == 1])
    assert len(items_judged_in(found, "1999-01-04")) == 0


def test_votes_of_a_confused_week_are_no_yardstick() -> None:
    found = others(weekly(letters_of({})))
    unheard = found.codes.annotator == 0
    held = found.without_votes(unheard)
    nobody = np.zeros(found.codes.n_annotators, bool)
    alike = found.without(np.eye(len(nobody), dtype=bool)[0], np.full(len(nobody), -1, np.int32))
    # Leaving out all votes of one person is the same whichever way it is asked for.
    assert np.array_equal(held.posterior, alike.posterior)
    assert not np.array_equal(held.posterior, found.posterior)


@pytest.mark.parametrize("seed", [100, 120, 134])
def test_a_confused_week_is_nobodys_drift(seed: int) -> None:
    made = carry_out(replace(PRESETS["demo"], seed=seed, texts=False).checked())
    found = survey(made.data)
    assert "2026-03-23" in found.confused
    people = made.truth.annotators
    honest = set(people.loc[people["behaviour"] == "honest", "annotator"])
    drifted = {
        name
        for name, flags in flag_annotators(found).by_annotator.items()
        if any(flag.kind == "drift" for flag in flags)
    }
    assert not drifted & honest


def test_on_the_demo_those_with_planted_trouble_are_flagged_and_nobody_else() -> None:
    flags = flag_annotators(demo("demo"))
    planted = carry_out(PRESETS["demo"].checked()).truth.annotators
    troubled = planted.loc[planted["behaviour"] != "honest", "annotator"]
    assert sorted(flags.flagged) == sorted(f"{name}@example.com" for name in troubled)
    assert flags.note is None


def test_what_was_found_before_stands_where_no_vote_changes() -> None:
    found = others(simulate(1_500, annotators=12, seed=5, texts=False).data)
    ignored, partners = np.zeros(12, bool), np.full(12, -1, np.int32)
    ignored[3], partners[[3, 4]] = True, 0
    unheard = np.arange(len(found.codes)) % 7 == 0
    afresh = found.without(ignored, partners).without_votes(unheard)
    assert found.informed.any()  # from here on it is at hand
    once = found.without(ignored, partners)
    assert once.informed.any()
    again = once.without_votes(unheard)
    np.testing.assert_array_equal(again.posterior, afresh.posterior)
    np.testing.assert_array_equal(again.informed, afresh.informed)
    assert not np.array_equal(again.posterior, found.posterior)
