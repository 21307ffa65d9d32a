"""The command that asks an AI judge: `judge`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_reading, add_seed, how_to_read, load_data, put
from workbench.cli.sharding import sharded
from workbench.cli.terminal import watch_lines
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError, counted
from workbench.locations import judging_folder
from workbench.progress import Step, Watch

if TYPE_CHECKING:
    from workbench.scale.shards import Shards


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    judge = commands.add_parser(
        "judge",
        help="ask an AI judge which response of each pair is better",
        description=(
            "Asks a judge about every pair, in both orders, within a budget; a recorded answer is never asked again."
            " The verdicts are an export (verdicts.csv) that audit opens beside the people's. Keys come from the"
            " environment."
        ),
    )
    add_reading(judge)
    judge.add_argument(
        "--judge",
        required=True,
        metavar="SPEC",
        help=(
            "openai:MODEL@URL, anthropic:MODEL@URL, decisions:MODEL@URL, systemone:MODEL@URL, model:FOLDER (a reward"
            " model) or rule:longer"
        ),
    )
    judge.add_argument("--orders", type=int, choices=(1, 2), default=2, help="orders of the sides (default 2)")
    judge.add_argument("--samples", type=int, default=1, metavar="K", help="answers in each order (default 1)")
    judge.add_argument(
        "--budget", type=float, metavar="USD", help="never spend more; all restarts with one --out together"
    )
    judge.add_argument("--estimate", action="store_true", help="say what it would take and send nothing")
    judge.add_argument(
        "--constitution",
        metavar="FILE",
        help="principles to judge by (TOML); by default those the page Judges keeps, or our own twelve",
    )
    judge.add_argument("--no-principles", action="store_true", help="ask for the verdict alone, not for each principle")
    judge.add_argument("--prices", metavar="FILE", help="prices a token: our TOML form, or litellm's JSON table")
    judge.add_argument(
        "--temperature", type=float, metavar="T", help="sampling temperature (default: the server's own)"
    )
    judge.add_argument("--effort", metavar="LEVEL", help="reasoning effort, none to max (default: the model's own)")
    judge.add_argument(
        "--max-tokens", type=int, default=700, metavar="N", help="the longest answer (default %(default)s)"
    )
    judge.add_argument(
        "--timeout", type=float, default=120.0, metavar="S", help="seconds a call may take (default 120)"
    )
    judge.add_argument("--log-probabilities", action="store_true", help="read confidence from those of the verdict")
    judge.add_argument("--at-once", type=int, default=64, metavar="N", help="calls at once at the most (default 64)")
    judge.add_argument(
        "--canaries", type=float, default=0.01, metavar="SHARE", help="canaries for each pair (default %(default)s)"
    )
    judge.add_argument(
        "--mask", action="store_true", help="mask addresses and numbers in the texts before they are sent"
    )
    judge.add_argument(
        "--anchors",
        type=Path,
        metavar="FILE",
        help="frozen pairs that each run judges again: did the judge change? Kept from these data where FILE is new",
    )
    judge.add_argument("--items", type=int, metavar="N", help="ask about N pairs drawn at random only")
    add_seed(judge, "which order is asked first, and which pairs with --items")
    judge.add_argument(
        "--out", type=Path, metavar="DIR", help="the ledger and verdicts.csv (default: data/judging/...)"
    )
    judge.add_argument("--write-batch", action="store_true", help="write batch files into DIR-batch and send nothing")
    judge.add_argument(
        "--read-batch",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="record result files of a batch, all there are, in any order",
    )
    judge.add_argument("--json", action="store_true", help="print one JSON object")
    judge.set_defaults(run=_judge)


def _judge(options: argparse.Namespace) -> int:
    from workbench.judging.anchor_rounds import keep_anchors
    from workbench.judging.export import labels_for, write_verdicts
    from workbench.judging.judged import Options
    from workbench.judging.prompt import Asking
    from workbench.judging.run import ask_judge, asking_for, estimate
    from workbench.judging.spec import Settings, parse_judge

    if options.at_once < 1 or options.max_tokens < 1 or not options.timeout > 0:
        raise WorkbenchError(
            "--at-once, --max-tokens and --timeout must be over 0.", "Leave them out for the defaults."
        )
    if options.budget is not None and not options.budget >= 0:
        raise WorkbenchError(f"--budget {options.budget:g} is not possible.", "Give US dollars, 0 or more.")
    settings = Settings(
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        effort=options.effort,
        log_probabilities=options.log_probabilities,
        timeout=options.timeout,
    )
    spec = parse_judge(options.judge, settings)
    shards = sharded(options)
    data = _pairs(options) if shards is None else shards.head()
    asking = asking_for(
        spec,
        Asking(_constitution(options), labels=labels_for(data.scale), principles=not options.no_principles),
    )
    chosen = Options(
        orders=options.orders,
        samples=options.samples,
        mask=options.mask,
        seed=options.seed,
        budget=options.budget,
        prices=options.prices,
        at_once=options.at_once,
        canaries=options.canaries,
        anchors=options.anchors,
    )
    if shards is not None:
        return _judge_shards(options, shards, spec, asking, chosen)
    items = _drawn(data, options)
    if options.anchors is not None and not options.anchors.exists() and not options.estimate:
        kept = keep_anchors(data, options.anchors, seed=options.seed, mask=options.mask)
        print(f"workbench: {counted(kept, 'anchor')} frozen in {options.anchors}.", file=sys.stderr)
    folder = options.out or judging_folder() / f"{data.key[:12]}-{spec.version(asking.hash)}"
    if options.estimate:
        expected = estimate(data, spec, asking, chosen, folder, items=items)
        put(json.dumps(_estimated(expected)) if options.json else _expected(expected), None)
        return 0
    if options.write_batch or options.read_batch:
        return _batch(options, data, spec, asking, chosen, folder)
    if spec.remote and not spec.local:
        print(f"workbench: the texts of these pairs are sent to {spec.host}.", file=sys.stderr)
    judged = ask_judge(data, spec, folder, asking, chosen, items=items, watch=watch_asking())
    path = write_verdicts(data, judged, folder)
    drift = _drift(judged, options)
    if options.json:
        put(json.dumps({**judged.to_dict(), "anchor_drift": drift[0]}, allow_nan=False), None)
    else:
        put("\n".join([_sentences(judged), *drift[1]]), None)
    for note in judged.notes:
        print(f"workbench: {note[0].upper()}{note[1:]}.", file=sys.stderr)
    print(f"Written to {path}.", file=sys.stderr)
    return 0


def _judge_shards(options: argparse.Namespace, shards: Shards, spec: Any, asking: Any, chosen: Any) -> int:
    """A judge asked about a sharded set, a file of verdicts a bucket."""
    from workbench.judging.in_buckets import ask_about_shards, estimate_of_shards, read_batches, write_batches

    if options.items is not None:
        raise WorkbenchError("--items draws from an export, not from a sharded set.", "Leave it out.")
    if options.anchors is not None and not options.anchors.exists():
        raise WorkbenchError(
            f"{options.anchors}: there are no anchors yet.", "Freeze them with judge on an export of some pairs first."
        )
    folder = options.out or shards.folder / "judged" / f"{spec.version(asking.hash)}"
    watch = watch_lines()
    if options.estimate:
        expected = estimate_of_shards(shards, spec, asking, chosen, folder, watch)
        put(json.dumps(_estimated(expected)) if options.json else _expected(expected), None)
        return 0
    if options.write_batch:
        put(json.dumps(_written(write_batches(shards, spec, asking, folder, chosen, watch))), None)
        return 0
    if options.read_batch:
        got, judged = read_batches(shards, spec, asking, options.read_batch, folder, chosen, watch)
        print(_imported(got), file=sys.stderr)
    else:
        if spec.remote and not spec.local:
            print(f"workbench: the texts of these pairs are sent to {spec.host}.", file=sys.stderr)
        judged = ask_about_shards(shards, spec, folder, asking, chosen, watch)
    put(json.dumps(judged.to_dict(), allow_nan=False) if options.json else _sentences(judged), None)
    for note in judged.notes:
        print(f"workbench: {note[0].upper()}{note[1:]}.", file=sys.stderr)
    print(f"Written to {judged.folder}; shard {judged.folder} into the set adds the judge to it.", file=sys.stderr)
    return 0


def _written(written: Any) -> dict[str, Any]:
    return {
        "files": [str(f) for f in written.files],
        "requests": written.requests,
        "cached": written.recorded,
        "estimated_usd": written.usd,
    }


def _imported(got: Any) -> str:
    return (
        f"workbench: {sum(got.states.values()):,} results recorded, {got.known:,} known before,"
        f" {got.strangers:,} of other calls, {got.broken:,} broken lines, {got.retry:,} to ask again."
    )


def _drift(judged: Any, options: argparse.Namespace) -> tuple[dict[str, Any] | None, list[str]]:
    """How far the judge is from its first round on the anchors, as JSON and as lines."""
    from workbench.judging.anchor_rounds import drift_since_first, rounds_of
    from workbench.wording.judging import drift_sentence

    if judged.anchors is None:
        return None, []
    rounds = rounds_of(options.anchors, judged.spec.name)
    found = drift_since_first(rounds)[-1]
    if found is None:
        return None, [f"Anchors: the first round of this judge, {counted(len(judged.anchors.scores), 'pair')}."]
    shown = {"since": rounds[0].judged_at, "shift": found.shift.to_dict(), "moved": found.moved.to_dict()}
    return {**shown, "changed": found.changed}, [f"Anchors, since {rounds[0].judged_at[:10]}: {drift_sentence(found)}"]


def _batch(options: argparse.Namespace, data: AnnotationSet, spec: Any, asking: Any, chosen: Any, folder: Path) -> int:
    """Batch files out or in; what was read is written as verdicts."""
    from workbench.judging.batch_files import BATCH, read_batch, write_batch
    from workbench.judging.export import write_verdicts
    from workbench.judging.ledger import Ledger
    from workbench.judging.probed import LEDGER
    from workbench.judging.run import recorded

    ledger = Ledger(folder / LEDGER)
    try:
        if options.write_batch:
            written = write_batch(data, spec, asking, folder.with_name(f"{folder.name}{BATCH}"), chosen, ledger)
            put(json.dumps(_written(written)), None)
            return 0
        got = read_batch(data, spec, asking, options.read_batch, chosen, ledger)
    finally:
        ledger.close()
    judged = recorded(data, spec, folder, asking, chosen)
    write_verdicts(data, judged, folder)
    put(json.dumps(judged.to_dict(), allow_nan=False) if options.json else _sentences(judged), None)
    print(_imported(got), file=sys.stderr)
    return 0


def _pairs(options: argparse.Namespace) -> AnnotationSet:
    """The pairs of an export; files of pairs that nobody has judged yet will do. Where no label says on which scale,
    the judge may tell ties and two strengths.
    """
    from workbench.dataset.scales import FIVE
    from workbench.formats.records.unlabelled import load_candidates

    try:
        return load_data(options)
    except WorkbenchError as error:
        if options.format or options.map:
            raise
        try:
            return load_candidates([], options.paths, scale=how_to_read(options)["scale"] or FIVE)
        except WorkbenchError:
            raise error from None


def _drawn(data: AnnotationSet, options: argparse.Namespace) -> Any:
    import numpy as np

    if options.items is None:
        return None
    if options.items < 1:
        raise WorkbenchError("--items must be 1 or more.", "Leave it out to ask about all pairs.")
    order = np.random.default_rng([options.seed, 2]).permutation(len(data.items))
    return np.sort(order[: options.items])


def _constitution(options: argparse.Namespace) -> Any:
    from workbench.judging.constitution import read_constitution
    from workbench.judging.own_constitution import own_constitution

    return read_constitution(options.constitution) if options.constitution else own_constitution()


def _estimated(expected: Any) -> dict[str, Any]:
    return {
        "judged": 0,
        "calls": expected.calls,
        "answered": 0,
        "cached": expected.recorded,
        "usd": 0.0,
        "estimated_usd": expected.usd,
        "worst_usd": expected.worst_usd,
        "tokens_in": expected.tokens_in,
        "tokens_out": expected.tokens_out,
        "seconds": expected.seconds,
        "note": expected.note,
    }


def _expected(expected: Any) -> str:
    price = "a price that is not known" if expected.usd is None else f"about ${expected.usd:,.4f}"
    most = "" if not expected.worst_usd else f", at the most ${expected.worst_usd:,.4f} without repeats"
    return (
        f"{counted(expected.calls, 'call')} to send ({expected.recorded:,} recorded already): about"
        f" {expected.tokens_in:,} tokens in and {expected.tokens_out:,} out, {price}{most}, about"
        f" {expected.seconds:,.0f} s."
        f"\n{expected.note[0].upper()}{expected.note[1:]}."
    )


def _sentences(judged: Any) -> str:
    from workbench.wording.judging import dollars

    shown = judged.to_dict()
    states = ", ".join(f"{shown[s]:,} {s}" for s in ("refused", "cut", "unreadable", "failed", "ambiguous") if shown[s])
    lines = [
        f"{judged.spec.name} (version {judged.version}): {counted(shown['judged'], 'pair')} judged of"
        f" {shown['items']:,}, {shown['answered']:,} answers" + (f"; {states}" if states else "") + "."
    ]
    if shown["flip_rate"] is not None:
        lines.append(
            f"The direction changes with the order on {shown['flip_rate']:.1%} of"
            f" {counted(shown['both_orders'], 'pair')}; {shown['without_label']:,} have no verdict."
        )
    c = shown["canaries"]
    if c["answered"]:
        lines.append(f"It obeyed {c['obeyed']} of {counted(c['answered'], 'canary', 'canaries')}.")
    if judged.spec.remote:
        expected = shown["estimated_usd"]
        guess = "its price is not known" if expected is None else f"estimated {dollars(expected)} for this run"
        lines.append(f"Spent {dollars(shown['usd'])} ({guess}).")
    return "\n".join(lines)


def watch_asking() -> Watch:
    """Tells on standard error how far it is, about every two seconds."""
    import time

    last = time.monotonic()

    def tell(step: Step) -> None:
        nonlocal last
        if time.monotonic() - last >= 2.0:
            last = time.monotonic()
            spent = f", ${step.figures['usd']:,.4f}" if "usd" in step.figures else ""
            print(f"{step.doing}: {step.done:,} of {step.of:,}{spent}", file=sys.stderr)

    return Watch(tell)
