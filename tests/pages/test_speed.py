"""The Speed page: the library's figures, or why times cannot be used."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import said
from workbench.annotators.reading import (
    USUAL_FLOOR,
    faster_items,
    fastest,
    pace_table,
    rapid_share,
    reading,
    time_bars,
    used_times,
)
from workbench.annotators.speed import speed
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.figures.speed import speed_sentence
from workbench.workspace.demos import demo


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return demo("demo")


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def sentence(data: AnnotationSet, floor: int) -> str:
    found, read = speed(data), reading(data)
    table = pace_table(data, found, read, floor)
    return speed_sentence(
        found.times, read, int(table["fast"].sum()), len(table), rapid_share(time_bars(found, data)), floor, found.unit
    )


def test_the_sentence_is_the_librarys_and_follows_the_floor(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("speed.py", data)
    assert not app.exception
    assert sentence(data, USUAL_FLOOR) in plain(app)
    app.select_slider(key="spd_floor").set_value(400).run()
    assert sentence(data, 400) in plain(app)
    assert (
        app.dataframe[0].value["annotator"].tolist()
        == pace_table(data, speed(data), reading(data), 400)["annotator"].tolist()
    )


def test_the_judgements_below_the_floor_open_in_items(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("speed.py", data)
    app.button(key="spd_open").click().run()
    assert f"words a minute ({len(faster_items(data, reading(data), USUAL_FLOOR)):,} items)" in said(app)


def test_one_base_for_all_counts_and_what_is_left_out_is_named(
    visit: Callable[..., AppTest], data: AnnotationSet
) -> None:
    used, left = used_times(data, speed(data))
    assert (used, left["skips"]) == (1_918, 12)
    said_here = plain(visit("speed.py", data))
    assert "of 1,918 judgements whose texts are known" in said_here
    assert "Used 1,918 of 1,930 judgements (12 skips)." in said_here


def test_tables_show_whole_per_cents_small_p_in_words_and_the_chance_to_be_rapid(
    visit: Callable[..., AppTest], data: AnnotationSet
) -> None:
    app = visit("speed.py", data)
    people, rows = app.dataframe[0].value, app.dataframe[1].value
    table = pace_table(data, speed(data), reading(data), USUAL_FLOOR)
    assert people["pace"].tolist() == table["pace"].round(2).tolist()
    assert people["p"].iloc[0] == "< 0.001"
    assert (
        people["interval"].iloc[0]
        == f"{100 * table['pace_low'].iloc[0]:.0f} to {100 * table['pace_high'].iloc[0]:.0f}%"
    )
    assert rows["rapid"].tolist() == pytest.approx(
        fastest(data, reading(data), speed(data), USUAL_FLOOR)["rapid"].tolist(), abs=0.0051
    )


@pytest.mark.parametrize(("seconds", "why"), [(None, "no times"), (83.0, "placeholder")])
def test_times_that_say_nothing_are_not_used(seconds: float | None, why: str, visit: Callable[..., AppTest]) -> None:
    items = pd.DataFrame({"item_id": list("123"), "prompt": "p", "response_a": "a", "response_b": "b"})
    rows = pd.DataFrame({"item_row": range(3), "annotator": "x", "label": "A", "seconds": seconds})
    app = visit("speed.py", assemble([Export(items=items, rows=rows, source="t.csv", format="columns", sides=True)]))
    assert not app.exception
    assert "cannot be used" in plain(app)
    assert why in plain(app)


def test_times_without_texts_show_pace_but_no_floor(visit: Callable[..., AppTest]) -> None:
    rows = pd.DataFrame(
        {
            "item_id": [str(i) for i in range(30)],
            "annotator": list("xyz") * 10,
            "label": "A",
            "seconds": [5.0 + i for i in range(30)],
        }
    )
    app = visit(
        "speed.py",
        assemble(
            [
                Export(
                    items=rows[["item_id"]],
                    rows=rows[["annotator", "label", "seconds"]],
                    source="t.csv",
                    format="columns",
                    sides=True,
                )
            ]
        ),
    )
    assert not app.exception
    assert "nobody knows how much there was to read" in plain(app)
