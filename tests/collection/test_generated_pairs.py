"""Pairs to label out of responses: sides drawn, identical ones refused, the batch checked; and responses from a
server.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.judging.conftest import serve  # noqa: F401
from workbench.cli import main
from workbench.cli.generating import read_prompts
from workbench.collection.pairs import METHODS, check_pairs, make_pairs
from workbench.collection.writing import write_responses
from workbench.errors import WorkbenchError
from workbench.judging.spec import parse_judge


def responses(prompts: int = 200) -> pd.DataFrame:
    rows = []
    for p in range(prompts):
        for model, warm, text in (
            ("m", 0.3, "short"),
            ("m", 1.0, "a longer one"),
            ("n", 0.3, "other"),
            ("n", 1.0, "other "),
        ):
            rows.append((f"prompt {p}", f"{text} {p}", model, warm, 0, ""))
        rows.append((f"prompt {p}", f"better {p}", "m", 0.3, 0, "true"))
    return pd.DataFrame(rows, columns=["prompt", "response", "model", "temperature", "sample", "revised_by"])


@pytest.mark.parametrize("method", METHODS)
def test_every_method_pairs_what_it_says_with_sides_drawn(method: str) -> None:
    table = responses()
    scores = table["response"].str.replace(r"\d+", "", regex=True).str.len().to_numpy(float)
    got = make_pairs(table, method, np.random.default_rng(0), scores=scores)
    assert len(got.table) == 200
    a, b = got.table["model_a"], got.table["model_b"]
    if method == "models":
        assert (a.str[0] != b.str[0]).all()
    elif method == "temperatures":
        assert ((a.str[0] == b.str[0]) & (a != b)).all()
    elif method == "revision":
        assert (a.str.endswith("revised") != b.str.endswith("revised")).all()
    elif method == "best-of-n":
        longest = got.table[["response_a", "response_b"]].map(len).max(axis=1)
        assert (longest >= len("a longer one 0")).all()
    longer = got.table["response_a"].str.len() > got.table["response_b"].str.len()
    assert 0.35 < longer.mean() < 0.65 or method in ("models", "temperatures")
    assert got.table["information"].between(0, 0.25).all()


def test_identical_responses_are_refused_and_counted() -> None:
    table = responses(3)
    table = table[table["model"] == "n"].assign(response="the same")
    got = make_pairs(table, "temperatures", np.random.default_rng(0))
    assert len(got.table) == 0
    assert got.set_aside == {"identical responses": 3}


def test_a_batch_is_checked_for_balance_repeats_and_diversity() -> None:
    table = make_pairs(responses(), "models", np.random.default_rng(0), per_prompt=1).table
    good = check_pairs(table)
    assert 0.3 < good.first_model_share < 0.7
    assert good.near_duplicates == 0
    twice = check_pairs(pd.concat([table, table], ignore_index=True))
    assert twice.near_duplicates == len(table)
    assert twice.distinct_words < good.distinct_words
    fixed = table.assign(model_a="m", model_b="n")
    assert check_pairs(fixed).first_model_share == 1.0


def test_scores_and_names_are_asked_for() -> None:
    for method in ("best-of-n", "no-such"):
        with pytest.raises(WorkbenchError):
            make_pairs(responses(2), method, np.random.default_rng(0))


def test_responses_are_asked_for_once(serve, tmp_path) -> None:  # noqa: F811
    server = serve(writes=True, faults={"busy_silent": 0.1})
    spec = parse_judge(f"openai:m@{server.url}")
    first = write_responses(["one", "two"], [spec], tmp_path, samples=2)
    assert len(first.table) == 4
    assert first.table["response"].str.startswith("about ").all()
    asked = server.stats()["asked"]
    again = write_responses(["one", "two"], [spec], tmp_path, samples=2)
    assert again.sent == 0
    assert server.stats()["asked"] == asked
    assert again.table.equals(first.table)


def test_the_command_writes_pairs_that_judge_opens(serve, tmp_path, capsys) -> None:  # noqa: F811
    server = serve(writes=True)
    (tmp_path / "prompts.txt").write_text("one\ntwo\n\none\n")
    out = tmp_path / "out"
    asked = [
        "generate",
        str(tmp_path / "prompts.txt"),
        "--model",
        f"openai:m@{server.url}",
        "--temperatures",
        "0.3",
        "1",
    ]
    assert main([*asked, "--method", "temperatures", "--out", str(out), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["check"]["pairs"] == 2
    assert (
        main(["judge", str(out / "pairs.jsonl"), "--judge", "rule:longer", "--out", str(tmp_path / "j"), "--json"]) == 0
    )
    assert json.loads(capsys.readouterr().out)["judged"] == 2
    assert read_prompts(tmp_path / "prompts.txt") == ["one", "two"]
