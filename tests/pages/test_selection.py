"""The Select page: it says what can be chosen from, starts a run, and shows that run's picks as the library gives
them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile_data import hostile_set, small_sets
from tests.pages.conftest import said
from tests.selection.test_pooling import half_labelled
from workbench.collection.tasks import tasks_of
from workbench.dataset.annotation_set import AnnotationSet
from workbench.runs import Run, all_runs, start
from workbench.selection import DEFAULT, STRATEGIES
from workbench.selection.run import select_all
from workbench.studies.bench_building import data_file
from workbench.studies.examples import example_of
from workbench.wording.selection import pool_sentence, verdict_sentence

TABS = ("Picks", "Map", "Side by side", "Take away")


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("WORKBENCH_EMBEDDINGS", str(tmp_path / "embeddings"))


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return half_labelled()


@pytest.fixture(scope="module")
def result(data: AnnotationSet, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What a run would keep."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_EMBEDDINGS", str(tmp_path_factory.mktemp("embeddings")))
        return json.loads(json.dumps(select_all(data, 10, encoder="hashed", slice="topic", balance="equal")))


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def finished(data: AnnotationSet, result: dict) -> Run:
    """A run of selection that has ended, with this result."""
    run = start("workbench.runs.example:count", {"steps": 1, "data": data.key})
    assert run.wait(60).state == "done"
    (run.folder / "result.json").write_text(json.dumps(result), "utf-8")
    config = json.loads((run.folder / "config.json").read_text("utf-8"))
    (run.folder / "config.json").write_text(
        json.dumps({**config, "kind": "select", "title": "Selection of 10"}), "utf-8"
    )
    return next(each for each in all_runs(("select",)) if each.id == run.id)


def test_before_a_run_it_says_what_waits_and_promises_nothing(
    visit: Callable[..., AppTest], data: AnnotationSet
) -> None:
    app = visit("selection.py", data)
    assert not app.exception
    assert "30 pairs wait for a label." in plain(app)
    assert "every strategy picks its batch, and you compare." in plain(app)
    assert "fewer labels" not in plain(app)
    assert app.number_input(key="sel_budget").value == 30


def test_where_all_have_labels_it_offers_one_more_or_new_pairs(visit: Callable[..., AppTest]) -> None:
    app = visit("selection.py", small_sets()["one item"])
    assert "All 1 pairs of this data set have labels." in plain(app)
    assert app.number_input(key="sel_budget").value == 1


def test_pick_pairs_starts_a_run_whose_picks_are_the_librarys(
    visit: Callable[..., AppTest], shelf: object, data: AnnotationSet
) -> None:
    app = visit("selection.py", data, address={"sel_budget": "8"})
    app.selectbox(key="sel_encoder").set_value("hashed").run()
    app.button(key="sel_go").click().run()
    assert not app.exception
    (run,) = all_runs(("select",))
    assert run.config["budget"] == 8
    assert run.config["paths"] == [str(data_file(data, shelf))]
    assert run.wait(120).state == "done", run.log_tail()
    app.run()
    assert not app.exception
    kept = run.result()
    assert (
        kept["strategies"]["d_optimal"]["items"]
        == select_all(data, 8, encoder="hashed", strategies=["d_optimal", "random"])["strategies"]["d_optimal"]["items"]
    )
    assert verdict_sentence(kept, "d_optimal") in plain(app)


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_shows_the_runs_result(
    tab: str, visit: Callable[..., AppTest], data: AnnotationSet, result: dict
) -> None:
    run = finished(data, result)
    app = visit("selection.py", data, address={"run": run.id, "sel_tab": tab, "sel_strategy": "BADGE"})
    assert not app.exception
    assert verdict_sentence(result, "badge") in plain(app)
    assert pool_sentence(result["pool"]) in plain(app)
    if tab == "Picks":
        shown = app.dataframe[0].value
        assert (
            shown["item_id"].tolist()
            == data.items["item_id"].to_numpy()[result["strategies"]["badge"]["items"]].tolist()
        )
    if tab == "Side by side":
        assert app.dataframe[0].value["title"].tolist() == [s.title for s in STRATEGIES.values()]
    if tab == "Take away":
        made = tasks_of(data, result["strategies"]["badge"]["items"], 0)
        assert f"{len(made)} tasks. On {made.left_is_a} of them A stands left" in plain(app)


def test_a_run_of_other_data_is_not_shown_as_this_ones(
    visit: Callable[..., AppTest], data: AnnotationSet, result: dict
) -> None:
    run = finished(data, result)
    app = visit("selection.py", small_sets()["one item"], address={"run": run.id})
    assert not app.exception
    assert "picked from another data set" in plain(app)


@pytest.mark.parametrize("tab", TABS)
def test_hostile_texts_stay_text(tab: str, visit: Callable[..., AppTest]) -> None:
    data = hostile_set()
    made = json.loads(
        json.dumps(select_all(data, 4, encoder="hashed", slice=data.slices[0], balance="equal", again=True))
    )
    run = finished(data, made)
    app = visit("selection.py", data, address={"run": run.id, "sel_tab": tab})
    assert not app.exception
    assert "of 10 pairs" in plain(app)
    for kind in ("markdown", "caption", "info", "error"):
        for element in app.get(kind):
            assert not re.search(r"(?<!\\)!\[|(?<!\\)<(?:img|script|a)\b|(?<!\\)\]\(", str(element.value)), str(
                element.value
            )[:300]


def test_categories_have_no_pairs(visit: Callable[..., AppTest]) -> None:
    app = visit("selection.py", small_sets()["categories"])
    assert "There are no pairs to choose from" in plain(app)


@pytest.mark.parametrize("state", ["no texts", "skips only", "all ties", "empty texts"])
def test_data_at_the_edge(state: str, visit: Callable[..., AppTest]) -> None:
    assert not visit("selection.py", small_sets()[state]).exception


def test_before_anything_ran_the_answer_on_the_demo_is_shown(
    visit: Callable[..., AppTest], data: AnnotationSet
) -> None:
    app = visit("selection.py", data)
    assert not app.exception
    example = example_of("select")
    assert example is not None
    assert verdict_sentence(example.result, DEFAULT) in said(app).replace("\\", "")
