"""`report` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cli import build_parser, main
from workbench.cli.reporting import load_call

ROOT = Path(__file__).resolve().parents[2]
EXPORT = str(next((ROOT / "data" / "demo").glob("label_studio_export.json*")))


def test_all_files_are_written_and_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, numbers, tables = tmp_path / "r.html", tmp_path / "r.json", tmp_path / "csv"
    assert (
        main(["report", EXPORT, "--out", str(out), "--json-out", str(numbers), "--csv-out", str(tables), "--json"]) == 0
    )
    said = capsys.readouterr()
    assert json.loads(said.out)["sections"].keys() == json.loads(numbers.read_text("utf-8"))["sections"].keys()
    assert (tables / "figures.csv").exists()
    assert f"Written to {out}." in said.err
    page = out.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "annotator-01@example.com" not in page
    assert f"workbench.load({EXPORT!r})".replace("'", "&#x27;") in page


def test_ids_and_texts_on_request(tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    assert main(["report", EXPORT, "--out", str(out), "--show-annotators", "--texts"]) == 0
    page = out.read_text("utf-8")
    assert "annotator-01@example.com" in page
    assert "Most contested items" in page


@pytest.mark.parametrize(
    ("content", "said"), [(None, "not finished"), ("not json", "is not JSON"), ("{}", "holds no scorecard")]
)
def test_a_run_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "result.json").write_text(content)
    assert main(["report", EXPORT, "--out", str(tmp_path / "r.html"), "--run", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "r.html").exists()


def test_a_place_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", EXPORT, "--out", str(tmp_path / "nowhere" / "r.html")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_code_opens_the_files_with_the_same_options() -> None:
    line = [
        "report",
        "a.csv",
        "b.csv",
        "--map",
        "item=id",
        "--map",
        "label=x,y",
        "--labels",
        "0==",
        "--labels",
        "1=A",
        "--scale",
        "ternary",
        "--gold",
        "g.csv",
        "--keep-identical",
    ]
    found = load_call(build_parser().parse_args(line))
    assert (
        found == "workbench.load(['a.csv', 'b.csv'], mapping={'item': ['id'], 'label': ['x', 'y']}, gold='g.csv',"
        " scale=workbench.dataset.scales.SCALES['ternary'], spelling={'0': '=', '1': 'A'}, keep_identical=True)"
    )


def test_a_scenario_is_priced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from workbench.economics import preset

    (tmp_path / "own.toml").write_text(preset("human-1.50").to_toml(), "utf-8")
    for named, each in ((str(tmp_path / "own.toml"), 1.5), ("human-1.50", 1.5)):
        assert main(["report", EXPORT, "--out", str(tmp_path / "r.html"), "--scenario", named, "--json"]) == 0
        figures = {f["name"]: f for f in json.loads(capsys.readouterr().out)["sections"]["costs"]["figures"]}
        assert figures["costs.cost_per_item"]["value"] == each
    assert main(["report", EXPORT, "--out", str(tmp_path / "r.html"), "--scenario", "no-such"]) == 2
