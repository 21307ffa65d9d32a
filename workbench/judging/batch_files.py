"""Judgements as batch files, half the price at two vendors and the way to a cluster of one's own: out, and in again in
any order.

Each request is named by its call's key, so that an import is idempotent: parts, repeats and any order come to the same
ledger.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.judging.answers import Answer, Usage
from workbench.judging.dialects import dialect_of
from workbench.judging.dispatch import key_of
from workbench.judging.judged import Options
from workbench.judging.ledger import Ledger, Sending, Settled
from workbench.judging.prices import Price, price_of
from workbench.judging.prompt import Asking, Question
from workbench.judging.questions import questions_of
from workbench.judging.spec import JudgeSpec

Form = Literal["openai", "anthropic"]
MOST_LINES = {"openai": 50_000, "anthropic": 100_000}
MOST_BYTES = {"openai": 200_000_000, "anthropic": 256_000_000}
BATCH = "-batch"
"""Ends the name of the folder of batch files."""
_URL = {"openai": "/v1/chat/completions"}


@dataclass(frozen=True)
class Written:
    """The files of a batch.

    Attributes
    ----------
    files : in order; each within the vendor's limits.
    requests : in them.
    recorded : calls that had an answer and are in none.
    usd : likely price at the batch discount, None where no price is known.
    """

    files: tuple[Path, ...]
    requests: int
    recorded: int
    usd: float | None


@dataclass
class Imported:
    """What came of result files.

    Attributes
    ----------
    states : state -> calls recorded by this import.
    known : lines about calls that were recorded before.
    strangers : lines that name no call of these data and this judge.
    broken : lines that are no result.
    retry : calls whose error or expiry allows another batch.
    """

    states: Counter[str] = field(default_factory=Counter)
    known: int = 0
    strangers: int = 0
    broken: int = 0
    retry: int = 0


def form_of(spec: JudgeSpec) -> Form:
    """The form of batch file that a judge's vendor takes.

    Raises
    ------
    WorkbenchError : it takes none; no batch endpoint takes decisions.
    """
    if spec.kind == "openai":
        return "openai"
    if spec.kind == "anthropic":
        return "anthropic"
    raise WorkbenchError(
        f"There are no batch files for {spec.kind}.", "Ask it directly with judge, or a chat model by file."
    )


def write_batch(
    data: AnnotationSet,
    spec: JudgeSpec,
    asking: Asking,
    folder: Path,
    options: Options,
    ledger: Ledger,
    *,
    named: str = "j",
) -> Written:
    """Writes the calls that have no answer yet as request files, split at the vendor's limits.

    The OpenAI form is also what `vllm run-batch` takes. What the names of requests begin with is `named`.
    """
    form = form_of(spec)
    found = _keyed(data, spec, asking, options)
    known = ledger.final(found)
    dialect = dialect_of(spec.kind)
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    stream, lines, size, requests, characters = None, 0, 0, 0, 0
    try:
        for key, question in found.items():
            if key in known:
                continue
            body = dialect.body(spec, asking, question, key)
            request = _request(form, _custom_id(key, named), body)
            text = json.dumps(request, ensure_ascii=True) + "\n"
            if stream is None or lines >= MOST_LINES[form] or size + len(text) > MOST_BYTES[form]:
                if stream is not None:
                    stream.close()
                files.append(folder / f"batch-{spec.version(asking.hash)}-{len(files) + 1:03}.jsonl")
                stream, lines, size = files[-1].open("w", encoding="ascii"), 0, 0
            stream.write(text)
            lines, size, requests, characters = lines + 1, size + len(text), requests + 1, characters + len(text)
    finally:
        if stream is not None:
            stream.close()
    price = price_of(spec, options.prices).price
    usd = None
    if price is not None:
        out = 15 + 70 * asking.reason + 10 * len(asking.constitution.used) * asking.principles
        tokens = Usage(fresh=round(characters / 3.6), out=requests * out)
        usd = price.of(tokens) * (1 - price.batch_discount)
    return Written(tuple(files), requests, len(known), usd)


def read_batch(
    data: AnnotationSet,
    spec: JudgeSpec,
    asking: Asking,
    files: Sequence[Path],
    options: Options,
    ledger: Ledger,
    *,
    named: str = "j",
) -> Imported:
    """Records the results of a batch: output files, error files, parts of them, in any order, again and again.

    A completed batch may have an error file alone, and an expired one partial results: give all files there are. What
    is missing stays unanswered and goes into the next batch.

    Raises
    ------
    WorkbenchError : a file cannot be read.
    """
    form = form_of(spec)
    found = _keyed(data, spec, asking, options)
    version = spec.version(asking.hash)
    by_name = {_custom_id(key, named): key for key in found}
    known = ledger.final(found)
    price = price_of(spec, options.prices).price
    dialect, result = dialect_of(spec.kind), Imported()
    records: list[Sending | Settled] = []
    for line in _lines(files):
        key = by_name.get(str(line.get("custom_id"))) if line else None
        if line is None:
            result.broken += 1
        elif key is None:
            result.strangers += 1
        elif key in known:
            result.known += 1
        else:
            question = found[key]
            payload, problem = _payload(form, line)
            if payload is None:
                result.retry += 1
                answer = Answer(state="failed", why=problem)
            else:
                answer = dialect.read(payload, asking, f"{question.first}\n{question.second}")
            known |= {key} if answer.state != "failed" else set()
            paid = _paid(price, answer.usage)
            result.states[answer.state] += 1
            now = time.time()
            records.append(Sending(key, version, question.item, question.order, question.sample, 0.0, now))
            records.append(Settled(key, answer.state, paid, payload is not None and answer.usage is None, answer, now))
    ledger.write(records)
    return result


def _keyed(data: AnnotationSet, spec: JudgeSpec, asking: Asking, options: Options) -> dict[str, Question]:
    version = spec.version(asking.hash)
    asked = questions_of(
        data, orders=options.orders, samples=options.samples, mask=options.mask, seed=options.seed
    ).asked
    return {key_of(spec, version, question): question for question in asked}


def _custom_id(key: str, named: str) -> str:
    """The name of a request: at most 64 letters, digits, - and _."""
    return f"{named}-{key}"[:64]


def _request(form: Form, name: str, body: dict[str, Any]) -> dict[str, Any]:
    if form == "anthropic":
        return {"custom_id": name, "params": body}
    return {"custom_id": name, "method": "POST", "url": _URL["openai"], "body": body}


def _payload(form: Form, line: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """The answer of one line, or why there is none."""
    if form == "anthropic":
        result = line.get("result")
        found: dict[str, Any] = result if isinstance(result, dict) else {}
        kind = found.get("type")
        if kind == "succeeded" and isinstance(found.get("message"), dict):
            return found["message"], None
        return None, f"batch: {kind if kind in ('errored', 'canceled', 'expired') else 'no result'}"
    response = line.get("response")
    if isinstance(response, dict) and isinstance(response.get("body"), dict):
        status = response.get("status_code", 200)
        if status == 200:
            return response["body"], None
        return None, f"batch: http {status}" if isinstance(status, int) else "batch: error"
    error = line.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return None, f"batch: {code}" if isinstance(code, str) and code.replace("_", "").isalpha() else "batch: error"


def _paid(price: Price | None, usage: Usage | None) -> float:
    return 0.0 if price is None or usage is None else price.of(usage) * (1 - price.batch_discount)


def _lines(files: Iterable[Path]) -> Iterator[dict[str, Any] | None]:
    for file in files:
        try:
            with Path(file).open(encoding="utf-8") as stream:
                for text in stream:
                    if not text.strip():
                        continue
                    try:
                        line = json.loads(text)
                    except (ValueError, RecursionError):
                        line = None
                    yield line if isinstance(line, dict) else None
        except (OSError, UnicodeDecodeError) as error:
            raise WorkbenchError(
                f"{file}: cannot be read.", "Name the result files of the batch (JSON lines)."
            ) from error
