"""A project's own lines: written, read back, refused where they cannot be, and carried to audit, check and report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import workbench
from workbench.auditing.thresholds import ASKS, DEFAULTS, Thresholds, read_thresholds
from workbench.cli import main
from workbench.errors import WorkbenchError
from workbench.report import make_report


def test_every_line_is_explained() -> None:
    assert set(ASKS) == set(DEFAULTS) == set(Thresholds().to_dict())
    assert Thresholds.__doc__ is not None
    assert all(name in Thresholds.__doc__ for name in DEFAULTS)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    own = Thresholds(gold=0.85, alpha_review=0.333, overlapping_items=50)
    path = tmp_path / "lines.toml"
    path.write_text(own.to_toml(), "utf-8")
    assert read_thresholds(path) == own
    path.write_text("gold = 0.85\n", "utf-8")
    assert read_thresholds(path) == Thresholds(gold=0.85)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("glod = 0.8", "no threshold glod"),
        ("gold = 80", "gold: 80 is not possible"),
        ("gold = nan", "gold: nan is not possible"),
        ('gold = "high"', "gold is no number"),
        ("gold = true", "gold is no number"),
        ("gold 0.8", "not TOML"),
        ("missing_review = 0.5", "missing_review lies above missing_stop"),
        ("thresholds = 3", "thresholds"),
    ],
)
def test_what_cannot_be_a_line_is_refused(content: str, match: str, tmp_path: Path) -> None:
    path = tmp_path / "lines.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(WorkbenchError, match=match):
        read_thresholds(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="There is no file"):
        read_thresholds(tmp_path / "none.toml")


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = ["item,annotator,label"]
    for i in range(150):
        better = "A" if i % 2 else "B"
        other = "B" if i % 2 else "A"
        rows += [f"i{i},{who},{better if (i + k) % 7 else other}" for k, who in ((2, "x"), (3, "y"), (5, "z"))]
    path = tmp_path_factory.mktemp("lines") / "labels.csv"
    path.write_text("\n".join(rows), "utf-8")
    return path


def test_lines_travel_into_audit_and_check(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strict = tmp_path / "strict.toml"
    strict.write_text("alpha_review = 0.99\n", "utf-8")
    arguments = [str(export), "--map", "item=item", "--map", "annotator=annotator", "--map", "label=label", "--json"]
    statuses = {}
    for name, more in (("plain", []), ("strict", ["--thresholds", str(strict)])):
        assert main(["audit", *arguments, *more]) == 0
        verdict = json.loads(capsys.readouterr().out)["verdict"]
        statuses[name] = {c["name"]: c["status"] for c in verdict["checks"]}["agreement beyond chance"]
        assert main(["check", *arguments, *more, "--strict"]) == (0 if statuses[name] == "ready" else 1)
        assert json.loads(capsys.readouterr().out)["thresholds"] == verdict["thresholds"]
    assert statuses == {"plain": "ready", "strict": "review"}


def test_lines_travel_into_the_report() -> None:
    data = workbench.simulate(600, annotators=8, seed=4).data
    report = make_report(workbench.audit(data, thresholds=Thresholds(gold=0.9)), cleaning="not tried")
    section = report.section("verdict")
    table = next(t for t in section.tables if t.name == "thresholds")
    assert table.frame.set_index("line").loc["gold", ["value", "whose"]].tolist() == [0.9, "own"]
    assert "thresholds=Thresholds(gold=0.9)" in section.code
