"""The labelling server through HTTP, as a browser and as somebody who means harm."""

from __future__ import annotations

import json
import logging

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.collection.batch import batch_of, identity, label_all, pool
from workbench.collection.batches import Settings, add_people, make_batch, revoke
from workbench.collection.guards import Rate
from workbench.collection.schedule import Shares
from workbench.collection.server import COOKIE, label_app

RNG = np.random.default_rng(11)


@pytest.fixture
def app(store):
    return label_app(store)


def client_of(app, link) -> TestClient:
    client = TestClient(app, base_url="http://127.0.0.1")
    assert client.get(f"/label/t/{link.token}").status_code == 200
    return client


def body(task: dict, choice: str = "left>", **more) -> dict:
    return {"id": identity(RNG), "lease": task["lease"], "choice": choice, "active_ms": 4_000, **more}


def test_a_link_sets_the_cookie_and_leaves_the_address(app, store):
    _, (link, *_) = batch_of(store)
    client = TestClient(app, base_url="http://127.0.0.1")
    reply = client.get(f"/label/t/{link.token}", follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (303, "/label/")
    cookie = reply.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/label" in cookie
    assert link.token not in client.get("/label/").text


def test_a_session_from_link_to_the_last_item(app, store):
    _, (link, *_) = batch_of(store, items=3, people=1, overlap=1)
    client = client_of(app, link)
    seen = []
    while (reply := client.get("/label/api/next")).status_code == 200:
        task = reply.json()
        assert set(task) == {
            "lease", "item", "prompt", "left", "right", "guideline_version", "acknowledged", "done", "of",
        }  # fmt: skip
        sent = body(task)
        saved = client.post("/label/api/judgements", json=sent)
        assert saved.json() == {"saved": sent["id"]}
        assert client.post("/label/api/judgements", json=sent).json() == {"saved": sent["id"]}
        seen.append(task["item"])
    assert reply.status_code == 204
    assert len(set(seen)) == 3


def test_undo_over_http(app, store):
    _, (link, *_) = batch_of(store)
    client = client_of(app, link)
    assert client.post("/label/api/undo", json={}).status_code == 204
    task = client.get("/label/api/next").json()
    client.post("/label/api/judgements", json=body(task, "right>"))
    again = client.post("/label/api/undo", json={}).json()
    assert (again["lease"], again["previous"]) == (task["lease"], "right>")


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 5_000, "..%2f..%2fetc"])
def test_forged_links_are_refused(app, store, token):
    batch_of(store)
    client = TestClient(app, base_url="http://127.0.0.1")
    assert client.get(f"/label/t/{token}").status_code in (403, 404)
    client.cookies.set(COOKIE, token[:60] or "x")
    assert client.get("/label/api/next").status_code == 401


def test_a_revoked_and_an_expired_link_end_at_once(app, store):
    made, (link, *_) = batch_of(store)
    client = client_of(app, link)
    assert client.get("/label/api/next").status_code == 200
    revoke(store, link.annotator)
    assert client.get("/label/api/next").status_code == 401
    (old,) = add_people(store, made, ["old"], days=-1)
    assert TestClient(app, base_url="http://127.0.0.1").get(f"/label/t/{old.token}").status_code == 403


def test_another_persons_task_is_refused(app, store):
    _, (one, two, _) = batch_of(store)
    task = client_of(app, one).get("/label/api/next").json()
    assert client_of(app, two).post("/label/api/judgements", json=body(task)).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}],
)
def test_a_request_of_another_page_is_refused(app, store, headers):
    _, (link, *_) = batch_of(store)
    client = client_of(app, link)
    task = client.get("/label/api/next").json()
    assert client.post("/label/api/judgements", json=body(task), headers=headers).status_code == 403
    assert client.post("/label/api/undo", json={}, headers=headers).status_code == 403
    ours = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
    assert client.post("/label/api/judgements", json=body(task), headers=ours).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"x" * 10_000_000, "application/json", 413),
        (b"{", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"id": 1}', "application/json", 400),
        (b"id=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
    ],
)
def test_bodies_that_are_no_answers(app, store, content, kind, status):
    _, (link, *_) = batch_of(store)
    reply = client_of(app, link).post("/label/api/judgements", content=content, headers={"content-type": kind})
    assert reply.status_code == status
    assert "Traceback" not in reply.text


