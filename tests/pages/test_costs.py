"""The Costs page: without data and with it, its numbers are the library's, links keep what was changed, wrong ones are named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.economics.test_measured import crew
from tests.hostile_data import hostile_set, small_sets
from tests.pages.conftest import said
from workbench.economics import best_plan, cost, inputs_from, preset, presets
from workbench.economics.words import cost_sentence, plan_sentence

VIEWS = ("Parts", "Scale", "What matters", "How sure", "Break-even", "Best plan", "How much is enough", "All inputs")
GROUPS = ("People", "Quality", "AI judges", "Routing", "Items")


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def opened(visit: Callable[..., AppTest], data: object = None, **address: str) -> AppTest:
    app = visit("costs.py", data, address=address)
    assert not app.exception
    return app


def params(app: AppTest) -> dict[str, str]:
    found = {k: (v[0] if isinstance(v, list) else v) for k, v in dict(app.query_params).items()}
    return {k: v for k, v in found.items() if k.startswith("cst_")}


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
    app.slider(key="cst_in_label_price").set_value(2.0).run()
    app.slider(key="cst_in_careless_share").set_value(10.0).run()
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
    app.selectbox(key="cst_pick").set_value("hybrid").run()
    assert not app.exception
    assert cost_sentence(cost(preset("hybrid"))) in plain(app)
    assert params(app)["cst_preset"] == "hybrid"
    assert "cst_label_price" not in params(app)
    app.select_slider(key="cst_n").set_value(1_000_000).run()
    assert cost_sentence(cost(preset("hybrid"), 1_000_000)) in plain(app)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", ["human-gold", "ai-first-active"])
def test_every_group_of_inputs_renders_and_keeps_the_others(group: str, name: str, visit: Callable[..., AppTest]) -> None:
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
}


@pytest.mark.parametrize("link", BAD_LINKS)
def test_what_is_wrong_in_a_link_is_named_and_left_out(link: str, visit: Callable[..., AppTest]) -> None:
    key, _, value = link.partition("=")
    app = opened(visit, **{key: value})
    assert BAD_LINKS[link] in "\n".join(w.value for w in app.warning).replace("\\", "")
    assert cost_sentence(cost(preset("human-gold"))) in plain(app)


def test_inputs_that_do_not_go_together_are_said_at_the_field(visit: Callable[..., AppTest]) -> None:
    app = opened(visit, cst_preset="hybrid", cst_ai_judges="0")
    app.session_state["cst_group"] = "Routing"
    app.run()
    assert not app.exception
    assert any("escalated_share" in e.value.replace("\\", "") for e in app.error)
    app.slider(key="cst_in_escalated_share").set_value(100.0).run()
    assert not app.error
    assert "usable pairs cost" in plain(app)


def test_measured_inputs_come_from_the_open_data(visit: Callable[..., AppTest]) -> None:
    data = crew(gold=0.1)
    app = opened(visit, data)
    app.toggle(key="cst_use_measured").set_value(True).run()
    assert not app.exception
    found = preset("human-gold").with_inputs({n: i for n, i in inputs_from(data).inputs.items() if n != "escalated_share"})
    assert cost_sentence(cost(found)) in plain(app)
    assert any("measured" in s.label for s in app.slider)
    assert params(app)["cst_measured"] == "yes"
    assert "it takes a replay" in plain(app)


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
