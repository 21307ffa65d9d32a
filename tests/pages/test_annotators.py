"""The Annotators page: the library's flags, reliability, tests and plans; one annotator opened; data at the edge."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile_data import hostile_set, small_sets
from tests.pages.conftest import said
from workbench.annotators import (
    Design,
    SequentialTest,
    Survey,
    Weights,
    annotator_findings,
    annotator_table,
    drift_by_slice,
    flag_annotators,
    floor_rule,
    sequential_plan,
    survey,
)
from workbench.annotators.close_up import decisions, gold_answers, position_of, stands_alone
from workbench.dataset.annotation_set import AnnotationSet
from workbench.figures.crew_weeks import weeks_sentence
from workbench.figures.people_tables import decision_rows, suspect_rows
from workbench.figures.reliability import usual_levels
from workbench.wording.annotators import (
    annotator_sentence,
    copies_sentence,
    differ_sentence,
    evidence_sentence,
    flags_sentence,
    gold_sentence,
    notices,
    plan_sentence,
    suspect_sentence,
)
from workbench.workspace.addresses import digest
from workbench.workspace.demos import demo

CLOSE = ("Over time", "By slice", "Confusions", "Against the others", "Gold", "Speed", "Evidence")
TABS = ("Annotators", "Weeks", "Suspect gold", "Same answers", "Sequential test", "Planner")


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return demo("demo")


@pytest.fixture(scope="module")
def found(data: AnnotationSet) -> Survey:
    return survey(data)


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "").replace("\u2060", "")


def frame(app: AppTest, column: str) -> pd.DataFrame:
    """The first table with this column."""
    return next(element.value for element in app.dataframe if column in element.value)


def test_the_verdict_names_who_is_flagged_for_what(
    visit: Callable[..., AppTest], data: AnnotationSet, found: Survey
) -> None:
    app = visit("annotators.py", data)
    flags = flag_annotators(found)
    assert not app.exception
    assert flags_sentence(flags) in plain(app)
    table = annotator_table(found).set_index("annotator")
    shown = frame(app, "reliability").set_index("annotator")
    assert shown["reliability"].to_dict() == table["reliability"].round(2).to_dict()
    first = table.sort_values(["flagged", "reliability"], ascending=[False, True], kind="stable").index[0]
    assert annotator_sentence(
        table.reset_index().set_index("annotator", drop=False).loc[first].to_dict(),
        [f.why for f in flags.by_annotator[first]],
        usual_levels(found, table)[0],
    ) in plain(app)


def test_weights_move_the_reliability(visit: Callable[..., AppTest], data: AnnotationSet, found: Survey) -> None:
    app = visit("annotators.py", data)
    app.session_state["ann_w_peers"] = 0.0
    app.run()
    expected = annotator_table(found, weights=Weights(peers=0.0)).set_index("annotator")["reliability"]
    assert frame(app, "reliability").set_index("annotator")["reliability"].to_dict() == expected.round(2).to_dict()


@pytest.mark.parametrize("tab", CLOSE)
def test_a_picked_row_opens_its_annotator(
    tab: str, visit: Callable[..., AppTest], data: AnnotationSet, found: Survey
) -> None:
    name = data.annotators["annotator"].iloc[2]
    app = visit("annotators.py", data, address={"who": digest(data.key, name), "ann_close": tab})
    assert not app.exception
    assert app.selectbox(key="ann_who").value == name
    k = position_of(found.others, name)
    if tab == "Gold":
        assert frame(app, "right")["right"].tolist() == gold_answers(found.others, k)["right"].tolist()
        assert gold_sentence(annotator_table(found).iloc[k].to_dict()) in plain(app)
    if tab == "Evidence":
        assert evidence_sentence(annotator_table(found).iloc[k].to_dict()) in plain(app)
    if tab == "Against the others":
        app.button(key="ann_open_alone").click().run()
        assert f"({len(set(stands_alone(found.others, k)['item'])):,} items)" in said(app)


def test_copies_tests_and_plan_are_the_librarys(
    visit: Callable[..., AppTest], data: AnnotationSet, found: Survey
) -> None:
    pairs = found.collusion
    assert f"{copies_sentence(len(found.copies), pairs.tested)} {found.independence}" in plain(
        visit("annotators.py", data, address={"ann_tab": "Same answers"})
    )
    made = decisions(found.others, SequentialTest().corrected(18), peers=True)
    counts, app = made["decision"].value_counts(), visit("annotators.py", data, address={"ann_tab": "Sequential test"})
    assert f"{counts['flag']} flagged, {counts['clear']} cleared" in plain(app)
    rows = decision_rows(made, flag_annotators(found))
    assert frame(app, "decision")["flags"].tolist() == rows["flags"].tolist()
    assert differ_sentence(rows) in plain(app)
    test, design = SequentialTest(), Design()
    plan = plan_sentence(
        design,
        test,
        sequential_plan(test, 0.5, design),
        sequential_plan(test, 0.8, design),
        floor_rule(0.5),
        floor_rule(0.8),
    )
    assert plan in plain(visit("annotators.py", data, address={"ann_tab": "Planner"}))
    assert "after 21 tasks on average" in plan
    assert "3.6% of honest" in plan


@pytest.mark.parametrize("tab", [*TABS, *CLOSE])
@pytest.mark.parametrize("state", ["one judgement", "one annotator", "no texts", "all ties", "categories"])
def test_each_tab_in_each_state(tab: str, state: str, visit: Callable[..., AppTest]) -> None:
    app = visit("annotators.py", small_sets()[state], address={"ann_tab" if tab in TABS else "ann_close": tab})
    assert not app.exception


@pytest.mark.parametrize("tab", CLOSE)
def test_hostile_ids_do_nothing_in_any_tab(tab: str, visit: Callable[..., AppTest]) -> None:
    app = visit("annotators.py", hostile_set(), address={"ann_close": tab})
    assert not app.exception
    assert "<img" not in "".join(element.proto.body for element in app.get("html"))


def test_without_labels_the_page_says_so(visit: Callable[..., AppTest]) -> None:
    assert "no judgement with a label" in said(visit("annotators.py", small_sets()["skips only"]))


def test_what_to_know_stands_in_one_line_each_and_leads_to_its_tab(
    visit: Callable[..., AppTest], data: AnnotationSet, found: Survey
) -> None:
    assert list(found.confused) == ["2026-03-23"]
    app = visit("annotators.py", data)
    lines = notices(found, flag_annotators(found))
    assert list(lines) == [each.code for each in annotator_findings(found, flag_annotators(found))]
    assert "In the week of 2026-03-23 nearly the whole crew" in lines["confused-weeks"]
    assert all(line in plain(app) for line in lines.values())
    assert not app.expander
    app.button(key="ann_see_confused-weeks").click().run()
    assert weeks_sentence(found.weeks) in plain(app)
    app.button(key="ann_see_suspect-gold").click().run()
    assert suspect_sentence(found.gold) in plain(app)
    assert frame(app, "chance_wrong")["item_id"].tolist() == suspect_rows(found.gold)["item_id"].tolist()


def test_gold_is_counted_beside_its_interval_and_what_guessing_gives(
    visit: Callable[..., AppTest], data: AnnotationSet, found: Survey
) -> None:
    table = annotator_table(found).set_index("annotator")
    shown = frame(visit("annotators.py", data), "on_gold").set_index("annotator")
    for name, row in table.iterrows():
        assert shown.loc[name, "on_gold"] == f"{row['gold_direction_correct']} of {row['gold_n']}"
        assert (
            shown.loc[name, "on_gold_exact"]
            == f"{round(row['gold_exact_accuracy'] * row['gold_n'])} of {row['gold_n']}"
        )
        assert shown.loc[name, "gold_interval"] == f"{100 * row['gold_low']:.0f} to {100 * row['gold_high']:.0f}%"
    assert shown["gold_chance"].tolist() == [0.4] * 18


def test_the_composite_stands_right_after_the_reliability_and_habits_are_a_group(
    visit: Callable[..., AppTest], data: AnnotationSet
) -> None:
    app = visit("annotators.py", data, address={"ann_old": "true"})
    columns = frame(app, "reliability").columns.tolist()
    assert columns[columns.index("interval") + 1 :][:2] == ["composite", "passes"]
    habits = frame(visit("annotators.py", data, address={"ann_columns": "Habits"}), "reliability").columns
    assert {"first_position_rate", "pace", "rapid_share", "skips"} <= set(habits)
    assert "on_gold" not in habits


def test_changes_by_slice_are_the_librarys(visit: Callable[..., AppTest], data: AnnotationSet, found: Survey) -> None:
    name = data.annotators["annotator"].iloc[2]
    app = visit("annotators.py", data, address={"who": digest(data.key, name), "ann_close": "By slice"})
    expected = drift_by_slice(found.others, data.slices[0])
    expected = expected[expected["annotator"] == position_of(found.others, name)]
    shown = frame(app, "drift_evidence").set_index("slice")["drift_evidence"].to_dict()
    assert shown == pytest.approx(expected.set_index("slice")["drift_evidence"].to_dict())
