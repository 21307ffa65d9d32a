"""The page Runs: what it says of runs in each state, and that what works elsewhere never loads torch here."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import ROOT, said
from workbench.runs import KINDS, Run, all_runs, start
from workbench.runs.process import kill

HOSTILE = "![x](http://evil.example/x.png) <img src=x onerror=alert(1)> :red[a] $x$"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    yield tmp_path / "runs"
    for run in all_runs():
        kill(run.folder)


@pytest.fixture
def ended(root: Path) -> tuple[Run, Run]:
    """One that is done, with a hostile title, and one that failed."""
    done = start("tests.runs.loop:train", {"epochs": 4}, title=HOSTILE)
    failed = start("tests.runs.loop:crash", {"how": "missing model", "model": HOSTILE})
    assert done.wait(60).state == "done"
    assert failed.wait(60).state == "failed"
    return done, failed


def test_without_runs_it_says_what_a_run_is(visit: Callable[..., AppTest]) -> None:
    app = visit("runs.py")
    assert not app.exception
    assert "No run was started yet" in said(app)


def test_an_unknown_run_in_the_address(visit: Callable[..., AppTest]) -> None:
    for name in ("20260101-000000-train-000000", "../../etc/passwd"):
        app = visit("runs.py", address={"run": name})
        assert not app.exception
        assert "not on this machine" in said(app)


def test_a_run_is_watched_cancelled_and_resumed(visit: Callable[..., AppTest]) -> None:
    run = start("tests.runs.loop:train", {"epochs": 100_000, "pause": 0.02, "every": 1})
    while not run.status().done:
        assert run.status().living
        time.sleep(0.05)
    app = visit("runs.py", address={"run": run.id})
    assert not app.exception
    assert "Running" in said(app)
    assert "steps" in app.get("progress")[0].proto.text
    assert len(app.get("plotly_chart")) == 1
    app.button(key="runs_one_cancel").click().run()
    assert run.status().state == "cancelled"
    assert "Cancelled" in said(app)
    assert not app.get("progress")
    app.button(key="runs_one_resume").click().run()
    assert run.status().living
    assert run.status().attempt == 2
    run.cancel()


def test_a_failed_run_says_why_and_shows_its_log(visit: Callable[..., AppTest], ended: tuple[Run, Run]) -> None:
    app = visit("runs.py", address={"run": ended[1].id})
    assert not app.exception
    assert "The encoder folder /models/none is not there." in app.error[0].value.replace("\\", "")
    assert "Failed: The encoder folder" in app.code[0].value
    assert [b.label for b in app.button if b.key and b.key.startswith("runs_one")] == [
        "Resume"
    ]  # nothing was kept to resume from


def test_the_list_compares_and_deletes_what_is_chosen(visit: Callable[..., AppTest], ended: tuple[Run, Run]) -> None:
    app = visit("runs.py")
    assert not app.exception
    assert app.dataframe[0].value["state"].tolist() == ["Failed", "Done"]
    app.session_state["runs_table"] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    table = app.dataframe[1].value
    assert table[table["what"] == "config.epochs"].iloc[0, 1:].tolist() == ["–", "4"]
    assert float(table[table["what"] == "result.accuracy"].iloc[0, 2]) == pytest.approx(
        ended[0].result()["accuracy"], abs=5e-5
    )
    app.button(key="runs_delete").click().run()
    assert not app.exception
    assert all_runs() == []
    assert "No run was started yet" in said(app)


def test_titles_stay_text(visit: Callable[..., AppTest], ended: tuple[Run, Run]) -> None:
    for address in ({}, {"run": ended[0].id}, {"run": ended[1].id}):
        app = visit("runs.py", address=address)
        assert not app.exception
        assert "![x](" not in said(app)
        assert "<img" not in said(app).replace(r"\<img", "")


def test_the_app_never_loads_torch(root: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.path[:0] = ['pages']\n"
        "from streamlit.testing.v1 import AppTest\n"
        "from workbench.runs import start\n"
        "run = start('tests.runs.loop:train', {'epochs': 3}); assert run.wait(60).state == 'done'\n"
        "app = AppTest.from_file('pages/_frame.py', default_timeout=60); app.query_params['run'] = run.id; app.run()\n"
        "app.switch_page('runs.py').run(); assert not app.exception\n"
        "import workbench.cli, workbench.runs.worker\n"
        "print('LOADED', [m for m in ('torch', 'transformers', 'sentence_transformers', 'trl') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "LOADED []" in shown


def page_with_a_button() -> None:
    import _runs
    import streamlit as st

    kinds = ("tests.runs.loop:train", "workbench.runs.example:count")
    _runs.start_run("tests.runs.loop:train", {"epochs": 3, "data": "abc"}, title="Mine", label="Train", key="go")
    run = _runs.earlier_runs(kinds, data="abc")
    if run is None:
        st.write("Nothing yet")
    else:
        status = _runs.show_run(run)
        st.write(f"Shown: {run.title}, done: {status.state == 'done'}")


def test_a_page_starts_a_run_shows_it_and_finds_it_again(root: Path) -> None:
    app = AppTest.from_function(page_with_a_button, default_timeout=60).run()
    assert not app.exception
    assert "Nothing yet" in said(app)
    app.button(key="go").click().run()
    assert not app.exception
    (run,) = all_runs()
    assert run.config == {"epochs": 3, "data": "abc"}
    assert app.query_params["run"] in (run.id, [run.id])
    assert run.wait(60).state == "done"
    app.run()
    assert "Shown: Mine, done: True" in said(app)
    other = start("workbench.runs.example:count", {"steps": 1, "data": "abc"}, title="Another")
    start("workbench.runs.example:count", {"steps": 1, "data": "else"}, title="Of other data")
    app.run()
    assert [option.partition(",")[0] for option in app.selectbox[0].options] == ["Another", "Mine"]
    app.selectbox[0].set_value(other.id).run()
    assert not app.exception
    assert "Shown: Another" in said(app)
    again = AppTest.from_function(page_with_a_button, default_timeout=60)
    again.query_params["run"] = run.id
    assert "Shown: Mine" in said(again.run())
    run.delete()
    other.wait(60)
    app.selectbox[0].set_value(other.id).run()
    assert "Shown: Another" in said(app)


def test_a_device_that_is_not_there_is_told_on_the_page(root: Path) -> None:
    def page() -> None:
        import _runs

        _runs.start_run("tests.runs.loop:train", {"device": "cuda:9"}, key="go")

    app = AppTest.from_function(page, default_timeout=60).run()
    app.button(key="go").click().run()
    assert not app.exception
    assert "There is no device" in app.error[0].value
    assert all_runs() == []


def test_every_kind_is_shown_on_a_page_that_is_there() -> None:
    for kind in KINDS.values():
        assert (ROOT / "pages" / kind.page).is_file(), kind
