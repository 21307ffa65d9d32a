"""The page Studies: each study starts as a run, and what it found is said as the library says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile_data import hostile_set
from tests.pages.conftest import said
from workbench.dataset.annotation_set import AnnotationSet
from workbench.runs import all_runs
from workbench.runs.process import kill
from workbench.simulation.simulate import simulate
from workbench.studies.examples import example_of
from workbench.wording.studies import TITLES, asks, verdict


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("WORKBENCH_EMBEDDINGS", str(tmp_path / "embeddings"))
    yield tmp_path / "runs"
    for run in all_runs():
        kill(run.folder)


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return simulate(1_500, seed=3, gold_share=1.0, scale="binary", annotators=20).data


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


@pytest.mark.parametrize("study", list(TITLES))
def test_every_study_shows_its_settings(visit: Callable[..., AppTest], data: AnnotationSet, study: str) -> None:
    app = visit("studies.py", data)
    app.session_state["std_which"] = study
    app.run()
    assert not app.exception
    assert not app.error
    assert asks(study) in plain(app)
    assert app.button(key=f"std_start_{study}")


def test_a_study_is_started_followed_and_read(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("studies.py", data)
    app.text_input(key="std_encoder").set_value("hashed")
    app.number_input(key="std_seeds").set_value(2)
    app.number_input(key="std_budget").set_value(60)
    app.multiselect(key="std_strategies_False").set_value(["uncertainty"])
    app.run()
    app.button(key="std_start_replay").click().run()
    assert not app.exception
    (run,) = all_runs()
    assert run.config["data"] == data.key
    assert run.wait(120).state == "done", run.log_tail()
    result = run.result()
    assert result is not None
    app.run()
    assert not app.exception
    assert verdict(result) in plain(app)
    assert len(app.dataframe) == 1
    # The link alone, in another session, opens the same study.
    again = visit("studies.py", data, address={"run": run.id})
    assert not again.exception
    assert verdict(result) in plain(again)


def of_frontier(visit: Callable[..., AppTest], data: AnnotationSet) -> AppTest:
    app = visit("studies.py", data)
    app.session_state["std_which"] = "frontier"
    app.run()
    app.text_input(key="std_encoder").set_value("hashed")
    app.number_input(key="std_seeds").set_value(2)
    return app


def test_a_frontier_tries_the_items_and_the_labellers_that_are_named(
    visit: Callable[..., AppTest], data: AnnotationSet
) -> None:
    app = of_frontier(visit, data)
    for key in ("std_mixes", "std_items"):
        assert app.multiselect(key=key).help
    app.multiselect(key="std_mixes").set_value(["human"])
    app.multiselect(key="std_items").set_value(["60", "120"])
    app.multiselect(key="std_per_item").set_value([1])
    app.multiselect(key="std_as").set_value(["majority"])
    app.run()
    assert not app.error
    app.button(key="std_start_frontier").click().run()
    (run,) = all_runs()
    assert (run.config["settings"]["items"], run.config["settings"]["mixes"]) == ([60, 120], ["human"])
    assert run.wait(120).state == "done", run.log_tail()
    assert {p["items"] for p in run.result()["plans"]} == {60, 120}
    app.run()
    assert not app.exception
    assert list(app.dataframe[0].value)[:4] == ["plan", "price", "accuracy", "on the line"]


@pytest.mark.parametrize(
    ("key", "typed", "says"),
    [
        ("std_items", "999999", "Plans of 999,999 items are asked for"),
        ("std_items", "many", "is no number of items"),
        ("std_items", "0", "items holds 0"),
        ("std_mixes", "human 0.7", "do not add up to 1"),
        ("std_mixes", "robot", "of the kind"),
        ("std_mixes", "<img src=x>", "is not a mix of annotators"),
    ],
)
def test_what_the_data_cannot_give_starts_no_run(
    visit: Callable[..., AppTest], data: AnnotationSet, key: str, typed: str, says: str
) -> None:
    app = of_frontier(visit, data)
    app.multiselect(key=key).set_value([typed])
    app.run()
    starts = [b for b in app.button if b.key == "std_start_frontier"]
    if starts:
        starts[0].click().run()
    assert not app.exception
    assert says in plain(app)
    assert not all_runs()


def test_a_wrong_setting_is_said_at_once(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("studies.py", data)
    app.session_state["std_which"] = "label-sets"
    app.run()
    app.multiselect(key="std_sets").set_value(["majority"]).run()
    assert not app.exception
    assert "cannot be compared" in plain(app)
    assert not all_runs()


def test_without_data_or_texts_it_says_what_to_do(visit: Callable[..., AppTest]) -> None:
    assert "Nothing is open yet" in said(visit("studies.py"))
    bare = simulate(1_000, seed=3, texts=False, annotators=12).data
    assert "no texts" in plain(visit("studies.py", bare))


def test_hostile_data_stays_text(visit: Callable[..., AppTest]) -> None:
    app = visit("studies.py", hostile_set(), name="<img src=x onerror=alert(9)>.csv")
    assert not app.exception
    for kind in ("markdown", "caption"):
        for element in app.get(kind):
            assert "<img" not in str(element.value).replace("\\<img", "")


def test_an_unknown_run_in_the_address(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("studies.py", data, address={"run": "../../etc/passwd"})
    assert not app.exception
    assert "not on this machine" in said(app)


def test_before_anything_ran_the_answer_on_the_demo_is_shown(
    visit: Callable[..., AppTest], data: AnnotationSet
) -> None:
    app = visit("studies.py", data, address={"data": data.key})
    app.session_state["std_which"] = "label-sets"
    app.run()
    assert not app.exception
    example = example_of("label-sets")
    assert example is not None
    assert "An example: the answer on the demo data" in plain(app)
    assert verdict(example.result) in plain(app)
