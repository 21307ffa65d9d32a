"""`costs` and `plan` as people and pipelines use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.economics.test_measured import crew
from workbench.cli import main
from workbench.economics import cost, preset, read_scenario
from workbench.economics.words import cost_sentence
from workbench.formats.writing import write_own


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_json_object_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "costs", "--preset", "human-1.50", "--pairs", "50K", "--set", "labels_per_item=3", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert set(found) >= {
        "scenario",
        "pairs",
        "cost_per_item",
        "total",
        "weeks",
        "label_accuracy",
        "effective_labels",
        "cost_per_effective_label",
        "parts",
        "inputs",
    }
    assert (found["scenario"], found["pairs"], found["cost_per_item"], found["total"]) == ("human-1.50", 50_000, 4.5, 225_000)
    assert found["inputs"]["label_price"] == {
        "value": 1.5,
        "unit": "$ per label",
        "source": "original design notes, cost table",
        "date": "undated",
        "low": None,
        "high": None,
        "measured": False,
        "note": "",
    }
    assert sum(p["total"] for p in found["parts"]) == pytest.approx(225_000)


def test_people_get_the_sentence_first(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys,
        "costs",
        "--preset",
        "hybrid",
        "--compare",
        "human-gold",
        "ai-0.02",
        "--break-even",
        "human-1.50",
        "--over",
        "escalated_share",
        "--sensitivity",
        "--uncertainty",
    )
    assert code == 0
    assert out.splitlines()[2] == cost_sentence(cost(preset("hybrid")))
    for part in ("AI judges", "spot checks", "human-gold", "Break-even with human-1.50", "matters most", "nine times out of ten"):
        assert part in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--preset", "human-1.5"], "Did you mean human-1.50?"),
        (["--set", "labels_per_itm=3"], "Did you mean labels_per_item?"),
        (["--set", "labels_per_item"], "a setting is INPUT=VALUE"),
        (["--set", "label_price=-1"], "label_price: -1 is not possible"),
        (["--pairs", "0"], "pairs: 0"),
        (["--pairs", "lots"], "--pairs lots: not a number"),
        (["--scenario", "/nowhere/x.toml"], "no such file"),
        (["--sensitivity", "money"], "There is no figure"),
        (["--compare", "nobody"], "There is no preset"),
        (["--break-even", "human-1.50", "--over", "prise"], "There is no input"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "costs", *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_a_scenario_file_written_and_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    run(capsys, "costs", "--preset", "hybrid", "--set", "check_share=10%", "--out", path)
    assert read_scenario(path)["check_share"] == 0.1
    _, out, _ = run(capsys, "costs", "--scenario", path, "--pairs", "1M", "--json")
    assert json.loads(out)["cost_per_item"] == pytest.approx(cost(preset("hybrid").with_values(check_share=0.1), 10).cost_per_item)


def test_inputs_measured_from_an_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_own(crew(gold=0.2), tmp_path / "crew.pwb")
    code, out, err = run(capsys, "costs", "--data", path, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["inputs"]["annotator_accuracy"]["measured"] is True
    assert found["inputs"]["labels_per_item"]["value"] == 3
    assert "selection_gain stays at 1: it takes a replay" in err


def test_everything_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "costs", "--list")
    assert "human-1.50" in out
    assert "judge_correlation" in out
    _, out, _ = run(capsys, "costs", "--list", "--json")
    assert json.loads(out)["inputs"]["wage"]["unit"] == "$ per hour"


def test_plan_for_a_budget(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "plan", "--budget", "20000", "--accuracy", "0.9", "--weeks", "2", "--json")
    found = json.loads(out)
    assert code == 0
    best = found["plan"]["plans"][0]
    assert best["total"] <= 20_000
    assert best["label_accuracy"] >= 0.9
    assert {n["what"] for n in found["needed"]} >= {"items with two labels", "annotators", "labels per item"}
    assert found["gold"]["to_write"] > 0
    code, out, _ = run(capsys, "plan", "--kappa", "0.45", "--width", "0.10")
    assert "307 items with two labels" in out
    code, _, err = run(capsys, "plan", "--budget", "-5")
    assert code == 2
    assert "budget: -5 is not possible" in err


def test_the_manual_is_written_from_the_model() -> None:
    import runpy

    docs = Path(__file__).resolve().parents[2] / "docs"
    page = runpy.run_path(str(docs / "make_costs.py"))["page"]()
    assert (docs / "costs.md").read_text("utf-8") == page, "run python docs/make_costs.py"
