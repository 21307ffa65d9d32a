"""Batch files out and in: the ledger is the same whatever order and parts they come in."""

from __future__ import annotations

import json
import re

import pytest

from workbench.errors import WorkbenchError
from workbench.judging.batch_files import MOST_LINES, read_batch, write_batch
from workbench.judging.constitution import default_constitution
from workbench.judging.judged import Options
from workbench.judging.ledger import Ledger
from workbench.judging.prompt import Asking
from workbench.judging.run import recorded
from workbench.judging.spec import parse_judge

ASKING, OPTIONS = Asking(default_constitution(), principles=False), Options()


def results(kind: str, files: list, broken: bool = True) -> list[str]:
    """What a vendor would give back: one error and one expiry among the answers."""
    lines = []
    requests = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    for number, request in enumerate(requests):
        text = json.dumps({"reason": "x", "verdict": "A>" if number % 2 else "B>"})
        if kind == "openai":
            body = {
                "model": "m",
                "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 2},
            }
            line = {
                "id": "r",
                "custom_id": request["custom_id"],
                "response": {"status_code": 200, "body": body},
                "error": None,
            }
            if broken and number == 3:
                line |= {"response": None, "error": {"code": "batch_expired", "message": "secret text"}}
        else:
            message = {
                "model": "m",
                "content": [{"type": "text", "text": text}],
                "stop_reason": "end_turn",
                "usage": {"input_tokens": 9, "output_tokens": 2},
            }
            line = {"custom_id": request["custom_id"], "result": {"type": "succeeded", "message": message}}
            if broken and number == 3:
                line["result"] = {"type": "expired"}
        lines.append(json.dumps(line))
    return lines


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_out_and_in_again_in_parts_and_any_order(kind, pairs, tmp_path) -> None:
    data, spec = pairs(10), parse_judge(f"{kind}:m@http://localhost:1/v1")
    ledger = Ledger(tmp_path / "ledger.sqlite")
    written = write_batch(data, spec, ASKING, tmp_path, OPTIONS, ledger)
    assert (written.requests, written.recorded, len(written.files)) == (20, 0, 1)
    names = [json.loads(line)["custom_id"] for line in written.files[0].read_text().splitlines()]
    assert len(set(names)) == 20
    assert all(re.fullmatch(r"[\w-]{1,64}", name) for name in names)
    lines = results(kind, list(written.files))
    first, second = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    first.write_text("\n".join(lines[12:]) + "\nnot json\n")
    second.write_text("\n".join([*lines[::-1], '{"custom_id": "stranger"}']))
    got = read_batch(data, spec, ASKING, [first], OPTIONS, ledger)
    assert (got.states, got.broken) == ({"answered": 8}, 1)
    got = read_batch(data, spec, ASKING, [second], OPTIONS, ledger)
    assert (got.states, got.known, got.strangers, got.retry) == ({"answered": 11, "failed": 1}, 8, 1, 1)
    before = {(r["key"], r["label"], r["usd"]) for r in ledger.calls()}
    read_batch(data, spec, ASKING, [first], OPTIONS, ledger)
    assert {(r["key"], r["label"], r["usd"]) for r in ledger.calls()} == before, "a second import changes nothing"
    again = write_batch(data, spec, ASKING, tmp_path / "again", OPTIONS, ledger)
    assert (again.requests, again.recorded) == (1, 19)
    assert "secret" not in str(ledger.calls())
    ledger.close()
    assert recorded(data, spec, tmp_path, ASKING, OPTIONS).to_dict()["answered"] == 19


def test_files_end_where_the_vendor_says(pairs, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(MOST_LINES, "openai", 7)
    written = write_batch(
        pairs(10), parse_judge("openai:m@http://localhost:1/v1"), ASKING, tmp_path, OPTIONS, Ledger(tmp_path / "l")
    )
    assert [len(file.read_text().splitlines()) for file in written.files] == [7, 7, 6]


def test_decisions_have_no_batch_files(pairs, tmp_path) -> None:
    with pytest.raises(WorkbenchError, match="no batch files"):
        write_batch(
            pairs(2),
            parse_judge("decisions:m@http://localhost:1/v1"),
            ASKING,
            tmp_path,
            OPTIONS,
            Ledger(tmp_path / "l"),
        )
