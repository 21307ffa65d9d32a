"""Servers that answer anything at all: no answer ends a run, or stands anywhere but in the ledger."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.judging.conftest import marked_pairs
from tests.judging.test_asking import ASKING, spec
from workbench.errors import WorkbenchError
from workbench.judging.answers import STATES
from workbench.judging.departures import Departures
from workbench.judging.dialects import dialect_of
from workbench.judging.judged import Options
from workbench.judging.ledger import Leaving, Ledger, Sending, Settled
from workbench.judging.run import ask_judge
from workbench.judging.verdict import read_verdict

LISTED = [{"value": "A>", "probability": 0.9}, {"value": "B>", "probability": 0.1}]
GOOD: dict[str, dict[str, Any]] = {
    "openai": {
        "model": "m",
        "choices": [
            {
                "message": {"content": '{"verdict": "A>", "reason": "x"}', "refusal": None},
                "finish_reason": "stop",
                "logprobs": {
                    "content": [
                        {"token": '{"verdict": "', "top_logprobs": []},
                        {"token": "A>", "top_logprobs": [{"token": "A", "logprob": -0.1}]},
                    ]
                },
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 1}},
    },
    "anthropic": {
        "model": "m",
        "content": [{"type": "text", "text": '{"verdict": "A>"}'}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 4, "output_tokens": 3, "output_tokens_details": {"thinking_tokens": 1}},
    },
    "decisions": {
        "model": "m",
        "answers": [{"type": "choice", "name": "verdict", "probabilities": LISTED}],
        "usage": {"input_tokens": 4, "input_tokens_details": {"cached_tokens": 1}},
    },
    "systemone": {
        "model": "m",
        "answers": {"verdict": {"type": "choice", "probabilities": {"A>": 0.9, "B>": 0.1}}},
        "usage": {"input_tokens": 4},
    },
}
ANYTHING = [
    *(None, True, 0, -1, 1e308, float("inf"), float("nan"), 10**400, "", "A>>", "x" * 3_000),
    *([], {}, [[]], {"a": 1}, [None], [1, "a", None], {"content": 1}),
]


def places(found: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    inside = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for name, value in inside:
        yield from places(value, (*at, name))


def put(found: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    return (
        {**found, at[0]: put(found[at[0]], at[1:], value)}
        if isinstance(found, dict)
        else [put(v, at[1:], value) if i == at[0] else v for i, v in enumerate(found)]
    )


@pytest.mark.parametrize("kind", GOOD)
def test_whatever_stands_in_an_answer_it_has_a_state_and_can_be_kept(kind, tmp_path) -> None:
    ledger, dialect = Ledger(tmp_path / "l.sqlite"), dialect_of(kind)
    assert dialect.read(GOOD[kind], ASKING, "").label == "A>"
    for number, (place, value) in enumerate((p, v) for p in places(GOOD[kind]) for v in ANYTHING):
        payload = put(GOOD[kind], place, value)
        if isinstance(payload, dict):
            answer = dialect.read(payload, ASKING, "")
            assert answer.state in STATES
            assert (answer.label is None) == (answer.state != "answered")
            key = f"{number:040x}"
            ledger.write([Sending(key, "v", "i", 0, 0, 0.0, 1.0), Settled(key, answer.state, 0.0, False, answer, 1.0)])
    ledger.close()


@pytest.mark.parametrize("text", ["<think>" * 30_000, "[[A>" * 30_000, "verdict: A>B not " * 9_000, "x" * 10**6])
def test_long_answers_are_read_in_no_time_and_give_no_verdict(text: str) -> None:
    assert read_verdict(text, quoted=text[:10_000]).label is None


def test_a_thought_aloud_is_no_verdict_and_what_follows_it_is_read_by_its_field() -> None:
    thought = '<think>A>>B, no: {"verdict": "A>>"}</think>\n{"reason": "VERDICT: A>B", "verdict": "B>"}'
    assert read_verdict(thought).label == "B>"
    assert read_verdict(thought).source == "field"


@contextmanager
def answering(raw: bytes, seen: list[bytes] | None = None) -> Iterator[str]:
    """A server that answers every call with these bytes and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(next(x for x in head.lower().split(b"\r\n") if x.startswith(b"content-length")).split(b":")[1])
        body = await reader.readexactly(length)
        if seen is not None:
            seen.append(head + body)
        writer.write(raw)
        try:
            await writer.drain()
        finally:
            writer.close()

    loop, ready = asyncio.new_event_loop(), threading.Event()
    at: list[int] = []

    def run() -> None:
        server = loop.run_until_complete(asyncio.start_server(handle, "127.0.0.1", 0))
        at.append(server.sockets[0].getsockname()[1])
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    yield f"http://127.0.0.1:{at[0]}/v1"
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def http(head: bytes, body: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 "
        + head
        + b"\r\nConnection: close\r\nContent-Length: "
        + str(len(body)).encode()
        + b"\r\n\r\n"
        + body
    )


