"""`compare`, `check --against` and `feedback` as a pipeline and a new user run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.formats.writers.native import write_own
from workbench.scale.simulated import simulate_shards
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


def test_check_against_fails_where_it_got_worse_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    may, june, july = (str(folder / f"{name}.pwb") for name in ("may", "june", "july"))
    assert main(["check", june, "--against", may]) == 0
    assert main(["check", july, "--against", may, "--json"]) == 1
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert not found["passed"]
    assert any(check["name"].startswith("against: ") for check in found["checks"])
    assert found["against"]["measures"]
    assert main(["check", may, "--against", july]) == 0  # better is not worse


def test_audit_says_what_to_do_next(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(folder / "july.pwb"), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["next"][0]
    assert first["kind"] == "set aside"
    low, high = first["predicted"]["interval"]
    assert low < first["predicted"]["change"] < high
    assert main(["audit", str(folder / "july.pwb")]) == 0
    assert "What to do next\n  1. Set aside" in capsys.readouterr().out


def test_sums_alone_say_why_nothing_is_named_to_do(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, may = (
        str(simulate_shards(tmp_path / "sharded", 900, buckets=2, annotators=10, seed=3).folder),
        folder / "may.pwb",
    )
    assert main(["audit", made, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["next"] is None
    assert "single rows" in told["next_reason"]
    assert main(["audit", made]) == 0
    assert "What to do next\n  Not worked out" in capsys.readouterr().out
    assert main(["check", made, "--against", str(may), "--json"]) != 2
    assert "against" in json.loads(capsys.readouterr().out)


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


def test_feedback_writes_a_page_for_each_flagged_annotator(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "feedback"
    assert main(["feedback", str(folder / "july.pwb"), "--out", str(out)]) == 0
    pages = capsys.readouterr().out.split()
    assert pages
    assert all("Feedback for" in Path(page).read_text("utf-8") for page in pages)
    assert main(["feedback", str(folder / "july.pwb"), "--annotator", "nobody", "--out", str(out)]) == 2
