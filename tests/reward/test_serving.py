"""The model over HTTP: the same scores as in Python, many at a time, nobody without the token, and no failure that
others have to pay for."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.reward import tiny
from workbench.errors import WorkbenchError
from workbench.reward.opening import load_model
from workbench.reward.serving import check_address, server

torch = pytest.importorskip("torch")
PROMPT = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}]
ANSWERS = ["a clear answer", "lol whatever", "because the reason is careful"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return tiny.decoder(tmp_path_factory.mktemp("served"))


class Served:
    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, body: Any = None, token: str = "secret", raw: bytes | None = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        method = "GET" if body is None and raw is None else "POST"
        connection.request(method, path, raw if raw is not None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = server(load_model(folder), "tiny", token="secret", batch=8, wait=0.05)
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not running.started and time.monotonic() < until:
        time.sleep(0.02)
    yield Served(port)
    running.should_exit = True
    thread.join(10)


def test_scores_and_preferences_are_those_of_the_model(served: Served, folder: Path) -> None:
    model = load_model(folder)
    status, found = served.ask("/score", {"texts": [{"prompt": PROMPT, "response": each} for each in ANSWERS]})
    assert status == 200
    expected = model.score([PROMPT] * 3, ANSWERS)
    assert found["scores"] == pytest.approx(expected, abs=1e-5)
    status, found = served.ask("/compare", {"pairs": [{"prompt": PROMPT, "a": ANSWERS[0], "b": ANSWERS[1]}]})
    margin = expected[0] - expected[1]
    assert found["margins"] == pytest.approx([margin], abs=1e-5)
    assert found["probabilities"] == pytest.approx(model.probability_of_margin(margin).reshape(-1), abs=1e-5)
    assert served.ask("/score", {"texts": []}) == (200, {"scores": []})


def test_requests_that_come_together_are_scored_together(served: Served) -> None:
    before = served.ask("/health")[1]
    with ThreadPoolExecutor(8) as several:
        rows = [{"texts": [{"response": f"answer {i}"}]} for i in range(16)]
        found = list(several.map(lambda row: served.ask("/score", row), rows))
    assert all(status == 200 for status, _ in found)
    after = served.ask("/health", token="")[1]
    assert after["scored"] - before["scored"] == 16
    assert after["batches"] - before["batches"] < 16
    assert after["status"] == "ok"
    assert after["waiting"] == 0


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/score", {"texts": [{"prompt": "p"}]}, 400),
        ("/score", {"texts": "abc"}, 400),
        ("/score", {"pairs": []}, 400),
        ("/score", {"texts": [{"response": 3}]}, 400),
        ("/score", {"texts": [{"response": [{"x": 1}]}]}, 400),
        ("/score", {"texts": [{"response": "a"}] * 1_001}, 400),
        ("/compare", {"pairs": [{"a": "x"}]}, 400),
    ],
)
def test_what_cannot_be_read_is_said_without_the_text(served: Served, path: str, body: Any, status: int) -> None:
    found = served.ask(path, body)
    assert found[0] == status
    assert "abc" not in found[1]["error"]
    assert served.ask("/score", {"texts": [{"response": "fine"}]})[0] == 200


def test_nobody_is_served_without_the_token(served: Served) -> None:
    for token in ("", "wrong"):
        status, said = served.ask("/score", {"texts": [{"response": "a"}]}, token=token)
        assert status == 401
        assert "scores" not in said
    assert served.ask("/score", raw=b"{" * 100)[0] == 400
    with pytest.raises(WorkbenchError, match="could use the model"):
        check_address("0.0.0.0", "")
    check_address("0.0.0.0", "secret")
    check_address("127.0.0.1", "")