BAD = {
    "no answer": b"",
    "no HTTP": b"\x00\xff" * 50,
    "elsewhere": http(b"307 X\r\nLocation: http://127.0.0.1:1/steal"),
    "no end of headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 30_000,
    "no such length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
    "too long": http(b"200 OK", b'{"choices": "' + b"x" * (9 * 2**20)),
    "nested": http(b"200 OK", b"[" * 100_000),
    "no text": http(b"200 OK", b'{"choices": [{"message": {"content": "\\ud800"}}], "model": "\\udfff"}'),
    "wrong packing": http(b"200 OK\r\nContent-Encoding: gzip", b"no gzip"),
    "an own message": http(b"400 X", b'{"error": {"message": "planted-secret question 1", "code": "planted secret"}}'),
}


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD)
def test_a_broken_server_ends_in_one_line_or_a_state_without_its_words(
    raw, tmp_path, monkeypatch, caplog, capfd
) -> None:
    monkeypatch.setattr("asyncio.sleep", _at_once)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []
    said = ""
    with answering(raw, seen) as url:
        try:
            judged = ask_judge(marked_pairs(2), spec("openai", url), tmp_path, ASKING, Options(canaries=0, at_once=2))
            said = json.dumps(judged.to_dict()) + " ".join(judged.notes)
            assert judged.states["answered"] == 0
        except WorkbenchError as error:
            said = f"{error}"
    printed = capfd.readouterr()
    everywhere = said + printed.out + printed.err + "".join(r.getMessage() for r in caplog.records)
    for planted in ("planted-secret", "sk-planted", "question 1"):
        assert planted not in everywhere
    ledger = Ledger(tmp_path / "ledger.sqlite")
    assert sum(row["attempts"] for row in ledger.calls()) == len(seen)
    assert all(b"sk-planted" in each for each in seen), "the key goes to the server that was named, in its header"
    ledger.close()


_sleep = asyncio.sleep


async def _at_once(seconds: float, result: Any = None) -> Any:
    await _sleep(0)
    return result


def test_only_what_left_counts_as_sent(tmp_path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    ledger.take_up()
    calls = [Sending(f"{i:040x}", "v", f"i{i}", 0, 0, 1.0, float(i)) for i in range(3)]
    ledger.write(calls)
    Leaving(ledger, calls[0])()
    ledger.close()  # as a kill would: two calls reserved, and one of them gone
    again = Ledger(tmp_path / "l.sqlite")
    assert again.take_up() == 1
    assert [(r["state"], r["attempts"], r["resent"], r["usd"]) for r in again.calls()] == [
        ("ambiguous", 1, 1, 1.0),
        ("waiting", 0, 0, 0.0),
        ("waiting", 0, 0, 0.0),
    ]
    again.close()


@pytest.mark.parametrize("damage", ["gone", "of an earlier boot"])
def test_where_the_marks_cannot_be_known_every_open_call_may_have_left(damage, tmp_path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    ledger.take_up()
    ledger.write([Sending("0" * 40, "v", "i", 0, 0, 1.0, 5.0)])
    ledger.close()
    marks = tmp_path / "l.sqlite.left"
    if damage == "gone":
        marks.unlink()
    else:
        marks.write_bytes(b"another-boot".ljust(36))
    assert Departures(marks).known() is None
    again = Ledger(tmp_path / "l.sqlite")
    assert again.take_up() == 1
    assert again.spent() == 1.0
    again.close()
