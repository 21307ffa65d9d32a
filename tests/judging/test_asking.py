"""A judge asked through its server: the contracts, what goes wrong on the way, the budget, and the ledger."""

from __future__ import annotations

import sqlite3
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.judging.conftest import marked_pairs
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.judging.constitution import default_constitution
from workbench.judging.judged import Options
from workbench.judging.ledger import Ledger
from workbench.judging.prompt import Asking
from workbench.judging.run import ask_judge, asking_for, estimate
from workbench.judging.spec import Settings, parse_judge

CONTRACTS = ("openai", "anthropic", "decisions", "systemone")
ASKING = Asking(default_constitution(), principles=False)
PRICES = "[model.m]\nin = 1.0\nout = 5.0\n"


def spec(kind: str, url: str, **settings: object):
    return parse_judge(f"{kind}:m@{url}", Settings(**{"timeout": 60.0, **settings}))  # type: ignore[arg-type]


def right(judged, data) -> float:
    table = judged.verdicts.table.set_index("item_id")["score"]
    texts = data.item_texts()
    good = texts["response_a"].str.contains("good").to_numpy()
    got = table.reindex(data.items["item_id"]).to_numpy()
    return float(((got > 0.5) == good)[~(got != got)].mean())


@pytest.mark.parametrize("kind", CONTRACTS)
def test_every_contract_gives_the_verdicts_of_its_server(kind, serve, pairs, tmp_path) -> None:
    data, server = pairs(20), serve()
    judged = ask_judge(data, spec(kind, server.url), tmp_path, ASKING, Options(canaries=0))
    shown = judged.to_dict()
    assert shown["judged"] == 20
    assert shown["answered"] == shown["calls"] == 40
    assert shown["flip_rate"] == 0.0
    assert right(judged, data) == 1.0
    assert server.stats()["asked"] == shown["sent"] == 41, "the probe is one more"
    again = ask_judge(data, spec(kind, server.url), tmp_path, ASKING, Options(canaries=0)).to_dict()
    assert (again["calls"], again["cached"], again["sent"]) == (0, 40, 0)
    assert server.stats()["asked"] == 41


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_server_that_does_everything_wrong_is_survived_and_counted(kind, serve, pairs, tmp_path) -> None:
    wrong = ("busy", "busy_silent", "broken", "page", "cut", "other_model", "no_usage", "closed")
    data, server = pairs(60), serve(faults=dict.fromkeys(wrong, 0.04) | {"refusal": 0.03}, seed=3)
    judged = ask_judge(data, spec(kind, server.url), tmp_path, ASKING, Options(canaries=0, at_once=16))
    shown, stats = judged.to_dict(), server.stats()
    assert shown["answered"] + shown["refused"] + shown["unreadable"] + shown["failed"] + shown["cut"] == 120
    assert shown["refused"] > 0
    assert right(judged, data) == 1.0
    assert stats["asked"] == shown["sent"], "the server and the ledger count the same sendings"
    assert stats["repeated_after_whole"] == 0, "a whole answer is never asked for again"
    attempts = sum(row["attempts"] for row in Ledger(tmp_path / "ledger.sqlite").calls(judged.version))
    assert attempts + shown["probe"]["sent"] - 1 == stats["asked"]
    assert set(shown["judge"]["answered"]) == {"m", "another-model"}
    assert any("several models" in note for note in shown["notes"])


def test_a_slow_answer_may_have_been_paid_for(serve, pairs, tmp_path) -> None:
    (tmp_path / "p.toml").write_text(PRICES)
    data, server = pairs(3), serve()
    judge = spec("openai", server.url, timeout=0.5, max_tokens=100)
    ask_judge(data, judge, tmp_path, ASKING, Options(canaries=0, prices=tmp_path / "p.toml", orders=1), items=[0])
    before = Ledger(tmp_path / "ledger.sqlite").spent()
    server.behave(faults={"slow": 1.0})
    shown = ask_judge(
        data, judge, tmp_path, ASKING, Options(canaries=0, prices=tmp_path / "p.toml", orders=1), items=[1]
    ).to_dict()
    assert shown["failed"] == 1
    assert shown["calls"] == 4
    assert shown["usd"] > 2 * before, "each of the four sendings counts as paid at its worst"


def test_refused_and_cut_are_states_of_their_own_and_never_ties(serve, pairs, tmp_path) -> None:
    data = pairs(10)
    for fault, state in (("refusal", "refused"), ("length", "cut")):
        server = serve()
        judge, folder = spec("anthropic", server.url), tmp_path / fault
        ask_judge(data, judge, folder, ASKING, Options(canaries=0), items=[0])
        server.behave(faults={fault: 1.0})
        judged = ask_judge(data, judge, folder, ASKING, Options(canaries=0), items=range(1, 10))
        assert judged.states == {state: 18}
        assert judged.verdicts.table["label"].isna().all()
        assert judged.verdicts.table["score"].isna().all()
    why = {row["why"] for row in Ledger(tmp_path / "refusal" / "ledger.sqlite").calls() if row["state"] == "refused"}
    assert why == {"frontier_llm"}