def test_a_flood_from_one_client_is_refused_and_the_server_lives(store):
    _, (link, other, _) = batch_of(store)
    app = label_app(store, per_person=Rate(0.001, 40))
    client = client_of(app, link)
    statuses = [client.get("/label/api/next").status_code for _ in range(100)]
    assert statuses.count(200) == 40
    assert statuses.count(429) == 60
    assert client_of(app, other).get("/label/api/next").status_code == 200
    assert client.get("/label/health").json() == {"ok": True}


def test_gold_cannot_be_told_from_what_the_server_says(app, store):
    made = make_batch(store, pool(60, 20), "b", Settings(overlap=1, shares=Shares(gold=0.3, repeat=0.0)))
    (link,) = add_people(store, made, ["ann"])
    client = client_of(app, link)
    said, forms = [], set()
    while (reply := client.get("/label/api/next")).status_code == 200:
        task = reply.json()
        said.append(task)
        forms.add((tuple(task), len(task["item"]), len(task["lease"])))
        saved = client.post("/label/api/judgements", json=body(task))
        forms.add((tuple(saved.json()), tuple(sorted(saved.headers))))
    assert len(said) > 45
    assert len(forms) == 2, "every task has one form and every answer one"
    # Ids are drawn at random: their order says nothing about gold.
    gold = [int(task["prompt"].split("q")[-1]) < 20 for task in said]
    ranks = np.argsort(np.argsort([task["item"] for task in said]))
    assert 0.2 < float(ranks[np.array(gold)].mean()) / len(said) < 0.8


def test_script_in_every_text_reaches_the_page_as_json_only(app, store):
    bad = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    made = make_batch(store, pool(2), bad, Settings(overlap=1, shares=Shares(gold=0, repeat=0)), guideline=bad)
    (link,) = add_people(store, made, [bad])
    client = client_of(app, link)
    page = client.get("/label/")
    assert "alert" not in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    settings = client.get("/label/api/settings")
    assert settings.headers["content-type"].startswith("application/json")
    assert settings.json()["guideline"] == bad


def test_no_token_and_no_text_is_logged(app, store, caplog):
    _, (link, *_) = batch_of(store)
    with caplog.at_level(logging.DEBUG, logger="workbench.collection"):
        client = client_of(app, link)
        task = client.get("/label/api/next").json()
        client.post("/label/api/judgements", json=body(task, "nonsense", reason="a secret reason"))
        client.post("/label/api/judgements", json=body(task), headers={"origin": "http://evil.example"})
        TestClient(app).get("/label/t/some-forged-token")
    logged = caplog.text
    assert "refused" in logged
    for secret in (link.token, task["prompt"], task["left"], "secret reason", "some-forged-token", task["lease"]):
        assert secret not in logged


def test_crowd_people_are_known_by_a_hash_of_the_platforms_id(app, store):
    made, _ = batch_of(store)
    client = TestClient(app, base_url="http://127.0.0.1")
    assert client.get(f"/label/crowd/{made}?PROLIFIC_PID=5f3a").status_code == 404
    with store.writing() as connection:
        from sqlalchemy import select, update

        from workbench.collection import schema

        config = connection.execute(select(schema.batch.c.config)).scalar_one()
        connection.execute(update(schema.batch).values(config={**config, "crowd": True}))
    assert client.get(f"/label/crowd/{made}?PROLIFIC_PID=5f3a").status_code == 200
    first = client.get("/label/api/next").json()["lease"]
    again = TestClient(app, base_url="http://127.0.0.1")
    again.get(f"/label/crowd/{made}?PROLIFIC_PID=5f3a")
    assert again.get("/label/api/next").json()["lease"] == first
    with store.reading() as connection:
        names = connection.execute(select(schema.annotator)).fetchall()
    assert "5f3a" not in json.dumps([list(map(str, row)) for row in names])


def test_a_paused_person_is_told_what_everybody_is_told_at_the_end(app, store):
    from workbench.collection.monitor import decide_by_lead

    _, (link, other, third) = batch_of(store, items=2, people=3, overlap=1)
    client = client_of(app, link)
    decide_by_lead(store, link.annotator, "paused", "a reason that stays here")
    paused = client.get("/label/api/next")
    label_all(store, [other, third], RNG)
    ended = client_of(app, other).get("/label/api/next")
    assert (paused.status_code, paused.content) == (ended.status_code, ended.content) == (204, b"")
