"""`costs` and `plan` as people and pipelines use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.economics.test_measured import crew
from workbench.cli import main
from workbench.economics import cost, preset, read_scenario
from workbench.formats.writers.writing import write_own
from workbench.wording.economics import cost_sentence


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_json_object_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(
        capsys, "costs", "--preset", "human-1.50", "--pairs", "50K", "--set", "labels_per_item=3", "--json"
    )
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
    assert (found["scenario"], found["pairs"], found["cost_per_item"], found["total"]) == (
        "human-1.50",
        50_000,
        4.5,
        225_000,
    )
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
    for part in (
        "AI judges",
        "spot checks",
        "human-gold",
        "Break-even with human-1.50",
        "matters most",
        "nine times out of ten",
    ):
        assert part in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--preset", "human-1.5"], "Did you mean human-1.50?"),
        (["--set", "labels_per_itm=3"], "Did you mean labels_per_item?"),
        (["--set", "labels_per_item"], "a setting is INPUT=VALUE"),
        (["--set", "label_price=-1"], "label_price: -1 is not possible"),
        (["--pairs", "0"], "pairs: 0"),
        (["--pairs", "-5"], "pairs: -5 is not possible"),
        (["--pairs", "lots"], "--pairs lots: not a number"),
        (["--set", "gold_share=110%"], "gold_share: 110% is not possible. Give a share from 0% to 90%."),
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
    assert json.loads(out)["cost_per_item"] == pytest.approx(
        cost(preset("hybrid").with_values(check_share=0.1), 10).cost_per_item
    )


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


@pytest.mark.parametrize("seed", ["-1", "1.5", "4294967296", "x"])
@pytest.mark.parametrize(
    "command",
    [["costs", "--uncertainty"], ["simulate", "--out", "nowhere"], ["select", "x", "--budget", "1"], ["train", "x"]],
)
def test_a_seed_is_checked_wherever_there_is_one(
    command: list[str], seed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*command, "--seed", seed])
    said = capsys.readouterr().err
    assert caught.value.code == 2
    assert f"argument --seed: {seed} is no seed: give a whole number from 0 to 4,294,967,295" in said
    assert said.count("\n") == 1


def test_doubt_as_json_says_what_was_varied(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "costs", "--preset", "hybrid", "--uncertainty", "--json")
    found = json.loads(out)
    assert found["uncertainty"]["total"]["varied"] is True
    assert found["drawn"]["label_price"] == [1.0, 2.0]
    _, out, _ = run(capsys, "costs", "--preset", "ai-0.02", "--set", "escalated_share=0.5", "--json")
    assert json.loads(out)["changed"] == {"escalated_share": {"from": 0.0, "to": 0.5}}


def test_a_kappa_changes_everything_that_rests_on_it(capsys: pytest.CaptureFixture[str]) -> None:
    needed = []
    for kappa in ("0.45", "0.2"):
        _, out, _ = run(capsys, "plan", "--kappa", kappa, "--json")
        needed.append({n["what"]: n["value"] for n in json.loads(out)["needed"]})
    assert (needed[0]["items with two labels"], needed[0]["items with 3 labels"], needed[0]["labels per item"]) == (
        1_226,
        663,
        5,
    )
    assert all(
        needed[0][what] != needed[1][what]
        for what in ("items with two labels", "items with 3 labels", "labels per item", "annotators")
    )
    # With one label an item two are the least that agree: the same number does not stand twice.
    _, out, _ = run(capsys, "plan", "--preset", "human-1.50", "--json")
    assert [n["what"] for n in json.loads(out)["needed"]] == ["items with two labels", "annotators", "labels per item"]
    code, _, err = run(capsys, "plan", "--kappa", "-0.1")
    assert (code, err.count("\n")) == (2, 1)
    assert "mend the guidelines first" in err


def test_weeks_that_are_all_needed_to_start(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "plan", "--set", "ramp_weeks=3", "--weeks", "2", "--json")
    last = json.loads(out)["needed"][-1]
    assert (last["value"], last["reason"]) == (None, "the 3 weeks to start leave no time to label")


def test_a_judge_beside_people(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "plan", "--judge-accuracy", "0.8", "--judge-price", "0.02", "--label-price", "1.5", "--json"
    )
    judge = json.loads(out)["judge"]
    assert code == 0
    # rho = .6: 1 / (1 - .36); gamma = .02 / 1.5 and sqrt(.36 / .64 / gamma) judged items for each label.
    assert judge["multiplier"] == pytest.approx(1 / 0.64)
    assert judge["judged_per_human"] == pytest.approx((0.5625 / (0.02 / 1.5)) ** 0.5)
    assert judge["saving"] == pytest.approx(0.2443, abs=5e-4)
    assert judge["worth_it"] is True
    _, out, _ = run(capsys, "plan", "--judge-accuracy", "0.65", "--judge-price", "0.06", "--label-price", "0.67")
    assert "Not worth it: a judge that agrees with people on 65% of the items" in out
    assert "9% more. Let people label alone." in out
    # Prices are the scenario's where none are named: 21 $ an hour for 36.8 s.
    _, out, _ = run(
        capsys,
        "plan",
        "--preset",
        "alpacafarm",
        "--set",
        "pay=hour",
        "--set",
        "platform_fee=50%",
        "--judge-accuracy",
        "0.9",
        "--json",
    )
    judge = json.loads(out)["judge"]
    assert (judge["label_price"], judge["judge_price"]) == (pytest.approx(1.5 * 21 * 36.8 / 3600), 0.02)
    _, out, _ = run(capsys, "plan", "--judge-accuracy", "0.9", "--judge-price", "0", "--json")
    assert json.loads(out)["judge"]["judged_per_human"] is None
    _, out, _ = run(capsys, "plan", "--json")
    assert json.loads(out)["judge"] is None
    for options, says in (
        (["--judge-accuracy", "80"], "For 80% write 0.8"),
        (["--judge-accuracy", "1"], "to below 1"),
        (["--judge-accuracy", "nan"], "--judge-accuracy nan"),
        (["--label-price", "0"], "--label-price 0"),
        (["--judge-price", "-0.02"], "--judge-price -0.02"),
        (["--judge-price", "inf"], "--judge-price inf"),
    ):
        code, _, err = run(capsys, "plan", *options)
        assert (code, err.count("\n")) == (2, 1)
        assert says in err


def test_the_manual_is_written_from_the_model() -> None:
    import runpy

    docs = Path(__file__).resolve().parents[2] / "docs"
    page = runpy.run_path(str(docs / "make_costs.py"))["page"]()
    assert (docs / "costs.md").read_text("utf-8") == page, "run python docs/make_costs.py"
