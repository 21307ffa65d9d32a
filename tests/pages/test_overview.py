"""The Overview page: the verdict and the numbers of the audit, nothing else and nothing missing."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import said
from workbench.actions import next_actions
from workbench.agreement.drill_down import items_labelled_by
from workbench.auditing.audit import audit
from workbench.auditing.thresholds import Thresholds
from workbench.auditing.verdict import Check, Verdict
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.economics import presets
from workbench.figures.badges import LOOKS, action_html, badge_html, check_html, verdict_html
from workbench.simulation.simulate import simulate
from workbench.wording.numbers import short
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.own_thresholds import keep_thresholds


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return simulate(3_000, seed=5, annotators=12, side_bias=1.5).data


@pytest.fixture
def page(visit: Callable[..., AppTest], data: AnnotationSet) -> AppTest:
    return visit("overview.py", data)


def test_the_verdict_comes_first_in_the_words_of_the_audit(page: AppTest, data: AnnotationSet) -> None:
    verdict = audit(data).verdict
    first = next(e.proto.body for e in page.get("html") if "Verdict:" in e.proto.body)
    assert verdict.status == "review"
    assert f"Verdict: {LOOKS[verdict.status][3]}" in first
    assert verdict.sentence == unescape(first.split('overflow-wrap:anywhere">')[1].split("</div>")[0]).replace(
        "<b>", ""
    ).replace("</b>", "")


def test_every_check_is_a_card_with_status_figure_and_reason(page: AppTest, data: AnnotationSet) -> None:
    shown = [e.proto.body for e in page.get("html")]
    for check in audit(data).verdict.checks:
        assert check_html(check, intervals=True) in shown


def test_what_to_do_next_stands_under_the_verdict_with_its_effect(page: AppTest, data: AnnotationSet) -> None:
    shown = [e.proto.body for e in page.get("html")]
    actions = next_actions(audit(data))
    assert actions
    places = [shown.index(action_html(action, place)) for place, action in enumerate(actions, 1)]
    assert places == sorted(places)
    assert places[0] < shown.index(check_html(audit(data).verdict.checks[0], intervals=True))


def test_the_lines_of_the_workspace_are_those_of_the_verdict(
    visit: Callable[..., AppTest], data: AnnotationSet, tmp_path: Path
) -> None:
    kept = keep_thresholds(tmp_path / "uploads", Thresholds(alpha_review=0.9))
    page = visit("overview.py", data)
    shown = [e.proto.body for e in page.get("html")]
    strict = audit(data, thresholds=Thresholds(alpha_review=0.9)).verdict
    assert any(
        c.status == "review" and check_html(c, intervals=True) in shown for c in strict.checks if "agreement" in c.name
    )
    kept.write_text("alpha_review = 90", "utf-8")
    page = visit("overview.py", data)
    assert any("90 is not possible" in e.value for e in page.error)


def test_labels_counts_and_annotators_are_the_audits(page: AppTest, data: AnnotationSet) -> None:
    result = audit(data)
    counted = next(h.proto.body for h in page.get("html") if "Judgements with a label" in h.proto.body)
    for what, n in (
        ("Items with two labels or more", "items_with_overlap"),
        ("Judgements with a label", "annotations"),
        ("Annotators", "annotators"),
    ):
        assert f"<td>{what}</td><td>{result.counts[n]:,}</td>" in counted
    people = page.dataframe[0].value.set_index("annotator")
    expected = result.annotators.set_index("annotator")
    assert people["agreement_with_others"].to_dict() == expected["agreement_with_others"].round(2).to_dict()
    assert people["annotations"].is_monotonic_decreasing


def test_a_picked_annotator_opens_what_they_labelled(page: AppTest, data: AnnotationSet, shelf: Shelf) -> None:
    who = page.dataframe[0].value["annotator"].iloc[2]
    page.session_state["ovw_annotators"] = {"selection": {"rows": [2], "columns": [], "cells": []}}
    page.run()
    assert page.title[0].value == "Items"
    assert shelf.items(data.key, page.query_params["set"])[0].tolist() == items_labelled_by(data, (who,)).tolist()


def test_findings_of_the_export_are_shown(visit: Callable[..., AppTest]) -> None:
    rows = pd.DataFrame(
        {"item_id": ["1", "1", "2", "2"], "annotator": ["x", "y"] * 2, "label": ["A", "B", "perhaps", "A"]}
    )
    data = assemble(
        [
            Export(
                items=rows[["item_id"]],
                rows=rows[["annotator", "label"]],
                source="odd.csv",
                format="columns",
                sides=True,
            )
        ]
    )
    assert data.findings
    app = visit("overview.py", data)
    assert "Findings in the export" in said(app)
    assert app.warning or app.error or app.info


def test_without_overlap_the_verdict_is_stop(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("overview.py", data.keep_annotations((data.annotations["annotator"] == 0).to_numpy(), "others"))
    assert not app.exception
    assert "Verdict: Stop" in said(app)
    assert "No item was labelled by two annotators" in said(app)


class TestBadges:
    def test_each_status_has_a_colour_a_shape_a_sign_and_a_word_of_its_own(self) -> None:
        for part in range(4):
            assert len({look[part] for look in LOOKS.values()}) == 3

    def test_what_comes_from_the_data_is_escaped(self) -> None:
        check = Check(name="<b>name", status="review", value=None, threshold=0.5, why="slice <script>agrees</script>")
        assert "<script>" not in check_html(check) + verdict_html(Verdict((check,)), "<i>")
        assert "<b>name" not in check_html(check)
        assert "undefined" in check_html(check)

    def test_a_status_of_later_versions_still_shows(self) -> None:
        assert "unsure" in badge_html("unsure")


def test_a_check_leads_to_its_figure(visit: Callable[..., AppTest]) -> None:
    """The link of a check opens the page with the very coefficient the verdict looks at."""
    data = simulate(1_500, seed=8).data
    links = {e.proto.label: e.proto for e in visit("overview.py", data).get("page_link")}
    weekly = links["See agreement by week"]
    address = dict(part.split("=") for part in weekly.query_string.split("&"))
    assert address["data"] == data.key
    app = visit(
        "agreement.py",
        data,
        address={k: v.replace("+", " ").replace("%2C", ",") for k, v in address.items() if k != "data"},
    )
    assert app.selectbox(key="agr_coef").value == "krippendorff_alpha.nominal"
    assert "By week" in str(app.session_state["agr_tab"])
    alpha = audit(data).direction["krippendorff_alpha.nominal"]
    assert f"nominal, is {short(alpha.value)}:" in said(app).replace("\\", "")


class TestReport:
    def test_the_menu_offers_the_three_files(self, page: AppTest) -> None:
        page.session_state["ovw_report"] = True
        page.run()
        assert not page.exception
        labels = [e.proto.label for e in page.get("download_button")]
        assert [label for label in labels if label in ("HTML", "JSON", "CSV")][:3] == ["HTML", "JSON", "CSV"]

    def test_the_page_says_what_it_hides(self, page: AppTest) -> None:
        page.session_state["ovw_report"] = True
        page.run()
        assert {t.label for t in page.toggle} >= {"Show annotator ids", "Show texts of the most contested items"}
        assert "Ids of annotators are hashed" in said(page)

    def test_costs_are_none_until_a_scenario_is_chosen(self, page: AppTest) -> None:
        page.session_state["ovw_report"] = True
        page.run()
        menu = page.selectbox(key="ovw_report_costs")
        assert menu.value == "none"
        assert menu.options[0] == "No costs"
        assert len(menu.options) == 1 + len(presets())
        menu.set_value("human-1.50").run()
        assert not page.exception
        assert page.selectbox(key="ovw_report_costs").value == "human-1.50"

    def test_the_scenario_of_the_costs_page_is_offered_as_it_stands_there(
        self, visit: Callable[..., AppTest], data: AnnotationSet
    ) -> None:
        app = visit("costs.py", data)
        app.selectbox(key="cst_pick").set_value("human-1.50").run()
        app.switch_page("overview.py").run()
        app.session_state["ovw_report"] = True
        app.run()
        assert not app.exception
        menu = app.selectbox(key="ovw_report_costs")
        assert menu.value == "the Costs page"
        assert menu.options[:2] == ["As on the Costs page, from human-1.50", "No costs"]

    def test_a_scenario_that_contradicts_itself_is_a_message_and_no_costs(
        self, visit: Callable[..., AppTest], data: AnnotationSet
    ) -> None:
        app = visit("costs.py", data)
        app.session_state["cst"].settings = {"escalated_share": 0.5}
        app.switch_page("overview.py").run()
        app.session_state["ovw_report"] = True
        app.run()
        assert not app.exception
        assert any("without an AI judge nobody labels the rest" in e.value for e in app.error)
        assert "HTML" in [e.proto.label for e in app.get("download_button")]
