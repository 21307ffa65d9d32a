"""The command that says which pairs to label next: `select`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_reading, add_seed, how_to_read, load_data, put
from workbench.cli.sharding import add_scheduler, sharded, worked_on
from workbench.cli.terminal import watch_lines
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.progress import Step, Watch

if TYPE_CHECKING:
    from workbench.selection.in_stages import Finalists


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    select = commands.add_parser(
        "select",
        help="which pairs to label next",
        description=(
            "Picks the pairs whose labels are worth most, and writes them as tasks for the annotation tool, sides in"
            " random order."
        ),
    )
    add_reading(select)
    select.add_argument(
        "--pool",
        action="append",
        default=[],
        metavar="PATH",
        help=(
            "a file of pairs without labels to choose from, in any form a tool imports or exports (again for more); by"
            " default the items of PATH that have no label"
        ),
    )
    select.add_argument("--budget", type=int, required=True, metavar="N", help="how many pairs")
    select.add_argument(
        "--strategy",
        default=None,
        metavar="NAME",
        help="d-optimal (default), uncertainty, bald, badge, k-means, k-centre, hybrid, disagreement, random",
    )
    select.add_argument(
        "--again", action="store_true", help="choose among all pairs, those with labels too, for one more label"
    )
    select.add_argument(
        "--model",
        metavar="FOLDER",
        help="a trained reward model; without one, a model is fitted to the pairs that have labels",
    )
    select.add_argument(
        "--encoder", metavar="NAME", help="a sentence encoder by name or folder, or hashed, which needs none"
    )
    select.add_argument("--balance", metavar="SLICE", help="equal numbers from each value of this slice")
    select.add_argument(
        "--no-duplicates",
        nargs="?",
        type=float,
        const=0.98,
        metavar="COSINE",
        help="pass over pairs this much alike to a pick (0.98)",
    )
    select.add_argument("--cost-aware", action="store_true", help="value over expected reading time")
    select.add_argument(
        "--noise-aware", action="store_true", help="information times (1 - 2 flip)^2, by slice where one is balanced"
    )
    add_scheduler(select)
    add_seed(select, "the same seed picks the same pairs and shows the same sides")
    select.add_argument(
        "--to", default=None, metavar="FORM", help="label-studio, argilla, prodigy or csv (default: csv)"
    )
    select.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write the tasks there; beside it NAME.key.csv, which says which pair each task is",
    )
    select.add_argument("--json", action="store_true", help="print one JSON object")
    select.set_defaults(run=_select, extra="reward")


def _select(options: argparse.Namespace) -> int:
    from workbench.collection.task_files import form_named, write_tasks
    from workbench.collection.tasks import tasks_of
    from workbench.selection import DEFAULT, STRATEGIES, select
    from workbench.selection.pooling import pool_from

    strategy = (options.strategy or DEFAULT).lower().replace("-", "_")
    if strategy not in STRATEGIES:
        names = ", ".join(name.replace("_", "-") for name in STRATEGIES)
        raise WorkbenchError(f"--strategy {options.strategy}: there is no such strategy.", f"Choose one of {names}.")
    if options.budget < 1:
        raise WorkbenchError(f"--budget {options.budget}: that is no number of pairs.", "Give 1 or more.")
    form = form_named(options.to or "csv").name
    if options.to and options.out is None:
        raise WorkbenchError(f"--to {options.to} needs a file to write.", "Name it with --out.")
    if options.model and options.encoder:
        raise WorkbenchError(
            "--encoder cannot be chosen beside --model.",
            "A model brings the encoder it was trained with; leave --encoder out.",
        )
    taken = {k: v for k, v in {"cost_aware": options.cost_aware, "noise_aware": options.noise_aware}.items() if v}
    ignored = [k for k in taken if k not in STRATEGIES[strategy].options]
    taken = {k: v for k, v in taken.items() if k not in ignored}
    taken |= {"balance": "equal" if options.balance else None, "alike": options.no_duplicates}
    stages = _first_stage(options, strategy, taken)
    data = _load(options) if stages is None else stages.data
    watch = Watch(on_step=_progress())
    made = pool_from(data, options.model, options.encoder, options.balance, watch)
    if not made.new and not options.again and not STRATEGIES[strategy].relabels:
        raise WorkbenchError(
            f"All {made.labelled:,} pairs have labels.",
            "Name a file of new pairs with --pool, choose among labelled ones too with --again, or decide by --strategy"
            " disagreement.",
        )
    pool = made.again() if options.again and not STRATEGIES[strategy].relabels else made.pool
    found = select(
        pool,
        options.budget,
        strategy,
        options.seed,
        watch=watch,
        **taken,
    )
    items = made.items[found.picks]
    written = []
    if options.out is not None:
        tasks = tasks_of(data, items, options.seed)
        written = write_tasks(tasks, form, options.out)
        for path in written:
            print(f"Written to {path}.", file=sys.stderr)
    notes = [
        *([] if stages is None else [stages.sentence]),
        *made.notes,
        *found.notes,
        *(f"{STRATEGIES[strategy].title} does not look at {k.removesuffix('_aware')}s." for k in ignored),
    ]
    summary = {
        **found.to_dict(),
        "notes": notes,
        "seed": options.seed,
        "items": data.items["item_id"].to_numpy()[items].tolist(),
        "gains": found.gain.tolist(),
        "pool": {
            "pairs": len(made.pool),
            "labelled": made.labelled,
            "new": made.new,
            "encoder": made.encoder,
            "encoder_reason": made.encoder_reason or None,
            "model": made.model or None,
            "flip": made.flip,
            "set_aside": dict(made.set_aside if stages is None else stages.set_aside),
        },
        "files": [str(path) for path in written],
    }
    put(json.dumps(summary, allow_nan=False) if options.json else _sentence(summary, STRATEGIES[strategy].title), None)
    return 0


def _first_stage(options: argparse.Namespace, strategy: str, taken: dict[str, Any]) -> Finalists | None:
    """What the buckets of a sharded set name; None where an export is named."""
    from workbench.selection.in_stages import finalists_of

    if (shards := sharded(options)) is None:
        return None
    if options.pool:
        raise WorkbenchError(
            "--pool cannot stand beside a sharded set.", "Add the file to it with shard: pairs without labels are kept."
        )
    with worked_on(options) as here:
        return finalists_of(
            shards,
            options.budget,
            strategy,
            options.seed,
            model=options.model,
            encoder=options.encoder,
            slice=options.balance,
            again=options.again,
            options=taken,
            backend=here,
            watch=watch_lines(),
        )


def _load(options: argparse.Namespace) -> AnnotationSet:
    """The judged pairs and the ones to choose from; a file without any label is one to choose from."""
    from workbench.formats.records.unlabelled import load_candidates

    if not options.pool:
        try:
            return load_data(options)
        except WorkbenchError:
            if options.map or options.format or options.gold:
                raise
            try:
                return load_candidates([], options.paths)
            except WorkbenchError:
                pass
            raise
    how = how_to_read(options)
    return load_candidates(
        options.paths,
        options.pool,
        options.format,
        how["mapping"],
        scale=how["scale"],
        spelling=how["spelling"],
        hash_annotators=options.hash_annotators,
    )


def _progress() -> Any:
    """Says on standard error what is being done, once a stage."""
    seen: set[str] = set()

    def say(step: Step) -> None:
        if step.doing and step.doing not in seen:
            seen.add(step.doing)
            print(f"{step.doing} ...", file=sys.stderr)

    return say


def _sentence(summary: dict[str, Any], title: str) -> str:
    pool = summary["pool"]
    lines = [
        f"{title}: {summary['picked']:,} of {summary['candidates']:,} pairs picked"
        + (f" ({summary['reason']})" if summary["reason"] else "")
        + ".",
        f"Pairs are described by {pool['encoder']}"
        + (f" ({pool['encoder_reason']})" if pool["encoder_reason"] else "")
        + f"; {pool['model'] or 'no model'}.",
        *summary["notes"],
        *(f"Not in the pool: {n:,} items, {why}." for why, n in pool["set_aside"].items()),
    ]
    if not summary["files"]:
        lines += summary["items"]
    return "\n".join(map(str, lines))
