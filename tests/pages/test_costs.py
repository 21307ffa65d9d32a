"""The Costs page: without data and with it, its numbers are the library's, links keep what was changed, wrong ones are
named."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.economics.test_measured import crew
from tests.hostile_data import hostile_set, small_sets
from tests.pages.conftest import said
from workbench.economics import best_plan, cost, inputs_from, preset, presets
from workbench.wording.economics import cost_sentence, plan_sentence

VIEWS = ("Parts", "Scale", "What matters", "How sure", "Break-even", "Best plan", "How much is enough", "All inputs")
GROUPS = ("People", "Quality", "AI judges", "Routing", "Items")


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")


def opened(visit: Callable[..., AppTest], data: object = None, **address: str) -> AppTest:
    app = visit("costs.py", data, address=address)
    assert not app.exception
    return app


def params(app: AppTest) -> dict[str, str]:
    found = {k: v[0] if isinstance(v, list) else v for k, v in dict(app.query_params).items()}
    return {k: v for k, v in found.items() if k.startswith("cst_")}


def field(widgets: Any, name: str) -> Any:
    """The field of that name as it is on the page now: its key ends with how often the page itself set it."""
    return next(w for w in widgets if w.key == name or re.fullmatch(rf"{name}_\d+", w.key or ""))


def test_it_works_without_any_data(visit: Callable[..., AppTest]) -> None:
    app = opened(visit)
    assert cost_sentence(cost(preset("human-gold"))) in plain(app)
    assert "Nothing is open yet" not in plain(app)
    assert params(app) == {}


@pytest.mark.parametrize("name", presets())
def test_every_preset_renders(name: str, visit: Callable[..., AppTest]) -> None:
    app = opened(visit, cst_preset=name)
    assert not app.error
    assert cost_sentence(cost(preset(name))) in plain(app)


def test_a_slider_changes_the_sentence_and_the_address(visit: Callable[..., AppTest]) -> None:
    app = opened(visit)
    field(app.slider, "cst_in_label_price").set_value(2.0).run()
    field(app.slider, "cst_in_careless_share").set_value(10.0).run()
    changed = preset("human-gold").with_values(label_price=2.0, careless_share=0.1)
    assert cost_sentence(cost(changed)) in plain(app)
    assert params(app)["cst_label_price"] == "2"
    assert params(app)["cst_careless_share"] == "0.1"
    again = opened(visit, **params(app))
    assert cost_sentence(cost(changed)) in plain(again)
    assert again.slider(key="cst_in_label_price").value == 2.0
    again.slider(key="cst_in_label_price").set_value(1.5).run()
    assert "cst_label_price" not in params(again)
    again.button(key="cst_undo").click().run()
    assert cost_sentence(cost(preset("human-gold"))) in plain(again)


def test_another_preset_starts_afresh(visit: Callable[..., AppTest]) -> None:
    app = opened(visit, cst_label_price="3")
    field(app.selectbox, "cst_pick").set_value("hybrid").run()
    assert not app.exception
    assert cost_sentence(cost(preset("hybrid"))) in plain(app)
    assert params(app)["cst_preset"] == "hybrid"
    assert "cst_label_price" not in params(app)
    field(app.select_slider, "cst_n").set_value(1_000_000).run()
    assert cost_sentence(cost(preset("hybrid"), 1_000_000)) in plain(app)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", ["human-gold", "ai-first-active"])
def test_every_group_of_inputs_renders_and_keeps_the_others(
    group: str, name: str, visit: Callable[..., AppTest]
) -> None:
    app = opened(visit, cst_preset=name, cst_label_price="2.5")
    app.session_state["cst_group"] = group
    app.run()
    assert not app.exception
    assert cost_sentence(cost(preset(name).with_values(label_price=2.5))) in plain(app)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", ["human-gold", "hybrid", "ai-0.02"])
def test_every_view_renders(view: str, name: str, visit: Callable[..., AppTest]) -> None:
    app = opened(visit, cst_preset=name)
    app.session_state["cst_view"] = view
    app.run()
    assert not app.exception
    assert not app.error


def test_the_plan_is_the_librarys_and_can_be_taken(visit: Callable[..., AppTest]) -> None:
    app = opened(visit)
    app.session_state["cst_view"] = "Best plan"
    app.run()
    found = best_plan(preset("human-gold"), budget=20_000.0, accuracy=0.85)
    assert plan_sentence(found) in plain(app)
    assert found.best is not None
    app.button(key="cst_take").click().run()
    assert not app.exception
    assert cost_sentence(found.best.cost) in plain(app)


BAD_LINKS = {
    "cst_preset=nobody": "There is no preset 'nobody'",
    "cst_preset=human-1.5": "Did you mean human-1.50?",
    "cst_label_price=-3": "label_price: -3 is not possible",
    "cst_label_price=<script>": "is not a number",
    "cst_gold_share=nan": "gold_share: nan is not a finite number",
    "cst_pairs=0": "pairs: 0",
    "cst_pairs=many": "pairs: many",
    "cst_labelprice=3": "Did you mean label_price?",
    "cst_pay=daily": "pay: 'daily' is not a choice",
    "cst_with=hybrid,nobody": "There is no preset 'nobody'",
    "cst_measured=perhaps": "measured: 'perhaps' is not a choice",
}


@pytest.mark.parametrize("link", BAD_LINKS)
def test_what_is_wrong_in_a_link_is_named_and_left_out(link: str, visit: Callable[..., AppTest]) -> None:
    key, _, value = link.partition("=")
    app = opened(visit, **{key: value})
    assert BAD_LINKS[link] in "\n".join(w.value for w in app.warning).replace("\\", "")
    assert cost_sentence(cost(preset("human-gold"))) in plain(app)


def wrong(app: AppTest) -> list[str]:
    return [e.value.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ") for e in app.error]


def test_settings_of_a_link_that_contradict_are_named_and_left_out(visit: Callable[..., AppTest]) -> None:
    app = opened(visit, cst_preset="hybrid", cst_ai_judges="0", cst_check_share="0.1")
    assert not app.error
    assert any(
        "escalated_share" in w.value.replace("\\", "") and "ai_judges=0" in w.value.replace("\\", "")
        for w in app.warning
    )
    assert cost_sentence(cost(preset("hybrid").with_values(check_share=0.1))) in plain(app)


def test_inputs_that_do_not_go_together_are_said_once_at_the_field_by_their_titles(
    visit: Callable[..., AppTest],
) -> None:
    app = opened(visit, cst_preset="hybrid")
    app.session_state["cst_group"] = "AI judges"
    app.run()
    field(app.slider, "cst_in_ai_judges").set_value(0).run()
    assert not app.exception
    assert len(wrong(app)) == 1
    assert "Sent to people: 20% of the items go to people" in wrong(app)[0]
    assert "_" not in wrong(app)[0]
    # The figures stand as they were, and the address with them.
    assert cost_sentence(cost(preset("hybrid"))) in plain(app)
    assert "cst_ai_judges" not in params(app)
    app.session_state["cst_group"] = "Routing"
    app.run()
    assert len(wrong(app)) == 1
    field(app.slider, "cst_in_escalated_share").set_value(100.0).run()
    assert not app.error
    app.session_state["cst_group"] = "AI judges"
    app.run()
    field(app.slider, "cst_in_ai_judges").set_value(0).run()
    assert not app.error
    alone = preset("hybrid").with_values(escalated_share=1.0, ai_judges=0)
    assert cost_sentence(cost(alone)) in plain(app)


def test_what_plays_no_part_is_not_asked(visit: Callable[..., AppTest]) -> None:
    app = opened(visit)
    app.session_state["cst_group"] = "Routing"
    app.run()
    assert [s.key for s in app.slider if s.key.startswith("cst_in_")] == ["cst_in_audit_items"]
    alone = opened(visit, cst_preset="ai-0.02")
    assert [s.key for s in alone.slider if s.key.startswith("cst_in_")] == ["cst_in_ramp_weeks"]
    assert "Nobody is asked" in plain(alone)


def test_exact_values_are_typed_and_absurd_ones_are_refused_at_the_field(visit: Callable[..., AppTest]) -> None:
    app = opened(visit)
    sliders = len(app.slider)  # and the one of pairs
    app.toggle(key="cst_exact").set_value(True).run()
    assert not app.exception
    assert len(app.slider) == 0
    assert len([f for f in app.number_input if f.key.startswith(("cst_is_", "cst_n_"))]) == sliders + 1
    app.number_input(key="cst_is_label_price").set_value(12.345).run()
    app.number_input(key="cst_n_exact").set_value(12_345).run()
    app.number_input(key="cst_is_annotator_accuracy").set_value(81.25).run()
    exact = preset("human-gold").with_values(label_price=12.345, annotator_accuracy=0.8125)
    assert cost_sentence(cost(exact, 12_345)) in plain(app)
    assert params(app) == {
        "cst_pairs": "12345",
        "cst_with": "human-1.50,hybrid",
        "cst_label_price": "12.345",
        "cst_annotator_accuracy": "0.8125",
    }
    for key, value, message in (
        (
            "cst_is_annotator_accuracy",
            250.0,
            ("Annotator accuracy: 250% is not possible. Give a share from 50% to 100%. Until then it counts as 81.2%."),
        ),
        ("cst_is_label_price", 5_000.0, "Price per label: 5,000 is not possible."),
        ("cst_n_exact", 0, "Usable pairs: 0 is not possible."),
    ):
        app.number_input(key=key).set_value(value).run()
        assert not app.exception
        assert len(wrong(app)) == 1
        assert wrong(app)[0].startswith(message)
        assert app.number_input(key=key).value == value
        assert cost_sentence(cost(exact, 12_345)) in plain(app)
    app.toggle(key="cst_exact").set_value(False).run()
    assert not app.error
    assert field(app.slider, "cst_in_label_price").value == 12.345
    assert field(app.select_slider, "cst_n").value == 12_345


def test_a_changed_scenario_goes_without_the_notes_and_claims_of_its_preset(visit: Callable[..., AppTest]) -> None:
    app = opened(visit, cst_preset="scale-10k")
    assert preset("scale-10k").notes[0] in plain(app)
    assert "The source says 2 weeks" in plain(app)
    assert "The source says $2.00 a pair" not in plain(app)  # as it comes out here
    field(app.slider, "cst_in_label_price").set_value(3.0).run()
    assert "Changed from “The notes' plan for 10,000 pairs: human only”: price per label $3.00" in plain(app)
    assert preset("scale-10k").notes[0] not in plain(app)
    assert "The source says" not in plain(app)
    assert "<td>yours</td>" in said(app)
    app.button(key="cst_undo").click().run()
    assert preset("scale-10k").notes[0] in plain(app)


def test_a_scenario_is_kept_as_it_stands_and_compared_with_what_comes_next(visit: Callable[..., AppTest]) -> None:
    app = opened(visit)
    field(app.slider, "cst_in_label_price").set_value(2.0).run()
    app.button(key="cst_keep").click().run()
    field(app.slider, "cst_in_label_price").set_value(3.0).run()
    assert not app.exception
    assert "yours 1" in field(app.multiselect, "cst_compare").value
    rows = said(app)
    for price, name in ((3.0, "yours"), (2.0, "yours 1")):
        found = cost(preset("human-gold").with_values(label_price=price))
        assert f"<td>{name}</td><td>${found.cost_per_item:.2f}</td>" in rows
    assert params(app)["cst_with"] == "human-1.50,hybrid,yours 1"
    app.session_state["cst_view"] = "Break-even"
    app.run()
    assert "yours 1" in app.selectbox(key="cst_other").options
    field(app.selectbox, "cst_pick").set_value("yours 1").run()
    assert not app.exception
    assert cost_sentence(cost(preset("human-gold").with_values(label_price=2.0))) in plain(app)
    assert params(app)["cst_label_price"] == "2"


def test_an_address_brings_back_what_was_kept(visit: Callable[..., AppTest]) -> None:
    app = visit(
        "costs.py",
        address={"cst_yours1": "hybrid,gold_share:0.1", "cst_yours2": "nobody", "cst_with": "yours 1"},
    )
    assert not app.exception
    assert app.multiselect(key="cst_compare").value == ["yours 1"]
    assert "yours 2" in app.selectbox(key="cst_pick").options
    assert "nobody" in "".join(each.value for each in app.warning)


def test_what_was_on_its_way_when_the_page_set_a_field_changes_nothing(visit: Callable[..., AppTest]) -> None:
    """A browser sends all its fields with each click, also those that the last click has just changed on the server."""
    app = opened(visit)
    field(app.slider, "cst_in_label_price").set_value(2.0).run()
    app.button(key="cst_keep").click().run()
    state = app.session_state["cst"]
    assert (state.compared[-1], state.turns["cst_compare"]) == ("yours 1", 1)
    late = AppTest.from_function(late_values)
    late.session_state["cst"] = state
    late.session_state["cst_compare"] = ["human-1.50", "hybrid"]
    late.session_state["cst_in_label_price"] = 9.0
    late.run()
    assert not late.exception
    assert state.compared == ["human-1.50", "hybrid", "yours 1"]
    assert state.settings == {}


def late_values() -> None:
    import _costs

    _costs.compared("cst_compare")
    _costs.undo()
    _costs.moved("label_price", "cst_in_label_price", _costs.state().start)


def test_an_uploaded_file_is_the_start_under_its_title(visit: Callable[..., AppTest]) -> None:
    app = opened(visit)
    app.session_state["cst_file"] = True
    app.run()
    text = "title = 'Our vendor'\n[inputs]\nlabel_price = 3.0\n"
    app.file_uploader(key="cst_upload").upload("good.toml", text.encode(), "application/toml").run()
    assert not app.exception
    assert field(app.selectbox, "cst_pick").value == "good"
    assert "Our vendor" in plain(app)
    assert "<td>good</td>" in said(app)
    assert "good.toml" not in plain(app)
    field(app.selectbox, "cst_pick").set_value("human-gold").run()
    assert "good" in field(app.multiselect, "cst_compare").options


@pytest.mark.parametrize("name", ["human-gold", "hybrid", "ai-0.02", "scale-1m"])
def test_break_even_opens_on_a_question_that_has_an_answer(name: str, visit: Callable[..., AppTest]) -> None:
    app = opened(visit, cst_preset=name)
    app.session_state["cst_view"] = "Break-even"
    app.run()
    assert not app.exception
    assert " has the lower " in plain(app) or "The lower " in plain(app)
    assert "Never" not in plain(app)


def test_where_nobody_is_asked_nobody_is_counted(visit: Callable[..., AppTest]) -> None:
    app = opened(visit, cst_preset="ai-0.02")
    app.session_state["cst_view"] = "How much is enough"
    app.run()
    assert "Nobody is asked in this scenario" in plain(app)
    assert "pairs that people check" in said(app)
    assert "annotators" not in said(app)
    assert "votes become one label" not in plain(app)


def test_the_weeks_to_be_done_in_are_asked(visit: Callable[..., AppTest]) -> None:
    app = opened(visit)
    app.session_state["cst_view"] = "How much is enough"
    app.run()
    app.number_input(key="cst_by_weeks").set_value(1.0).run()
    # 10,000 x 3 labels with 10% gold and 15% redone, 36.8 s each, in 30 x 0.8 hours: 16.7 people; 2,000 decisions of
    # 180 s: 4.2 experts.
    assert "annotators, to be done in 1 week</td><td>17</td>" in said(app)
    assert "experts, to be done in 1 week</td><td>5</td>" in said(app)


def test_measured_inputs_come_from_the_open_data(visit: Callable[..., AppTest]) -> None:
    data = crew(gold=0.1)
    app = opened(visit, data)
    app.toggle(key="cst_use_measured").set_value(True).run()
    assert not app.exception
    found = preset("human-gold").with_inputs(
        {n: i for n, i in inputs_from(data).inputs.items() if n != "escalated_share"}
    )
    assert cost_sentence(cost(found)) in plain(app)
    assert any("measured" in s.label for s in app.slider)
    assert params(app)["cst_measured"] == "yes"
    assert "it takes a replay" in plain(app)
    again = opened(visit, data, **params(app))
    assert not again.warning
    assert cost_sentence(cost(found)) in plain(again)


def test_what_stands_beside_is_done_by_the_measured_crew(visit: Callable[..., AppTest]) -> None:
    data = crew(gold=0.1)
    app = opened(visit, data, cst_measured="yes", cst_with="human-1.50")
    found = inputs_from(data).inputs
    other = preset("human-1.50").with_inputs(
        {
            n: i
            for n, i in found.items()
            if n in ("annotator_accuracy", "accuracy_spread", "seconds_per_label", "annotators")
        }
    )
    assert other["labels_per_item"] == 1
    row = (
        f"<td>human-1.50</td><td>$1.50</td><td>$15,000</td><td>{cost(other).weeks:.1f}</td>"
        f"<td>{100 * cost(other).label_accuracy:.1f}%</td>"
    )
    assert row in said(app)
    assert f"{100 * cost(preset('human-1.50')).label_accuracy:.1f}%" not in row
    assert "In every scenario as measured from the open data" in plain(app)


def test_a_measured_link_without_data_says_what_it_shows(visit: Callable[..., AppTest]) -> None:
    app = opened(visit, cst_measured="yes")
    assert not app.warning
    assert "none is open" in plain(app)
    assert cost_sentence(cost(preset("human-gold"))) in plain(app)


@pytest.mark.parametrize("state", small_sets())
def test_data_at_the_edge_renders(state: str, visit: Callable[..., AppTest]) -> None:
    app = opened(visit, small_sets()[state], cst_measured="yes")
    assert not app.error


def test_hostile_data_stays_text(visit: Callable[..., AppTest]) -> None:
    app = opened(visit, hostile_set(), cst_measured="yes")
    app.session_state["cst_view"] = "All inputs"
    app.run()
    assert not app.exception
    assert "<img" not in said(app).replace("\\<img", "")
