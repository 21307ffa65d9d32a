"""The pages Judges and Routing: they show what the library gives, start runs, and say when a plan is not worth it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from tests.judging.conftest import marked_pairs
from tests.pages.conftest import ROOT, said
from workbench.dataset.annotation_set import AnnotationSet
from workbench.judging.own_constitution import edit_constitution, own_constitution
from workbench.judging.trust import trust
from workbench.runs import all_runs, start
from workbench.simulation.simulate import simulate
from workbench.wording.judging import trust_sentence
from workbench.workspace.addresses import digest


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("WORKBENCH_JUDGING", str(tmp_path / "judging"))


@pytest.fixture(scope="module")
def judged() -> AnnotationSet:
    return simulate(4_000, seed=5, judges=2, experts=1, annotators=12).data


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def test_trust_shows_what_the_library_finds(visit: Callable[..., AppTest], judged: AnnotationSet) -> None:
    app = visit("judges.py", judged)
    assert not app.exception
    who = app.selectbox(key="jdg_who").value
    assert trust_sentence(trust(judged, who)) in plain(app)
    assert "Beside each person" in plain(app)


def test_a_remote_judge_is_refused_until_it_is_allowed(visit: Callable[..., AppTest]) -> None:
    app = visit("judges.py", marked_pairs(12), address={"jdg_tab": "Ask"})
    app.selectbox(key="jdg_kind").set_value("openai").run()
    app.text_input(key="jdg_model").set_value("m").run()
    app.text_input(key="jdg_url_openai").set_value("https://judge.example.org/v1").run()
    assert not app.exception
    assert "judge.example.org is not this machine" in plain(app)
    app.button(key="jdg_start").click().run()
    assert "would send the texts of these pairs to judge.example.org" in plain(app)
    app.toggle(key="jdg_local").set_value(False).run()
    assert "sends the texts of all pairs to judge.example.org" in plain(app)
    app.button(key="jdg_start").click().run()
    assert "would send the texts of these pairs to judge.example.org" in plain(app)
    assert all_runs(("judge",)) == []
    app.button(key="jdg_allow_0").click().run()
    assert "judge.example.org may be sent the texts of these data" in plain(app)
    # Asked once: another visit, and the page Routing, know it.
    app = visit("routing.py", marked_pairs(12), address={"rou_tab": "Run it"})
    app.text_area(key="rou_specs").set_value("openai:m@https://judge.example.org/v1").run()
    app.toggle(key="rou_local").set_value(False).run()
    assert "may be sent the texts of these data" in plain(app)
    app.button(key="rou_revoke_0").click().run()
    assert "sends the texts of all pairs to judge.example.org" in plain(app)
    assert not app.exception


def test_the_floor_is_asked_as_a_run_and_then_held_against_people(visit: Callable[..., AppTest]) -> None:
    data = marked_pairs(60)
    app = visit("judges.py", data, address={"jdg_tab": "Ask"})
    app.button(key="jdg_start").click().run()
    assert not app.exception
    (run,) = all_runs(("judge",))
    assert run.wait(120).state == "done", run.log_tail()
    assert run.result()["judged"] == 60
    app = visit("judges.py", data)
    assert not app.exception
    assert "judge:longer" in str(app.selectbox(key="jdg_who").value)
    assert "people" in plain(app)
    for more in ({}, {"samples": 2}):
        again = start("judge", {**run.config, **more})
        assert again.wait(120).state == "done", again.log_tail()
    app = visit("judges.py", data, address={"jdg_tab": "Panel"})
    assert not app.exception
    assert len(app.multiselect(key="jdg_panel").options) == 2, "asked again it is the same judge"
    assert "Together they decide 60 of 60 items" in plain(app)
    assert "would keep 60 of 60" in plain(app)
    app = visit("routing.py", data)  # both versions as tiers, of one name
    assert not app.exception
    assert len(app.multiselect(key="rou_tiers").value) == 2


def test_a_plan_is_tried_and_told_when_it_is_not_worth_it(visit: Callable[..., AppTest]) -> None:
    app = visit("routing.py", marked_pairs(900), address={"rou_risk": "0.01"})
    assert not app.exception
    assert "Not worth it" in plain(app)
    app.slider(key="rou_risk").set_value(0.2).run()
    assert not app.exception
    assert "judges decide" in plain(app)


def test_a_link_brings_back_the_tiers_and_their_prices_without_naming_them(visit: Callable[..., AppTest]) -> None:
    data = simulate(600, seed=5, judges=2, annotators=8).data
    app = visit("routing.py", data)
    usual = app.multiselect(key="rou_tiers").value
    assert len(usual) == 2
    app.multiselect(key="rou_tiers").set_value(usual[::-1]).run()
    said = {k: v[0] if isinstance(v, list) else v for k, v in dict(app.query_params).items()}
    assert not any(name in "&".join(said.values()) for name in usual)
    price = f"rou_price_{digest(data.key, usual[0])}"
    again = visit("routing.py", data, address=said | {price: "0.5"})
    assert not again.exception
    assert again.multiselect(key="rou_tiers").value == usual[::-1]
    assert again.number_input(key=price).value == 0.5


def test_the_constitution_is_edited_and_its_versions_stay(visit: Callable[..., AppTest]) -> None:
    app = visit("judges.py", marked_pairs(12), address={"jdg_tab": "Constitution"})
    assert not app.exception
    assert "12 principles" in plain(app)
    before = own_constitution()
    rows = [p.__dict__ for p in before.principles][:3]
    edit_constitution([{**rows[0], "weight": 5.0}, *rows[1:], {"id": None, "text": float("nan")}], datetime.now(UTC))
    app = visit("judges.py", marked_pairs(12), address={"jdg_tab": "Constitution"})
    assert not app.exception
    assert "3 principles" in plain(app)
    assert before.version in str(app.selectbox(key="jdg_history").options)
    app = visit("judges.py", marked_pairs(12), address={"jdg_tab": "Ask"})
    app.selectbox(key="jdg_kind").set_value("openai").run()
    app.text_input(key="jdg_model").set_value("m").run()
    assert any(own_constitution().version in caption.value for caption in app.caption)
    app = visit("judges.py", marked_pairs(12), address={"jdg_tab": "Constitution"})
    app.button(key="jdg_twelve").click().run()
    assert own_constitution().version == before.version
    assert len(own_constitution().history) == 2


def test_judges_together_and_whether_one_changed(visit: Callable[..., AppTest], judged: AnnotationSet) -> None:
    app = visit("judges.py", judged, address={"jdg_tab": "Panel"})
    assert not app.exception
    assert "independent judges" in plain(app)
    assert "unchanged pairs" in plain(app)


def test_a_live_routing_is_a_run_that_says_which_labels_it_needs(visit: Callable[..., AppTest]) -> None:
    data = marked_pairs(150)
    bare = replace(data, annotations=data.annotations.iloc[:30])
    app = visit("routing.py", bare, address={"rou_tab": "Run it"})
    assert not app.exception
    app.button(key="rou_start").click().run()
    assert not app.exception
    (run,) = all_runs(("route",))
    assert run.wait(120).state == "done", run.log_tail()
    app = visit("routing.py", bare, address={"rou_tab": "Run it", "run": run.id})
    assert not app.exception
    assert "need a label of people first" in plain(app)
    app.text_area(key="rou_specs").set_value("openai:m@https://judge.example.org/v1").run()
    app.button(key="rou_start").click().run()
    assert "would send the texts of these pairs to judge.example.org" in plain(app)
    assert len(all_runs(("route",))) == 1


def test_which_pairs_for_people_is_a_run(visit: Callable[..., AppTest]) -> None:
    data = marked_pairs(260)
    app = visit("routing.py", data, address={"rou_tab": "Which pairs for people"})
    assert not app.exception
    app.number_input(key="rou_gain_seeds").set_value(3).run()
    app.button(key="rou_gain_start").click().run()
    assert not app.exception
    (run,) = all_runs(("reward-gain",))
    assert run.wait(120).state == "done", run.log_tail()
    result = run.result()
    app = visit("routing.py", data, address={"rou_tab": "Which pairs for people", "run": run.id})
    assert not app.exception
    assert result["verdict"] in plain(app)
    assert "Gain of each kind" in plain(app)
    few = visit("routing.py", marked_pairs(40), address={"rou_tab": "Which pairs for people"})
    few.button(key="rou_gain_start").click().run()
    assert "pairs have a side of people" in plain(few)
    assert len(all_runs(("reward-gain",))) == 1


def test_a_budget_on_the_page_leaves_items_without_a_label(visit: Callable[..., AppTest]) -> None:
    app = visit("routing.py", marked_pairs(900), address={"rou_risk": "0.01", "rou_cap": "60"})
    assert not app.exception
    assert "stay without a label" in plain(app)


def test_no_key_text_or_token_stands_in_an_address(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is typed and chosen on both pages, what a browser keeps and sends on holds names of choices alone."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key")
    data = marked_pairs(300)
    words = {word for text in data.item_texts().to_numpy().ravel() for word in text.split() if word[0] in "wq["}
    planted = {"sk-planted-key", "planted-model", "planted.example.org", *words, *data.items["item_id"]}
    app = visit("judges.py", data, address={"jdg_tab": "Ask"})
    app.selectbox(key="jdg_kind").set_value("openai").run()
    app.text_input(key="jdg_model").set_value("planted-model").run()
    app.text_input(key="jdg_url_openai").set_value("https://planted.example.org/v1").run()
    app.toggle(key="jdg_local").set_value(False).run()
    app.button(key="jdg_allow_0").click().run()
    seen = [app]
    app = visit("judges.py", data, address={"jdg_tab": "Constitution"})
    app.button(key="jdg_keep").click().run()
    seen.append(app)
    for tab in ("Try it on these data", "Run it", "Which pairs for people"):
        app = visit("routing.py", data, address={"rou_tab": tab})
        if tab == "Run it":
            app.text_area(key="rou_specs").set_value("openai:planted-model@https://planted.example.org/v1").run()
        app.slider(key="rou_risk").set_value(0.3).run()
        seen.append(app)
    for app in seen:
        assert not app.exception
        address = str(dict(app.query_params.items()))
        assert data.key in address
        assert not [word for word in planted if word in address]


@pytest.mark.parametrize(
    "page", sorted((ROOT / "pages").glob("*judge*.py")) + sorted((ROOT / "pages").glob("*rout*.py"))
)
def test_only_choices_are_bound_to_the_address(page: Path) -> None:
    """A browser writes bound widgets into the address: none that holds what somebody typed, or comes from the data."""
    for call in ast.walk(ast.parse(page.read_text("utf-8"))):
        if not isinstance(call, ast.Call) or not any(word.arg == "bind" for word in call.keywords):
            continue
        assert isinstance(call.func, ast.Attribute)
        assert call.func.attr in ("selectbox", "segmented_control", "slider", "number_input", "tabs", "toggle")
        if call.func.attr == "selectbox":
            assert ast.unparse(call.args[1]) == "list(FORMS)"


def test_a_report_on_overview_takes_the_plan_as_tried_and_its_code_makes_the_same(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    import _routed_here

    data = marked_pairs(300)
    app = visit("routing.py", data, address={"rou_risk": "0.2"})
    kept = dict(app.session_state["rou_tried"])
    app.switch_page("overview.py").run()
    app.session_state["ovw_report"] = True
    app.run()
    assert not app.exception
    menu = app.selectbox(key="ovw_report_routing")
    assert menu.options == ["As tried on the Routing page", "No routing"]
    monkeypatch.setattr(_routed_here, "st", SimpleNamespace(session_state={"rou_tried": kept}))
    found, code = _routed_here.routed(data, menu.value)
    assert found is not None
    names: dict[str, object] = {"data": data}
    exec(code, names)
    assert names["routing"]["certificate"] == found["certificate"]  # type: ignore[index]
    assert _routed_here.routed(data, "") == (None, "")
