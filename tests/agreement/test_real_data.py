"""Figures of real data sets, as the reference libraries give them; the data are not part of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

import workbench
from workbench import WorkbenchError
from workbench.agreement import Choice, all_coefficients, cohen_kappas, leave_one_annotator_out

SETS = {
    # files, mapping, alpha nominal, alpha ordinal, Fleiss, its items, mean agreement of an item
    "pandalm humans": (["pandalm/testset-v1.json"], None, 0.864221, 0.877464, 0.864175, 999, 0.919920),
    "pandalm with models": (
        ["pandalm/testset-v1.json", "pandalm/gpt-3.5-turbo-testset-v1.json", "pandalm/pandalm-7b-testset-v1.json"],
        None,
        0.580139,
        0.634864,
        0.579392,
        974,
        0.755756,
    ),
    "argument pairs": (["ukpconvarg/dev/*.xml"], None, 0.274415, 0.365636, 0.274872, 1767, 0.536190),
    "rte": (["snow2008/rte.standardized.csv"], None, 0.241479, 0.241479, 0.241384, 800, 0.628694),
    "temp": (["snow2008/temp.standardized.csv"], None, 0.223413, 0.223413, 0.223245, 462, 0.612891),
    "wsd": (["snow2008/wsd.standardized.csv"], None, 0.937200, 0.957668, 0.937165, 177, 0.974388),
    "relations": (["crowdtruth/relex-binary-choice.csv"], None, 0.664629, 0.664629, 0.662378, 10, 0.845714),
    "three judges": (["alpaca_eval_judges/*.json"], None, 0.506244, 0.504412, 0.506040, None, 0.927950),
}


def opened(folder: Path, patterns: list[str], mapping: dict[str, str] | None = None) -> workbench.AnnotationSet:
    paths = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    if not paths:
        pytest.skip(f"{patterns} is not in {folder}")
    try:
        return workbench.load(paths, mapping=mapping, keep_identical=True)
    except WorkbenchError as error:
        if "not known" in str(error) or "not recognised" in str(error):
            pytest.skip(f"no reader yet: {error}")
        raise


@pytest.mark.parametrize("name", SETS)
def test_figures(real_data: Path, name: str) -> None:
    patterns, mapping, nominal, ordinal, fleiss, items, percent = SETS[name]
    found = all_coefficients(opened(real_data, patterns, mapping))
    assert found["krippendorff_alpha.nominal"].value == pytest.approx(nominal, abs=5e-7)
    assert found["krippendorff_alpha.ordinal"].value == pytest.approx(ordinal, abs=5e-7)
    assert found["fleiss_kappa"].value == pytest.approx(fleiss, abs=5e-7)
    assert found["percent_agreement"].value == pytest.approx(percent, abs=5e-7)
    if items is not None:
        assert found["fleiss_kappa"].n == items


def test_pandalm_pairs(real_data: Path) -> None:
    pairs = cohen_kappas(opened(real_data, ["pandalm/testset-v1.json"]))
    first = pairs.pair("annotator1", "annotator2")
    assert pairs.kappa[first] == pytest.approx(0.852023, abs=5e-7)
    assert pairs.linear[first] == pytest.approx(0.858938, abs=5e-7)
    assert pairs.quadratic[first] == pytest.approx(0.863505, abs=5e-7)
    assert pairs.kappa[pairs.pair("annotator1", "annotator3")] == pytest.approx(0.878944, abs=5e-7)
    assert pairs.kappa[pairs.pair("annotator2", "annotator3")] == pytest.approx(0.861661, abs=5e-7)


def test_leaving_a_judge_out_is_the_agreement_of_the_others(real_data: Path) -> None:
    data = opened(real_data, SETS["pandalm with models"][0])
    without = leave_one_annotator_out(data, "krippendorff_alpha.ordinal").set_index("annotator")["without"]
    for name in data.annotators["annotator"]:
        again = all_coefficients(data, Choice(without=(name,)))["krippendorff_alpha.ordinal"].value
        assert without[name] == pytest.approx(again, abs=1e-12)
    # Leaving out both models leaves the humans.
    models = tuple(data.annotators.loc[data.annotators["kind"] == "ai", "annotator"])
    assert all_coefficients(data, Choice(without=models))["krippendorff_alpha.ordinal"].value == pytest.approx(
        0.877464, abs=5e-7
    )


def test_snow_pairs_with_constant_labels_are_undefined(real_data: Path) -> None:
    table = cohen_kappas(opened(real_data, ["snow2008/wsd.standardized.csv"])).to_frame()
    undefined = table["kappa"].isna()
    assert undefined.any()
    assert table.loc[undefined, "reason"].str.startswith("both gave").all()
    assert table.loc[~undefined, "reason"].isna().all()
