"""The command `judge`: what it prints, what it writes, and that audit opens it."""

from __future__ import annotations

import json

import pytest

from tests.judging.conftest import marked_pairs, serve  # noqa: F401
from workbench.cli import main
from workbench.formats import load
from workbench.formats.writers.annotation_table import write_annotation_table

KEYS = {
    *("judged", "calls", "answered", "refused", "unreadable", "cut", "failed", "ambiguous", "cached", "usd"),
    *("estimated_usd", "flip_rate", "judge_version"),
}


@pytest.fixture
def export(tmp_path):
    return write_annotation_table(marked_pairs(12), tmp_path / "people.csv")


def test_it_judges_estimates_and_its_verdicts_stand_beside_the_people(export, serve, tmp_path, capsys) -> None:  # noqa: F811
    server, out = serve(), tmp_path / "out"
    asked = ["judge", str(export), "--judge", f"openai:m@{server.url}", "--no-principles", "--out", str(out), "--json"]
    assert main([*asked, "--estimate"]) == 0
    assert json.loads(capsys.readouterr().out)["calls"] == 24
    assert server.stats()["asked"] == 0
    assert main(asked) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.keys() >= KEYS
    assert (shown["judged"], shown["calls"], shown["answered"]) == (12, 24, 24)
    both = load([export, out / "verdicts.csv"])
    assert len(both.items) == 12
    assert both.annotators.set_index("annotator")["kind"]["judge:m"] == "ai"
    assert both.scale.name == "binary"
    assert "question" not in (out / "verdicts.csv").read_text()


def test_pairs_that_nobody_judged_become_training_rows(tmp_path, capsys) -> None:
    texts = [("a b c", "d"), ("abc", "xyz"), ("e", "f g")]
    rows = [{"prompt": f"p {a}", "response_a": a, "response_b": b} for a, b in texts]
    (tmp_path / "new.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    assert main(["judge", str(tmp_path / "new.jsonl"), "--judge", "rule:longer", "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["judged"] == 3
    # Nobody's labels say on which scale: a tie of the judge stays one, and the verdicts hold their texts.
    verdicts, trained = tmp_path / "verdicts.csv", tmp_path / "train.jsonl"
    told = load(verdicts)
    assert sorted(told.scale.labels[code] for code in told.annotations["label"]) == ["=", "A>", "B>"]
    assert main(["convert", str(verdicts), "--to", "trl", "--out", str(trained)]) == 0
    pairs = [(row["chosen"], row["rejected"]) for row in map(json.loads, trained.read_text().splitlines())]
    assert pairs == [("a b c", "d"), ("f g", "e")]
    named = ["--scale", "binary", "--out", str(tmp_path / "two")]
    assert main(["judge", str(tmp_path / "new.jsonl"), "--judge", "rule:longer", *named]) == 0
    assert load(tmp_path / "two" / "verdicts.csv").scale.name == "binary"


@pytest.mark.parametrize(
    "judge",
    [
        "opnai:m",
        "openai:",
        "rule:shorter",
        "openai:m@http://u:p@h/v1",
        "openai:m@127.0.0.1:1/v1",
        "systemone:m",
        "model:/no/where",
    ],
)
def test_a_wrong_judge_is_one_line(judge, export, capsys) -> None:
    assert main(["judge", str(export), "--judge", judge]) == 2
    said = capsys.readouterr().err
    assert said.startswith("workbench: ")
    assert said.count("\n") == 1


def test_a_budget_below_zero_is_refused_also_of_a_judge_that_costs_nothing(export, tmp_path, capsys) -> None:
    asked = ["judge", str(export), "--judge", "rule:longer", "--out", str(tmp_path / "out"), "--budget", "-5"]
    assert main(asked) == 2
    assert capsys.readouterr().err == "workbench: --budget -5 is not possible. Give US dollars, 0 or more.\n"
    assert not (tmp_path / "out").exists()
