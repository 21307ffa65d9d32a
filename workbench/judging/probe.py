"""One tiny judgement before a run: what does this server really honour of what it is asked?"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from workbench.errors import WorkbenchError
from workbench.judging.answers import Answer, Usage
from workbench.judging.dialects import Dialect
from workbench.judging.endpoint import Reply
from workbench.judging.prompt import Asking, Question
from workbench.judging.spec import JudgeSpec
from workbench.judging.verdict import structured

PROBE = Question("probe:", "What is 2 + 2?", "4", "5")
PROBE_KEY = "probe"
_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What the probe found.

    Attributes
    ----------
    reached : the server gave an answer of its contract.
    schema_obeyed : the answer was the structure asked for; None where the contract has none.
    log_probabilities : the answer carried the verdict's; None where they were not asked for.
    usage : it named what it used.
    temperature : the one asked for was accepted; None where none was asked for.
    asked, answered : the model asked for, and the one that the answer names.
    state, label : of the answer; the right one is A.
    spec : the judge with the settings that it accepts.
    sent : sendings it took.
    used : tokens of the answer.
    notes : what to know, a sentence each.
    """

    reached: bool
    schema_obeyed: bool | None
    log_probabilities: bool | None
    usage: bool
    temperature: bool | None
    asked: str
    answered: str | None
    state: str
    label: str | None
    spec: JudgeSpec
    sent: int
    used: Usage | None
    notes: tuple[str, ...]

    def to_json(self) -> str:
        """The findings as the ledger keeps them."""
        kept = {k: v for k, v in self.__dict__.items() if k not in ("spec", "used", "sent")}
        return json.dumps({**kept, "notes": list(self.notes)})


async def probe(
    send: Callable[[dict[str, Any]], Awaitable[Reply]],
    dialect: Dialect,
    spec: JudgeSpec,
    asking: Asking,
    sleep: Callable[[float], Any],
) -> Probe:
    """Asks which of 4 and 5 is 2 + 2; a server that refuses a setting is asked again without it.

    Raises
    ------
    WorkbenchError : the server cannot be reached, refuses the key, or refuses every form of the call.
    """
    chosen, dropped, sent = spec, [], 0
    while True:
        reply, tries = await _sent(send, dialect.body(chosen, asking, PROBE, PROBE_KEY), sleep)
        sent += tries
        if reply.payload is not None:
            break
        setting = _next_to_drop(chosen) if reply.status in (400, 422) else None
        if setting is None:
            raise WorkbenchError(
                f"{spec.host}: the judge {spec.model} does not answer ({reply.problem}).",
                "Check the address, the model's name, the key in the environment, and that the server runs.",
            )
        dropped.append(setting)
        without: dict[str, Any] = {setting: False if setting == "log_probabilities" else None}
        chosen = replace(chosen, settings=replace(chosen.settings, **without))
    answer = dialect.read(reply.payload, asking, f"{PROBE.first}\n{PROBE.second}")
    return _found(spec, chosen, answer, dropped, sent)


def _next_to_drop(spec: JudgeSpec) -> str | None:
    s = spec.settings
    for name, used in (
        ("log_probabilities", s.log_probabilities),
        ("temperature", s.temperature is not None),
        ("effort", s.effort is not None),
    ):
        if used:
            return name
    return None


async def _sent(
    send: Callable[[dict[str, Any]], Awaitable[Reply]], body: dict[str, Any], sleep: Callable[[float], Any]
) -> tuple[Reply, int]:
    for number in range(1, _TRIES + 1):
        reply = await send(body)
        if reply.payload is not None or not reply.retry or number == _TRIES:
            return reply, number
        await sleep(min(reply.wait or 0.3 * 2**number, 10.0))
    raise AssertionError


def _found(spec: JudgeSpec, chosen: JudgeSpec, answer: Answer, dropped: list[str], sent: int) -> Probe:
    texts = spec.kind in ("openai", "anthropic")
    obeyed = (structured(answer.raw) is not None and answer.label is not None) if texts else None
    asked_log = spec.settings.log_probabilities
    log = (answer.probabilities is not None) if asked_log and texts else None
    notes = [f"{name.replace('_', ' ')} is not accepted and is not sent" for name in dropped]
    if obeyed is False:
        notes.append("the structure asked for is not obeyed: verdicts are read from the last line that gives one")
    if log is False and "log_probabilities" not in dropped:
        notes.append("log-probabilities were asked for and not given: confidence comes from votes")
    if answer.usage is None:
        notes.append("no usage is named: the reserved amount counts as paid")
    if answer.model and not answer.model.startswith(spec.model) and spec.model.rpartition("/")[2] not in answer.model:
        notes.append(f"asked for {spec.model}, answered by {answer.model[:60]}")
    if answer.label and not answer.label.startswith("A"):
        notes.append("it prefers 5 as the sum of 2 and 2")
    return Probe(
        reached=True,
        schema_obeyed=obeyed,
        log_probabilities=log,
        usage=answer.usage is not None,
        temperature=None if spec.settings.temperature is None else "temperature" not in dropped,
        asked=spec.model,
        answered=answer.model,
        state=answer.state,
        label=answer.label,
        spec=chosen,
        sent=sent,
        used=answer.usage,
        notes=tuple(notes),
    )
