"""What a finished judge run tells the cost model: arithmetic by hand, and planted accuracy through people who err."""

from __future__ import annotations

import json

import pytest

from tests.economics.test_measured import crew
from tests.judging.conftest import marked_pairs
from workbench.cli import main
from workbench.economics import inputs_of_judge, judge_result
from workbench.errors import WorkbenchError

RESULT = {
    **{"name": "ai", "judge_version": "v1", "answered": 396, "refused": 4, "cut": 0, "unreadable": 0, "items": 200},
    **{"usd": 0.8, "tokens": {"fresh": 300_000, "cache_read": 100_000, "cache_write": 0, "out": 8_000}},
}


def test_price_and_tokens_are_those_of_an_answer() -> None:
    found = inputs_of_judge(RESULT).inputs
    assert found["ai_price"].value == pytest.approx(0.8 / 400)
    assert found["tokens_in"].value == pytest.approx(1_000)
    assert found["tokens_out"].value == pytest.approx(20)
    assert (found["ai_orders"].value, found["ai_samples"].value) == (2, 1)
    assert all(each.measured for each in found.values())


def test_accuracy_comes_back_through_people_who_err() -> None:
    data = crew(accuracy=0.75, ai=0.9, seed=3)
    ai = str(data.annotators.loc[data.annotators["kind"] == "ai", "annotator"].iloc[0])
    found = inputs_of_judge({**RESULT, "name": ai}, data).inputs["ai_accuracy"]
    assert found.value == pytest.approx(0.9, abs=0.03)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.9 < found.high


def test_too_little_is_told_and_not_guessed() -> None:
    found = inputs_of_judge({**RESULT, "answered": 5, "refused": 0})
    assert "ai_price" in found.not_measured
    assert "ai_accuracy" in found.not_measured
    assert "share no item" in inputs_of_judge(RESULT, crew(items=50, ai=0.9)).not_measured["ai_accuracy"] or (
        "There is no annotator" in inputs_of_judge(RESULT, crew(items=50)).not_measured["ai_accuracy"]
    )


def test_the_command_takes_the_folder_of_a_judge(tmp_path, capsys) -> None:
    data = marked_pairs(5)
    table = data.item_texts().assign(item_id=data.items["item_id"], annotator="ann", label="A")
    table.to_csv(tmp_path / "data.csv", index=False)
    assert main(["judge", str(tmp_path / "data.csv"), "--judge", "rule:longer", "--out", str(tmp_path / "out")]) == 0
    result, verdicts = judge_result(tmp_path / "out")
    assert result["judged"] == 5
    assert verdicts == tmp_path / "out" / "verdicts.csv"
    (tmp_path / "out" / "result.json").write_text(json.dumps({**RESULT, "name": "longer"}), "utf-8")
    capsys.readouterr()
    assert main(["costs", "--preset", "hybrid", "--judge", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"]["ai_price"]["to"] == pytest.approx(0.002)


@pytest.mark.parametrize("content", [None, "no json", "[]", "{}"])
def test_a_folder_without_a_judge_run_is_told(content, tmp_path) -> None:
    if content is not None:
        (tmp_path / "result.json").write_text(content, "utf-8")
    with pytest.raises(WorkbenchError, match=r"no judge run|cannot be read|no result of a judge"):
        judge_result(tmp_path)
