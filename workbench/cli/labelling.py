"""The command that decides one label an item: `aggregate`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_reading, load_data, put
from workbench.cli.saying import on_the_command_line
from workbench.cli.sharding import add_scale, refuse_file, sharded, worked_on
from workbench.cli.terminal import watch_lines
from workbench.dataset.annotation_set import AnnotationSet
from workbench.drafts import drafted
from workbench.errors import WorkbenchError, counted

if TYPE_CHECKING:
    from workbench.scale.shards import Shards


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    aggregate = commands.add_parser(
        "aggregate",
        help="one label an item, and how sure it is",
        description=(
            "Aggregates the judgements of each item into one label with its probability, and says what that makes of"
            " each annotator."
        ),
    )
    add_reading(aggregate)
    add_scale(aggregate)
    aggregate.add_argument(
        "--method",
        default=None,
        metavar="NAME",
        help=(
            "aggregation method (default: consensus, what methods of different structure say together); an unknown name"
            " lists them"
        ),
    )
    aggregate.add_argument(
        "--gold-use",
        choices=("judge", "half", "learn"),
        default=None,
        help=(
            "what gold is for: judge = to judge by (default); half = half to learn the annotators from, half to"
            " judge by; learn = all to learn from"
        ),
    )
    aggregate.add_argument("--clamp-gold", action="store_true", help="the same as --gold-use learn")
    aggregate.add_argument(
        "--probabilities",
        type=Path,
        metavar="FILE",
        help=(
            "a classifier's probabilities for CROWDLAB, from items it was not trained on: .csv, .parquet or .jsonl with"
            " item_id and one column a label, or p_a"
        ),
    )
    aggregate.add_argument(
        "--compare", action="store_true", help="run every method and print how they do against gold and each other"
    )
    aggregate.add_argument(
        "--out", type=Path, metavar="FILE", help="write the labels there: .csv, .parquet or .jsonl, a row an item"
    )
    aggregate.add_argument("--json", action="store_true", help="print one JSON object")
    aggregate.set_defaults(run=_aggregate)


def _aggregate(options: argparse.Namespace) -> int:
    from workbench.aggregation import DEFAULT, aggregate, compare, score
    from workbench.aggregation.asking import gold_to_learn_from

    if options.clamp_gold and options.gold_use not in (None, "learn"):
        raise WorkbenchError(
            f"--clamp-gold gives the method all gold, --gold-use {options.gold_use} does not.", "Leave one of them out."
        )
    if (shards := sharded(options)) is not None:
        return _aggregate_shards(options, shards)
    data = load_data(options)
    given, notes = _probabilities(options, data)
    use = "learn" if options.clamp_gold else options.gold_use or "judge"
    clamp = gold_to_learn_from(data, use)
    watch = watch_lines()
    if options.compare:
        comparison = compare(data, clamp_gold=clamp, options={"crowdlab": given}, watch=watch)
        put(json.dumps(comparison.to_dict(), allow_nan=False) if options.json else str(comparison), None)
        notes += [f"{method} did not run: {why}" for method, why in comparison.skipped.items()]
        reasons = {got.reason for got in comparison.scores.values()}
    else:
        result = aggregate(
            data, options.method or ("crowdlab" if given else DEFAULT), clamp_gold=clamp, watch=watch, **given
        )
        if options.out is not None:
            write_labels(result.to_frame(data), options.out)
            print(f"Written to {options.out}.", file=sys.stderr)
        got = score(result, data.gold, data.group_codes)
        summary = {**result.to_dict(), **got.to_dict()}
        put(json.dumps(summary, allow_nan=False) if options.json else _sentence(summary), None)
        reasons = {got.reason}
    if "all gold was given to the method" in reasons:
        notes.append(
            "No gold is left to judge by. With --gold-use half the methods learn from one half of it and are judged on"
            " the other."
        )
    # Last, so that an error is one line that stands alone.
    for note in [
        *(
            f"{each.message} {each.advice(on_the_command_line)}".rstrip()
            for each in data.findings
            if each.level != "info"
        ),
        *notes,
    ]:
        print(f"workbench: {note}", file=sys.stderr)
    return 0


def _aggregate_shards(options: argparse.Namespace, shards: Shards) -> int:
    """Labels of a sharded set, written back by bucket."""
    import shutil
    import tempfile

    from workbench.aggregation import DEFAULT
    from workbench.scale import labelling

    use = "learn" if options.clamp_gold else options.gold_use or "judge"
    if options.probabilities is not None or use == "half":
        raise WorkbenchError(
            "Probabilities and --gold-use half need single items, which a sharded set does not hand out.",
            "Leave them out, or open a bucket by itself.",
        )
    refuse_file(options.out, "labels")
    methods = labelling.BY_BUCKET if options.compare else (options.method or DEFAULT,)
    scratch = Path(tempfile.mkdtemp(prefix="labels-"))
    try:
        with worked_on(options) as here:
            found = labelling.aggregate_shards(
                shards, methods, clamp_gold=use == "learn", backend=here, scratch=scratch, watch=watch_lines()
            )
        if options.compare:
            put(json.dumps(found.to_dict(), allow_nan=False) if options.json else str(found), None)
            return 0
        ((name, result),) = found.results.items()
        folder = labelling.write_labels(result, shards, options.out)
        print(f"Written to {folder}.", file=sys.stderr)
        summary = {**result.to_dict(), **found.scores[name].to_dict()}
        put(json.dumps(summary, allow_nan=False) if options.json else _sentence(summary), None)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


def _probabilities(options: argparse.Namespace, data: AnnotationSet) -> tuple[dict[str, Any], list[str]]:
    """The option of CROWDLAB that a file of probabilities makes, and what to say of the file; nothing where none is
    named.
    """
    if options.probabilities is None:
        return {}, []
    if options.method not in (None, "crowdlab"):
        raise WorkbenchError(
            f"--method {options.method} takes no probabilities.", "Leave --probabilities out, or use --method crowdlab."
        )
    from workbench.aggregation.probabilities import read_probabilities

    found = read_probabilities(options.probabilities, data)
    return {"probabilities": found.values}, [f"{options.probabilities.name}: {found}."]


def write_labels(frame: Any, path: Path) -> None:
    """One row an item, in the form the ending names; cells a spreadsheet would run as formulas are defused in CSV."""
    from workbench.formats.files.spreadsheet import defused

    forms: dict[str, Callable[[Path], None]] = {
        ".parquet": lambda draft: frame.to_parquet(draft, index=False),
        ".csv": lambda draft: defused(frame).to_csv(draft, index=False),
        ".jsonl": lambda draft: frame.to_json(draft, orient="records", lines=True, force_ascii=False),
    }
    form = forms.get(path.suffix.replace("ndjson", "jsonl"))
    if form is None:
        raise WorkbenchError(f"{path}: labels cannot be written with that ending.", "Use .csv, .parquet or .jsonl.")
    with drafted(path) as draft:
        form(draft)


def _sentence(summary: dict[str, Any]) -> str:
    undecided = ", ".join(f"{n:,} {why}" for why, n in summary["items_undecided"].items())
    lines = [
        f"{summary['method']}: {summary['items_decided']:,} of {counted(summary['items'], 'item')} decided"
        + (f" ({undecided})" if undecided else "")
        + f", from {counted(summary['labels_used'], 'judgement')}."
    ]
    if summary["gold_n"]:
        low, high = summary["gold_interval"]
        lines.append(
            f"Right on {summary['gold_accuracy']:.1%} of {counted(summary['gold_n'], 'gold item')} [{low:.1%},"
            f" {high:.1%}], ties shared; right on the direction of {summary['gold_direction_accuracy']:.1%}."
        )
    else:
        lines.append(f"Not compared with gold: {summary['reason']}.")
    return "\n".join(lines)
