"""The Agreement page: what it shows is what the library says, in each state of the data, and its snippets give the
same."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import said
from workbench.agreement import (
    Choice,
    all_coefficients,
    by_label_count,
    by_slice,
    by_week,
    cohen_kappas,
    leave_one_annotator_out,
)
from workbench.agreement.drill_down import items_labelled_by, items_of_slice, items_of_week, items_with_labels
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.estimates import Estimate
from workbench.simulation.simulate import simulate
from workbench.wording.agreement import agreement_sentence
from workbench.wording.numbers import bounds, number
from workbench.workspace.dataset_store import Shelf

ORDINAL = "krippendorff_alpha.ordinal"


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return simulate(3_000, seed=5, annotators=12, experts=3, expert_share=0.2).data


@pytest.fixture
def page(visit: Callable[..., AppTest], data: AnnotationSet) -> AppTest:
    return visit("agreement.py", data)


def plainly(text: str) -> str:
    """Text as it is read: without the escapes of Markdown and HTML."""
    return unescape(re.sub(r"\\(.)", r"\1", text)).replace("\u2060", "")


def row(app: AppTest, name: str) -> list[str]:
    """Cells of a row of the table of numbers."""
    html = next(h for h in (e.proto.body for e in app.get("html")) if "pw-numbers" in h)
    rows = [
        [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", line)]
        for line in re.findall(r"<tr[ >].*?</tr>", html)
    ]
    return next(cells for cells in rows if cells and cells[0] == name)


def shows(app: AppTest, e: Estimate) -> bool:
    """Whether the table says what the library does."""
    return row(app, e.name) == [
        e.name,
        number(e.value),
        bounds(e.same_crew),
        bounds(e.new_crew),
        f"{e.n:,}",
        f"{e.n_set_aside:,}",
    ]


def open_tab(app: AppTest, name: str) -> AppTest:
    app.session_state["agr_tab"] = name
    return app.run()


def charts(app: AppTest) -> list[dict[str, Any]]:
    import json

    return [json.loads(element.proto.spec) for element in app.get("plotly_chart")]


class TestNumbers:
    def test_sentence_and_every_row_are_the_librarys(self, page: AppTest, data: AnnotationSet) -> None:
        found = all_coefficients(data)
        assert plainly(page.markdown[0].value) == "#### " + agreement_sentence(
            found["percent_agreement"], found[ORDINAL]
        )
        assert len(found) >= 8
        assert all(shows(page, e) for e in found.values())

    def test_chart_draws_the_same_values(self, page: AppTest, data: AnnotationSet) -> None:
        drawn = next(t for t in charts(page)[0]["data"] if t["name"] == "value")
        found = {e.name: e.value for e in all_coefficients(data).values()}
        assert dict(zip(drawn["customdata"], drawn["x"], strict=True)) == pytest.approx(
            {n: found[n] for n in drawn["customdata"]}
        )

    def test_used_of_read_with_reasons(self, page: AppTest, data: AnnotationSet) -> None:
        repeats = int((data.annotations["repeat"] > 0).sum())
        assert repeats > 0
        assert f"Used {len(data.codes):,} of {len(data.annotations):,} judgements ({repeats:,} repeats)." in plainly(
            said(page)
        )

    def test_the_name_of_each_measure_explains_it(self, page: AppTest) -> None:
        html = next(e.proto.body for e in page.get("html") if "pw-numbers" in e.proto.body)
        assert html.count("<abbr title=") == len(all_coefficients(simulate(200, seed=1).data))


class TestChoices:
    @pytest.mark.parametrize(
        ("widget", "key", "value", "choice"),
        [
            ("slider", "agr_items", 2, Choice(min_labels_per_item=2)),
            ("select_slider", "agr_annotators", 200, Choice(min_labels_per_annotator=200)),
            ("select_slider", "agr_seconds", 20, Choice(min_seconds=20)),
            ("segmented_control", "agr_read", "Direction", Choice(direction=True)),
            ("pills", "agr_kinds", ["human"], Choice(kinds=("human",))),
        ],
    )
    def test_a_choice_gives_the_librarys_answer_for_it(
        self, page: AppTest, data: AnnotationSet, widget: str, key: str, value: object, choice: Choice
    ) -> None:
        chosen = next(
            w for w in page.get("button_group" if widget in ("segmented_control", "pills") else widget) if w.key == key
        )
        chosen.set_value(value).run()
        assert not page.exception
        expected = all_coefficients(data, choice)
        assert expected != all_coefficients(data)
        assert all(shows(page, e) for e in expected.values())

    def test_weeks_end_on_the_sunday(self, page: AppTest, data: AnnotationSet) -> None:
        weeks = page.select_slider(key="agr_weeks")
        first, second = weeks.options[0], weeks.options[1]
        weeks.set_value((first, second)).run()
        last = str((pd.Timestamp(second) + pd.Timedelta(days=6)).date())
        assert shows(page, all_coefficients(data, Choice(weeks=(first, last)))[ORDINAL])

    def test_a_link_carries_the_choices(self, visit: Callable[..., AppTest], data: AnnotationSet) -> None:
        app = visit("agreement.py", data, address={"agr_seconds": "20", "agr_items": "2", "agr_coef": "Gwet's AC1"})
        assert shows(app, all_coefficients(data, Choice(min_seconds=20, min_labels_per_item=2))["gwet_ac1"])
        assert "Gwet's AC1 is" in plainly(app.markdown[0].value)

    def test_undo_puts_everything_back(self, page: AppTest, data: AnnotationSet) -> None:
        page.select_slider(key="agr_seconds").set_value(20).run()
        page.slider(key="agr_items").set_value(2).run()
        page.button(key="agr_undo").click().run()
        assert shows(page, all_coefficients(data)[ORDINAL])
        assert page.button(key="agr_undo").disabled

    def test_nothing_left_says_so_and_how_to_get_back(self, visit: Callable[..., AppTest]) -> None:
        two = simulate(300, seed=2, labels_per_item=2, annotators=6, experts=1).data
        app = visit("agreement.py", two)
        pills = next(w for w in app.get("button_group") if w.key == "agr_kinds")
        pills.set_value(["expert"]).run()
        assert not app.exception
        assert "No item has labels from two annotators among the judgements chosen" in said(app)
        assert "How far annotators agree cannot be said" in plainly(said(app))


class TestTabs:
    def test_slices_lowest_first(self, page: AppTest, data: AnnotationSet) -> None:
        open_tab(page, "By slice")
        parts = by_slice(data, data.slices[0], ORDINAL)
        drawn = next(t for t in charts(page)[1]["data"] if t["name"] == "value")
        assert drawn["x"] == pytest.approx(sorted(e.value for e in parts.values()))
        assert set(drawn["customdata"]) == set(parts)

    def test_weeks(self, page: AppTest, data: AnnotationSet) -> None:
        open_tab(page, "By week")
        parts = by_week(data, ORDINAL)
        line = next(t for t in charts(page)[1]["data"] if t["name"] == "value")
        assert line["x"] == list(parts)
        assert [v for v in line["y"] if v is not None] == pytest.approx(
            [e.value for e in parts.values() if e.value is not None]
        )

    def test_label_counts(self, page: AppTest, data: AnnotationSet) -> None:
        open_tab(page, "By label count")
        parts = by_label_count(data, ORDINAL)
        line = next(t for t in charts(page)[1]["data"] if t["name"] == "value")
        assert line["customdata"] == list(parts)
        assert [v for v in line["y"] if v is not None] == pytest.approx(
            [e.value for e in parts.values() if e.value is not None]
        )

    def test_pairs(self, page: AppTest, data: AnnotationSet) -> None:
        open_tab(page, "Annotator pairs")
        frame = cohen_kappas(data).to_frame()
        marks = charts(page)[1]["data"][2]
        assert {frozenset(pair) for pair in marks["customdata"]} == {
            frozenset(pair) for pair in zip(frame["annotator_1"], frame["annotator_2"], strict=True)
        }
        assert page.dataframe[0].value["kappa"].to_list() == pytest.approx(
            frame["kappa"].head(1_000).to_list(), nan_ok=True
        )

    def test_leave_one_out(self, page: AppTest, data: AnnotationSet) -> None:
        open_tab(page, "Leave one out")
        table = leave_one_annotator_out(data, ORDINAL).set_index("annotator")["change"]
        bars = charts(page)[1]["data"][0]
        assert dict(zip(bars["customdata"], bars["x"], strict=True)) == pytest.approx(
            table[bars["customdata"]].to_dict()
        )

    def test_bootstrap(self, page: AppTest) -> None:
        open_tab(page, "Bootstrap")
        assert not page.exception
        assert "2,000 draws of the items" in said(page)

    def test_a_picked_pair_opens_the_items_both_labelled(
        self, page: AppTest, data: AnnotationSet, shelf: Shelf
    ) -> None:
        open_tab(page, "Annotator pairs")
        frame = cohen_kappas(data).to_frame()
        page.session_state["agr_pairs_table"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
        page.run()
        assert not page.exception
        assert page.title[0].value == "Items"
        both = (frame["annotator_1"].iloc[1], frame["annotator_2"].iloc[1])
        positions, title = shelf.items(data.key, page.query_params["set"])
        assert positions.tolist() == items_labelled_by(data, both).tolist()
        assert len(positions) == frame["items"].iloc[1]
        assert title == f"labelled by {both[0]} and {both[1]}"


class TestBehind:
    """The items that a mark opens are as many as it says."""

    @pytest.mark.parametrize("choice", [Choice(), Choice(min_seconds=20, min_labels_per_item=2)])
    def test_as_many_items_as_the_mark_says(self, data: AnnotationSet, choice: Choice) -> None:
        for week, e in by_week(data, "percent_agreement", choice).items():
            assert len(items_of_week(data, week, choice)) == e.n + e.n_set_aside
        for value, e in by_slice(data, data.slices[0], "percent_agreement", choice).items():
            assert len(items_of_slice(data, data.slices[0], value, choice)) == e.n + e.n_set_aside
        for count, e in by_label_count(data, "percent_agreement", choice).items():
            assert len(items_with_labels(data, int(count), choice)) == e.n


class TestSnippets:
    @pytest.mark.parametrize(
        "tab", ["Numbers", "By slice", "By week", "By label count", "Annotator pairs", "Leave one out", "Bootstrap"]
    )
    def test_every_snippet_runs_and_the_first_gives_the_number_shown(
        self, page: AppTest, data: AnnotationSet, tab: str
    ) -> None:
        page.select_slider(key="agr_seconds").set_value(20)
        page.slider(key="agr_items").set_value(2)
        key = {
            "Numbers": "agr_forest",
            "By slice": f"agr_chart_{data.slices[0]}",
            "By week": "agr_chart_weeks",
            "By label count": "agr_chart_counts",
            "Annotator pairs": "agr_chart_pairs",
            "Leave one out": "agr_chart_without",
            "Bootstrap": "agr_chart_bootstrap",
        }[tab]
        page.session_state[f"{key}_code"] = True
        open_tab(page, tab)
        code = page.code[0].value
        assert "Choice(min_labels_per_item=2, min_seconds=20)" in code
        result = evaluated(code)
        if tab == "Numbers":
            assert shows(page, result)
        else:
            assert result is not None
            assert len(result if tab != "Bootstrap" else result.bars) > 0


class TestStates:
    def test_no_item_with_two_labels(self, visit: Callable[..., AppTest], data: AnnotationSet) -> None:
        alone = data.keep_annotations((data.annotations["annotator"] == 0).to_numpy(), "others")
        app = visit("agreement.py", alone)
        assert "No item was labelled by two annotators" in said(app)
        assert "a fifth of them is enough" in said(app)
        assert not app.get("plotly_chart")

    def test_without_times_dates_and_slices(self, visit: Callable[..., AppTest]) -> None:
        rows = pd.DataFrame(
            {
                "item_id": [f"i{i // 2}" for i in range(40)],
                "annotator": ["x", "y"] * 20,
                "label": ["A", "B", "A", "A", "B"] * 8,
            }
        )
        bare = assemble(
            [
                Export(
                    items=rows[["item_id"]],
                    rows=rows[["annotator", "label"]],
                    source="bare.csv",
                    format="columns",
                    sides=True,
                )
            ]
        )
        app = visit("agreement.py", bare)
        assert "No choice by speed: the export has no times" in plainly(said(app))
        assert "slice columns" in said(open_tab(app, "By slice"))
        assert "carry no dates" in said(open_tab(app, "By week"))
        assert not app.exception

    def test_one_week_only(self, visit: Callable[..., AppTest]) -> None:
        app = visit("agreement.py", simulate(400, seed=4, weeks=1).data)
        assert "fall into one week" in said(open_tab(app, "By week"))

    def test_undefined_says_why_everywhere(self, visit: Callable[..., AppTest]) -> None:
        rows = pd.DataFrame({"item_id": ["1", "1", "2", "2"], "annotator": ["x", "y"] * 2, "label": ["A"] * 4})
        app = visit(
            "agreement.py",
            assemble(
                [
                    Export(
                        items=rows[["item_id"]],
                        rows=rows[["annotator", "label"]],
                        source="same.csv",
                        format="columns",
                        sides=True,
                    )
                ]
            ),
        )
        assert "undefined: every label is 'A'" in plainly(said(app))
        for tab in ("Leave one out", "Bootstrap"):
            open_tab(app, tab)
            assert not app.exception
            assert "undefined" in plainly(said(app))


def evaluated(code: str) -> Any:
    """Runs a snippet and gives the value of its last line, as a notebook does."""
    import ast

    tree = ast.parse(code)
    last = tree.body.pop()
    scope: dict[str, Any] = {}
    exec(compile(tree, "snippet", "exec"), scope)
    return eval(compile(ast.Expression(last.value), "snippet", "eval"), scope)  # type: ignore[attr-defined]
