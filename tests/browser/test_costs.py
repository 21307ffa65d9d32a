"""In a real browser: a slider changes the number and the address, a reload keeps it, the file taken away is the
library's scenario."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Server, Visit
from workbench.economics import cost, preset, read_scenario
from workbench.wording.economics import cost_sentence

expect = pytest.importorskip("playwright.sync_api").expect


def test_slider_address_reload_and_file(server: Server, visit: Callable[..., Visit], tmp_path: Path) -> None:
    tab = visit(height=1400)
    tab.open(f"{server.url}/costs?cst_preset=hybrid")
    main = tab.page.get_by_test_id("stMain")
    sentence = main.get_by_role("heading", level=4)
    expect(sentence).to_have_text(cost_sentence(cost(preset("hybrid"))))

    thumb = tab.page.get_by_test_id("stSlider").filter(has_text="Price per label").locator("input[type=range]").first
    thumb.focus()
    for _ in range(4):
        tab.page.keyboard.press("ArrowRight")
    changed = preset("hybrid").with_values(label_price=1.7)
    expect(sentence).to_have_text(cost_sentence(cost(changed)))
    tab.settle()
    assert "cst_label_price=1.7" in tab.page.url
    assert "cst_preset=hybrid" in tab.page.url
    assert tab.page.url.count("cst_") <= 3

    tab.page.reload()
    tab.settle()
    expect(sentence).to_have_text(cost_sentence(cost(changed)))

    main.get_by_role("button", name="File").click()
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="Download scenario (TOML)").click()
    path = tmp_path / "scenario.toml"
    waiting.value.save_as(path)
    taken = read_scenario(path)
    assert cost(taken).to_dict()["parts"] == cost(changed).to_dict()["parts"]
    assert taken["label_price"] == 1.7

    tab.page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        {
            "name": "mine.toml",
            "mimeType": "application/toml",
            "buffer": changed.with_values(check_share=0.2).to_toml().encode(),
        }
    )
    expect(sentence).to_have_text(cost_sentence(cost(changed.with_values(check_share=0.2))))
    tab.settle()
    assert "cst_check_share=0.2" in tab.page.url
    tab.page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        {"name": "bad.toml", "mimeType": "application/toml", "buffer": b"[inputs]\nlabel_prise = 3\n"}
    )
    refused = tab.page.get_by_test_id("stAlert").filter(has_text="Did you mean label_price?")
    expect(refused).to_be_visible()
    assert refused.bounding_box()["y"] < main.get_by_text("Start from", exact=True).first.bounding_box()["y"]


def test_a_wrong_link_is_named_and_another_page_does_not_lose_the_scenario(
    server: Server, visit: Callable[..., Visit]
) -> None:
    tab = visit(height=1400)
    tab.open(f"{server.url}/costs?cst_label_price=-3&cst_gold_share=0.2")
    main = tab.page.get_by_test_id("stMain")
    expect(main.get_by_text("label_price: -3 is not possible")).to_be_visible()
    sentence = cost_sentence(cost(preset("human-gold").with_values(gold_share=0.2)))
    expect(main.get_by_role("heading", level=4)).to_have_text(sentence)
    tab.page.get_by_role("link", name="Runs", exact=True).click()
    tab.settle()
    assert "cst_" not in tab.page.url
    tab.page.get_by_role("link", name="Costs", exact=True).click()
    expect(main.get_by_role("heading", level=4)).to_have_text(sentence)
    tab.settle()
    assert "cst_gold_share=0.2" in tab.page.url


def test_a_number_is_typed_kept_and_compared(server: Server, visit: Callable[..., Visit]) -> None:
    tab = visit(height=1400)
    tab.open(f"{server.url}/costs")
    main = tab.page.get_by_test_id("stMain")
    sentence = main.get_by_role("heading", level=4)
    main.get_by_text("Exact values", exact=True).first.click()

    def typed(label: str, text: str) -> None:
        field = main.get_by_test_id("stNumberInput").filter(has_text=label).locator("input")
        field.fill(text)
        field.press("Enter")

    typed("Price per label", "12.345")
    changed = preset("human-gold").with_values(label_price=12.345)
    expect(sentence).to_have_text(cost_sentence(cost(changed)))
    typed("Annotator accuracy", "250")
    expect(main.get_by_test_id("stAlert").filter(has_text="250% is not possible")).to_be_visible()
    expect(sentence).to_have_text(cost_sentence(cost(changed)))
    main.get_by_role("button", name="Keep for comparison").click()
    typed("Price per label", "2")
    expect(sentence).to_have_text(cost_sentence(cost(preset("human-gold").with_values(label_price=2))))
    row = main.locator("table.pw-numbers").first.locator("tr").filter(has_text="yours 1")
    expect(row).to_contain_text(f"${cost(changed).cost_per_item:.2f}")


def test_on_a_narrow_screen_the_table_stays_inside_its_column(server: Server, visit: Callable[..., Visit]) -> None:
    tab = visit(width=1024)
    tab.open(f"{server.url}/costs")
    for width, room in tab.page.evaluate(
        "() => [...document.querySelectorAll('.pw-table')].map(e => [e.scrollWidth, e.clientWidth])"
    ):
        assert width <= room