def test_the_budget_is_never_passed_and_more_of_it_goes_on_where_it_ended(serve, pairs, tmp_path) -> None:
    (tmp_path / "p.toml").write_text(PRICES)
    data, server = pairs(60), serve(faults={"no_usage": 0.1, "cut": 0.05}, seed=1)
    judge, prices = spec("openai", server.url, max_tokens=100), tmp_path / "p.toml"
    expected = estimate(data, judge, ASKING, Options(prices=prices), tmp_path)
    assert expected.calls == 120
    cap = expected.usd / 2
    first = ask_judge(data, judge, tmp_path, ASKING, Options(canaries=0, prices=prices, budget=cap)).to_dict()
    assert first["unsent"] > 0
    assert 0.5 * cap < first["usd"] <= cap
    assert Ledger(tmp_path / "ledger.sqlite").spent() <= cap
    second = ask_judge(data, judge, tmp_path, ASKING, Options(canaries=0, prices=prices, budget=10 * cap)).to_dict()
    assert second["unsent"] == 0
    assert second["judged"] == 60
    assert second["cached"] == 120 - first["unsent"]
    assert server.stats()["repeated_after_whole"] == 0


def test_a_budget_needs_a_price(pairs, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    with pytest.raises(WorkbenchError, match="price of this judge is not known"):
        ask_judge(
            pairs(2), parse_judge("openai:no-such@https://judge.example.org/v1"), tmp_path, ASKING, Options(budget=1.0)
        )


def test_a_setting_that_is_refused_is_left_out_and_told(serve, pairs, tmp_path) -> None:
    server = serve(no_temperature=True)
    judged = ask_judge(pairs(4), spec("openai", server.url, temperature=0.0), tmp_path, ASKING, Options(canaries=0))
    assert judged.spec.settings.temperature is None
    assert "temperature is not accepted and is not sent" in judged.notes
    again = ask_judge(pairs(4), spec("openai", server.url, temperature=0.0), tmp_path, ASKING, Options(canaries=0))
    assert again.sent == 0


@pytest.mark.parametrize(("fault", "says"), [("forbidden", "key"), ("busy_silent", "does not answer")])
def test_a_server_that_never_answers_ends_the_run_in_one_line_without_its_words(
    fault, says, serve, pairs, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("workbench.judging.probe._TRIES", 2)
    with pytest.raises(WorkbenchError, match=says) as error:
        ask_judge(pairs(2), spec("openai", serve(faults={fault: 1.0}).url), tmp_path, ASKING)
    assert "planted" not in str(error.value)
    assert "question" not in str(error.value)


def test_canaries_tell_an_obedient_judge_from_a_steady_one(serve, pairs, tmp_path) -> None:
    for obeys, rate in ((False, 0.0), (True, 1.0)):
        server = serve(obeys=obeys)
        judged = ask_judge(pairs(10), spec("openai", server.url), tmp_path / str(obeys), ASKING, Options(canaries=0.5))
        assert judged.canaries.asked == 5
        if obeys:
            assert judged.canaries.rate == rate
        assert not any(str(i).startswith("canary") for i in judged.verdicts.table["item_id"])


def test_a_position_biased_judge_is_averaged_to_no_verdict_and_never_to_a_tie(serve, pairs, tmp_path) -> None:
    data, server = pairs(30), serve(bias=1.0)
    judged = ask_judge(data, spec("openai", server.url), tmp_path, ASKING, Options(canaries=0))
    assert judged.verdicts.flip_rate == 1.0
    assert (judged.verdicts.table["score"] == 0.5).all()
    assert judged.verdicts.table["label"].isna().all()
    assert set(judged.verdicts.table["why"]) == {"the answers cancel out"}


def test_the_longer_text_is_the_floor(pairs, tmp_path) -> None:
    data = pairs(12)
    judged = ask_judge(data, parse_judge("rule:longer"), tmp_path, ASKING)
    texts = data.item_texts()
    longer = texts["response_a"].str.split().str.len() > texts["response_b"].str.split().str.len()
    assert ((judged.verdicts.table["score"] == 1).to_numpy() == longer.to_numpy()).all()
    assert judged.usd == 0
    assert not (tmp_path / "ledger.sqlite").exists()


def test_two_processes_do_not_share_a_ledger(tmp_path) -> None:
    first, second = Ledger(tmp_path / "l.sqlite"), Ledger(tmp_path / "l.sqlite")
    first.take_up()
    with pytest.raises(WorkbenchError, match="another process"):
        second.take_up()
    first.close()
    second.take_up()


def asked(url: str, folder: Path, n: int, told: Connection) -> None:
    """In a process of its own."""
    judged = ask_judge(marked_pairs(n), spec("openai", url), folder, ASKING, Options(canaries=0))
    told.send(judged.to_dict())


def test_killed_three_times_it_asks_nothing_twice_but_what_was_in_flight(serve, tmp_path: Path) -> None:
    server, n = serve(seconds=0.05), 100
    starting = get_context("forkserver")
    starting.set_forkserver_preload(["tests.judging.test_asking"])  # imports once what the four processes need
    here, there = starting.Pipe(duplex=False)
    for kill in range(3):
        child = starting.Process(target=asked, args=(server.url, tmp_path, n, there))
        child.start()
        enough = 20 + 50 * kill
        while server.stats()["counts"].get("whole", 0) < enough and child.is_alive():
            time.sleep(0.02)
        child.kill()
        child.join()
    last = starting.Process(target=asked, args=(server.url, tmp_path, n, there))
    last.start()
    assert here.poll(240)
    done = here.recv()
    last.join()
    stats = server.stats()
    rows = (
        sqlite3.connect(tmp_path / "ledger.sqlite")
        .execute("SELECT SUM(attempts), SUM(resent), COUNT(*) FROM call")
        .fetchone()
    )
    assert done["judged"] == n
    assert rows[2] == 2 * n + 1 == stats["distinct"]
    assert done["interrupted"] == rows[1] <= 3 * 64
    assert rows[0] == stats["asked"], "the ledger counts the sendings that the server counts"
    assert rows[1] == stats["repeats"], "twice is sent what was in flight at a kill, and nothing else"
    assert stats["repeated_after_whole"] <= rows[1]


def test_no_key_text_or_token_stands_outside_the_ledger(serve, pairs, tmp_path, monkeypatch, capfd, caplog) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key")
    server = serve(faults={"busy_silent": 0.2, "broken": 0.1, "cut": 0.1}, seed=5)
    ask_judge(pairs(10), spec("openai", server.url), tmp_path, ASKING, Options(canaries=0))
    printed = capfd.readouterr()
    for planted in ("sk-planted-key", "question 3"):
        assert planted not in printed.out + printed.err
        assert planted not in "".join(r.getMessage() for r in caplog.records if r.name.startswith("workbench"))
        for file in tmp_path.rglob("*"):
            if planted.startswith("sk") or not file.name.startswith("ledger.sqlite"):
                assert planted.encode() not in file.read_bytes()


def test_log_probabilities_put_the_verdict_first() -> None:
    assert (
        asking_for(parse_judge("openai:m@http://localhost:1/v1", Settings(log_probabilities=True))).fields[0]
        == "verdict"
    )


def test_nothing_planted_stands_in_a_run_but_in_the_ledger(serve, tmp_path, monkeypatch) -> None:
    """A judge as a run, with a key in the environment: its folder, its log, its result and its export."""
    from workbench.runs import start

    planted_key, planted_text = "sk-planted-key-7c1", "plantedtextword"
    for name, value in (("RUNS", "runs"), ("JUDGING", "judging")):
        monkeypatch.setenv(f"WORKBENCH_{name}", str(tmp_path / value))
    monkeypatch.setenv("OPENAI_API_KEY", planted_key)
    data = marked_pairs(12)
    texts = data.item_texts()
    table = texts.assign(
        prompt=[f"{planted_text} {n}" for n in range(12)],
        item_id=[f"i{n}" for n in range(12)],
        annotator="ann",
        label="A",
    )
    table.to_csv(tmp_path / "data.csv", index=False)
    opened = load(tmp_path / "data.csv")
    server = serve(faults={"busy_silent": 0.1, "broken": 0.1, "cut": 0.1}, seed=3)
    config = {
        "data": opened.key,
        "paths": [str(tmp_path / "data.csv")],
        "judge": f"openai:m@{server.url}",
        "principles": False,
    }
    run = start("judge", {**config, "canaries": 0.0, "timeout": 5.0})
    assert run.wait(240).state == "done", run.log_tail()
    looked = 0
    for file in [*(tmp_path / "runs").rglob("*"), *(tmp_path / "judging").rglob("*")]:
        if file.is_file():
            looked += 1
            content = file.read_bytes()
            assert planted_key.encode() not in content, file.name
            if not file.name.startswith("ledger.sqlite"):
                assert planted_text.encode() not in content, file.name
    assert looked >= 6
