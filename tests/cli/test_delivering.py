"""`compare` as a pipeline and a new user run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.formats.writers.native import write_own
from workbench.simulation.simulate import simulate


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("deliveries")
    calm = {"spammers": 0, "speeders": 0, "left_clickers": 0, "drifters": 0, "colluders": 0, "annotators": 10}
    write_own(simulate(1_200, seed=1, **calm).data, place / "may.pwb")  # type: ignore[arg-type]
    write_own(simulate(1_200, seed=2, **calm).data, place / "june.pwb")  # type: ignore[arg-type]
    write_own(simulate(1_200, seed=3, **calm | {"spammers": 6}).data, place / "july.pwb")  # type: ignore[arg-type]
    return place


def test_compare_prints_the_contract(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(folder / "may.pwb"), str(folder / "july.pwb"), "--json", "--price", "0.5"]) == 0
    found = json.loads(capsys.readouterr().out)
    for measure in found["measures"]:
        assert set(measure) >= {"name", "a", "b", "difference", "drivers"}
        for side in ("a", "b", "difference"):
            assert set(measure[side]) >= {"value", "same_crew", "new_crew", "n", "reason"}
    alpha = next(m for m in found["measures"] if m["name"] == "alpha")
    assert alpha["difference"]["value"] == pytest.approx(alpha["b"]["value"] - alpha["a"]["value"])
    low, high = alpha["difference"]["same_crew"]
    wide = alpha["difference"]["new_crew"]
    assert wide[0] <= low <= high < 0
    assert high <= wide[1]
    assert {alarm["measure"] for alarm in found["alarms"]} >= {"alpha"}
    assert found["usd_per_effective_label"][1]["value"] > found["usd_per_effective_label"][0]["value"]


def test_compare_reads_as_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(folder / "may.pwb"), str(folder / "may.pwb")]) == 0
    said = capsys.readouterr().out
    assert said.startswith("may.pwb (now) is no different from may.pwb (before)")
    assert "Items in both" in said


def test_vendors_come_from_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, broken = folder / "vendors.csv", folder / "broken.csv"
    rows = "\n".join(f"annotator-{i:02d},{'North' if i % 2 else 'South'}" for i in range(1, 11))
    table.write_text(f"annotator,vendor\n{rows}\n", "utf-8")
    broken.write_text("who,firm\na,b\n", "utf-8")
    may, june = str(folder / "may.pwb"), str(folder / "june.pwb")
    assert main(["compare", may, june, "--vendors", str(table)]) == 0
    assert "Vendor North" in capsys.readouterr().out
    for wrong in (["--vendors", str(broken)], ["--price", "-1"], ["--slice", "colour"]):
        assert main(["compare", may, june, *wrong]) == 2
