"""The Cleaning page in each state of the data: its numbers are the library's, and the original comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.cleaning.crowds import crowd, votes
from tests.hostile_data import hostile_set, small_sets
from tests.pages.conftest import said
from workbench.cleaning import Cleaning, clean, cleaning_effect, gather_evidence
from workbench.dataset.annotation_set import AnnotationSet
from workbench.wording.cleaning import cleaning_sentence, gold_sentence
from workbench.workspace.dataset_store import Shelf

SMALL = small_sets()


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return crowd(items=200, spammers=2)


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def opened(visit: Callable[..., AppTest], data: AnnotationSet, **address: str) -> AppTest:
    app = visit("cleaning.py", data, address=address)
    assert not app.exception
    return app


def test_the_page_says_what_the_library_says(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    known = gather_evidence(data)
    app = opened(visit, data)
    assert cleaning_sentence(cleaning_effect(data, Cleaning(), known)) in plain(app)
    app.slider(key="cln_agree").set_value(60).run()
    assert not app.exception
    found = cleaning_effect(data, Cleaning(least_agreement=0.6), known)
    assert found.annotators_gone
    assert cleaning_sentence(found) in plain(app)
    assert gold_sentence(found) in plain(app)
    assert f"Used {found.after.annotations:,} of {found.before.annotations:,} judgements" in plain(app)
    app.run()  # only the result was drawn again, and AppTest forgets the rest
    app.number_input(key="cln_price").set_value(0.5).run()
    assert f"{0.5 * found.n_set_aside:,.2f} of the {0.5 * found.before.annotations:,.2f} paid so far" in plain(app)


@pytest.mark.parametrize("tab", ["What changes", "Annotators", "Set aside", "Labels that change"])
def test_every_tab_renders_with_and_without_rules(visit: Callable[..., AppTest], data: AnnotationSet, tab: str) -> None:
    for address in ({}, {"cln_agree": "60"}):
        app = opened(visit, data, cln_tab=tab, **address)
        assert not app.error


def test_a_picked_annotator_shows_its_judgements(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = opened(visit, data, cln_agree="60", cln_tab="Annotators")
    app.session_state["cln_people"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    assert "spam-" in plain(app)
    assert len(app.dataframe) == 2
    assert set(app.dataframe[1].value["annotator"]) == {app.dataframe[0].value["annotator"][0]}


def test_labels_can_be_fitted_again(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = opened(visit, data, cln_agree="60", cln_tab="Labels that change")
    app.toggle(key="cln_refit").set_value(True).run()
    assert not app.exception


def test_everybody_removed_says_what_to_do_and_undo_brings_all_back(
    visit: Callable[..., AppTest], data: AnnotationSet
) -> None:
    app = opened(visit, data, cln_agree="100")
    assert "Nothing is left" in plain(app)
    assert "undo all rules" in plain(app)
    app.button(key="cln_undo").click().run()
    assert not app.exception
    assert "Nothing is set aside yet" in plain(app)


def test_the_cleaned_set_is_used_and_the_original_restored(
    visit: Callable[..., AppTest], shelf: Shelf, data: AnnotationSet
) -> None:
    cleaned = clean(data, Cleaning(least_agreement=0.6))
    app = opened(visit, data, cln_agree="60")
    app.button(key="cln_use_button").click().run()
    assert not app.exception
    assert app.session_state["data"] == cleaned.key
    assert app.slider(key="cln_agree").value == 0
    assert "This is a cleaned set" in plain(app)
    kept = shelf.about(cleaned.key)
    assert kept is not None
    assert (kept.original, kept.cleaning) == (data.key, "annotators who agree with others on less than 60%")
    again = shelf.read(cleaned.key)
    assert dict(again.ledger.set_aside) == dict(cleaned.ledger.set_aside)
    app.button(key="restore_original").click().run()
    assert not app.exception
    assert app.session_state["data"] == data.key
    assert "This is a cleaned set" not in plain(app)


@pytest.mark.parametrize("state", SMALL)
def test_data_at_the_edge_renders(visit: Callable[..., AppTest], state: str) -> None:
    opened(visit, SMALL[state])
    opened(visit, SMALL[state], cln_rel="100", cln_left="2")


def test_hostile_names_stay_text(visit: Callable[..., AppTest]) -> None:
    hostile = hostile_set()
    for tab in ("What changes", "Annotators", "Set aside", "Labels that change"):
        app = opened(visit, hostile, cln_agree="40", cln_tab=tab)
        app.multiselect(key="cln_out").set_value([hostile.annotators["annotator"][0]]).run()
        assert not app.exception
        for kind in ("markdown", "caption"):
            for element in app.get(kind):
                assert "<img" not in str(element.value).replace("\\<img", "")


def test_no_gold_and_no_times_are_said(visit: Callable[..., AppTest]) -> None:
    app = opened(visit, votes("1 x A\n1 y B\n2 x A\n2 y A\n2 z A"))
    assert "No rule by gold" in plain(app)
    assert "No rule by speed: the export has no times" in plain(app)


def test_skips_only_is_an_empty_state(visit: Callable[..., AppTest]) -> None:
    assert "There is no label to set aside" in plain(opened(visit, SMALL["skips only"]))
