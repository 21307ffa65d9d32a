from __future__ import annotations

import json

import pytest

from workbench.cli import main


@pytest.fixture
def pool_file(tmp_path):
    file = tmp_path / "pool.csv"
    rows = ["item_id,prompt,response_a,response_b,gold"]
    rows += [f"q{i},prompt {i},first {i},second {i},{'A' if i < 20 else ''}" for i in range(80)]
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file


@pytest.fixture
def gold_file(tmp_path):
    file = tmp_path / "gold.csv"
    file.write_text("item,label\n" + "".join(f"q{i},A\n" for i in range(20)), "utf-8")
    return file


def test_the_plan_adds_up_and_makes_nothing(pool_file, tmp_path, capsys):
    asked = ["batch", str(pool_file), "--people", "4", "--overlap", "2", "--gold-share", "0", "--repeat-share", "0"]
    assert main([*asked, "--plan", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    plan = said["plan"]
    assert (plan["judgements"], plan["tasks"], plan["tasks_each"]) == (plan["items"] * 2, plan["items"] * 2, 40)
    assert said["links"] == []
    assert list(tmp_path.glob("*.sqlite")) == []


def test_from_a_pool_to_links_status_export_backup_and_pay(pool_file, tmp_path, capsys):
    store = tmp_path / "labels.sqlite"
    asked = ["batch", str(pool_file), "--store", str(store), "--people", "3", "--gold-share", "0"]
    assert main([*asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [link["name"] for link in said["links"]] == ["person-1", "person-2", "person-3"]
    assert all("/label/t/" in link["url"] for link in said["links"])
    assert main(["collect", "status", "--store", str(store), "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["judgements"], status["wanted"]) == (0, said["plan"]["judgements"])
    assert main(["collect", "pause", "--store", str(store), "--person", "person-2"]) == 0
    assert main(["collect", "pause", "--store", str(store), "--person", "nobody"]) == 2
    assert main(["collect", "backup", "--store", str(store), "--out", str(tmp_path / "copy.sqlite")]) == 0
    back = tmp_path / "back.sqlite"
    assert main(["collect", "restore", "--store", str(back), "--from", str(tmp_path / "copy.sqlite")]) == 0
    capsys.readouterr()
    assert main(["collect", "status", "--store", str(back)]) == 0
    assert "paused" in capsys.readouterr().out
    assert main(["collect", "pay", "--store", str(store)]) == 0
    assert capsys.readouterr().out.startswith("annotator,tasks,active_hours,amount")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--people", "2", "--overlap", "3", "--plan"], "there are 2"),
        (["--people", "3"], "Where are the labels to be kept"),
        (["--people", "3", "--gold-share", "0.9", "--plan"], "gold share is out of range"),
        (["--people", "3", "--labels-on", "nine", "--plan"], "cannot be collected on the scale"),
        (["--people", "3", "--overlap", "1", "--gold-share", "0.5", "--plan"], "nobody gets the same gold twice"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(pool_file, asked, said, capsys):
    assert main(["batch", str(pool_file), *asked]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("port", ["-1", "0", "99999"])
def test_a_port_that_there_is_not_is_said_before_anything_is_opened(port, tmp_path, capsys):
    assert main(["collect", "serve", "--store", str(tmp_path / "none.sqlite"), "--port", port]) == 2
    assert capsys.readouterr().err == f"workbench: --port {port}: no port. Give a number from 1 to 65535.\n"


def test_a_store_that_is_not_there_is_not_made(tmp_path, capsys):
    assert main(["collect", "status", "--store", str(tmp_path / "none.sqlite")]) == 2
    assert "there is no label store" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_later_version_and_a_foreign_file_are_refused(tmp_path, capsys):
    import sqlite3

    foreign = tmp_path / "foreign.sqlite"
    foreign.write_text("no database at all, but long enough to be taken for one " * 30)
    assert main(["collect", "status", "--store", str(foreign)]) == 2
    said = capsys.readouterr().err
    assert "foreign.sqlite: the label store cannot be opened (file is not a database)" in said
    assert said.count("\n") == 1
    later = tmp_path / "later.sqlite"
    with sqlite3.connect(later) as made:
        made.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        made.execute("INSERT INTO alembic_version VALUES ('9999')")
    made.close()
    assert main(["collect", "status", "--store", str(later)]) == 2
    assert "later version" in capsys.readouterr().err
