"""The sections about AI judges and routing: their code gives their numbers, and nothing names a person."""

from __future__ import annotations

import json

import pytest

import workbench
from tests.judging.conftest import marked_pairs
from workbench.cli import main
from workbench.errors import WorkbenchError
from workbench.judging.export import with_verdicts
from workbench.judging.run import ask_judge
from workbench.judging.spec import parse_judge
from workbench.report import judges_section, make_report, read_routing, routing_section
from workbench.simulation.simulate import simulate

PEOPLE = ("ann", "bob", "cyd")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> workbench.AnnotationSet:
    data = marked_pairs(80)
    found = ask_judge(data, parse_judge("rule:longer"), tmp_path_factory.mktemp("judge"))
    return with_verdicts(data, found)


def test_the_figures_of_a_judge_come_out_of_their_code(judged) -> None:
    section = judges_section(judged)
    assert section.absent is None
    names: dict[str, object] = {"data": judged}
    exec(section.code, names)
    assert len(section.figures) >= 4
    for figure in section.figures:
        assert eval(figure.python, names) == pytest.approx(figure.value), figure.name
    assert len(eval(section.tables[0].python, names)) == len(section.tables[0].frame) == 3


def test_no_person_is_named(judged) -> None:
    section = judges_section(judged)
    shown = json.dumps(section.to_dict("data"), default=str)
    assert not any(f'"{name}"' in shown for name in PEOPLE)


def test_without_judges_or_routing_the_sections_say_so() -> None:
    assert judges_section(marked_pairs(20)).absent == "No AI judge stands in these data."
    assert routing_section(None).absent == "No routing was given to this report."


def test_a_routing_becomes_a_section_whose_code_reads_it(judged, tmp_path, capsys) -> None:
    table = judged.item_texts().assign(item_id=judged.items["item_id"])
    rows = judged.annotations.join(table, on="item").assign(
        annotator=lambda f: judged.annotators["annotator"].to_numpy()[f["annotator"]],
        label=lambda f: [judged.scale.labels[c] for c in f["label"]],
    )
    rows[rows["annotator"].isin(PEOPLE)][
        ["item_id", "prompt", "response_a", "response_b", "annotator", "label"]
    ].to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "plan.toml").write_text('calibration = 35\n[[tier]]\nname = "longer"\njudge = "rule:longer"\n', "utf-8")
    given = ["route", str(tmp_path / "data.csv"), "--plan", str(tmp_path / "plan.toml"), "--risk", "0.2", "--simulate"]
    assert main([*given, "--out", str(tmp_path / "routed")]) == 0
    routing = read_routing(tmp_path / "routed")
    section = routing_section(routing)
    for figure in section.figures:
        assert eval(figure.python, {"routing": routing}) == figure.value, figure.name
    report = [str(tmp_path / "data.csv"), "--routing", str(tmp_path / "routed"), "--out", str(tmp_path / "r.html")]
    capsys.readouterr()
    assert main(["report", *report, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["sections"]
    assert found["routing"]["figures"][0]["value"] == routing["usd"]
    assert "Certificate" in (tmp_path / "r.html").read_text("utf-8")


def test_what_is_no_routing_is_told(tmp_path) -> None:
    with pytest.raises(WorkbenchError, match="no outcome of a routing"):
        read_routing(tmp_path)
    (tmp_path / "routing.json").write_text('{"tiers": []}', "utf-8")
    with pytest.raises(WorkbenchError, match="nothing was routed yet"):
        read_routing(tmp_path)


def test_judges_stand_in_the_whole_report(judged) -> None:
    report = make_report(workbench.audit(judged), load="data = None", cleaning="no")
    assert report.section("judges").figures
    assert "judge" in report.to_html()


def test_leanings_are_drawn() -> None:
    data = simulate(3_000, seed=5, judges=1, annotators=8).data
    section = judges_section(data)
    assert section.drawings
    assert "Longer" in section.drawings[0].svg
    names: dict[str, object] = {"data": data}
    exec(section.code, names)
    for figure in section.figures:
        assert eval(figure.python, names) == pytest.approx(figure.value), figure.name
