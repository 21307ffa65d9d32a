"""What to do next: planted trouble is what is proposed, and what it would change is what happens."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.wording.test_numbers import bare_points
from workbench.actions import MOST, next_actions
from workbench.actions.alpha_change import alpha_change
from workbench.actions.candidates import _clearly_lower
from workbench.actions.more_labels import more_labels
from workbench.aggregation import aggregate
from workbench.agreement import krippendorff_alpha
from workbench.auditing.audit import Audit, audit
from workbench.auditing.check import ORDER
from workbench.auditing.text import audit_lines
from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate, Interval
from workbench.report import make_report
from workbench.simulation.simulate import simulate
from workbench.wording.actions import NOTHING, action_line, actions_lines
from workbench.workspace.demos import demo


@pytest.fixture(scope="module")
def audited() -> Audit:
    return audit(demo("demo"))


def without(data: AnnotationSet, names: tuple[str, ...]) -> AnnotationSet:
    ids = data.annotators["annotator"].to_numpy()
    return data.keep_annotations(~np.isin(ids, names)[data.annotations["annotator"].to_numpy()], "set aside")


def test_the_demo_has_its_planted_trouble_proposed(audited: Audit) -> None:
    found = {action.kind: action for action in next_actions(audited)}
    assert len(found) <= MOST
    truth = {"random", "side", "speeding"}
    assert set(found["set aside"].target.choices["cln_flags"]) == truth
    assert "2026-03-23" in found["week"].title  # the confused week
    gold = found["gold"]
    assert gold.predicted is not None
    assert gold.asked == len(gold.target.items)
    assert gold.predicted.low <= gold.predicted.change <= gold.predicted.high <= gold.asked


def test_setting_aside_gives_the_alpha_that_was_predicted(audited: Audit) -> None:
    action = next(a for a in next_actions(audited) if a.kind == "set aside")
    predicted = action.predicted
    assert predicted is not None
    assert predicted.after is not None
    after = krippendorff_alpha(without(audited.data, action.names), level="ordinal")
    assert after.value == pytest.approx(predicted.after, abs=1e-12)
    assert predicted.change == pytest.approx(predicted.after - (predicted.before or 0))
    assert predicted.placebo is not None
    assert predicted.placebo < predicted.change


def test_the_terminal_and_the_report_write_a_zero_before_the_point(audited: Audit) -> None:
    lines = actions_lines(next_actions(audited))
    assert any("alpha" in line.lower() for line in lines), "a sentence with a coefficient is among them"
    for said in (*lines, *audit_lines(audited), make_report(audited).to_html()):
        assert not bare_points(said)


def test_first_what_bears_on_the_worst_check(audited: Audit) -> None:
    found = next_actions(audited)
    assert [ORDER.index(a.status) for a in found] == sorted((ORDER.index(a.status) for a in found), reverse=True)
    for one, other in pairwise(found):
        assert one.status != other.status or one.points >= other.points


def test_nothing_is_proposed_about_a_crew_without_trouble_but_more_labels() -> None:
    found = next_actions(audit(demo("clean")))
    assert {action.kind for action in found} <= {"ask", "slice"}


def test_a_price_is_paid_for_each_label(audited: Audit) -> None:
    found = next(a for a in next_actions(audited, price=2.0) if a.kind == "ask")
    assert found.usd == 2.0 * 2 * found.asked


def test_no_judgement_no_action() -> None:
    data = demo("clean")
    empty = data.keep_annotations(np.zeros(len(data.annotations), bool), "all")
    assert next_actions(audit(empty)) == ()
    assert NOTHING in actions_lines(())[1]


def test_an_action_is_one_line_and_one_object(audited: Audit) -> None:
    for action in next_actions(audited):
        assert "\n" not in action_line(action)
        assert action.to_dict()["title"] == action.title


def test_alpha_change_by_leaving_out_everybody_is_undefined() -> None:
    data = simulate(300, annotators=6, seed=4, texts=False).data
    found = alpha_change(data, np.zeros(len(data.codes), bool))
    assert np.isnan(found.after)
    assert np.isnan(found.low)


def test_the_interval_of_a_paired_change_is_that_of_leaving_out_groups_by_hand() -> None:
    data = simulate(600, annotators=8, spammers=1, seed=5, ranked_share=0.0, texts=False).data
    kept = data.codes.annotator != 0
    found = alpha_change(data, kept)
    assert found.before == pytest.approx(krippendorff_alpha(data, level="nominal").value)
    assert found.low < found.change < found.high
    same = alpha_change(data, np.ones(len(data.codes), bool))
    assert (same.change, same.low, same.high) == (0.0, 0.0, 0.0)


def test_more_labels_help_items_in_doubt_and_no_others() -> None:
    data = simulate(1_200, annotators=10, seed=6, texts=False).data
    labelled = aggregate(data)
    found, none = more_labels(data, labelled), more_labels(data, labelled, below=0.0)
    assert 0 < found.change < len(found.items) - found.right
    assert len(none.items) == 0
    assert none.change == 0
    assert more_labels(data, labelled, each=4).change > found.change


def test_of_many_parts_the_worst_must_be_worse_than_chance_makes_the_worst() -> None:
    def part(value: float) -> Estimate:
        width = Interval(value - 0.1, value + 0.1, "same crew", "")
        return Estimate(name="alpha", value=value, same_crew=width, n=100)

    rng = np.random.default_rng(0)
    alike = [(("slice", "x", str(i)), part(0.5 + rng.normal(0, 0.05))) for i in range(12)]
    assert _clearly_lower(alike, 0.5)[0] == []
    lower, kept = _clearly_lower([*alike, (("slice", "x", "bad"), part(0.1))], 0.5)
    assert [key[2] for key, _ in lower] == ["bad"]
    assert 0.5 < kept < 1
