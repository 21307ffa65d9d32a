from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from workbench.auditing.audit import Audit, audit
from workbench.auditing.gate import Gate, Known, Outcome, gate
from workbench.auditing.junit import as_junit
from workbench.simulation.simulate import simulate


@pytest.fixture(scope="module")
def small() -> Audit:
    return audit(simulate(1_000, annotators=12, seed=4, texts=False).data, close_look=False)


def test_labels_needed_by_hand() -> None:
    # 0.50 +- 0.10 from 100 labels. To tell it from 0.45 the reach must halve: four times as many labels, 300 more.
    assert Known(0.5, 0.4, 0.6, 100).labels_needed(0.45) == 300
    assert Known(0.5, 0.4, 0.6, 100).labels_needed(0.55) == 300
    assert Known(0.5, 0.4, 0.6, 100).labels_needed(0.5) is None


def test_a_line_inside_the_interval_is_undecided(small: Audit) -> None:
    alpha = small.agreement["krippendorff_alpha.ordinal"]
    assert alpha.value is not None
    assert alpha.same_crew is not None
    low, high = alpha.same_crew.to_list()
    just_above = (alpha.value + high) / 2
    found = gate(small, {"min-alpha": just_above})
    assert (found.passed, found.outcome) == (False, "undecided")
    assert found.labels_needed is not None
    # Half way to the end of the interval: the reach has to halve, which four times the labels do.
    assert found.labels_needed == pytest.approx(3 * 1_000, rel=0.2)
    assert gate(small, {"min-alpha": just_above}, undecided="pass").passed
    assert not gate(small, {"min-alpha": (low + alpha.value) / 2}, undecided="fail").passed
    assert gate(small, {"min-alpha": (low + alpha.value) / 2}).passed


def test_lines_far_away_are_decided(small: Audit) -> None:
    assert gate(small, {"min-alpha": -0.5}).outcome == "pass"
    assert gate(small, {"min-alpha": 0.99}).outcome == "fail"
    assert gate(small, {"min-alpha": 0.99}, undecided="pass").passed is False
    assert gate(small, {"min-alpha": 0.99}).labels_needed is None


def test_a_lower_end_above_its_line_decides(small: Audit) -> None:
    alpha = small.agreement["krippendorff_alpha.ordinal"]
    assert alpha.same_crew is not None
    low, high = alpha.same_crew.to_list()
    assert gate(small, {"min-alpha-lower": low - 0.01}).outcome == "pass"
    assert gate(small, {"min-alpha-lower": low + 0.01}).outcome == "undecided"
    assert gate(small, {"min-alpha-lower": high + 0.01}).outcome == "fail"


def test_what_cannot_be_checked_is_undecided_and_missed(small: Audit) -> None:
    nobody = replace(small, annotators=small.annotators.assign(gold_n=0))
    found = gate(nobody, {"min-gold-accuracy": 0.5})
    assert (found.passed, found.outcome, found.labels_needed) == (False, "undecided", None)
    assert gate(nobody, {"min-gold-accuracy": 0.5}, undecided="pass").passed


def test_junit_has_a_case_for_each_line(small: Audit) -> None:
    found = gate(small, {"min-alpha": 0.99, "min-items": 10, "max-missing": 0.5})
    suite = ElementTree.fromstring(as_junit(found))
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert [case.get("name") for case in suite] == ["min-alpha", "min-items", "max-missing"]
    assert suite[0][0].tag == "failure"
    assert len(suite[1]) == 0


def test_a_verdict_that_asks_for_a_review_is_not_only_said_to_pass() -> None:
    verdicts = {v: Outcome(name="verdict", line="review", value=v, passed=True, why="") for v in ("review", "ready")}
    assert str(Gate((verdicts["review"],))).startswith("Passed, but the verdict says to review first")
    assert str(Gate((verdicts["ready"],))).startswith("Passed.")
