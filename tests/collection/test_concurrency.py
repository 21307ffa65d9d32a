"""Many annotators at once, in processes of their own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.collection.batch import answer, batch_of
from tests.collection.postgres import Postgres, binaries
from workbench.collection import schema
from workbench.collection.handing_out import next_task
from workbench.collection.saving import Refused, save
from workbench.collection.store import Store

PEOPLE, ITEMS, OVERLAP = 4, 12, 3


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    if binaries() is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    running = Postgres()
    yield running
    running.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "labels.sqlite")
    running = request.getfixturevalue("postgres")
    store = Store(running.url)
    schema.metadata.drop_all(store.engine)
    schema.metadata.create_all(store.engine)
    store.close()
    return running.url


def work(url: str, annotator: str, acknowledged: str, pause: float) -> None:
    """One person: takes and judges until nothing is left, and writes down what was acknowledged."""
    store = Store(url)
    with Path(acknowledged).open("a") as log:
        idle = 0
        while idle < 3:
            task = next_task(store, annotator)
            if task is None:
                idle += 1
                time.sleep(0.05)
                continue
            made = str(uuid.uuid4())
            try:
                save(store, annotator, answer(task, "left>", made))
            except Refused as error:
                # After a kill the lease may have been judged just before; the same id would have been taken.
                if error.status != 409:
                    raise
                continue
            log.write(made + "\n")
            log.flush()
            time.sleep(pause)
    store.close()


def start(url: str, annotator: str, log: Path, pause: float = 0.0) -> multiprocessing.process.BaseProcess:
    # Forked, so that it need not import everything again; no store is open here at that moment.
    process = multiprocessing.get_context("fork").Process(target=work, args=(url, annotator, str(log), pause))
    process.start()
    return process


def written_down(folder: Path) -> list[str]:
    """Ids that were acknowledged."""
    return [line for log in folder.glob("*.log") for line in log.read_text().split()]


def stored(url: str) -> tuple[list[str], Counter, dict[str, tuple[int, int]]]:
    """Ids of judgements, people an item, and what the items say of themselves."""
    store = Store(url)
    with store.reading() as connection:
        rows = connection.execute(select(schema.judgement.c.id, schema.judgement.c.item)).fetchall()
        items = connection.execute(select(schema.item.c.id, schema.item.c.held, schema.item.c.done)).fetchall()
        doubles = connection.execute(
            select(func.count()).select_from(
                select(schema.judgement.c.item, schema.judgement.c.annotator)
                .group_by(schema.judgement.c.item, schema.judgement.c.annotator)
                .having(func.count() > 1)
                .subquery()
            )
        ).scalar_one()
    store.close()
    assert doubles == 0
    return [r.id for r in rows], Counter(r.item for r in rows), {r.id: (r.held, r.done) for r in items}


def test_no_item_goes_to_more_people_than_wanted_and_none_is_left_behind(url, tmp_path):
    store = Store(url)
    _, links = batch_of(store, items=ITEMS, people=PEOPLE, overlap=OVERLAP)
    store.close()
    processes = [start(url, link.annotator, tmp_path / f"{link.annotator}.log") for link in links]
    for process in processes:
        process.join(240)
        assert process.exitcode == 0
    ids, people, items = stored(url)
    assert len(ids) == ITEMS * OVERLAP
    assert set(people.values()) == {OVERLAP}
    assert set(items.values()) == {(OVERLAP, OVERLAP)}
    assert sorted(written_down(tmp_path)) == sorted(ids)


def test_what_was_acknowledged_is_there_after_kills(url, tmp_path):
    store = Store(url)
    items, kills = 30, 2
    _, links = batch_of(store, items=items, people=3, overlap=2)
    store.close()
    for _ in range(kills):
        before = len(written_down(tmp_path))
        processes = [start(url, link.annotator, tmp_path / f"{link.annotator}.log", 0.1) for link in links]
        until = time.monotonic() + 60
        while len(written_down(tmp_path)) < before + 6 and time.monotonic() < until:
            time.sleep(0.02)
        for process in processes:
            os.kill(process.pid, signal.SIGKILL)
            process.join(30)
    processes = [start(url, link.annotator, tmp_path / f"{link.annotator}.log") for link in links]
    for process in processes:
        process.join(240)
        assert process.exitcode == 0
    ids, people, _ = stored(url)
    acknowledged = {line for line in written_down(tmp_path) if len(line) == 36}
    assert acknowledged <= set(ids)
    # A kill between the commit and the answer leaves a label nobody was told of, one a person and kill at most.
    assert len(ids) - len(acknowledged) <= kills * len(links)
    assert set(people.values()) == {2}
    assert len(people) == items


def test_a_killed_database_has_what_was_acknowledged(postgres):
    store = Store(postgres.url)
    schema.metadata.drop_all(store.engine)
    schema.metadata.create_all(store.engine)
    _, (link, *_) = batch_of(store, items=8, people=1, overlap=1)
    made = []
    for n in range(6):
        task = next_task(store, link.annotator)
        made.append(save(store, link.annotator, answer(task, "left>", str(uuid.uuid4()))))
        if n == 2:
            postgres.kill()
            postgres.start()
    postgres.kill()
    postgres.start()
    with store.reading() as connection:
        found = connection.execute(select(schema.judgement.c.id).order_by(schema.judgement.c.seq)).scalars().all()
    assert found == made
    store.close()
