"""A judge asked about a whole export: estimate, probe, calls, verdicts, and what it cost; started again it goes on
where it was.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.judging.anchor_rounds import Round, anchor_questions, keep_round
from workbench.judging.budget import Budget
from workbench.judging.canaries import PREFIX, CanaryResult, canary_questions, canary_result
from workbench.judging.constitution import default_constitution
from workbench.judging.dialects import dialect_of
from workbench.judging.dispatch import Dispatch, Tally, key_of
from workbench.judging.endpoint import Endpoint
from workbench.judging.estimating import NOTHING, Estimate, estimate_of
from workbench.judging.event_loop import run_async
from workbench.judging.judged import Judged, Options
from workbench.judging.ledger import Ledger
from workbench.judging.offline import ask_offline
from workbench.judging.prices import price_of
from workbench.judging.probed import LEDGER, accepted_by, probed
from workbench.judging.prompt import Asking, Question
from workbench.judging.questions import Questions, questions_of
from workbench.judging.reconciling import reconciled
from workbench.judging.spec import JudgeSpec
from workbench.progress import UNWATCHED, Watch

_NO_ROUND = "not all frozen pairs were judged: the next run goes on with them, and no round is kept yet"


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
    if options.anchors is not None and not Path(options.anchors).exists():
        options = replace(options, anchors=None)  # they are frozen when the run starts
    known: set[str] = set()
    version = spec.version(asking.hash)
    keyed = [*_keyed(found, spec, version), *_anchors(spec, version, options)]
    if folder is not None and (folder / LEDGER).exists():
        ledger = Ledger(folder / LEDGER)
        accepted = accepted_by(ledger, spec, asking)
        version = accepted.version(asking.hash)
        keyed = [*_keyed(found, accepted, version), *_anchors(accepted, version, options)]
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
        return _offline(spec, chosen, found, opts, watch)
    if opts.anchors is not None:
        anchor_questions(Path(opts.anchors), "")  # a file that is none is told before anything is sent
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
        accepted = accepted_by(ledger, spec, asking)
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
        accepted, found_by_probe, notes = await probed(ledger, endpoint, spec, asking, budget)
        version = accepted.version(asking.hash)
        rng = np.random.default_rng([options.seed, 1])
        keyed = _keyed(found, accepted, version)
        canaries = [
            (key_of(accepted, version, q), q) for q in canary_questions(options.canaries, len(found.items), rng)
        ]
        frozen = _anchors(accepted, version, options)
        known = ledger.final(key for key, _ in [*keyed, *canaries, *frozen])
        expected = estimate_of([*keyed, *frozen], known, accepted, asking, price, options.at_once)
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
        await dispatch.ask(list({k: q for k, q in [*canaries, *frozen] if k not in known}.items()))
    finally:
        await endpoint.close()
    again = _kept_round(ledger, accepted, version, frozen, options)
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
        found_by_probe,
        [*notes, price.note, *([_NO_ROUND] if frozen and again is None else [])],
        anchors=again,
    )


def _anchors(spec: JudgeSpec, version: str, options: Options) -> list[tuple[str, Question]]:
    """The frozen pairs with their keys; a round of its own, whatever was recorded of earlier ones."""
    if options.anchors is None:
        return []
    return [(key_of(spec, version, q), q) for q in anchor_questions(Path(options.anchors), version)]


def _kept_round(
    ledger: Ledger, spec: JudgeSpec, version: str, frozen: list[tuple[str, Question]], options: Options
) -> Round | None:
    """What was said of the frozen pairs, added to their rounds; not where the run ended before all were asked."""
    if options.anchors is None:
        return None
    keys = {key for key, _ in frozen}
    if keys - ledger.final(keys):
        return None
    rows = [row for row in ledger.calls(version) if row["key"] in keys]
    models = sorted({str(row["model"]) for row in rows if row["model"]})
    return keep_round(Path(options.anchors), spec.name, version, rows, models)


def copied(tally: Tally) -> Tally:
    """A copy of a tally that later calls do not change."""
    return Tally(Counter(tally.states), tally.sent, tally.unsent, tally.usd, tally.busy, tally.broken)


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
    *,
    anchors: Round | None = None,
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
        anchors=anchors,
    )


def _final(state: str) -> str:
    """A call that waits to be sent again when the run ends has failed; one still open is ambiguous."""
    return {"waiting": "failed", "sent": "ambiguous", "reserved": "ambiguous"}.get(state, state)


def _offline(spec: JudgeSpec, asking: Asking, found: Questions, options: Options, watch: Watch) -> Judged:
    version = spec.version(asking.hash if spec.kind != "rule" else "")
    frozen = [] if options.anchors is None else anchor_questions(Path(options.anchors), version)
    every = ask_offline(spec, [*found.asked, *frozen], watch)
    calls, again = every[: len(found.asked)], every[len(found.asked) :]
    return Judged(
        spec=spec,
        version=version,
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
        anchors=keep_round(Path(options.anchors), spec.name, version, again, ()) if options.anchors else None,
    )
