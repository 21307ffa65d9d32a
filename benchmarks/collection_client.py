"""One annotator at a terminal, for `collection_concurrency.py`: takes, judges, sends again until it is told that the
label is kept. Nothing but the standard library, so that many of them fit on one machine.

    python benchmarks/collection_client.py HOST PORT TOKEN LOG SEED CUTS

Writes a line to LOG before each answer it sends (`sent ID LEASE ITEM CHOICE`), one after the server said that it is
kept (`kept ID`), and what else it met (`status N`). With probability CUTS it hangs up after sending, before the reply.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import time
import uuid
from typing import TextIO

CHOICES = ("left>>", "left>", "=", "right>", "right>>", "skip")
ENDS_AFTER = 6
"""Times in a row that nothing is left, half a second apart."""


class Line:
    """A connection that is made anew whenever it breaks."""

    def __init__(self, host: str, port: int, cookie: str) -> None:
        self.place, self.cookie = (host, port), cookie
        self._open: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: object = None, cut: bool = False) -> tuple[int, bytes]:
        """Status and content; 0 where there was no reply."""
        content = None if body is None else json.dumps(body)
        headers = {"Cookie": f"pw_label={self.cookie}"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            if self._open is None:
                self._open = http.client.HTTPConnection(*self.place, timeout=60)
            self._open.request(method, path, content, headers)
            if cut:
                self.hang_up()
                return 0, b""
            reply = self._open.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException):
            self.hang_up()
            return 0, b""

    def hang_up(self) -> None:
        """Closes it, whatever is under way."""
        if self._open is not None:
            self._open.close()
            self._open = None


def work(line: Line, log: TextIO, rng: random.Random, cuts: float) -> None:
    """Judges until nothing is left."""
    nothing = 0
    while nothing < ENDS_AFTER:
        status, content = line.ask("GET", "/label/api/next")
        if status == 204:
            nothing += 1
            time.sleep(0.5)
            continue
        if status != 200:
            log.write(f"status {status}\n")
            time.sleep(0.3)
            continue
        nothing = 0
        task = json.loads(content)
        answer = {
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "lease": task["lease"],
            "choice": rng.choice(CHOICES),
            "active_ms": rng.randrange(2_000, 60_000),
        }
        log.write(f"sent {answer['id']} {task['lease']} {task['item']} {answer['choice']}\n")
        log.flush()
        while True:
            status, content = line.ask("POST", "/label/api/judgements", answer, cut=rng.random() < cuts)
            if status == 200 and json.loads(content)["saved"] == answer["id"]:
                log.write(f"kept {answer['id']}\n")
                log.flush()
                break
            log.write(f"status {status}\n")
            if 400 <= status < 500 and status != 429:
                break
            time.sleep(0.3)


if __name__ == "__main__":
    host, port, token, place, seed, cuts = sys.argv[1:]
    with open(place, "a", encoding="utf-8") as log:
        work(Line(host, int(port), token), log, random.Random(int(seed)), float(cuts))
