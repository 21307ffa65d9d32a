"""Inputs as people meet them: only those that play a part are asked, and what is wrong is said by title; the same crew
does every scenario."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.economics import (
    INPUTS,
    Input,
    Link,
    Scenario,
    break_even,
    cost,
    power,
    preset,
    presets,
    read_link,
    write_link,
)
from workbench.economics.break_even import promising
from workbench.economics.fields import as_kept, as_shown, in_play
from workbench.economics.model import outcome
from workbench.economics.same_crew import as_measured, crew_of, crew_sentence, with_crew
from workbench.errors import WorkbenchError

CHECKED_BY_EXPERTS = preset("ai-0.02").with_values(expert_review_share=0.1).renamed("reviewed")


@pytest.mark.parametrize("scenario", [*presets().values(), CHECKED_BY_EXPERTS], ids=lambda s: s.name)
def test_what_is_not_asked_changes_nothing(scenario: Scenario) -> None:
    figures = ("cost_per_item", "weeks", "accuracy", "information")
    for idle in set(INPUTS) - in_play(scenario) - {"escalated_share"}:  # it cannot move without a judge
        kind = INPUTS[idle]
        ends = np.array([kind.low, min(kind.high, max(10 * scenario[idle], kind.low + kind.step))])
        if idle == "gold_share":
            ends = np.array([0.0, 0.5])
        found = outcome(scenario, 10_000.0, {idle: ends})
        for figure in figures:
            values = np.broadcast_to(np.asarray(getattr(found, figure), float), (2,))
            assert values[0] == pytest.approx(values[1], rel=1e-12), f"{idle} moves {figure} of {scenario.name}"


@pytest.mark.parametrize("kind", INPUTS.values(), ids=list(INPUTS))
def test_typed_numbers_come_back_as_they_were(kind: object) -> None:
    for value in (kind.low, kind.default, kind.high):  # type: ignore[attr-defined]
        assert as_kept(kind.name, as_shown(kind.name, value)) == pytest.approx(value)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "typed"),
    [("gold_share", 95.0), ("annotators", 1.5), ("annotators", 0.0), ("wage", float("nan")), ("wage", -1.0)],
)
def test_absurd_numbers_are_refused_under_the_title(name: str, typed: float) -> None:
    with pytest.raises(WorkbenchError) as caught:
        as_kept(name, typed)
    assert caught.value.what.startswith(INPUTS[name].title)
    assert name not in str(caught.value)


FOUND = {
    n: Input(name=n, value=v, source="measured", date="", measured=True)
    for n, v in {
        "annotators": 7.0,
        "annotator_accuracy": 0.7,
        "gold_share": 0.2,
        "seconds_per_label": 60.0,
        "ai_accuracy": 0.9,
        "escalated_share": 0.4,
    }.items()
}


def test_the_same_crew_and_task_but_each_its_own_decisions() -> None:
    assert set(crew_of(FOUND)) == {"annotators", "annotator_accuracy", "seconds_per_label", "ai_accuracy"}
    other = with_crew(preset("hybrid"), FOUND)
    assert (other["annotators"], other["annotator_accuracy"], other["seconds_per_label"], other["ai_accuracy"]) == (
        7,
        0.7,
        60,
        0.9,
    )
    assert (other["gold_share"], other["escalated_share"]) == (0, 0.2)
    own = as_measured(preset("hybrid"), FOUND)
    assert (own["gold_share"], own["escalated_share"]) == (0.2, 0.4)
    human = as_measured(preset("human-gold"), FOUND)
    assert (human["escalated_share"], human.inputs["ai_accuracy"].measured) == (1, False)
    assert crew_sentence(FOUND).endswith("; gold share, sent to people stay each one's own.")


def test_a_link_says_that_inputs_are_measured_and_nothing_else_about_it() -> None:
    assert write_link(Link(measured=True)) == {"cst_measured": "yes"}
    assert read_link({"cst_measured": "yes"}) == Link(measured=True)
    assert not read_link({"cst_measured": "1"}).measured
    assert read_link({"cst_measured": "1"}).problems


def test_what_was_kept_is_in_the_link() -> None:
    kept = {
        "yours 1": Link(preset="hybrid", settings={"gold_share": 0.1, "pay": "hour"}),
        "yours 3": Link(settings={"label_price": 2.5}),
    }
    link = Link(preset="hybrid", compared=("yours 3", "hybrid"), kept=kept)
    assert read_link(write_link(link)) == link
    said = read_link({"cst_yours1": "hybrid,wage:-3,gold_share:0.1,cst_x:1", "cst_with": "yours 1,yours 2"})
    assert said.kept == {"yours 1": Link(preset="hybrid", settings={"gold_share": 0.1})}
    assert said.compared == ("yours 1",)
    assert len(said.problems) == 3  # the wage, an input that there is none of, and a scenario that is not kept
    assert read_link({"cst_yours1": "nonsense"}).problems


def test_a_link_that_contradicts_itself_keeps_what_goes_together() -> None:
    link = read_link({"cst_escalated_share": "0.3", "cst_gold_share": "0.2"})
    assert link.settings == {"gold_share": 0.2}
    assert len(link.problems) == 1
    assert "escalated_share=0.3" in link.problems[0]
    both = read_link({"cst_escalated_share": "0.3", "cst_ai_judges": "1"})
    assert both.settings == {"escalated_share": 0.3, "ai_judges": 1.0}
    assert not both.problems


def test_who_takes_longer_is_named() -> None:
    # 2,000 decisions x 180 s over 3 experts x 24 h: 1.39 weeks; 39,216 labels x 36.8 s over 20 people x 24 h: 0.84.
    found = cost(preset("human-gold"), 10_000)
    assert (found.limited_by, round(found.weeks, 2)) == ("experts", 1.39)
    many = cost(preset("human-gold").with_values(experts=30), 10_000)
    assert (many.limited_by, round(many.weeks, 2)) == ("annotators", 0.84)
    assert cost(preset("ai-0.02")).limited_by is None


def test_how_much_is_enough_counts_only_who_is_asked() -> None:
    def needed(name: str, **more: float) -> dict[str, int | None]:
        return {
            n.what: n.value for n in power.what_is_needed(cost(preset(name).with_values(more), 10_000), 0.05, 0.8, 1.0)
        }

    assert needed("ai-0.02") == {"pairs that people check": 264}  # 1.96^2 x 0.78 x 0.22 / 0.05^2 = 263.7
    human = needed("human-gold")
    assert human["annotators, to be done in 1 week"] == 17
    assert human["experts, to be done in 1 week"] == 5
    assert "pairs that people check" not in human
    assert {"pairs that people check", "labels per item", "experts, to be done in 1 week"} <= set(needed("hybrid"))
    assert needed("human-gold", ramp_weeks=2)["annotators, to be done in 1 week"] is None


def test_the_first_break_even_has_an_answer_that_is_not_the_scenario_itself() -> None:
    mine = preset("human-gold").renamed("yours")
    name, over, measure = promising(mine, [preset("human-gold"), preset("human-1.50")], 10_000)
    assert name == "human-1.50"
    assert break_even(mine, preset(name), 10_000, over, measure).at
