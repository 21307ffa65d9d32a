"""Responses to prompts from models on servers, and their revision by a principle: through the ledger that judges use.

Within a budget, never asked for twice, resumed where it ended; keys come from the environment alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.judging.answers import Answer
from workbench.judging.budget import Budget
from workbench.judging.constitution import Constitution, default_constitution
from workbench.judging.dialects import chat, messages
from workbench.judging.dispatch import Dispatch, key_of
from workbench.judging.endpoint import Endpoint
from workbench.judging.event_loop import run_async
from workbench.judging.ledger import Ledger
from workbench.judging.prices import price_of
from workbench.judging.prompt import Asking, Question
from workbench.judging.spec import JudgeSpec
from workbench.progress import UNWATCHED, Watch

COLUMNS = ("prompt", "response", "model", "temperature", "sample", "revised_by")
_REVISE = (
    "Below stand a request and a response to it. Say to yourself what in the response goes against this principle, then"
    " write the response anew so that it keeps to it. Change nothing else. Answer with the new response alone.\n\n"
    "Principle: {principle}\n\nRequest:\n{request}\n\nResponse:\n{response}"
)


@dataclass(frozen=True)
class _Writing:
    """What stands where a judge's questions do: the prompt as it is, without instructions of ours."""

    system: str = ""

    def user(self, question: Question, nonce: str) -> str:  # noqa: ARG002
        return question.request


class _Writer:
    """The contract of a model that writes: plain text in, plain text out."""

    def __init__(self, kind: str) -> None:
        if kind not in ("openai", "anthropic"):
            raise WorkbenchError(f"{kind} writes no responses.", "Use openai:MODEL@URL or anthropic:MODEL@URL.")
        self._anthropic = kind == "anthropic"
        self.PATH = messages.PATH if self._anthropic else chat.PATH

    def body(self, spec: JudgeSpec, asking: Any, question: Question, key: str) -> dict[str, Any]:  # noqa: ARG002
        """The body of a call."""
        limit = "max_tokens" if self._anthropic or spec.host != "api.openai.com" else "max_completion_tokens"
        said = [{"role": "user", "content": question.request}]
        sent: dict[str, Any] = {"model": spec.model, "messages": said, limit: spec.settings.max_tokens}
        if spec.settings.temperature is not None and not self._anthropic:
            sent["temperature"] = spec.settings.temperature
        return sent

    def read(self, payload: dict[str, Any], asking: Any, quoted: str) -> Answer:  # noqa: ARG002
        """The text of an answer."""
        known = (messages if self._anthropic else chat).read(payload, _PLAIN, "")
        if known.state in ("refused", "cut"):
            return known
        text = _text(payload, self._anthropic)
        state = "answered" if text.strip() else "unreadable"
        return replace(known, state=state, label=None, why=None if text.strip() else "empty answer", raw=text)


_PLAIN = Asking(default_constitution())


