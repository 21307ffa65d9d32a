"""In a real browser: a slider changes the sentence, the cleaned set is used everywhere and taken away, the original
comes back."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest

from tests.browser.conftest import Server, Visit
from tests.cleaning.crowds import crowd
from workbench.cleaning import Cleaning, clean, cleaning_effect, gather_evidence
from workbench.wording.cleaning import cleaning_sentence
from workbench.workspace.dataset_store import Shelf

expect = pytest.importorskip("playwright.sync_api").expect


def test_slider_download_use_and_restore(server: Server, visit: Callable[..., Visit]) -> None:
    data = crowd(items=300, spammers=2, seed=8)
    Shelf(server.uploads).keep(data, "crowd", "upload")
    known = gather_evidence(data)
    tab = visit(height=1400)
    tab.open(f"{server.url}/cleaning?data={data.key}&cln_agree=40")
    main = tab.page.get_by_test_id("stMain")
    expect(main.get_by_role("heading", level=4)).to_have_text(
        cleaning_sentence(cleaning_effect(data, Cleaning(least_agreement=0.4), known))
    )

    thumb = (
        tab.page.get_by_test_id("stSlider")
        .filter(has_text="Least agreement with others")
        .locator("input[type=range]")
        .first
    )
    thumb.focus()
    for _ in range(20):
        tab.page.keyboard.press("ArrowRight")
    rules = Cleaning(least_agreement=0.6)
    found = cleaning_effect(data, rules, known)
    assert set(found.annotators_gone) == {"spam-10", "spam-11"}
    expect(main.get_by_role("heading", level=4)).to_have_text(cleaning_sentence(found))
    tab.settle()
    assert "cln_agree=60" in tab.page.url

    main.get_by_role("button", name="Download the cleaned set").click()
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="pwb", exact=True).click()
    cleaned = clean(data, rules)
    with zipfile.ZipFile(io.BytesIO(open(waiting.value.path(), "rb").read())) as archive:
        ledger = json.loads(archive.read("ledger.json"))
    assert ledger["key"] == cleaned.key
    assert ledger["set_aside"] == dict(cleaned.ledger.set_aside)
    tab.page.keyboard.press("Escape")

    main.get_by_role("button", name="Use the cleaned set from here on").click()
    tab.page.wait_for_url(f"**/cleaning?data={cleaned.key}*")
    tab.settle()
    expect(main.get_by_text("This is a cleaned set.")).to_be_visible()
    tab.page.get_by_role("link", name="Agreement", exact=True).click()
    tab.settle()
    expect(main.get_by_text(f"Used {len(cleaned.codes):,} of {len(cleaned.annotations):,} judgements")).to_be_visible()

    tab.page.get_by_role("button", name="Restore the original").click()
    expect(main.get_by_text(f"Used {len(data.codes):,} of {len(data.annotations):,} judgements")).to_be_visible()
    tab.settle()
    assert f"data={data.key}" in tab.page.url
