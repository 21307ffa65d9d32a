"""The probe of a judge, sent once a version, within the budget, and kept in the ledger."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.judging.answers import Answer
from workbench.judging.budget import Budget
from workbench.judging.dialects import dialect_of
from workbench.judging.dispatch import key_of
from workbench.judging.endpoint import Endpoint, Reply
from workbench.judging.event_loop import run_async
from workbench.judging.judged import Options
from workbench.judging.ledger import Leaving, Ledger, Sending, Settled
from workbench.judging.prices import price_of
from workbench.judging.probe import PROBE, probe
from workbench.judging.prompt import Asking, nonce_of
from workbench.judging.spec import JudgeSpec
from workbench.messages import message, name_of

LEDGER = "ledger.sqlite"


def try_judge(spec: JudgeSpec, folder: Path, asking: Asking, options: Options) -> dict[str, Any]:
    """What does the server of a judge honour? One tiny judgement, paid for once; a later run does not send it again.

    Raises
    ------
    WorkbenchError : the server cannot be used, or the budget does not allow a call.
    """
    ledger = Ledger(folder / LEDGER)

    async def ask() -> dict[str, Any]:
        budget = Budget(options.budget, ledger.spent(), price_of(spec, options.prices).price, spec.settings.max_tokens)
        endpoint = Endpoint(spec, dialect_of(spec.kind).PATH)
        try:
            return (await probed(ledger, endpoint, spec, asking, budget))[1]
        finally:
            await endpoint.close()

    try:
        ledger.take_up()
        return run_async(ask)
    finally:
        ledger.close()


async def probed(
    ledger: Ledger, endpoint: Endpoint, spec: JudgeSpec, asking: Asking, budget: Budget
) -> tuple[JudgeSpec, dict[str, Any], list[str]]:
    """The settings that the server accepts: found once a version and kept in the ledger."""
    asked = spec.version(asking.hash)
    row = _version_row(ledger, asked)
    if row and row["probe"]:
        kept = json.loads(row["probe"])
        return accepted_by(ledger, spec, asking), {**kept["probe"], "sent": 0}, list(kept["probe"]["notes"])
    dialect = dialect_of(spec.kind)
    text = asking.system + asking.user(PROBE, nonce_of("probe"))
    key = key_of(spec, asked, PROBE)

    async def send(body: dict[str, Any]) -> Reply:
        """One sending, reserved and settled like any other; an answer is settled below by what it used."""
        worst = budget.worst(text)
        if not budget.reserve(worst):
            raise WorkbenchError(
                f"The budget does not allow a single call (up to ${worst:.6f}; ${budget.spent:.6f} are spent).",
                message("Raise the ", name_of("budget"), "."),
            )
        sending = Sending(key, asked, PROBE.item, 0, 0, worst, time.time())
        leaving = Leaving(ledger, sending)
        ledger.write([sending])
        reply = await endpoint.send(body, leaving)
        if reply.payload is None:
            paid, guessed = budget.settle(worst, None, reply.maybe_paid, text)
            ledger.write([Settled(key, "waiting", paid, guessed, None, time.time(), leaving.left)])
        return reply

    result = await probe(send, dialect, spec, asking, asyncio.sleep)
    paid, guessed = budget.settle(budget.worst(text), result.used, True, text)
    answer = Answer(state=result.state, label=result.label, usage=result.used, model=result.answered)
    ledger.write([Settled(key, result.state, paid, guessed, answer, time.time())])
    settings = {"temperature": result.spec.settings.temperature, "effort": result.spec.settings.effort}
    settings["log_probabilities"] = result.spec.settings.log_probabilities
    found = json.loads(result.to_json())
    ledger.about_version(
        asked,
        now=time.time(),
        kind=spec.kind,
        model=spec.model,
        host=spec.host,
        parameters=json.dumps(spec.parameters()),
        prompt_hash=asking.hash,
        constitution=asking.constitution.version,
        probe=json.dumps({"probe": found, "settings": settings}),
    )
    return result.spec, {**found, "sent": result.sent}, list(result.notes)


def accepted_by(ledger: Ledger, spec: JudgeSpec, asking: Asking) -> JudgeSpec:
    """The judge with the settings that its server accepts, as far as a ledger knows them."""
    row = _version_row(ledger, spec.version(asking.hash))
    if not row or not row["probe"]:
        return spec
    return replace(spec, settings=replace(spec.settings, **json.loads(row["probe"])["settings"]))


def _version_row(ledger: Ledger, version: str) -> dict[str, Any] | None:
    return next((row for row in ledger.versions() if row["version"] == version), None)