def _text(payload: dict[str, Any], anthropic: bool) -> str:
    if anthropic:
        blocks = payload.get("content")
        return (
            "".join(str(b.get("text", "")) for b in blocks if isinstance(b, dict)) if isinstance(blocks, list) else ""
        )
    try:
        found = payload["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return ""
    return found if isinstance(found, str) else ""


@dataclass(frozen=True, eq=False)
class Written:
    """Responses.

    Attributes
    ----------
    table : a row a response: `prompt`, `response`, `model`, `temperature`, `sample`, `revised_by` (a principle's id, or
        empty).
    states : state -> calls without a response.
    sent, unsent : sendings, and calls left out for the budget.
    usd : $ of all calls of this ledger.
    """

    table: pd.DataFrame
    states: dict[str, int]
    sent: int
    unsent: int
    usd: float


def write_responses(
    prompts: Sequence[str],
    models: Sequence[JudgeSpec],
    folder: Path,
    *,
    samples: int = 1,
    budget: float | None = None,
    prices: str | Path | None = None,
    at_once: int = 32,
    watch: Watch = UNWATCHED,
) -> Written:
    """Responses of some models to some prompts.

    Parameters
    ----------
    prompts : each once.
    models : chat models; the same model at two temperatures is two of them.
    folder : of the ledger, `responses.sqlite`.
    samples : responses of each model to each prompt.
    budget : $ that may not be passed, all models and restarts together.
    """
    asked = [Question(str(i), prompt, "", "", 0, s) for i, prompt in enumerate(prompts) for s in range(samples)]
    return _written([(spec, q, "") for spec in models for q in asked], folder, budget, prices, at_once, watch)


def revise_responses(
    table: pd.DataFrame,
    model: JudgeSpec,
    folder: Path,
    *,
    constitution: Constitution | None = None,
    seed: int = 0,
    budget: float | None = None,
    prices: str | Path | None = None,
    at_once: int = 32,
    watch: Watch = UNWATCHED,
) -> Written:
    """Each response written anew by one principle, drawn by weight: critique and revision (Bai et al. 2022) in one
    call.
    """
    principles = (constitution or default_constitution()).used
    weight = np.array([p.weight for p in principles])
    drawn = np.random.default_rng(seed).choice(len(principles), len(table), p=weight / weight.sum())
    calls = []
    for i, (prompt, response) in enumerate(zip(table["prompt"], table["response"], strict=True)):
        principle = principles[int(drawn[i])]
        request = _REVISE.format(principle=principle.text, request=prompt, response=response)
        calls.append((model, Question(str(i), request, "", "", 0, 0), principle.id))
    found = _written(calls, folder, budget, prices, at_once, watch)
    origin = dict(zip((q.request for _, q, _ in calls), table["prompt"], strict=True))
    return replace(found, table=found.table.assign(prompt=found.table["prompt"].map(origin)))


def _written(
    calls: Sequence[tuple[JudgeSpec, Question, str]],
    folder: Path,
    budget: float | None,
    prices: str | Path | None,
    at_once: int,
    watch: Watch,
) -> Written:
    ledger = Ledger(folder / "responses.sqlite")
    sent = unsent = 0
    try:
        ledger.take_up()
        keyed = []
        for spec in dict.fromkeys(spec for spec, _, _ in calls):
            version = spec.version("writing")
            mine = [(key_of(spec, version, q), q, by) for s, q, by in calls if s == spec]
            known = ledger.final(key for key, _, _ in mine)
            open_calls = {key: q for key, q, _ in mine if key not in known}
            limit = Budget(budget, ledger.spent(), price_of(spec, prices).price, spec.settings.max_tokens)
            tally = run_async(partial(_ask, ledger, spec, version, open_calls, limit, at_once, watch))
            sent, unsent = sent + tally.sent, unsent + tally.unsent
            keyed += [(spec, key, q, by) for key, q, by in mine]
        rows = {row["key"]: row for row in ledger.calls()}
        usd = ledger.spent()
    finally:
        ledger.close()
    table, states = [], dict[str, int]()
    for spec, key, question, by in keyed:
        row = rows.get(key)
        if row is not None and row["state"] == "answered":
            table.append((question.request, row["raw"], spec.model, spec.settings.temperature, question.sample, by))
        elif row is not None:
            states[row["state"]] = states.get(row["state"], 0) + 1
    return Written(pd.DataFrame(table, columns=list(COLUMNS)), states, sent, unsent, usd)


async def _ask(
    ledger: Ledger,
    spec: JudgeSpec,
    version: str,
    open_calls: dict[str, Question],
    budget: Budget,
    at_once: int,
    watch: Watch,
) -> Any:
    writer = _Writer(spec.kind)
    endpoint = Endpoint(spec, writer.PATH)
    try:
        writing: Any = _Writing()
        dispatch = Dispatch(
            endpoint,
            writer,
            spec,
            writing,
            version=version,
            ledger=ledger,
            budget=budget,
            at_once=at_once,
            watch=watch,
        )
        return await dispatch.ask(list(open_calls.items()))
    finally:
        await endpoint.close()
