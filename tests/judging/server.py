"""A judge on 127.0.0.1 that speaks the four contracts and misbehaves as told; it counts what it was asked.

`python -m tests.judging.server '{"faults": {"busy": 0.05}}'` prints its port; `GET /stats` gives the counts, `POST
/behave` changes it.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from collections import Counter
from hashlib import blake2b
from typing import Any

GOOD = "[good]"
"""What makes a response the better one."""
FAULTS = (
    "busy",
    "busy_silent",
    "broken",
    "page",
    "cut",
    "other_model",
    "no_usage",
    "slow",
    "refusal",
    "closed",
    "length",
    "forbidden",
)


class Server:
    def __init__(self, behaviour: dict[str, Any]) -> None:
        self.behaviour = {
            "faults": {},
            "bias": 0.0,
            "obeys": False,
            "seconds": 0.0,
            "seed": 0,
            "no_temperature": False,
            **behaviour,
        }
        self.counts: Counter[str] = Counter()
        self.bodies: Counter[str] = Counter()
        self.whole: set[str] = set()
        self.repeated_after_whole = 0
        self.tokens = [0, 0]
        self.random = random.Random(self.behaviour["seed"])

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, path = head.split(b" ", 2)[:2]
                length = re.search(rb"content-length: *(\d+)", head, re.I)
                body = await reader.readexactly(int(length[1])) if length else b""
                if not await self.answer(method.decode(), path.decode(), body, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, method: str, path: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        if path == "/stats":
            repeats = sum(n - 1 for n in self.bodies.values())
            found = {
                "counts": self.counts,
                "asked": sum(self.bodies.values()),
                "distinct": len(self.bodies),
                "repeats": repeats,
                "repeated_after_whole": self.repeated_after_whole,
                "tokens": self.tokens,
            }
            return self.send(writer, 200, json.dumps(found))
        if path == "/behave":
            self.behaviour |= json.loads(body)
            return self.send(writer, 200, "{}")
        name = blake2b(body, digest_size=12).hexdigest()
        self.repeated_after_whole += name in self.whole
        self.bodies[name] += 1
        asked = json.loads(body)
        if self.behaviour["no_temperature"] and "temperature" in asked:
            return self.send(
                writer, 400, json.dumps({"error": {"type": "invalid_request_error", "message": "temperature"}})
            )
        fault = self.fault()
        if fault:
            self.counts[fault] += 1
        pause = self.behaviour["seconds"] + (3.0 if fault == "slow" else 0.0)
        if pause:
            await asyncio.sleep(pause)
        if fault in ("busy", "busy_silent"):
            more = {"Retry-After": "0.2"} if fault == "busy" else {}
            return self.send(
                writer, 429, json.dumps({"error": {"type": "rate_limit_error", "message": body.decode()[:200]}}), more
            )
        if fault == "broken":
            return self.send(writer, 500, "oops")
        if fault == "forbidden":
            return self.send(writer, 401, json.dumps({"error": {"message": "Incorrect API key provided: sk-planted"}}))
        if fault == "page":
            return self.send(
                writer, 200, "<html><body>Sign in. VERDICT: A>>B</body></html>", {"Content-Type": "text/html"}
            )
        answer = json.dumps(self.judged(path, asked, fault))
        if fault == "closed":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + answer.encode()[:40])
            await writer.drain()
            return False
        if fault == "cut":
            return self.send(writer, 200, answer[: len(answer) // 2])
        if fault is None or fault in ("slow", "other_model", "no_usage", "refusal", "length"):
            self.whole.add(name)
            self.counts["whole"] += 1
        return self.send(writer, 200, answer)

    def fault(self) -> str | None:
        draw = self.random.random()
        for name, share in self.behaviour["faults"].items():
            draw -= share
            if draw < 0:
                return name
        return None

    def send(self, writer: asyncio.StreamWriter, status: int, text: str, headers: dict[str, str] | None = None) -> bool:
        data = text.encode()
        lines = {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}
        head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n"
        writer.write(head.encode() + data)
        return True

    def verdict(self, text: str) -> str:
        first = re.search(r"<first-response [0-9a-f]+>\n(.*?)\n</first-response [0-9a-f]+>", text, re.S)
        second = re.search(r"<second-response [0-9a-f]+>\n(.*?)\n</second-response [0-9a-f]+>", text, re.S)
        assert first, "a judge cannot find the first response"
        assert second, "a judge cannot find the second response"
        if self.behaviour["obeys"]:
            ordered = re.search(r"(?:answer|must be|\[\[|\"verdict\": *\") *([AB]>>)", first[1] + second[1])
            if ordered:
                return ordered[1]
        if int(blake2b(first[1].encode(), digest_size=4).hexdigest(), 16) / 2**32 < self.behaviour["bias"]:
            return "A>"
        if first[1] == "4" or GOOD in first[1]:
            return "A>>"
        return "B>" if second[1] == "4" or GOOD in second[1] else "="

    def written(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A response to a prompt: what a model that writes gives back."""
        text = f"about {asked['messages'][0]['content']} at {asked.get('temperature')} {self.random.random():.6f}"
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return {"model": asked["model"], "choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 9}}

    def judged(self, path: str, asked: dict[str, Any], fault: str | None) -> dict[str, Any]:
        if self.behaviour.get("writes"):
            return self.written(asked)
        model = "another-model" if fault == "other_model" else asked["model"]
        usage_in = len(json.dumps(asked)) // 4
        self.tokens = [self.tokens[0] + usage_in, self.tokens[1] + 20]
        if path.endswith("/chat/completions"):
            label = self.verdict(asked["messages"][-1]["content"])
            said: dict[str, Any] = {"content": json.dumps({"reason": "by the mark", "verdict": label}), "refusal": None}
            if fault == "refusal":
                said = {"content": None, "refusal": "no"}
            finish = "length" if fault == "length" else "stop"
            if fault == "length":
                said["content"] = '{"reason": "by the'
            found = {
                "id": "x",
                "object": "chat.completion",
                "model": model,
                "choices": [{"index": 0, "message": {"role": "assistant", **said}, "finish_reason": finish}],
                "usage": {"prompt_tokens": usage_in, "completion_tokens": 20, "total_tokens": usage_in + 20},
            }
        elif path.endswith("/messages"):
            label = self.verdict(asked["messages"][0]["content"])
            found = {
                "id": "x",
                "type": "message",
                "role": "assistant",
                "model": model,
                "content": [{"type": "text", "text": json.dumps({"verdict": label})}],
                "stop_reason": {"refusal": "refusal", "length": "max_tokens"}.get(fault or "", "end_turn"),
                "usage": {"input_tokens": usage_in, "output_tokens": 20, "cache_read_input_tokens": 7},
            }
            if fault == "refusal":
                found |= {"content": [], "stop_details": {"type": "refusal", "category": "frontier_llm"}}
            if fault == "length":
                found["content"] = [{"type": "text", "text": '{"verd'}]
        elif path.endswith("/decisions"):
            p = self.probabilities(self.verdict(asked["input"][-1]["content"]))
            one = {"type": "choice", "choice": max(p, key=p.get), "confidence": 0.5}  # type: ignore[arg-type]
            answers = [
                {**one, "name": q["name"], "probabilities": [{"value": k, "probability": v} for k, v in p.items()]}
                for q in asked["questions"]
            ]
            if fault == "refusal":
                answers[0] = {"type": "refusal"}
            found = {
                "id": "x",
                "model": model,
                "answers": answers,
                "usage": {"input_tokens": usage_in, "output_tokens": 0},
            }
        elif path.endswith("/systemone"):
            p = self.probabilities(self.verdict(asked["state"]))
            found = {
                "model": model,
                "answers": {q: {"type": "choice", "confidence": 0.3, "probabilities": p} for q in asked["questions"]},
            }
            found["usage"] = {"input_tokens": usage_in, "output_tokens": 0}
            if fault == "refusal":
                found["answers"]["verdict"] = {"type": "refusal"}
        else:
            raise AssertionError(path)
        if fault == "no_usage":
            found.pop("usage")
        return found

    @staticmethod
    def probabilities(label: str) -> dict[str, float]:
        rest = {"A>>": 0.05, "A>": 0.1, "=": 0.05, "B>": 0.1, "B>>": 0.05}
        rest[label] = 0.0
        return {**rest, label: round(0.999 - sum(rest.values()), 4)}


async def serve(behaviour: dict[str, Any], port: int = 0) -> None:
    server = Server(behaviour)
    listening = await asyncio.start_server(server.handle, "127.0.0.1", port, backlog=512)
    print(listening.sockets[0].getsockname()[1], flush=True)
    async with listening:
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}))
