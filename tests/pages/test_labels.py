"""The Labels page shows the library's labels, scores and contradictions, and writes rows that train."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from streamlit.testing.v1 import AppTest

from tests.hostile_data import small_sets
from tests.pages.conftest import said
from workbench.aggregation import Comparison, aggregate, compare, score
from workbench.aggregation.asking import GOLD_USES, QUICK_UP_TO, probability_of_a
from workbench.aggregation.calibration import calibration
from workbench.aggregation.differences import against_gold, in_few_columns
from workbench.aggregation.probabilities import read_probabilities
from workbench.annotators import others, suspect_gold
from workbench.dataset.annotation_set import AnnotationSet
from workbench.figures.labelling import methods_table
from workbench.formats.writers.preference_rows import decide
from workbench.reward.disagreements import HELD_OUT
from workbench.runs import all_runs, start
from workbench.wording.aggregation import (
    best_sentence,
    calibration_sentence,
    cost_sentence,
    labels_sentence,
    suspect_sentence,
    why_sentence,
)
from workbench.workspace.demos import demo

TABS = ("Side by side", "Confidence", "Contradictions", "Export")


@pytest.fixture(autouse=True)
def runs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return demo("demo")


@pytest.fixture(scope="module")
def found(data: AnnotationSet) -> Comparison:
    return compare(data)


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def test_the_sentence_and_the_table_are_the_librarys(
    visit: Callable[..., AppTest], data: AnnotationSet, found: Comparison
) -> None:
    app = visit("labels.py", data)
    assert not app.exception
    assert labels_sentence(found, "consensus") in plain(app)
    assert why_sentence(found, "consensus") in plain(app)
    assert "predict judgements held out" in why_sentence(found, "consensus")
    assert best_sentence(found) in plain(app)
    shown = app.dataframe[0].value
    assert_frame_equal(shown, methods_table(found, "consensus"), check_dtype=False)
    assert shown["gold_accuracy"].tolist() == pytest.approx(found.table["gold_accuracy"].tolist(), abs=5e-4)
    assert cost_sentence(found, "consensus") in plain(app)
    assert "CROWDLAB (it needs probabilities)" in plain(app)


def test_suspect_gold_is_told_and_can_be_left_out(
    visit: Callable[..., AppTest], data: AnnotationSet, found: Comparison
) -> None:
    doubted = suspect_gold(others(data)).distrusted
    without = found.without(doubted)
    count = int(doubted[found.scores["consensus"].items.item].sum())
    assert count > 0
    app = visit("labels.py", data)
    assert suspect_sentence(found, without, "consensus", count) in plain(app)
    assert f"at {found.scores['consensus'].nll:.3f} nats" in plain(app)
    assert f"at {without.scores['consensus'].nll:.3f}" in plain(app)
    assert without.scores["consensus"].nll < found.scores["consensus"].nll
    app.toggle(key="lbl_suspect").set_value(True).run()
    assert not app.exception
    assert best_sentence(without) in plain(app)
    assert app.dataframe[0].value["posterior_nll"].tolist() == pytest.approx(without.table["posterior_nll"].tolist())


def classifier_file(data: AnnotationSet, folder: Path) -> Path:
    """A file with probabilities of a third of the items, and one unknown."""
    some = data.items["item_id"].to_numpy()[::3]
    table = pd.DataFrame({"item_id": [*some, "nobody"], "p_a": np.linspace(0.05, 0.95, len(some) + 1)})
    table.to_parquet(folder / HELD_OUT, index=False)
    return folder / HELD_OUT


def test_crowdlab_takes_what_a_training_run_says_of_items_it_never_saw(
    visit: Callable[..., AppTest], data: AnnotationSet
) -> None:
    export = Path(__file__).parents[2] / "data" / "demo" / "label_studio_export.json.gz"
    config = {
        "paths": [str(export)],
        "data": data.key,
        "labels": "majority",
        "head": {"encoder": "hashed"},
        "share": 0.3,
    }
    run = start("train", config, title="A reward model")
    assert run.wait(240).state == "done", run.log_tail()
    given = read_probabilities(run.folder / HELD_OUT, data)
    assert 0.2 * len(data.items) < given.known < 0.4 * len(data.items)
    assert not given.spread  # the model knows the levels of the scale
    app = visit("labels.py", data)
    app.selectbox(key="lbl_probs").set_value(run.id).run()
    assert not app.exception
    assert str(given) in plain(app)
    shown = app.dataframe[0].value.set_index("method")
    expected = score(aggregate(data, "crowdlab", probabilities=given.values), data.gold)
    assert shown.loc["crowdlab", "gold_accuracy"] == pytest.approx(expected.accuracy, abs=5e-4)
    app.selectbox(key="lbl_method").set_value("crowdlab").run()
    assert "CROWDLAB gives a label to" in plain(app)
    assert "Not run" not in plain(app)


def test_crowdlab_takes_an_uploaded_file_or_says_what_is_wrong_with_it(
    visit: Callable[..., AppTest], data: AnnotationSet, tmp_path: Path
) -> None:
    app = visit("labels.py", data)
    app.selectbox(key="lbl_probs").set_value("file").run()
    app.file_uploader(key="lbl_probs_file").set_value([("p.csv", b"item_id,p_a\nnobody,0.5\n", "text/csv")]).run()
    assert not app.exception
    assert "it names no item of the annotations in 1 row" in plain(app)
    lines = classifier_file(data, tmp_path)
    app.file_uploader(key="lbl_probs_file").set_value(
        [("p.parquet", lines.read_bytes(), "application/octet-stream")]
    ).run()
    assert not app.exception
    assert "crowdlab" in app.dataframe[0].value["method"].tolist()


def test_another_method_is_told_of(visit: Callable[..., AppTest], data: AnnotationSet, found: Comparison) -> None:
    app = visit("labels.py", data, address={"lbl_method": "Majority vote", "lbl_tab": "Confidence"})
    assert labels_sentence(found, "majority") in plain(app)
    assert calibration_sentence(calibration(found.results["majority"], data.gold)) in plain(app)
    assert app.button(key="lbl_none_tied").label == f"Tied: {found.results['majority'].undecided_counts['tied']:,}"


def test_contradictions_are_listed_and_open_in_items(
    visit: Callable[..., AppTest], data: AnnotationSet, found: Comparison
) -> None:
    app = visit("labels.py", data, address={"lbl_tab": "Contradictions"})
    expected = against_gold(data, found.results, "consensus")
    shown, same = in_few_columns(expected, "consensus", found.results)
    assert_frame_equal(app.dataframe[0].value, shown, check_dtype=False)
    assert app.dataframe[0].value["item_id"].tolist() == expected.frame["item_id"].tolist()
    assert all(title in plain(app) for title in same)
    app.button(key="lbl_open").click().run()
    assert not app.exception
    assert f"contradicts the gold label ({len(expected.positions):,} items)" in said(app)


def test_gold_can_be_learned_from_and_then_judges_nothing(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("labels.py", data, address={"lbl_gold": GOLD_USES["learn"]})
    assert "all gold was given to the method" in plain(app)
    assert not app.exception


@pytest.mark.parametrize("ties", ["drop", "soft"])
def test_training_rows_carry_the_soft_label(
    ties: str, visit: Callable[..., AppTest], data: AnnotationSet, found: Comparison
) -> None:
    app = visit(
        "labels.py",
        data,
        address={"lbl_tab": "Export", "lbl_ties": {"drop": "leave out", "soft": "keep at one half"}[ties]},
    )
    result = found.results["consensus"]
    rows = decide(data, labels=result.label, soft=probability_of_a(result), ties=ties)
    assert f"Used {rows.sidecar['used'].sum():,} of {len(data.items):,} items" in plain(app)


def test_categories_are_taken_away_as_a_table(visit: Callable[..., AppTest]) -> None:
    app = visit("labels.py", small_sets()["categories"], address={"lbl_tab": "Export"})
    assert not app.exception
    assert "no chosen and rejected response" in plain(app)


def test_without_labels_the_page_says_so(visit: Callable[..., AppTest]) -> None:
    assert "no judgement with a label" in said(visit("labels.py", small_sets()["skips only"]))


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("state", ["one judgement", "one annotator", "no texts", "all ties", "categories"])
def test_each_tab_in_each_state(tab: str, state: str, visit: Callable[..., AppTest]) -> None:
    app = visit("labels.py", small_sets()[state], address={"lbl_tab": tab})
    assert not app.exception


def test_a_slow_method_is_a_run_whose_labels_join_the_others(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, data: AnnotationSet, found: Comparison
) -> None:
    monkeypatch.setitem(QUICK_UP_TO, "glad", 100)
    app = visit("labels.py", data)
    assert "glad" not in app.dataframe[0].value["method"].tolist()
    app.button(key="lbl_run_glad").click().run()
    assert not app.exception
    (run,) = all_runs(("aggregate",))
    assert (run.config["method"], run.config["gold"], run.config["data"]) == ("glad", "judge", data.key)
    assert run.wait(120).state == "done", run.log_tail()
    app.run()
    assert not app.exception
    shown = app.dataframe[0].value.set_index("method")
    assert shown.loc["glad", "gold_accuracy"] == pytest.approx(found.scores["glad"].accuracy, abs=5e-4)
    app.selectbox(key="lbl_method").set_value("glad").run()
    assert labels_sentence(found, "glad").split(":")[0] in plain(app)

    # Gold used in another way is another question, so it waits for a run of its own.
    app.selectbox(key="lbl_gold").set_value("half").run()
    assert not app.exception
    assert "glad" not in app.dataframe[0].value["method"].tolist()
    assert app.button(key="lbl_run_glad")

    # The page of runs links here: the method of the run is the one shown.
    linked = visit("labels.py", data, address={"run": run.id})
    assert not linked.exception
    assert linked.selectbox(key="lbl_method").value == "glad"


def test_a_slow_method_that_refuses_says_why(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, data: AnnotationSet
) -> None:
    monkeypatch.setitem(QUICK_UP_TO, "glad", 100)
    run = start(
        "aggregate",
        {"paths": ["/nowhere.parquet"], "data": data.key, "method": "glad", "gold": "judge"},
        title="Labels by GLAD",
    )
    assert run.wait(60).state == "failed"
    app = visit("labels.py", data)
    assert not app.exception
    assert "Labels by GLAD" in plain(app)
    assert "nowhere" in plain(app)
    assert "glad" not in app.dataframe[0].value["method"].tolist()
