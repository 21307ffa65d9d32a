from __future__ import annotations

import json
import sqlite3
import urllib.request

import numpy as np

from tests.collection.batch import batch_of, label_all, pool
from workbench import label
from workbench.auditing.audit import audit
from workbench.cli import main
from workbench.collection.attention import CHECKS
from workbench.collection.batches import Settings, add_people, make_batch
from workbench.collection.collected import collected, file_name, write_collected
from workbench.collection.opening import is_store, open_store
from workbench.collection.schedule import Shares
from workbench.collection.store import Store


def test_a_store_is_audited_like_its_export_byte_for_byte(store, tmp_path, capsys):
    made, links = batch_of(store, items=12, people=3)
    label_all(store, links, np.random.default_rng(0))
    file = tmp_path / file_name(store, made)
    write_collected(store, file, made)
    said = []
    for named in (store.url, f"{store.file}#{made}", str(file)):
        assert main(["audit", named, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        said.append(json.dumps({name: value for name, value in found.items() if name != "code"}))
    assert said[0] == said[1]
    assert audit(open_store(store.url)).to_dict() == audit(collected(store)).to_dict()
    assert said[0] == said[2]


def test_a_foreign_database_is_no_store_and_stays_as_it_is(tmp_path):
    file = tmp_path / "theirs.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE votes (id INTEGER)")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    assert not is_store(file)
    assert file.read_bytes() == before
    assert not is_store(tmp_path / "nowhere.sqlite")


def test_attention_checks_come_apart_from_gold(store):
    settings = Settings(overlap=1, shares=Shares(gold=0.0, repeat=0.0, check=0.1))
    made = make_batch(store, pool(40), "checked", settings, checks=CHECKS)
    links = add_people(store, made, ["ann"])
    label_all(store, links, np.random.default_rng(0))
    data = collected(store)
    assert data.ledger.set_aside["an attention check"] >= 3
    assert len(data.items) == 40


def test_a_notebook_shows_the_page_in_a_frame_and_goes_on_where_it_was(tmp_path):
    first = label(pool(3), store=tmp_path / "n.sqlite")
    try:
        assert f'<iframe src="{first.url}"' in first._repr_html_()
        with urllib.request.urlopen(first.url, timeout=20) as page:
            assert "frame-ancestors *" in page.headers["content-security-policy"]
        with urllib.request.urlopen(f"{first.url}api/next", timeout=20) as reply:
            task = json.load(reply)
        body = {"id": "7b5ad9c6-3a0c-4a53-9d7c-0f8f1f2b3c4d", "lease": task["lease"], "choice": "left>"}
        request = urllib.request.Request(
            f"{first.url}api/judgements", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        assert urllib.request.urlopen(request, timeout=20).status == 200
        assert len(first.labels().annotations) == 1
    finally:
        first.stop()
    again = label(pool(3), store=tmp_path / "n.sqlite")
    try:
        assert again.batch == first.batch
        with urllib.request.urlopen(f"{again.url}api/next", timeout=20) as reply:
            assert json.load(reply)["done"] == 1
    finally:
        again.stop()
    assert isinstance(again.store, Store)
