"""The pages Judges and Routing: they show what the library gives, start runs, and say when a plan is not worth it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.judging.conftest import marked_pairs
from tests.pages.conftest import said
from workbench.dataset.annotation_set import AnnotationSet
from workbench.judging.trust import trust
from workbench.runs import all_runs
from workbench.simulation.simulate import simulate
from workbench.wording.judging import trust_sentence


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("WORKBENCH_JUDGING", str(tmp_path / "judging"))


@pytest.fixture(scope="module")
def judged() -> AnnotationSet:
    return simulate(4_000, seed=5, judges=2, experts=1, annotators=12).data


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def test_trust_shows_what_the_library_finds(visit: Callable[..., AppTest], judged: AnnotationSet) -> None:
    app = visit("judges.py", judged)
    assert not app.exception
    who = app.selectbox(key="jdg_who").value
    assert trust_sentence(trust(judged, who)) in plain(app)
    assert "Beside each person" in plain(app)


def test_a_remote_judge_is_refused_until_it_is_allowed(visit: Callable[..., AppTest]) -> None:
    app = visit("judges.py", marked_pairs(12), address={"jdg_tab": "Ask"})
    app.selectbox(key="jdg_kind").set_value("openai").run()
    app.text_input(key="jdg_model").set_value("m").run()
    app.text_input(key="jdg_url_openai").set_value("https://judge.example.org/v1").run()
    assert not app.exception
    assert "The texts of all pairs are sent to judge.example.org" in plain(app)
    app.button(key="jdg_start").click().run()
    assert "would send the texts of these pairs to judge.example.org" in plain(app)
    assert all_runs(("judge",)) == []


def test_the_floor_is_asked_as_a_run_and_then_held_against_people(visit: Callable[..., AppTest]) -> None:
    data = marked_pairs(60)
    app = visit("judges.py", data, address={"jdg_tab": "Ask"})
    app.button(key="jdg_start").click().run()
    assert not app.exception
    (run,) = all_runs(("judge",))
    assert run.wait(120).state == "done", run.log_tail()
    assert run.result()["judged"] == 60
    app = visit("judges.py", data)
    assert not app.exception
    assert "judge:longer" in str(app.selectbox(key="jdg_who").value)
    assert "people" in plain(app)


def test_a_plan_is_tried_and_told_when_it_is_not_worth_it(visit: Callable[..., AppTest]) -> None:
    app = visit("routing.py", marked_pairs(900), address={"rou_risk": "0.01"})
    assert not app.exception
    assert "Not worth it" in plain(app)
    app.slider(key="rou_risk").set_value(0.2).run()
    assert not app.exception
    assert "judges decide" in plain(app)
