"""The labelling page in a real browser: a label is what was painted when the key was pressed, and none is lost."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from sqlalchemy import select

from tests.collection.batch import PLAIN, pool
from workbench.collection import schema
from workbench.collection.batches import Link, Settings, add_people, make_batch
from workbench.collection.server import label_app
from workbench.collection.store import Store

LISTEN = """() => {
  window.pressed = JSON.parse(sessionStorage.getItem('pressed') || '[]');
  addEventListener('keydown', (event) => {
    const lease = document.querySelector('#task').dataset.painted;
    if (lease && !event.repeat && '12345s'.includes(event.key)) window.pressed.push([lease, event.key]);
    sessionStorage.setItem('pressed', JSON.stringify(window.pressed));
  }, true);
}"""
CHOICE = {"1": "left>>", "2": "left>", "3": "=", "4": "right>", "5": "right>>", "s": "skip"}


@pytest.fixture
def labelling(tmp_path) -> Iterator[tuple[Store, Callable[..., Link], str]]:
    """A store, what makes a person of a batch of so many items, and the server's address."""
    store = Store(tmp_path / "labels.sqlite")
    server = uvicorn.Server(uvicorn.Config(label_app(store), port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]

    def person(items: int, **settings) -> Link:
        made = make_batch(store, pool(items), "Week 3", Settings(overlap=1, shares=PLAIN, floor_ms=120, **settings))
        return add_people(store, made, ["ann"])[0]

    yield store, person, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    store.close()


def enter(context, link: Link, url: str):
    """Opens the link, reads the guideline, and writes down from now on what is pressed on what."""
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(link.url(url))
    page.wait_for_selector("#task[data-painted]", state="attached")
    if page.locator("#guideline[open]").count():
        page.click("#read")
    page.evaluate(LISTEN)
    return page


def next_painted(page, before: str) -> str:
    page.wait_for_selector(f"#task[data-painted]:not([data-painted='{before}'])")
    page.wait_for_timeout(150)
    return page.get_attribute("#task", "data-painted")


def labels(store: Store) -> list[tuple[str, str]]:
    table = schema.judgement
    with store.reading() as connection:
        return [(r.lease, r.choice) for r in connection.execute(select(table).order_by(table.c.seq))]


def settle(page) -> None:
    page.wait_for_selector("#state[data-state='saved']:text-is('Saved')")


def test_a_session_by_keyboard_with_held_keys_double_presses_and_a_reload(browser, labelling):
    store, person, url = labelling
    context = browser.new_context()
    page = enter(context, person(40), url)
    page.wait_for_timeout(150)
    lease = page.get_attribute("#task", "data-painted")
    for n in range(30):
        key = "12345s"[n % 6]
        if n % 5 == 1:  # twice, 15 ms apart
            page.keyboard.press(key)
            page.wait_for_timeout(15)
            page.keyboard.press(key)
        elif n % 5 == 3:  # held: one press and ten repeats
            page.keyboard.down(key)
            for _ in range(10):
                page.keyboard.down(key)
            page.keyboard.up(key)
        else:
            page.keyboard.press(key)
        lease = next_painted(page, lease)
        if n == 15:
            settle(page)
            page.reload()
            page.wait_for_selector("#task[data-painted]", state="attached")
            page.evaluate(LISTEN)
            page.wait_for_timeout(150)
            lease = page.get_attribute("#task", "data-painted")
    settle(page)
    pressed = [(lease, CHOICE[key]) for lease, key in page.evaluate("window.pressed")]
    found = labels(store)
    assert len(found) == 30
    assert len({lease for lease, _ in found}) == 30
    assert set(found) <= set(pressed), "each label is a key that was pressed on that painted item"
    context.close()


def test_a_minute_offline_loses_nothing(browser, labelling):
    store, person, url = labelling
    context = browser.new_context()
    page = enter(context, person(6), url)
    page.wait_for_timeout(200)
    first = page.get_attribute("#task", "data-painted")
    context.set_offline(True)
    page.keyboard.press("2")
    second = next_painted(page, first)  # it was fetched ahead
    page.keyboard.press("4")
    page.wait_for_selector("#state[data-state='offline']")
    assert labels(store) == []
    assert "2 waiting" in page.inner_text("#state")
    context.set_offline(False)
    page.wait_for_selector("#task[data-painted]", state="attached")
    settle(page)
    assert labels(store) == [(first, "left>"), (second, "right>")]
    context.close()


def test_what_was_not_sent_before_the_tab_closed_is_sent_by_the_next(browser, labelling):
    store, person, url = labelling
    context = browser.new_context()
    link = person(4)
    page = enter(context, link, url)
    page.wait_for_timeout(200)
    lease = page.get_attribute("#task", "data-painted")
    page.route("**/api/judgements", lambda route: route.abort())
    page.keyboard.press("5")
    page.wait_for_selector("#state[data-state='offline']")
    page.close()
    page = enter(context, link, url)
    settle(page)
    assert (lease, "right>>") in labels(store)
    assert len(labels(store)) == 1
    context.close()


def test_two_tabs_of_one_person_count_an_item_once(browser, labelling):
    store, person, url = labelling
    context = browser.new_context()
    link = person(5)
    one, two = enter(context, link, url), enter(context, link, url)
    one.wait_for_timeout(200)
    lease = one.get_attribute("#task", "data-painted")
    assert two.get_attribute("#task", "data-painted") == lease
    one.bring_to_front()
    one.keyboard.press("1")
    next_painted(one, lease)
    settle(one)
    two.bring_to_front()
    two.keyboard.press("5")
    next_painted(two, lease)
    two.wait_for_selector("#state[data-state='saved']")
    assert labels(store) == [(lease, "left>>")]
    context.close()


def test_undo_shows_the_choice_and_takes_another(browser, labelling):
    store, person, url = labelling
    context = browser.new_context()
    page = enter(context, person(5), url)
    page.wait_for_timeout(200)
    lease = page.get_attribute("#task", "data-painted")
    page.keyboard.press("2")
    other = next_painted(page, lease)
    page.keyboard.press("u")
    page.wait_for_selector(f"#task[data-painted='{lease}']")
    assert page.get_attribute("#buttons button[value='left>']", "aria-pressed") == "true"
    page.wait_for_timeout(200)
    page.keyboard.press("4")
    page.wait_for_selector(f"#task[data-painted='{other}']")
    settle(page)
    assert labels(store) == [(lease, "left>"), (lease, "right>")]
    assert page.inner_text("#progress").startswith("1 of 5")
    context.close()


def test_no_text_is_ever_markup_and_nothing_fails_in_the_console(browser, labelling):
    store, person, url = labelling
    context = browser.new_context(viewport={"width": 320, "height": 640})
    link = person(2)
    bad = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>[x](javascript:window.hacked=1)"
    with store.writing() as connection:
        connection.execute(schema.item.update().values(prompt=bad, response_a=bad, response_b=f"```\n{bad}\n```"))
    said: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(link.url(url))
    page.wait_for_selector("#task[data-painted]", state="attached")
    page.click("#read")
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main a, main script").count() == 0
    assert page.inner_text("#prompt").startswith("<script>")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert said == []
    context.close()


def test_the_page_stands_under_the_workbenchs_own_server(server):
    with urllib.request.urlopen(f"{server.url}/label/health", timeout=60) as answer:
        assert json.load(answer) == {"ok": True}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server.url}/label/t/forged", timeout=60)
    assert refused.value.code == 403
