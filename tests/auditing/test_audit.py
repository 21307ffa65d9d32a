"""The audit against real annotation data, to six decimals, and against hand-made sets with known trouble."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import pytest

import workbench
from workbench.auditing.text import audit_lines
from workbench.cli import main

SNOW = [
    "--map",
    "item=orig_id",
    "--map",
    "annotator=!amt_worker_ids",
    "--map",
    "label=response",
    "--map",
    "gold=gold",
    "--map",
    "annotation_id=!amt_annotation_ids",
]
RELEX = ["--map", "item=_unit_id", "--map", "annotator=_worker_id", "--map", "label=top_member_employee"]

# Computed with krippendorff 0.9.0 and statsmodels 0.15.0: options, alpha nominal, alpha ordinal, Fleiss, percent (item
# mean).
FIGURES = {
    "pandalm, people": (["pandalm/testset-v1.json"], 0.864221, 0.877464, 0.864175, 0.919920),
    "pandalm, people and models": (
        ["pandalm/testset-v1.json", "pandalm/gpt-3.5-turbo-testset-v1.json", "pandalm/pandalm-7b-testset-v1.json"],
        0.580139,
        0.634864,
        0.579392,
        0.755756,
    ),
    "argument pairs": (["ukpconvarg/dev"], 0.274415, 0.365636, 0.274872, 0.536190),
    "rte": (["snow2008/rte.standardized.csv"], 0.241479, 0.241479, 0.241384, 0.628694),
    "rte, mapped": (["snow2008/rte.standardized.csv", *SNOW], 0.241479, 0.241479, 0.241384, 0.628694),
    "temp": (["snow2008/temp.standardized.csv"], 0.223413, 0.223413, 0.223245, 0.612891),
    "wsd": (["snow2008/wsd.standardized.csv"], 0.937200, 0.957668, 0.937165, 0.974388),
    "wsd, mapped": (["snow2008/wsd.standardized.csv", *SNOW], 0.937200, 0.957668, 0.937165, 0.974388),
    "alpaca judges": (["alpaca_eval_judges/*.json", "--keep-identical"], 0.506244, 0.504412, 0.506040, 0.927950),
    "relex": (["crowdtruth/relex-binary-choice.csv", *RELEX], 0.664629, 0.664629, 0.662378, 0.845714),
}


def audited(folder: Path, arguments: list[str]) -> dict:
    """What the command prints of published data; each set is audited once."""
    return json.loads(_printed(*(str(folder / a) if "/" in a else a for a in arguments)))


@cache
def _printed(*arguments: str) -> str:
    shown = io.StringIO()
    with redirect_stdout(shown):
        assert main(["audit", *arguments, "--json"]) == 0
    return shown.getvalue()


@pytest.mark.parametrize("name", FIGURES)
def test_published_data_gives_the_reference_figures(name: str, real_data: Path) -> None:
    arguments, nominal, ordinal, fleiss, percent = FIGURES[name]
    agreement = audited(real_data, arguments)["agreement"]
    found = [
        agreement["krippendorff_alpha"]["nominal"]["value"],
        agreement["krippendorff_alpha"]["ordinal"]["value"],
        agreement["fleiss_kappa"]["value"],
        agreement["percent_agreement"]["value"],
    ]
    assert found == pytest.approx([nominal, ordinal, fleiss, percent], abs=5.1e-7)


def test_pandalm_kappas(real_data: Path) -> None:
    pairs = audited(real_data, ["pandalm/testset-v1.json"])["agreement"]["cohen_kappa"]
    by_pair = {tuple(sorted(a[-1] for a in p["annotators"])): p for p in pairs}
    first = by_pair["1", "2"]
    assert [first["kappa"], first["linear"], first["quadratic"]] == pytest.approx(
        [0.852023, 0.858938, 0.863505], abs=5.1e-7
    )
    assert [by_pair["1", "3"]["kappa"], by_pair["2", "3"]["kappa"]] == pytest.approx([0.878944, 0.861661], abs=5.1e-7)


def test_placeholder_times_are_not_used(real_data: Path) -> None:
    speed = audited(real_data, ["snow2008/rte.standardized.csv"])["speed"]
    assert speed["usable"] is False
    assert speed["reason"]


def test_counts_of_the_argument_pairs(real_data: Path) -> None:
    counts = audited(real_data, ["ukpconvarg/dev"])["counts"]
    assert (counts["items"], counts["annotators"]) == (1_785, 872)
    assert counts["annotations"] + counts["skips"] + sum(counts["set_aside"].values()) == counts["rows_read"]
    assert counts["rows_read"] == 8_907


def test_rows_add_up_whatever_was_set_aside() -> None:
    data = workbench.simulate(3_000, seed=2).data
    counts = workbench.audit(data).counts
    assert counts["rows_read"] == counts["annotations"] + counts["skips"] + sum(counts["set_aside"].values())


def test_the_dictionary_is_strict_json() -> None:
    """One annotator, no overlap, no times: everything undefined is null with a reason, never NaN."""
    data = workbench.simulate(1_000, seed=3, annotators=30, labels_per_item=1, colluders=0).data
    found = json.loads(json.dumps(workbench.audit(data).to_dict(), allow_nan=False))
    alpha = found["agreement"]["krippendorff_alpha"]["nominal"]
    assert alpha["value"] is None
    assert alpha["reason"]
    assert found["verdict"]["status"] == "stop"


def test_without_the_close_look_the_rest_is_the_same_and_a_finding_says_so() -> None:
    data = workbench.simulate(3_000, seed=5).data
    close, plain = (
        json.loads(json.dumps(workbench.audit(data, close_look=look).to_dict(), allow_nan=False))
        for look in (True, False)
    )
    assert [f["code"] for f in plain["findings"]].count("annotators-not-looked-at") == 1
    assert all(a["estimated_accuracy"] is None and a["flags"] == [] for a in plain["annotators"])
    # Who is flagged is the one check that needs the close look.
    checks = {
        name: [c for c in found["verdict"]["checks"] if c["name"] != "annotators"]
        for name, found in (("close", close), ("plain", plain))
    }
    assert checks["close"] == checks["plain"]
    assert len(close["verdict"]["checks"]) == len(plain["verdict"]["checks"]) + 1
    for part in ("counts", "labels", "agreement", "reversals"):
        assert close[part] == plain[part]
    for name in ("annotations", "gold", "agreement_with_others", "self_consistency", "median_seconds"):
        assert [a[name] for a in close["annotators"]] == [a[name] for a in plain["annotators"]]


def test_the_text_says_what_each_part_found() -> None:
    """In the terminal as in JSON: annotators with their reasons, reversals, labels on gold, times."""
    result = workbench.audit(workbench.simulate(3_000, seed=5).data)
    said, told = str(result), result.to_dict()
    for heading in ("\nAgreement\n", "\nAnnotators\n", "\nReversals\n", "\nLabels\n"):
        assert heading in said
    flagged = [a for a in told["annotators"] if a["flags"]]
    assert flagged
    assert all(a["annotator"] in said for a in flagged[:10])
    between = told["reversals"]["between"]
    assert f"{between['rate']:.1%}" in said
    assert f"({between['reversed']:,} of {between['pairs']:,} pairs of choices)" in said
    assert f"median {told['speed']['median_seconds']:.3g} seconds" in said


def test_one_of_something_is_not_several() -> None:
    from tests.cleaning.crowds import votes

    said = str(workbench.audit(votes("1 x A")))
    assert "1 annotation of 1 item by 1 annotator; 0 items with two labels or more." in said


def test_nobody_without_an_id_is_flagged_and_no_check_speaks_of_them(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    rows = "".join(f"i{n},one {n},two {n},{'AB'[(n * 7 + k * n // 3) % 2]}\n" for n in range(200) for k in range(2))
    path.write_text(f"item,response_a,response_b,label\n{rows}")
    result = workbench.audit(workbench.load(path))
    assert result.data.slots == {"slot 1", "slot 2"}
    assert not result.flags.flagged
    assert "annotators" not in {check.name for check in result.verdict.checks}
    assert "people without ids, at most 2 an item" in "\n".join(audit_lines(result))
