"""A judge asked about a whole export: estimate, probe, calls, verdicts, and what it cost; started again it goes on
where it was.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.judging.answers import Answer
from workbench.judging.budget import Budget
from workbench.judging.canaries import PREFIX, CanaryResult, canary_questions, canary_result
from workbench.judging.constitution import default_constitution
from workbench.judging.dialects import dialect_of
from workbench.judging.dispatch import Dispatch, Tally, key_of
from workbench.judging.endpoint import Endpoint, Reply
from workbench.judging.estimating import NOTHING, Estimate, estimate_of
from workbench.judging.event_loop import run_async
from workbench.judging.judged import Judged, Options
from workbench.judging.ledger import Leaving, Ledger, Sending, Settled
from workbench.judging.offline import ask_offline
from workbench.judging.prices import price_of
from workbench.judging.probe import PROBE, probe
from workbench.judging.prompt import Asking, Question, nonce_of
from workbench.judging.questions import Questions, questions_of
from workbench.judging.reconciling import reconciled
from workbench.judging.spec import JudgeSpec
from workbench.messages import message, name_of
from workbench.progress import UNWATCHED, Watch

LEDGER = "ledger.sqlite"


def asking_for(spec: JudgeSpec, asking: Asking | None = None) -> Asking:
    """How this judge is asked: by the default constitution, the verdict first where log-probabilities are read."""
    chosen = asking or Asking(default_constitution())
    return replace(chosen, verdict_first=True) if spec.settings.log_probabilities else chosen


def estimate(
    data: AnnotationSet,
    spec: JudgeSpec,
    asking: Asking,
    options: Options,
    folder: Path | None = None,
    *,
    items: np.ndarray | None = None,
) -> Estimate:
    """What would asking take? Nothing is sent; answers recorded in the folder are not asked again."""
    found = questions_of(
        data, items, orders=options.orders, samples=options.samples, mask=options.mask, seed=options.seed
    )
    if not spec.remote:
        return NOTHING
    known: set[str] = set()
    keyed = _keyed(found, spec, spec.version(asking.hash))
    if folder is not None and (folder / LEDGER).exists():
        ledger = Ledger(folder / LEDGER)
        accepted = _accepted(ledger, spec, asking)
        keyed = _keyed(found, accepted, accepted.version(asking.hash))
        known = ledger.final(key for key, _ in keyed)
        ledger.close()
    return estimate_of(keyed, known, spec, asking, price_of(spec, options.prices), options.at_once)


def ask_judge(
    data: AnnotationSet,
    spec: JudgeSpec,
    folder: Path,
    asking: Asking | None = None,
    options: Options | None = None,
    *,
    items: np.ndarray | None = None,
    watch: Watch = UNWATCHED,
) -> Judged:
    """What does this judge say of these pairs?

    Parameters
    ----------
    data : response pairs with texts; what people said of them is not shown to the judge.
    spec : the judge.
    folder : where the ledger lies; a run with the same ledger goes on where it was and asks nothing twice.
    asking : constitution and labels.
    options : orders, samples, budget and the like.
    items : positions; all by default.

    Raises
    ------
    WorkbenchError : the server cannot be used, no pair can be asked about, or a budget is set and no price known.
    Cancelled : somebody asked to stop; what is recorded stays.
    """
    chosen, opts = asking_for(spec, asking), options or Options()
    found = questions_of(data, items, orders=opts.orders, samples=opts.samples, mask=opts.mask, seed=opts.seed)
    if not spec.remote:
        return _offline(spec, chosen, found, watch)
    ledger = Ledger(folder / LEDGER)
    try:
        ledger.take_up()
        return run_async(lambda: _remote(ledger, spec, chosen, found, opts, watch))
    finally:
        ledger.close()


def recorded(data: AnnotationSet, spec: JudgeSpec, folder: Path, asking: Asking, options: Options) -> Judged:
    """The verdicts that stand in a ledger, nothing being asked: after an import of batch files, or for another look."""
    found = questions_of(data, orders=options.orders, samples=options.samples, mask=options.mask, seed=options.seed)
    ledger = Ledger(folder / LEDGER)
    try:
        accepted = _accepted(ledger, spec, asking)
        version = accepted.version(asking.hash)
        keyed = _keyed(found, accepted, version)
        known = ledger.final(key for key, _ in keyed)
        expected = estimate_of(keyed, known, accepted, asking, price_of(spec, options.prices), options.at_once)
        return _judged(ledger, accepted, version, found, keyed, known, Tally(), Tally(), expected, {}, [])
    finally:
        ledger.close()


async def _remote(
    ledger: Ledger, spec: JudgeSpec, asking: Asking, found: Questions, options: Options, watch: Watch
) -> Judged:
    price = price_of(spec, options.prices)
    budget = Budget(options.budget, ledger.spent(), price.price, spec.settings.max_tokens)
    dialect = dialect_of(spec.kind)
    endpoint = Endpoint(spec, dialect.PATH)
    try:
        watch.step(0, len(found.asked), "Trying the judge")
        accepted, probed, notes = await _probed(ledger, endpoint, spec, asking, budget)
        version = accepted.version(asking.hash)
        rng = np.random.default_rng([options.seed, 1])
        keyed = _keyed(found, accepted, version)
        canaries = [
            (key_of(accepted, version, q), q) for q in canary_questions(options.canaries, len(found.items), rng)
        ]
        known = ledger.final(key for key, _ in [*keyed, *canaries])
        expected = estimate_of(keyed, known, accepted, asking, price, options.at_once)
        dispatch = Dispatch(
            endpoint,
            dialect,
            accepted,
            asking,
            version=version,
            ledger=ledger,
            budget=budget,
            at_once=options.at_once,
            watch=watch,
        )
        open_calls = [(k, q) for k, q in keyed if k not in known]
        tally = await dispatch.ask(list(dict(open_calls).items()))
        about_data = copied(tally)
        await dispatch.ask(list({k: q for k, q in canaries if k not in known}.items()))
    finally:
        await endpoint.close()
    return _judged(
        ledger,
        accepted,
        version,
        found,
        keyed,
        known,
        about_data,
        dispatch.tally,
        expected,
        probed,
        [*notes, price.note],
    )


def copied(tally: Tally) -> Tally:
    """A copy of a tally that later calls do not change."""
    return Tally(Counter(tally.states), tally.sent, tally.unsent, tally.usd, tally.busy, tally.broken)


async def _probed(
    ledger: Ledger, endpoint: Endpoint, spec: JudgeSpec, asking: Asking, budget: Budget
) -> tuple[JudgeSpec, dict[str, Any], list[str]]:
    """The settings that the server accepts: found once a version and kept in the ledger."""
    asked = spec.version(asking.hash)
    row = _version_row(ledger, asked)
    if row and row["probe"]:
        kept = json.loads(row["probe"])
        return _accepted(ledger, spec, asking), {**kept["probe"], "sent": 0}, list(kept["probe"]["notes"])
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


def _accepted(ledger: Ledger, spec: JudgeSpec, asking: Asking) -> JudgeSpec:
    row = _version_row(ledger, spec.version(asking.hash))
    if not row or not row["probe"]:
        return spec
    return replace(spec, settings=replace(spec.settings, **json.loads(row["probe"])["settings"]))


def _version_row(ledger: Ledger, version: str) -> dict[str, Any] | None:
    return next((row for row in ledger.versions() if row["version"] == version), None)


def _keyed(found: Questions, spec: JudgeSpec, version: str) -> list[tuple[str, Question]]:
    return [(key_of(spec, version, question), question) for question in found.asked]


def _judged(
    ledger: Ledger,
    spec: JudgeSpec,
    version: str,
    found: Questions,
    keyed: list[tuple[str, Question]],
    known: set[str],
    about_data: Tally,
    whole: Tally,
    expected: Estimate,
    probed: dict[str, Any],
    notes: list[str],
) -> Judged:
    rows = ledger.calls(version)
    by_key = {row["key"]: row for row in rows}
    calls = [{**by_key[key], "item": q.item, "shown": q.order} for key, q in keyed if key in by_key]
    states = Counter(_final(row["state"]) for row in calls)
    models = tuple(ledger.answered_models(version))
    if len(models) > 1:
        notes.append(f"several models answered under one name: {', '.join(m[:40] for m in models[:5])}")
    if ledger.interrupted:
        notes.append(
            f"{ledger.interrupted} calls were in flight when an earlier run ended: counted as paid and sent again"
        )
    if about_data.unsent:
        notes.append(f"the budget ended the run: {about_data.unsent} calls were not sent")
    columns = {
        "fresh": "fresh",
        "cache_read": "cache_read",
        "cache_write": "cache_write",
        "out": "tokens_out",
        "reasoning": "reasoning",
    }
    tokens = {name: sum(int(row[column] or 0) for row in rows) for name, column in columns.items()}
    return Judged(
        spec=spec,
        version=version,
        verdicts=reconciled(calls),
        items=found.items,
        states=states,
        calls=about_data.sent,
        cached=sum(key in known for key, _ in keyed),
        unsent=about_data.unsent,
        sent=whole.sent + int(probed.get("sent", 0)),
        interrupted=sum(row["resent"] for row in calls),
        usd=ledger.spent(),
        estimate=expected,
        canaries=canary_result(row for row in rows if str(row["item"]).startswith(PREFIX)),
        answered_models=models,
        probe=probed,
        tokens=tokens,
        set_aside=dict(found.set_aside),
        notes=tuple(dict.fromkeys(n for n in notes if n)),
    )


def _final(state: str) -> str:
    """A call that waits to be sent again when the run ends has failed; one still open is ambiguous."""
    return {"waiting": "failed", "sent": "ambiguous", "reserved": "ambiguous"}.get(state, state)


def _offline(spec: JudgeSpec, asking: Asking, found: Questions, watch: Watch) -> Judged:
    calls = ask_offline(spec, found.asked, watch)
    return Judged(
        spec=spec,
        version=spec.version(asking.hash if spec.kind != "rule" else ""),
        verdicts=reconciled(calls),
        items=found.items,
        states=Counter(answered=len(calls)),
        calls=0,
        cached=0,
        unsent=0,
        sent=0,
        interrupted=0,
        usd=0.0,
        estimate=NOTHING,
        canaries=CanaryResult(0, 0, 0),
        answered_models=(),
        probe={},
        tokens=dict.fromkeys(("fresh", "cache_read", "cache_write", "out", "reasoning"), 0),
        set_aside=dict(found.set_aside),
        notes=(NOTHING.note,),
    )
